"""The moves of a range as lines of 80 cells."""

from __future__ import annotations

from segkit.reports.first.layout import WIDTH, Line, Piece
from segkit.reports.first.screen import NO_CURRENCY
from segkit.reports.flows.around import said
from segkit.reports.flows.matrix import Matrix
from segkit.reports.flows.stays import Stay
from segkit.reports.flows.told import Told
from segkit.reports.flows.waterfall import Part, Waterfall
from segkit.reports.words import cells, clean, day, fit, fit_right, number, plural, shorten, wrap

NAME = 18
"""Cells of a segment's name."""
FLOWS, AROUND, FLAPS = 12, 8, 6
"""Lines at most."""
ROOM = WIDTH - 2 - NAME


def lay_out_moves(found: Told) -> list[Line]:
    """Free of control characters."""
    return [
        *_title(found),
        *_around(found),
        *_matrix(found.matrix),
        *_flows(found),
        *_waterfalls(found),
        *_stays(found),
        *_pace(found),
    ]


def _title(found: Told) -> list[Line]:
    head = f"{shorten(clean(found.workspace), 30)}  {found.range.dimension}"
    when = f"{day(found.range.first)} to {day(found.range.last)}"
    return [
        (Piece(head, "title"), Piece(fit_right(when, WIDTH - cells(head)), "dim")),
        (Piece("─" * WIDTH, "dim"),),
    ]


def _around(found: Told) -> list[Line]:
    if not found.around:
        return []
    shown = [f"{said(each)}" for each in found.around[-AROUND:]]
    lines: list[Line] = [(Piece("Beside the numbers", "heading"),)]
    if len(found.around) > AROUND:
        lines.append((Piece(f"  and {len(found.around) - AROUND} before these: --format json", "dim"),))
    return [*lines, *(line for text in shown for line in _text(text, 2)), ()]


def _matrix(matrix: Matrix | None) -> list[Line]:
    if matrix is None:
        return [(Piece("Nobody moved."),), ()]
    wide = max(5, min(13, ROOM // len(matrix.to)))
    fitting = matrix.to[: ROOM // wide]
    lines: list[Line] = [
        (Piece("Moves from (down) to (across)", "heading"),),
        (
            Piece("  " + " " * NAME),
            Piece("".join(fit_right(shorten(n, wide - 1), wide) for n in fitting), "dim"),
        ),
    ]
    for name, row in zip(matrix.rows, matrix.cells, strict=True):
        figures = "".join(fit_right("·" if flow is None else number(flow.moves), wide) for flow in row)
        lines.append((Piece(f"  {fit(name, NAME)}"), Piece(figures[:ROOM], "move")))
    return [*lines, ()]


def _flows(found: Told) -> list[Line]:
    if found.flows.is_empty():
        return []
    heads = f"{fit_right('moves', 7)}{fit_right('accounts', 10)}{fit_right(_arr(found), 13)}"
    lines: list[Line] = [
        (Piece(fit(f"Flows by {found.range.by}", 50), "heading"), Piece(heads, "dim")),
    ]
    for before, after, by, moves, accounts, arr in found.flows.head(FLOWS).iter_rows():
        amount = number(arr) if found.currency is not None else ""
        what = f"{before} → {after}, {clean(by or 'not known')}"
        figures = f"{fit_right(number(moves), 7)}{fit_right(number(accounts), 10)}{fit_right(amount, 13)}"
        lines.append((Piece(f"  {fit(what, 48)}"), Piece(figures)))
    more = found.flows.height - FLOWS
    if more > 0:
        lines.append((Piece(f"  and {more} more: --format csv", "dim"),))
    return [*lines, ()]


def _arr(found: Told) -> str:
    return {None: "", NO_CURRENCY: "ARR"}.get(found.currency, f"ARR {found.currency}")


def _waterfalls(found: Told) -> list[Line]:
    heads = f"{fit_right('before', 7)}{fit_right('after', 7)}  came and went by {found.range.by}"
    lines: list[Line] = [(Piece(fit("Sizes", NAME + 2), "heading"), Piece(heads, "dim"))]
    for fall in found.waterfalls:
        if fall.before or fall.after or fall.parts:
            lines += _waterfall(fall)
    return [*lines, ()]


def _waterfall(fall: Waterfall) -> list[Line]:
    head = (
        f"  {fit(fall.segment, NAME)}{fit_right(number(fall.before), 7)}{fit_right(number(fall.after), 7)}  "
    )
    parts = wrap(" · ".join(_part(part) for part in fall.parts), WIDTH - cells(head))
    first, *more = parts or [""]
    return [
        (Piece(head), Piece(first, "move")),
        *((Piece(" " * cells(head) + line, "move"),) for line in more),
    ]


def _part(part: Part) -> str:
    came, went = f"+{part.came}" if part.came else "", f"−{part.went}" if part.went else ""
    return "\u00a0".join(word for word in (clean(part.by).replace(" ", "\u00a0"), came, went) if word)


def _stays(found: Told) -> list[Line]:
    heads = "".join(fit_right(text, 14) for text in ("ended", "median", "still there", "median so far"))
    unit = f"{found.unit}s"
    lines: list[Line] = [(Piece(fit(f"Stays, {unit}", NAME + 2), "heading"), Piece(heads, "dim"))]
    shown = [stay for stay in found.stays if stay.ended or stay.lasting]
    lines += [(Piece(f"  {fit(stay.segment, NAME)}"), Piece(_stay(stay))) for stay in shown]
    return [*lines, ()]


def _stay(stay: Stay) -> str:
    medians = ["" if m is None else f"{m:g}" for m in (stay.median, stay.median_so_far)]
    figures = (number(stay.ended), medians[0], number(stay.lasting), medians[1])
    return "".join(fit_right(text, 14) for text in figures)


def _pace(found: Told) -> list[Line]:
    pace = found.pace
    rate = "" if pace.a_year is None else f", {pace.a_year:.1f} for each account and year"
    bounces = plural(pace.bounces, "bounce")
    lines = _text(f"{plural(pace.moves, 'move')}{rate}; {bounces} (a second move within four weeks).", 0)
    many = len(found.flapping)
    if many:
        lines.append(
            (Piece(f"{plural(many, 'account')} back and forth (flap index of 12 {found.unit}s)", "warn"),)
        )
    for each in found.flapping[:FLAPS]:
        path = " → ".join(each.path)
        name = shorten(clean(each.name), 24)
        lines += _text(f"{name} {100 * each.share:.0f} %: {path}", 2)
    if many > FLAPS:
        lines.append((Piece(f"  and {many - FLAPS} more: --format json", "dim"),))
    return lines


def _text(text: str, indent: int) -> list[Line]:
    lines = wrap(clean(text), WIDTH - indent - 2)
    return [(Piece(" " * (indent + 2 * (at > 0)) + line),) for at, line in enumerate(lines)]
