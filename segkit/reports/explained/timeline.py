"""One metric of an account over its past, and where the account was: a small plot for the terminal."""

from __future__ import annotations

import polars as pl

from segkit.reports.baseline import AXIS, LEGEND, plot
from segkit.reports.explained.explanation import Timeline
from segkit.reports.first.layout import WIDTH, Line, Piece
from segkit.reports.words import clean, wrap

WEEKS = 52
NOWHERE = "·"


def lay_out_timeline(timeline: Timeline | None) -> list[Line]:
    """The last year; below each period the letter of its segment."""
    if timeline is None or timeline.rows["value"].drop_nulls().is_empty():
        return []
    rows = timeline.rows.tail(WEEKS)
    letters = _letters(rows["primary"])
    where = "".join(letters.get(name, NOWHERE) for name in rows["primary"])
    legend = ", ".join(f"{letter} {clean(name)}" for name, letter in letters.items())
    *drawn, days = plot(rows)
    return [
        (),
        (Piece("Timeline", "heading"), Piece(f"  {timeline.metric} against what was expected", "dim")),
        *drawn,
        (Piece("segment".rjust(AXIS - 2) + "  ", "dim"), Piece(where, "move")),
        days,
        *((Piece(" " * AXIS + line, "dim"),) for line in wrap(LEGEND, WIDTH - AXIS)),
        *((Piece(" " * AXIS + line, "dim"),) for line in wrap(legend, WIDTH - AXIS)),
    ]


def _letters(names: pl.Series) -> dict[str, str]:
    """A letter for each segment, of its name where one is free."""
    found: dict[str, str] = {}
    for name in names.drop_nulls().unique(maintain_order=True):
        free = [sign for sign in name.upper() + "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if sign.isalpha()]
        found[name] = next((sign for sign in free if sign not in found.values()), NOWHERE)
    return found
