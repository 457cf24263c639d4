"""One small table that usage rows are folded to: what it keeps, under which key, and how two merge."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from segkit.engine.grouping import codes, ordering
from segkit.engine.values import Ints
from segkit.engine.where import Where, canonical, row_filter
from segkit.periods import Calendar, epoch_day

Grain = Literal["day", "set", "value"]
SUMS: Mapping[Grain, tuple[str, ...]] = {
    "day": ("rows", "n", "ms", "timed"),
    "set": (),
    "value": ("rows", "n"),
}
LAYOUT = 1
"""Part of every key: tables of another layout are not read."""


@dataclass(frozen=True)
class PartialSpec:
    """A table of usage rows, by its grain:

    day    raw_id, day: rows, n (sum of count), ms (sum of seconds, in ms), timed (rows with seconds)
    set    raw_id, key, day: mask (UInt8); bit i says that the key was seen on `day` + i
    value  raw_id, key, day: rows, n

    Sorted by the columns before the colon, which are unique; texts are categories. `key` is the value of
    `column`; rows without one are left out.
    """

    grain: Grain
    column: str | None = None
    where: Where = None
    week_ends: int | None = None
    """Of a set: the weekday on which the seven days of a mask end; None: every row is a single day."""

    @cached_property
    def key(self) -> str:
        """Names everything that shapes the table."""
        told = f"{LAYOUT}|{self.grain}|{self.column}|{canonical(self.where)}|{self.week_ends}"
        return f"{self.grain}-{hashlib.blake2b(told.encode(), digest_size=8).hexdigest()}"

    def fold(self, rows: pl.DataFrame, daily: bool = False) -> pl.DataFrame:
        """The table of these usage rows; with `daily` every mask has one bit and `day` is that day."""
        chosen = row_filter(self.where, rows.schema)
        if chosen is not None:
            rows = rows.filter(chosen)
        if self.column is not None:
            present = self.column in rows.columns
            key = pl.col(self.column) if present else pl.lit(None, dtype=pl.String)
            rows = rows.with_columns(key=key).filter(pl.col("key").is_not_null())
        ms = (pl.col("seconds") * 1000).round().cast(pl.Int64)
        add = {
            "rows": pl.lit(1, dtype=pl.Int64),
            "n": pl.col("count").cast(pl.Int64),
            "ms": ms.fill_null(0),
            "timed": pl.col("seconds").is_not_null().cast(pl.Int64),
        }
        sums = [add[name].alias(name) for name in SUMS[self.grain]]
        rows = rows.select("raw_id", *(["key"] if self.column is not None else []), "day", *sums)
        return self.merge(self._masked(rows, daily) if self.grain == "set" else rows)

    def merge(self, table: pl.DataFrame) -> pl.DataFrame:
        """Rows of one or several tables below each other -> one row per id, day and key, sorted by them."""
        found: dict[str, tuple[Ints, pl.Series]] = {
            name: codes(table[name]) for name in ("raw_id", "key") if name in table.columns
        }
        day = table["day"].cast(pl.Int64).to_numpy()
        order, starts = ordering(*(code for code, _ in found.values()), day)
        firsts = starts if order is None else order[starts]
        columns = {name: labels.gather(code[firsts]) for name, (code, labels) in found.items()}
        columns["day"] = pl.Series(day[firsts], dtype=pl.Int32)
        for name in SUMS[self.grain]:
            columns[name] = pl.Series(_grouped(np.add, table[name], order, starts))
        if self.grain == "set":
            columns["mask"] = pl.Series(_grouped(np.bitwise_or, table["mask"], order, starts))
        return pl.DataFrame(columns)

    def _masked(self, rows: pl.DataFrame, daily: bool) -> pl.DataFrame:
        if daily or self.week_ends is None:
            return rows.with_columns(mask=pl.lit(1, dtype=pl.UInt8))
        opening = epoch_day(Calendar("week", self.week_ends).start(0))
        day = rows["day"].cast(pl.Int32).to_numpy()
        into = (day - opening) % 7
        mask = (1 << into).astype(np.uint8)
        return rows.with_columns(pl.Series("day", day - into), pl.Series("mask", mask))


def _grouped(merge: np.ufunc, values: pl.Series, order: Ints | None, starts: Ints) -> npt.NDArray[np.generic]:
    held = values.to_numpy()
    if not len(starts):
        return held[:0]
    return np.asarray(merge.reduceat(held if order is None else held[order], starts))
