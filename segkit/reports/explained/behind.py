"""Rows of the exports as lines: how many and how old they are, where the first and the last ones stand."""

from __future__ import annotations

from segkit.engine.explaining.rows import FEW, Row, Rows
from segkit.reports.first.layout import WIDTH, Line, Piece
from segkit.reports.words import clean, day, fit, number, plural, shorten, wrap

PLACE = 34
"""Cells of a file and its line."""


def rows_lines(rows: Rows) -> list[Line]:
    """Free of control characters."""
    first, *more = wrap(clean(f"{rows.metric}: {_counted(rows)}"), WIDTH - 4)
    lines: list[Line] = [(Piece(f"  {first}"),), *((Piece(f"    {line}"),) for line in more)]
    if rows.why is not None:
        return [*lines, (Piece(f"    Rows are counted, not listed: {rows.why}.", "dim"),)]
    listed = rows.listed or ()
    # Those in between are not shown.
    for at, row in enumerate(listed):
        if at == FEW and rows.rows > len(listed):
            lines.append((Piece(f"    {number(rows.rows - len(listed))} between", "dim"),))
        lines.append(_row(row))
    return lines


def _counted(rows: Rows) -> str:
    days = plural((rows.last - rows.first).days + 1, "day")
    if rows.newest is None or rows.oldest is None or rows.age is None:
        return f"no row of {rows.source} in the {days} to {day(rows.last)}"
    whole = f" that count {number(rows.total)}" if rows.total != rows.rows else ""
    span = day(rows.newest) if rows.oldest == rows.newest else f"{day(rows.oldest)} to {day(rows.newest)}"
    age = f"the newest {plural(rows.age, 'day')} old" if rows.age else "the newest of the last day"
    return f"{plural(rows.rows, 'row')} of {rows.source}{whole} in {days}, {span}; {age}"


def _row(row: Row) -> Line:
    count = f" ×{number(row.count)}" if row.count != 1 else ""
    what = shorten(clean(row.what), WIDTH - PLACE - 25)
    return (
        Piece(f"    {fit(clean(row.place), PLACE)}  "),
        Piece(fit(day(row.day), 13), "dim"),
        Piece(f"{what}{count}"),
    )
