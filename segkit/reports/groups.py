"""Groups of accounts against past years, as lines of 80 cells."""

from __future__ import annotations

from datetime import date

import polars as pl

from segkit.reports.first.expected import NORMAL, SEASONAL, UNUSUAL, Group, groups_of
from segkit.reports.first.layout import WIDTH, Line, Piece
from segkit.reports.words import cells, clean, day, fit, fit_right, number, shorten

SHOWN = 30


def lay_out_groups(workspace: str, as_of: date, rows: pl.DataFrame) -> list[Line]:
    """`rows` as groups.csv has them."""
    title = shorten(clean(workspace), 50)
    found = groups_of(rows, (UNUSUAL, SEASONAL, NORMAL))
    unknown = rows.height - len(found)
    lines: list[Line] = [
        (Piece(title, "title"), Piece(fit_right(f"as of {day(as_of)}", WIDTH - cells(title)), "dim")),
        (Piece(fit("group", 30) + fit("metric", 16) + "  accounts    change  last years", "dim"),),
        *map(_line, found[:SHOWN]),
    ]
    if not found:
        lines = [lines[0], (Piece("No group is large or old enough to be compared with past years."),)]
    if len(found) > SHOWN:
        lines.append((Piece(f"and {len(found) - SHOWN} more: -o groups.csv", "dim"),))
    if unknown and found:
        lines.append((Piece(f"{unknown} of which too little is known: -o groups.csv", "dim"),))
    return lines


def _line(group: Group) -> Line:
    then = "" if group.last_years is None else group.shown(group.last_years)
    figures = fit_right(number(group.accounts), 10) + fit_right(group.shown(group.change), 10)
    return (
        Piece(fit(clean(group.name), 30), "warn" if group.verdict == UNUSUAL else "plain"),
        Piece(fit(group.metric, 16)),
        Piece(figures + fit_right(then, 12)),
    )
