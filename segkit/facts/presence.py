"""On which days each id of usage has rows: a bit per day, so that years of history are a small table."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from segkit.facts.taking.store import FILE

SPAN = 64
"""Days that one row stands for."""
_BIT = pl.Series("bit", [2**place for place in range(SPAN)], dtype=pl.UInt64)

Masks = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]


def presence_of(days: pl.DataFrame) -> pl.DataFrame:
    """FILE (the first), raw_id, day, mask, rows of rows by id and day (FILE, raw_id, day, rows).

    Bit i of `mask` (UInt64) says that the id has rows on `day` + i; every `day` is a multiple of SPAN.
    """
    block = pl.col("day") // SPAN * SPAN
    bit = pl.lit(_BIT).gather((pl.col("day") - block).cast(pl.UInt32))
    marked = days.select(FILE, "raw_id", "rows", block.cast(pl.Int32).alias("day"), bit.alias("mask"))
    return marked.group_by("raw_id", "day").agg(
        pl.col("mask").bitwise_or(), pl.col("rows").sum(), pl.col(FILE).min()
    )


def first_days(presence: pl.DataFrame) -> pl.DataFrame:
    """The same with the first day of each row in place of `day` and `mask`."""
    first = pl.col("day") + pl.col("mask").bitwise_trailing_zeros().cast(pl.Int32)
    return presence.with_columns(first.alias("day")).drop("mask")


def totals_by_id(rows: pl.DataFrame) -> pl.DataFrame:
    """raw_id, rows, day (the first), FILE (the first) of rows by id and day; what they lack is left out."""
    ids = rows["raw_id"]
    least = [name for name in ("day", FILE) if name in rows.columns]
    summed = [name for name in ("rows",) if name in rows.columns]
    if ids.dtype != pl.Categorical or ids.has_nulls():
        return rows.group_by("raw_id").agg(pl.col(summed).sum(), pl.col(least).min())
    # Categories are numbers already: millions of rows are added up in an array with a place for each.
    which = ids.to_physical().to_numpy()
    size = int(which.max()) + 1 if len(which) else 0
    one = np.full(size, -1, dtype=np.int64)
    one[which] = np.arange(len(which))
    there = np.flatnonzero(one >= 0)
    found = {"raw_id": ids.gather(one[there])}
    for name in summed:
        # Below 2**53, so that sums of floats are exact.
        sums = np.bincount(which, weights=rows[name].to_numpy(), minlength=size)[there]
        found[name] = pl.Series(sums).cast(pl.Int64)
    for name in least:
        values = rows[name].to_numpy()
        lowest = np.full(size, np.iinfo(values.dtype).max, dtype=values.dtype)
        np.minimum.at(lowest, which, values)
        found[name] = pl.Series(lowest[there])
    return pl.DataFrame(found)


def single_days(presence: pl.DataFrame) -> pl.DataFrame:
    """The same with a row for each day, whose mask has one bit."""
    rows, bits = np.nonzero((masks(presence)[:, None] >> np.arange(SPAN, dtype=np.uint64)) & np.uint64(1))
    every = presence[rows]
    day = pl.Series(every["day"].to_numpy() + bits, dtype=pl.Int32)
    return every.with_columns(day.alias("day"), pl.lit(1, pl.UInt64).alias("mask"))


def masks(presence: pl.DataFrame) -> Masks:
    """[rows] the bits of each."""
    return presence["mask"].to_numpy()


def bits(first: int, last: int) -> np.uint64:
    """A mask of the places first to last, cut to those there are."""
    first, last = max(first, 0), min(last, SPAN - 1)
    return np.uint64(0) if last < first else np.uint64((1 << (last + 1)) - (1 << first))


def highest(found: Masks) -> Ints:
    """[rows] the highest place with a bit; -1 without one."""
    upper = (found >> np.uint64(32)).astype(np.float64)
    lower = (found & np.uint64(2**32 - 1)).astype(np.float64)
    # Below 2**32 the exponent of a float is exact; frexp gives place + 1, and 0 for no bit.
    high, low = np.frexp(upper)[1].astype(np.int64), np.frexp(lower)[1].astype(np.int64)
    return np.where(high > 0, high + 32, low) - 1
