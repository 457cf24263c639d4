"""How long accounts stay, how often they move, how often they come right back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl
from msgspec import Struct

from segkit.engine.flows import moves, step
from segkit.periods import Calendar
from segkit.ruleset.model import MAIN

YEAR = 365.25
_WHO = ["account_id", "segment"]


class Stay(Struct, frozen=True):
    """Stays in one segment, in periods."""

    segment: str
    ended: int
    """In the range."""
    median: float | None
    """Of those that ended."""
    lasting: int
    """At the end of the range."""
    median_so_far: float | None


class Pace(Struct, frozen=True):
    """`moves` and `bounces` (a second move within four weeks) without who joins and leaves the list."""

    moves: int
    bounces: int
    account_years: float

    @property
    def a_year(self) -> float | None:
        """Moves of an account a year: the flip rate."""
        return self.moves / self.account_years if self.account_years else None


def stays(
    transitions: pl.DataFrame,
    calendar: Calendar,
    first: date,
    last: date,
    order: Sequence[str],
    dimension: str = MAIN,
) -> tuple[Stay, ...]:
    """Per segment in `order`. `transitions`: every published one from the beginning."""
    rows = transitions.filter((pl.col("dimension") == dimension) & (pl.col("as_of") <= last))
    begun, over = (_ends(rows, calendar, end) for end in ("to", "from"))
    # Stays of an account in a segment follow each other: its n-th coming belongs to its n-th going.
    found = begun.join(over, on=[*_WHO, "n"], how="left", suffix="_end")
    now = calendar.index(last)
    ended = found.filter(pl.col("as_of_end").is_between(first, last)).with_columns(
        length=pl.col("period_end") - pl.col("period")
    )
    lasting = found.filter(pl.col("as_of_end").is_null()).with_columns(length=now + 1 - pl.col("period"))
    of = [{name: rows for (name,), rows in each.group_by("segment")} for each in (ended, lasting)]
    return tuple(Stay(name, *_lengths(of[0].get(name)), *_lengths(of[1].get(name))) for name in order)


def _ends(rows: pl.DataFrame, calendar: Calendar, end: str) -> pl.DataFrame:
    """account_id, segment, as_of, period, n: every coming (`to`) or going (`from`), counted."""
    days = rows["as_of"].unique().to_list()
    index = pl.DataFrame(
        {"as_of": days, "period": [calendar.index(day) for day in days]},
        schema={"as_of": pl.Date, "period": pl.Int64},
    )
    found = rows.select("account_id", "as_of", segment=pl.col(end)).drop_nulls("segment")
    found = found.join(index, on="as_of").sort("as_of", maintain_order=True)
    return found.with_columns(n=pl.int_range(pl.len()).over(_WHO))


def _lengths(rows: pl.DataFrame | None) -> tuple[int, float | None]:
    """How many, and their median; what did not last a period was no stay."""
    lengths = pl.Series([], dtype=pl.Int64) if rows is None else rows["length"].filter(rows["length"] > 0)
    median = lengths.median()
    return len(lengths), median if isinstance(median, float) else None


def pace(
    transitions: pl.DataFrame, calendar: Calendar, first: date, last: date, dimension: str = MAIN
) -> Pace:
    """`transitions`: every published one from the beginning."""
    found = moves(transitions, dimension).filter(pl.col("as_of").is_between(first, last))
    main = transitions.filter(pl.col("dimension") == MAIN)
    sizes = main.group_by("as_of").agg(step().sum().alias("step")).sort("as_of")
    before = int(sizes.filter(pl.col("as_of") < first)["step"].sum())
    steps = dict(sizes.filter(pl.col("as_of").is_between(first, last)).iter_rows())
    days = 0
    for period in range(calendar.index(first), calendar.index(last) + 1):
        end = calendar.end(period)
        before += steps.get(end, 0)
        days += before * ((end - calendar.start(period)) + timedelta(days=1)).days
    return Pace(int(found["moves"].sum()), int(found["bounces"].sum()), days / YEAR)
