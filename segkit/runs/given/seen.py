"""What the usage files hold, said where rules need a definition that nobody wrote."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from segkit.errors import InputError, Problem
from segkit.facts.samples import without_addresses
from segkit.runs.given.commonest import commonest
from segkit.workspace import Workspace

LOGIN = "needs a definition of 'login'"
SHOWN = 5


def with_seen(workspace: Workspace, problems: Sequence[Problem]) -> list[Problem]:
    """The problems; those for want of a `login` name the events that look like one, else the commonest."""
    if not any(problem.code == "R109" and LOGIN in problem.what for problem in problems):
        return list(problems)
    hint = _hint(workspace)
    return [
        replace(problem, hint=hint) if hint and problem.code == "R109" and LOGIN in problem.what else problem
        for problem in problems
    ]


def _hint(workspace: Workspace) -> str | None:
    """None where the usage files cannot be read, or name no events."""
    usage = workspace.sources.get("usage")
    if usage is None:
        return None
    try:
        found = commonest(workspace.exports, usage)
    except InputError:
        return None
    if found.logins:
        names = without_addresses(", ".join(found.logins))
        looks = "looks" if len(found.logins) == 1 else "look"
        return f"{names} {looks} like it in your usage files: definitions: {{login: {{events: [{names}]}}}}"
    if found.events:
        some = ", ".join(f"{name} ({rows:,} rows)" for name, rows in found.events[:SHOWN])
        names = without_addresses(some)
        return (
            f"no event of yours looks like it: {names}; name one, or write definitions: {{login: active_day}}"
        )
    return "your usage files name no events: write in segkit.yaml: definitions: {login: active_day}"
