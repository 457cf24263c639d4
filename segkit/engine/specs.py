"""One small table that usage rows are folded to: what it keeps, under which key, and how two merge."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import polars as pl

from segkit.engine.where import Where, canonical, row_filter
from segkit.periods import Calendar, epoch_day

Grain = Literal["day", "set", "value"]
LAYOUT = 1
"""Part of every key: tables of another layout are not read."""


@dataclass(frozen=True)
class PartialSpec:
    """A table of usage rows, by its grain:

    day    raw_id, day: rows, n (sum of count), ms (sum of seconds, in ms), timed (rows with seconds)
    set    raw_id, key, day: mask (UInt8); bit i says that the key was seen on `day` + i
    value  raw_id, day, key: rows, n

    `key` is the value of `column`; rows without one are left out.
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

    @property
    def by(self) -> tuple[str, ...]:
        """Columns that make a row of the table unique, in the order in which it is sorted."""
        return ("raw_id", "day") if self.grain == "day" else ("raw_id", "day", "key")

    def fold(self, rows: pl.DataFrame, daily: bool = False) -> pl.DataFrame:
        """The table of these usage rows; with `daily` every mask has one bit and `day` is that day."""
        chosen = row_filter(self.where, rows.schema)
        lazy = rows.lazy() if chosen is None else rows.lazy().filter(chosen)
        if self.column is not None:
            present = self.column in rows.columns
            lazy = lazy.with_columns(key=pl.col(self.column) if present else pl.lit(None, dtype=pl.String))
            lazy = lazy.filter(pl.col("key").is_not_null())
        if self.grain == "set":
            lazy = self._masked(lazy, daily)
        elif self.grain == "day":
            ms = (pl.col("seconds") * 1000).round().cast(pl.Int64)
            lazy = lazy.select("raw_id", "day", "count", ms=ms)
        return self._grouped(lazy, raw=True).collect()

    def merge(self, table: pl.DataFrame) -> pl.DataFrame:
        """Rows of one or several tables below each other -> one row per id, day and key."""
        return self._grouped(table.lazy(), raw=False).collect()

    def _masked(self, lazy: pl.LazyFrame, daily: bool) -> pl.LazyFrame:
        once = lazy.select("raw_id", "key", pl.col("day").cast(pl.Int32)).unique()
        if daily or self.week_ends is None:
            return once.with_columns(mask=pl.lit(1, dtype=pl.UInt8))
        opening = epoch_day(Calendar("week", self.week_ends).start(0))
        into = (pl.col("day") - opening) % 7
        bits = pl.Series([1 << i for i in range(7)], dtype=pl.UInt8)
        return once.with_columns(
            day=pl.col("day") - into, mask=into.replace_strict(list(range(7)), bits, return_dtype=pl.UInt8)
        )

    def _grouped(self, lazy: pl.LazyFrame, raw: bool) -> pl.LazyFrame:
        grouped = lazy.group_by(*self.by)
        total = {name: pl.col(name).cast(pl.Int64).sum() for name in ("rows", "n", "ms", "timed")}
        if raw:
            total["rows"] = pl.len().cast(pl.Int64)
            total["n"] = pl.col("count").cast(pl.Int64).sum()
            total["timed"] = pl.col("ms").count().cast(pl.Int64)
        match self.grain:
            case "set":
                found = grouped.agg(pl.col("mask").bitwise_or())
            case "day":
                found = grouped.agg(**total)
            case "value":
                found = grouped.agg(rows=total["rows"], n=total["n"])
        return found.sort(*self.by)
