"""What accounts said, by segment, as lines of 80 cells."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from segkit.reports.first.layout import WIDTH, Line, Piece, Role
from segkit.reports.voices.counted import DAYS, NOT_SAID
from segkit.reports.words import cells, clean, day, fit, fit_right, number, shorten

NAME = 20


def lay_out_traits(workspace: str, as_of: date, rows: pl.DataFrame, order: Sequence[str]) -> list[Line]:
    """`rows` as `voices.by_trait` gives them: a table for each trait, segments across."""
    lines = _title(workspace, as_of)
    if rows.is_empty():
        return [*lines, (Piece("Nobody said anything yet."),)]
    for (trait,), own in rows.group_by("trait", maintain_order=True):
        lines += _table(str(trait), own, "value", "accounts", order)
    return lines[:-1]


def lay_out_topics(workspace: str, as_of: date, rows: pl.DataFrame, order: Sequence[str]) -> list[Line]:
    """`rows` as `voices.by_topic` gives them: texts of a topic, segments across."""
    lines = _title(workspace, as_of)
    if rows.is_empty():
        return [*lines, (Piece(f"No text of the last {DAYS} days holds a word of a topic."),)]
    for (source,), own in rows.sort("source", "topic").group_by("source", maintain_order=True):
        lines += _table(f"{source}, {DAYS} days", own, "topic", "texts", order)
    return lines[:-1]


def _title(workspace: str, as_of: date) -> list[Line]:
    title = shorten(clean(workspace), 50)
    return [(Piece(title, "title"), Piece(fit_right(f"as of {day(as_of)}", WIDTH - cells(title)), "dim"))]


def _table(head: str, rows: pl.DataFrame, of: str, count: str, order: Sequence[str]) -> list[Line]:
    """A line for each value, what nobody said last; a blank line behind it."""
    known = set(rows["segment"])
    segments = [name for name in dict.fromkeys([*order, *sorted(known)]) if name in known]
    wide = max(6, min(14, (WIDTH - 2 - NAME) // max(len(segments), 1)))
    shown = segments[: (WIDTH - 2 - NAME) // wide]
    heads = "".join(fit_right(shorten(name, wide - 1), wide) for name in shown)
    lines: list[Line] = [(Piece(fit(clean(head), NAME + 2), "heading"), Piece(heads, "dim"))]
    for (value,), own in rows.group_by(of, maintain_order=True):
        counts = dict(own.select("segment", count).iter_rows())
        figures = "".join(fit_right(number(counts.get(name, 0)), wide) for name in shown)
        role: Role = "dim" if value == NOT_SAID else "plain"
        lines.append((Piece(f"  {fit(clean(str(value)), NAME)}", role), Piece(figures, role)))
    return [*lines, ()]
