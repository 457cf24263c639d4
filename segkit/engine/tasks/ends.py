"""Why a task closed with the stay that it was about."""

from __future__ import annotations

from segkit.engine.tasks.carried import LEFT_ROSTER
from segkit.engine.tasks.scene import Scene


def ended_because(scene: Scene, segments: list[str], account: int, place: int) -> str:
    """`left at_risk, now active`. `segments`: those that asked for the task as long as it was open."""
    if not scene.on[account, place]:
        return LEFT_ROSTER
    flags = {flag.name for flag in scene.rules.flags}
    parts = []
    for name in segments:
        if scene.holds(name)[account, place]:
            parts.append(f"{name} asks for something else now")
        elif name in flags:
            parts.append(f"{name} does not hold any more")
        else:
            now = scene.primary(name, account, place)
            parts.append(f"left {name}" if now is None else f"left {name}, now {now}")
    return "; ".join(parts)
