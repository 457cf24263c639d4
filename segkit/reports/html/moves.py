"""What moved since the last run: who, and how many from where to where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from segkit.reports.first.calls import LEFT
from segkit.reports.first.reasons import telling
from segkit.ruleset.model import MAIN

SHOWN = 40
STEPS = 4
"""Shades of the matrix."""
NEW, GONE = "not yet there", "left"
CAUSES = {
    "roster": "joined or left the list",
    "first_seen": "first seen",
    "override": "somebody said so",
    "rule_change": "the rules changed",
    "data": "data arrived or ran out",
    "timer": "time passed",
    "behaviour": "behaviour",
}


@dataclass(frozen=True, slots=True)
class Cell:
    moves: int
    shade: int
    """0 for none, up to STEPS for the most."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """rows: where from, with a cell for each of `to`."""

    to: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]


@dataclass(frozen=True, slots=True)
class Move:
    name: str
    before: str
    after: str
    cause: str
    why: tuple[str, ...]
    arr: float | None


def of_main(transitions: pl.DataFrame, since: date) -> pl.DataFrame:
    """Moves of the main dimension after `since`, with words for where nobody is."""
    rows = transitions.filter((pl.col("as_of") > since) & (pl.col("dimension") == MAIN))
    # Who left and comes back was as little there as who was never seen.
    return rows.with_columns(
        before=pl.col("from").fill_null(NEW).replace({LEFT: NEW}), after=pl.col("to").fill_null(GONE)
    )


def matrix(moves: pl.DataFrame, order: Sequence[str]) -> Matrix | None:
    """Rows and columns that hold a move, in `order`; None where nobody moved."""
    counts = {(a, b): n for a, b, n in moves.group_by("before", "after").len().iter_rows()}
    if not counts:
        return None
    most = max(counts.values())
    names = list(dict.fromkeys([NEW, *order, *sorted({each for pair in counts for each in pair}), GONE]))
    rows = [name for name in names if any(a == name for a, _ in counts)]
    to = [name for name in names if any(b == name for _, b in counts)]
    return Matrix(
        tuple(to),
        tuple((a, tuple(_cell(counts.get((a, b), 0), most) for b in to)) for a in rows),
    )


def _cell(moves: int, most: int) -> Cell:
    return Cell(moves, -(-STEPS * moves // most))


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
