"""summary.md: the first screen as Markdown, with every source's row equation and more of the names."""

from __future__ import annotations

from segkit.reports.first.expected import dips_said
from segkit.reports.first.health import equation
from segkit.reports.first.layout import arr_heading, with_currency
from segkit.reports.first.reasons import telling
from segkit.reports.first.screen import Screen, Size
from segkit.reports.first.todo import hours, pressed
from segkit.reports.tables import escape_markdown as _safe
from segkit.reports.words import day, listed, number, plural, share

NAMES = 10
"""How many names a list holds before it says how many more there are."""


def summary(screen: Screen) -> str:
    """The same facts give the same text: no run times, no paths."""
    return "\n".join(
        [
            f"# {_safe(screen.workspace)}: {screen.unit} to {day(screen.as_of)}",
            *_data(screen),
            *_sizes(screen),
            *_trials(screen),
            *_calls(screen),
            *_todo(screen),
            *_held(screen),
            *_groups(screen),
            *_supports(screen),
            "",
        ]
    )


def _data(screen: Screen) -> list[str]:
    lines = ["", "## Is the data fine?", ""]
    lines += [f"- {_safe(equation(count))}" for count in screen.health.sources]
    lines += [f"- Left out on purpose: {_safe(said)}" for said in screen.health.left_out]
    lines.append(f"- As of {day(screen.as_of)}: {_safe(screen.health.covered)}")
    return lines + [f"- **Look:** {_safe(remark)}" for remark in screen.health.remarks]


def _sizes(screen: Screen) -> list[str]:
    heading = arr_heading(screen)
    moved = f"{screen.moved} moved ({share(screen.moved / max(screen.accounts, 1))})"
    lines = [
        "",
        "## Sizes",
        "",
        f"{plural(screen.accounts, 'account')}, {moved} since {day(screen.since)}.",
        "",
    ]
    lines += _table(["segment", "accounts", *([_safe(heading)] if heading else []), "came", "left"])
    lines += [_row(size, with_arr=bool(heading)) for size in screen.sizes]
    if screen.names_said:
        lines += ["", *(f"- {_safe(said)}" for said in screen.names_said)]
    if screen.flags:
        lines += ["", *_table(["flag", "accounts", "set", "cleared"])]
        lines += [_row(size, with_arr=False) for size in screen.flags]
    return lines


def _trials(screen: Screen) -> list[str]:
    if not screen.trials:
        return []
    lines = [
        "",
        "## On trial",
        "",
        "Nobody acts on these.",
        "",
        *_table(["segment", "accounts", "really in"]),
    ]
    for each in screen.trials:
        cells = [f"off: {each.off}", ""] if each.off else [number(each.accounts), each.really()]
        lines.append(f"| {' | '.join(_safe(cell) for cell in (each.name, *cells))} |")
    return lines


def _table(columns: list[str]) -> list[str]:
    return [f"| {' | '.join(columns)} |", f"| --- |{' ---: |' * (len(columns) - 1)}"]


def _row(size: Size, *, with_arr: bool) -> str:
    arr = [number(size.arr or 0)] if with_arr else []
    if size.off:
        cells = [f"off: {_safe(size.off)}", *("" for _ in arr), "", ""]
    else:
        cells = [number(size.accounts), *arr, str(size.came), str(size.went)]
    return f"| {' | '.join([_safe(size.name), *cells])} |"


def _calls(screen: Screen) -> list[str]:
    lines = ["", "## Who to call first", ""]
    for place, call in enumerate(screen.calls, 1):
        arr = ""
        if call.arr is not None and screen.currency is not None:
            arr = f", {_safe(with_currency(call.arr, screen.currency))}"
        why = "; ".join(telling(call.because))
        lines.append(f"{place}. **{_safe(call.name)}**, {_safe(call.state(screen.unit))}{arr}: {_safe(why)}")
        step = f"Next: {call.step}" + f" {call.say}" * bool(call.say) if call.step or call.say else ""
        owner = f"({call.csm})" if call.csm else ""
        if step or owner:
            lines.append(f"   {_safe(' '.join(part for part in (step, owner) if part))}")
    if screen.to_call > len(screen.calls):
        lines += ["", f"{len(screen.calls)} of {screen.to_call} to act on this {screen.unit}."]
    return lines if screen.calls else [*lines, "Nobody: no task is to be done soon."]


def _todo(screen: Screen) -> list[str]:
    """How much there is to do and whose it is; the tasks themselves stand in worklist.csv."""
    todo = screen.todo
    if todo is None:
        return []
    said = f"{plural(todo.tasks, 'open task')}, {todo.escalated} escalated."
    moved = f"{todo.opened} opened and {todo.closed} closed, {todo.succeeded} of them with success"
    lines = ["", "## Work list", "", f"{said} Since {day(screen.since)}: {moved}.", ""]
    lines += _table(["owner", "tasks", "escalated", "effort", "a week", "must wait"]) if todo.loads else []
    for load in todo.loads[:NAMES]:
        effort = hours(load.minutes) if load.minutes else ""
        week = ["", ""] if load.week is None else [hours(load.week), str(load.later)]
        cells = [_safe(load.owner or "nobody"), str(load.tasks), str(load.escalated), effort, *week]
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", *(f"- **Look:** {_safe(said)}" for said in pressed(todo))] if pressed(todo) else []
    if len(todo.loads) > NAMES:
        lines += ["", f"{plural(len(todo.loads) - NAMES, 'more owner')} in worklist.csv."]
    return lines


def _held(screen: Screen) -> list[str]:
    lines = ["", "## Not alarmed", ""]
    for held in screen.held:
        does = "would enter" if held.waiting else "could leave"
        names = listed([_safe(name) for name in held.names], NAMES)
        lines.append(
            f"- {plural(len(held.names), 'account')} {does} {_safe(held.segment)}, {held.why}: {names}"
        )
    if screen.dipped:
        lines.append(f"- {dips_said(tuple(_safe(name) for name in screen.dipped), NAMES)}")
    lines += [f"- {_safe(pause.said(pause.names, NAMES))}" for pause in screen.paused[:NAMES]]
    if len(screen.paused) > NAMES:
        lines.append(f"- and {plural(len(screen.paused) - NAMES, 'more pause')}")
    lines += [f"- {_safe(over.said(over.name))}" for over in screen.overridden[:NAMES]]
    if len(screen.overridden) > NAMES:
        lines.append(f"- and {plural(len(screen.overridden) - NAMES, 'more override')}")
    return lines if len(lines) > 3 else [*lines, "Nothing was held back."]


def _groups(screen: Screen) -> list[str]:
    """Whole groups that fall, as in past years or unlike them; all others stand in groups.csv."""
    if not screen.groups:
        return []
    return ["", "## Groups that fall", "", *(f"- {_safe(group.said())}" for group in screen.groups)]


def _supports(screen: Screen) -> list[str]:
    if not screen.supports:
        return []
    return ["", "## What your data support", "", *(f"- {_safe(said)}" for said in screen.supports)]
