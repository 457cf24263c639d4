"""A tuning as a picture: alarms a week against those caught in time, one point per setting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

Data = Mapping[str, Any]
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 420, 60, 24, 48, 56
STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1d2730}.dim{fill:#5b6770}.rule{stroke:#d5dade}"
    ".dot{fill:#9aa7b1}.front{fill:none;stroke:#2f6690;stroke-width:2}.on{fill:#2f6690}"
    ".mark{fill:#fff;stroke:#b3421b;stroke-width:3}"
)


def picture(data: Data) -> str:
    """SVG text; `data` as tuning.json holds it."""
    settings = data["settings"]
    most = max((each["found"]["per_week"] for each in settings), default=0) * 1.05 or 1
    ends = max((each["found"]["ends"] for each in settings), default=0) or 1
    points = [_at(each, most, ends) for each in settings]
    front = sorted(at for at, each in zip(points, settings, strict=True) if each["front"])
    marks = {"current": data["current"], "knee": data["knee"]}
    if data["verdict"] == "suggested":
        marks["suggested"] = data["best"]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"<title>{escape(_said(data))}</title><style>{STYLE}</style>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="24">Share of those who left that was in risk in time</text>',
        *_axes(most),
        *(f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in sorted(set(points))),
        f'<path class="front" d="{_path(front)}"/>' if len(front) > 1 else "",
        *(f'<circle class="on" cx="{x:.1f}" cy="{y:.1f}" r="4"/>' for x, y in front),
        *_marks(marks, points),
        "</svg>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _at(setting: Data, most: float, ends: int) -> tuple[float, float]:
    x = LEFT + (WIDTH - LEFT - RIGHT) * setting["found"]["per_week"] / most
    return x, _height(setting["found"]["caught"] / ends)


def _height(share: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share


def _axes(most: float) -> list[str]:
    found = []
    for percent in (0, 25, 50, 75, 100):
        y = _height(percent / 100)
        found.append(f'<line class="rule" x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}"/>')
        found.append(f'<text class="dim" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{percent} %</text>')
    for part in (0, 0.25, 0.5, 0.75, 1):
        x = LEFT + (WIDTH - LEFT - RIGHT) * part
        place = f'x="{x:.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle"'
        found.append(f'<text class="dim" {place}>{most * part:.1f}</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    found.append(f'<text x="{middle}" y="{HEIGHT - 12}" text-anchor="middle">alarms a week</text>')
    return found


def _marks(marks: Mapping[str, int | None], points: Sequence[tuple[float, float]]) -> list[str]:
    """Names of one point stand on one line."""
    named: dict[tuple[float, float], list[str]] = {}
    for name, at in marks.items():
        if at is not None:
            named.setdefault(points[at], []).append(name)
    found = []
    for (x, y), names in named.items():
        end = "end" if x > WIDTH * 0.75 else "start"
        shift = -10 if end == "end" else 10
        found.append(f'<circle class="mark" cx="{x:.1f}" cy="{y:.1f}" r="6"/>')
        found.append(
            f'<text x="{x + shift:.1f}" y="{y + 18:.1f}" text-anchor="{end}">{", ".join(names)}</text>'
        )
    return found


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _said(data: Data) -> str:
    now = data["settings"][data["current"]]["found"]
    caught = f"{now['caught']} of {now['ends']} with {now['per_week']:.1f} alarms a week"
    return f"{len(data['settings'])} settings; now {caught}"
