"""The first screen as lines of 80 cells: pieces of text, each with a role that a terminal may colour."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from segkit.reports.first.calls import Call
from segkit.reports.first.expected import SHOWN, UNUSUAL, dips_said
from segkit.reports.first.held import Held
from segkit.reports.first.reasons import fitted, telling
from segkit.reports.first.screen import NO_CURRENCY, Screen, Size
from segkit.reports.first.todo import pressed
from segkit.reports.words import (
    KEEP,
    cells,
    clean,
    cut,
    day,
    fit,
    fit_right,
    listed,
    number,
    plural,
    share,
    shorten,
    wrap,
)

WIDTH = 80
Role = Literal["plain", "title", "heading", "dim", "good", "warn", "name", "move"]


class Piece(Struct, frozen=True):
    text: str
    role: Role = "plain"


Line = tuple[Piece, ...]


def lay_out(screen: Screen) -> list[Line]:
    """Lines of at most WIDTH cells, free of control characters."""
    return [
        *_title(screen),
        *_data(screen),
        *_segments(screen),
        *_trials(screen),
        *_calls(screen),
        *_held(screen),
        *_supports(screen),
        *_results(screen),
    ]


def plain(lines: list[Line]) -> str:
    """The same without roles, as a file or pipe gets it."""
    return "".join("".join(clean(piece.text) for piece in line).rstrip() + "\n" for line in lines)


def title(workspace: str, right: str) -> list[Line]:
    """What every answer begins with: whose it is, what it is about, and a rule below."""
    left = shorten(clean(workspace), 40)
    return [
        (Piece(left, "title"), Piece(fit_right(right, WIDTH - cells(left)), "dim")),
        (Piece("─" * WIDTH, "dim"),),
    ]


def _title(screen: Screen) -> list[Line]:
    when = f"{screen.unit} to {day(screen.as_of)} · {plural(screen.accounts, 'account')}"
    if screen.unit == "day":
        when = f"{day(screen.as_of)} · {plural(screen.accounts, 'account')}"
    return title(screen.workspace, when)


def _heading(text: str, remark: str = "", role: Role = "dim") -> Line:
    return (Piece(text, "heading"), Piece(fit_right(remark, WIDTH - cells(text)), role))


def _data(screen: Screen) -> list[Line]:
    health = screen.health
    verdict = "fine" if health.fine else plural(len(health.remarks), "thing to look at", "things to look at")
    lines = [_heading("Data", verdict, "good" if health.fine else "warn")]
    lines += _text(health.equation, 2)
    if health.left_out:
        lines += _text(f"Left out on purpose: {clean(listed(list(health.left_out), 6))}", 2)
    lines += _text(f"As of {day(screen.as_of)}: {clean(health.covered)}", 2)
    for remark in health.remarks:
        first, *more = wrap(clean(remark), WIDTH - 4)
        lines.append((Piece("  ! ", "warn"), Piece(first)))
        lines += [(Piece(f"    {line}"),) for line in more]
    return lines


def _segments(screen: Screen) -> list[Line]:
    arr = arr_heading(screen)
    moved = f"since {day(screen.since)}"
    lines: list[Line] = [
        (),
        (Piece(fit("Segments", 26), "heading"), Piece(_columns("accounts", arr, moved), "dim")),
        *(_size(size, screen.currency is not None) for size in screen.sizes),
        _everyone(screen),
    ]
    if screen.currencies:
        lines += _text(f"ARR is billed in {listed(list(screen.currencies), 5)}: not summed", 2, "dim")
    if screen.by_rules:
        said = f"{plural(screen.by_rules, 'move')} because the rules changed, not the accounts"
        lines += _text(said, 2)
    for said in screen.names_said:
        lines += _text(said, 2)
    return [*lines, *_flags(screen)]


def _trials(screen: Screen) -> list[Line]:
    if not screen.trials:
        return []
    lines: list[Line] = [(), _heading("On trial", "nobody acts on these")]
    for each in screen.trials:
        if each.off:
            lines += _text(f"{each.name}  off: {clean(each.off)}", 2, "dim")
            continue
        arr = number(each.arr or 0) if screen.currency is not None else ""
        counts = fit_right(number(each.accounts), 10) + fit_right(arr, 18)
        lines.append((Piece(f"  {fit(each.name, 24)}"), Piece(counts)))
        lines += _text(each.really(), 4, "dim") if each.where else []
    return lines


def _everyone(screen: Screen) -> Line:
    arr = number(sum(size.arr or 0 for size in screen.sizes)) if screen.currency is not None else ""
    moved = f"{number(screen.moved)} moved ({share(screen.moved / max(screen.accounts, 1))})"
    return (
        Piece(f"  {fit('all', 24)}", "dim"),
        Piece(_columns(number(screen.accounts), arr, moved if screen.moved else "nobody moved"), "dim"),
    )


def _flags(screen: Screen) -> list[Line]:
    seen = (size for size in screen.flags if not size.off and (size.accounts or size.went))
    flags = [f"{size.name} {size.accounts}{_brackets(size)}" for size in seen]
    off = [f"{size.name} ({size.off})" for size in screen.flags if size.off]
    lines: list[Line] = []
    for title, items in (("flags", flags), ("off", off)):
        if items:
            # The dot stays with the item before it: no line begins with one.
            kept = f"{KEEP}· ".join(clean(item).replace(" ", KEEP) for item in items)
            lines += _text(f"{title}: {kept}", 2, "dim")
    return lines


def _columns(accounts: str, arr: str, moves: str) -> str:
    return fit_right(accounts, 10) + fit_right(arr, 18) + fit_right(moves, 26)


def arr_heading(screen: Screen) -> str:
    """`ARR EUR`; empty where sums would mean nothing."""
    return {None: "", NO_CURRENCY: "ARR"}.get(screen.currency, f"ARR {clean(screen.currency or '')}")


def _size(size: Size, with_arr: bool) -> Line:
    if size.off:
        return (Piece(f"  {fit(size.name, 24)}", "dim"), Piece(f"      off: {clean(size.off)}", "dim"))
    arr = number(size.arr) if with_arr and size.arr is not None else ""
    return (
        Piece(f"  {fit(size.name, 24)}"),
        Piece(fit_right(number(size.accounts), 10) + fit_right(arr, 18)),
        Piece(fit_right(_moves(size), 26), "move"),
    )


def _moves(size: Size) -> str:
    return " ".join(
        part for part in (f"+{size.came}" * bool(size.came), f"−{size.went}" * bool(size.went)) if part
    )


def _brackets(size: Size) -> str:
    return f" ({_moves(size)})" if size.came or size.went else ""


def _calls(screen: Screen) -> list[Line]:
    shown = len(screen.calls)
    remark = f"{shown} of {screen.to_call} to act on this {screen.unit}" if screen.to_call > shown else ""
    lines: list[Line] = [(), _heading("Call first", remark)]
    if not screen.calls:
        return [*lines, *_text("Nobody: no task is to be done soon.", 2)]
    states = max(min(cells(call.state(screen.unit)), 38) for call in screen.calls)
    arrs = max(cells(_arr(call, screen)) for call in screen.calls)
    for place, call in enumerate(screen.calls, 1):
        lines += _call(place, call, screen, states, arrs)
    pressing = pressed(screen.todo) if screen.todo else []
    return [*lines, *(line for said in pressing[:SHOWN] for line in _text(clean(said), 2, "warn"))]


def _arr(call: Call, screen: Screen) -> str:
    if call.arr is None or screen.currency is None:
        return ""
    return with_currency(call.arr, screen.currency)


def with_currency(amount: float, currency: str) -> str:
    return number(amount) if currency == NO_CURRENCY else f"{number(amount)} {clean(currency)}"


def _call(place: int, call: Call, screen: Screen, states: int, arrs: int) -> list[Line]:
    """`states`, `arrs`: widths of their columns; the name has the rest."""
    names = WIDTH - 4 - 2 - states - (arrs + 2 if arrs else 0)
    lines: list[Line] = [
        (
            Piece(f"  {place} "),
            Piece(fit(clean(call.name), names), "name"),
            Piece(f"  {fit(call.state(screen.unit), states)}"),
            Piece(f"  {fit_right(_arr(call, screen), arrs)}" if arrs else ""),
        )
    ]
    lines += [(Piece(f"    {line}"),) for line in fitted(telling(call.because), WIDTH - 4, at_most=2)]
    step = f"→ {clean(call.step)}" if call.step else ""
    owner = f" ({clean(call.csm)})" if call.csm else ""
    if step or owner:
        lines += _text(f"{step}{owner}".strip(), 4, "dim", at_most=1)
    return lines


def _held(screen: Screen) -> list[Line]:
    lines: list[Line] = [(), _heading("Not alarmed")]
    lines += [line for held in screen.held for line in _one_held(held)]
    if screen.dipped:
        names = tuple(shorten(clean(name), 24) for name in screen.dipped)
        lines += _text(dips_said(names, 3), 2)
    for pause in screen.paused[:SHOWN]:
        names = tuple(shorten(clean(name), 24) for name in pause.names)
        lines += _text(clean(pause.said(names, 3)), 2)
    if len(screen.paused) > SHOWN:
        lines += _text(f"and {plural(len(screen.paused) - SHOWN, 'more pause')}", 2)
    for over in screen.overridden[:SHOWN]:
        lines += _text(clean(over.said(shorten(clean(over.name), 24))), 2)
    if len(screen.overridden) > SHOWN:
        lines += _text(f"and {plural(len(screen.overridden) - SHOWN, 'more override')}", 2)
    for group in [group for group in screen.groups if group.verdict == UNUSUAL][:SHOWN]:
        lines += _text(f"{clean(group.said())}: its accounts are excused, look at the group", 2, "warn")
    return lines if len(lines) > 2 else [*lines, *_text("Nothing was held back.", 2)]


def _one_held(held: Held) -> list[Line]:
    who = listed([shorten(clean(name), 24) for name in held.names], 3)
    count = plural(len(held.names), "account")
    meets = "meets the conditions of" if len(held.names) == 1 else "meet the conditions of"
    does = meets if held.waiting else "could leave"
    return _text(f"{count} {does} {held.segment}, {held.why}: {who}", 2)


def _supports(screen: Screen) -> list[Line]:
    if not screen.supports:
        return []
    lines: list[Line] = [(), _heading("What your data support")]
    return [*lines, *(line for said in screen.supports for line in _text(clean(said), 2))]


def _results(screen: Screen) -> list[Line]:
    # What lies there stands on one line.
    folder, apart, files = (screen.results or "").partition(" (")
    where = folder + apart + files.replace(" ", KEEP)
    return [(), *_text(f"Results: {where}" if screen.results else "Nothing was written.", 0, "dim")]


def _text(text: str, indent: int, role: Role = "plain", at_most: int = 4, hang: int = 2) -> list[Line]:
    """Wrapped text; continued lines hang further in. Cut with an ellipsis after `at_most` lines."""
    lines = wrap(text, WIDTH - indent - hang)
    if len(lines) > at_most:
        rest = " ".join(lines[at_most - 1 :])
        lines = [*lines[: at_most - 1], cut(rest, WIDTH - indent - hang)]
    return [(Piece(" " * (indent + hang * (i > 0)) + line, role),) for i, line in enumerate(lines)]
