"""What moved since the last run: how many from where to where, what that made of each segment, and who."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import polars as pl
from msgspec import Struct

from segkit.reports.first.reasons import telling
from segkit.reports.flows.matrix import Matrix, matrix, moved
from segkit.reports.flows.waterfall import Part, Waterfall, waterfalls
from segkit.reports.html.charts import BAR, Piece, stacked
from segkit.reports.words import number

__all__ = ["CAUSES", "Fall", "Matrix", "Move", "falls", "listed", "matrix", "of_main", "shade"]

SHOWN = 40
STEPS = 4
"""Shades of the matrix."""
BEHAVIOUR = "behaviour"
CAUSES = {
    "roster": "joined or left the list",
    "first_seen": "first seen",
    "override": "somebody said so",
    "rule_change": "the rules changed",
    "data": "data arrived or ran out",
    "timer": "time passed",
    BEHAVIOUR: "behaviour",
}


class Move(Struct, frozen=True):
    name: str
    before: str
    after: str
    cause: str
    why: tuple[str, ...]
    arr: float | None


class Fall(Struct, frozen=True):
    """What came and went made of one segment: before + came - went = after. Bars reach from the middle."""

    name: str
    before: int
    after: int
    came: str
    went: str
    """`2 behaviour, 1 first seen`; empty where nobody did."""
    arr_came: float
    arr_went: float
    left: tuple[Piece, ...]
    right: tuple[Piece, ...]


def of_main(transitions: pl.DataFrame, since: date) -> pl.DataFrame:
    """Moves of the main dimension after `since`, with words for where nobody is."""
    return moved(transitions, since + timedelta(days=1), date.max)


def shade(moves: int, most: int) -> int:
    """0 for none, up to STEPS for the most."""
    return -(-STEPS * moves // most)


def falls(
    transitions: pl.DataFrame, since: date, now: Mapping[str, int], order: Sequence[str]
) -> tuple[Fall, ...]:
    """One for each segment that somebody came into or left since, in `order`; `now`: their sizes."""
    every = waterfalls(transitions, since + timedelta(days=1), date.max, order, now=now)
    found = [each for each in every if each.parts]
    widest = max((max(each.came, each.went) for each in found), default=1)
    return tuple(_fall(each, widest) for each in found)


def _fall(fall: Waterfall, widest: int) -> Fall:
    # Behaviour begins at the middle, so that it is read off first.
    parts = sorted(fall.parts, key=lambda part: part.by != BEHAVIOUR)
    return Fall(
        fall.segment,
        fall.before,
        fall.after,
        _said([(part.came, part) for part in parts]),
        _said([(part.went, part) for part in parts]),
        sum(part.arr_came for part in parts),
        sum(part.arr_went for part in parts),
        stacked([(part.went, part.by == BEHAVIOUR) for part in parts], widest, BAR / 2, back=True),
        stacked([(part.came, part.by == BEHAVIOUR) for part in parts], widest, BAR / 2),
    )


def _said(counts: Sequence[tuple[int, Part]]) -> str:
    return ", ".join(f"{number(count)} {CAUSES.get(part.by, part.by)}" for count, part in counts if count)


def listed(moves: pl.DataFrame) -> tuple[Move, ...]:
    """The largest ARR first; SHOWN of them."""
    rows = moves.sort(-pl.col("arr").fill_null(0), "account_id", "as_of", maintain_order=True).head(SHOWN)
    return tuple(
        Move(
            name=row["name"],
            before=row["before"],
            after=row["after"],
            cause=CAUSES[row["cause"]],
            why=tuple(telling(row["because"] or "")[:2]),
            arr=row["arr"],
        )
        for row in rows.iter_rows(named=True)
    )
