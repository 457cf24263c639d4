"""summary.md: the first screen as Markdown, with every source's row equation and every account held."""

from __future__ import annotations

from segkit.reports.health import equation
from segkit.reports.layout import arr_heading
from segkit.reports.screen import Screen, Size
from segkit.reports.tables import escape_markdown
from segkit.reports.words import clean, day, number, plural


def summary(screen: Screen) -> str:
    """The same facts give the same text: no run times, no paths."""
    return "\n".join(
        [
            f"# {_safe(screen.workspace)}: {screen.unit} to {day(screen.as_of)}",
            *_data(screen),
            *_sizes(screen),
            *_calls(screen),
            *_held(screen),
            *_supports(screen),
            "",
        ]
    )


def _data(screen: Screen) -> list[str]:
    lines = ["", "## Is the data fine?", ""]
    lines += [f"- {_safe(equation(count))}" for count in screen.health.sources]
    lines.append(f"- As of {day(screen.as_of)}: {_safe(screen.health.covered)}")
    return lines + [f"- **Look:** {_safe(remark)}" for remark in screen.health.remarks]


def _sizes(screen: Screen) -> list[str]:
    lines = ["", "## Sizes", "", f"| | accounts | {arr_heading(screen) or 'ARR'} | came | left |"]
    lines.append("| --- | ---: | ---: | ---: | ---: |")
    return lines + [_row(size, screen.currency is not None) for size in (*screen.sizes, *screen.flags)]


def _row(size: Size, with_arr: bool) -> str:
    if size.off:
        return f"| {_safe(size.name)} | off: {_safe(size.off)} | | | |"
    arr = "" if size.arr is None or not with_arr else number(size.arr)
    return f"| {_safe(size.name)} | {size.accounts} | {arr} | {size.came} | {size.went} |"


def _calls(screen: Screen) -> list[str]:
    lines = ["", "## Who to call first", ""]
    for call in screen.calls:
        moved = f" (from {_safe(call.moved_from)})" if call.moved_from else ""
        arr = f", {number(call.arr)}" if call.arr is not None else ""
        lines.append(f"1. **{_safe(call.name)}**, {_safe(call.segment)}{moved}{arr}: {_safe(call.because)}")
        if call.step:
            lines.append(f"   Next: {_safe(call.step)}")
    return lines if screen.calls else [*lines, "Nobody."]


def _held(screen: Screen) -> list[str]:
    lines = ["", "## Not alarmed", ""]
    for held in screen.held:
        does = "would enter" if held.waiting else "could leave"
        names = ", ".join(_safe(name) for name in held.names)
        lines.append(
            f"- {plural(len(held.names), 'account')} {does} {_safe(held.segment)}, {held.why}: {names}"
        )
    return lines if screen.held else [*lines, "Nothing was held back."]


def _supports(screen: Screen) -> list[str]:
    if not screen.supports:
        return []
    return ["", "## What your data support", "", *(f"- {_safe(said)}" for said in screen.supports)]


def _safe(text: str) -> str:
    return escape_markdown(clean(text))
