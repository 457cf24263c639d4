"""From where to where: the moves of a range, counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl
from msgspec import Struct

from segkit.engine.state import LEFT
from segkit.ruleset.model import FLAGS, MAIN

NEW, GONE = "not yet there", "left"
"""Stand for where nobody is: before the first row of an account, and off the list."""
UNSET = "not set"
"""Stands for where an account has no flag."""


class Flow(Struct, frozen=True):
    """The moves from one place to another."""

    before: str
    after: str
    moves: int
    accounts: int
    arr: float
    """Of each account that moved, as of its last move; those without a known ARR add nothing."""


class Matrix(Struct, frozen=True):
    """rows: where from; cells: of each row one for each of `to`, None where nobody moved."""

    rows: tuple[str, ...]
    to: tuple[str, ...]
    cells: tuple[tuple[Flow | None, ...], ...]
    most: int
    """Moves of the fullest cell."""


def moved(transitions: pl.DataFrame, first: date, last: date, dimension: str = MAIN) -> pl.DataFrame:
    """Published transitions of one dimension with first <= as_of <= last, with words for where nobody is.

    Columns of `transitions`, then before, after.
    """
    rows = transitions.filter((pl.col("dimension") == dimension) & pl.col("as_of").is_between(first, last))
    before, after = (UNSET, UNSET) if dimension == FLAGS else (NEW, GONE)
    # Who left and comes back was as little there as who was never seen.
    return rows.with_columns(
        before=pl.col("from").fill_null(before).replace({LEFT: before}),
        after=pl.col("to").fill_null(after),
    )


def flows(rows: pl.DataFrame) -> tuple[Flow, ...]:
    """`rows` as `moved` gives them; the most moves first."""
    counted = flows_frame(rows, ()).select("from", "to", "moves", "accounts", "arr")
    return tuple(Flow(*row) for row in counted.iter_rows())


def flows_frame(rows: pl.DataFrame, by: Sequence[str] = ("cause",)) -> pl.DataFrame:
    """from, to, the columns `by`, moves, accounts, arr: the most moves first."""
    keys = ["before", "after", *by]
    # An account that moves the same way twice has its ARR once.
    alike = rows.sort("as_of", "account_id").group_by([*keys, "account_id"], maintain_order=True)
    each = alike.agg(moves=pl.len().cast(pl.Int64), arr=pl.col("arr").last())
    found = each.group_by(keys, maintain_order=True).agg(
        moves=pl.col("moves").sum(), accounts=pl.len().cast(pl.Int64), arr=pl.col("arr").sum()
    )
    ordered = found.sort(-pl.col("moves"), *keys, nulls_last=True)
    return ordered.rename({"before": "from", "after": "to"})


def matrix(rows: pl.DataFrame, order: Sequence[str]) -> Matrix | None:
    """Rows and columns that hold a move, in `order`; None where nobody moved. `rows`: of `moved`."""
    found = {(flow.before, flow.after): flow for flow in flows(rows)}
    if not found:
        return None
    rest = sorted({name for pair in found for name in pair})
    names = list(dict.fromkeys([NEW, *order, *(n for n in rest if n not in (GONE, UNSET)), UNSET, GONE]))
    before = tuple(name for name in names if any(a == name for a, _ in found))
    after = tuple(name for name in names if any(b == name for _, b in found))
    return Matrix(
        before,
        after,
        tuple(tuple(found.get((a, b)) for b in after) for a in before),
        max(flow.moves for flow in found.values()),
    )
