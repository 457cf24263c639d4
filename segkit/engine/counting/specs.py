"""One small table that usage rows are folded to: what it keeps, under which key, and how two merge."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from segkit.engine.counting.values import Ints
from segkit.engine.counting.where import Where, canonical, row_filter
from segkit.grouping import Codes, Groups, codes
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

    Sorted by the columns before the colon, which are unique. `key` is the value of `column`, a text as
    category; rows without one are left out.
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

    def fold(self, rows: pl.DataFrame, daily: bool = False, whole: Encoded | None = None) -> pl.DataFrame:
        """The table of these usage rows; with `daily` every mask has one bit and `day` is that day.

        `whole` is what `encoded` made of the same rows, for several tables.
        """
        whole = whole or encoded(rows, (self,))
        chosen = row_filter(self.where, rows.schema)
        keep = np.ones(rows.height, dtype=bool)
        if chosen is not None:
            keep = rows.select(chosen.fill_null(False).alias("keep"))["keep"].to_numpy()
        if self.grain == "day":
            return _summed(whole, keep)
        names = ("raw_id",) if self.column is None else ("raw_id", self.column)
        if self.column is not None:
            keep = keep & (whole.codes[self.column][0] >= 0)
        found = [(whole.codes[name][0][keep], whole.codes[name][1]) for name in names]
        day = whole.day[keep]
        if self.grain != "set":
            return self._table(found, day, {name: whole.sums[name][keep] for name in SUMS[self.grain]})
        if daily or self.week_ends is None:
            return self._table(found, day, {"mask": np.ones(len(day), dtype=np.uint8)})
        into = (day - epoch_day(Calendar("week", self.week_ends).start(0))) % 7
        return self._table(found, day - into, {"mask": (1 << into).astype(np.uint8)})

    def merge(self, table: pl.DataFrame) -> pl.DataFrame:
        """Rows of one or several tables below each other -> one row per id, day and key, sorted by them."""
        found = [codes(table[name]) for name in ("raw_id", "key") if name in table.columns]
        rest = ("mask",) if self.grain == "set" else SUMS[self.grain]
        day = table["day"].cast(pl.Int64).to_numpy()
        return self._table(found, day, {name: table[name].to_numpy() for name in rest})

    def _table(self, found: list[Codes], day: Ints, merged: Mapping[str, npt.NDArray[Any]]) -> pl.DataFrame:
        groups = Groups.of(*(code for code, _ in found), day)
        *places, days = groups.columns
        columns = {
            name: labels.cast(pl.Categorical).gather(place)
            if labels.dtype == pl.String
            else labels.gather(place)
            for name, place, (_, labels) in zip(("raw_id", "key"), places, found, strict=False)
        }
        columns["day"] = pl.Series(days, dtype=pl.Int32)
        for name, values in merged.items():
            columns[name] = pl.Series(groups.bits(values) if name == "mask" else groups.sum(values))
        return pl.DataFrame(columns)


@dataclass(frozen=True)
class Encoded:
    """Usage rows as whole numbers, in the order of the rows."""

    codes: Mapping[str, Codes]
    day: Ints
    sums: Mapping[str, Ints]

    @cached_property
    def by_day(self) -> Groups:
        """Rows of one id and day together: several tables count in them."""
        return Groups.of(self.codes["raw_id"][0], self.day)


def _summed(whole: Encoded, keep: npt.NDArray[np.bool_]) -> pl.DataFrame:
    """The table by id and day of the rows that are kept."""
    groups, everything = whole.by_day, bool(keep.all())
    sums = {name: groups.sum(values if everything else values * keep) for name, values in whole.sums.items()}
    there = sums["rows"] > 0
    who, day = (column[there] for column in groups.columns)
    told = {name: pl.Series(values[there]) for name, values in sums.items()}
    labels = whole.codes["raw_id"][1]
    return pl.DataFrame(
        {"raw_id": labels.cast(pl.Categorical).gather(who), "day": pl.Series(day, dtype=pl.Int32), **told}
    )


def encoded(rows: pl.DataFrame, specs: Sequence[PartialSpec]) -> Encoded:
    """What the tables of `specs` need of usage rows; a column that the rows lack is null."""
    names = {"raw_id"} | {spec.column for spec in specs if spec.column is not None}
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, rows.height)
    ms = (pl.col("seconds") * 1000).round().fill_null(0).cast(pl.Int64)
    numbers = rows.select(
        day=pl.col("day").cast(pl.Int64),
        rows=pl.repeat(1, pl.len(), dtype=pl.Int64),
        n=pl.col("count").cast(pl.Int64),
        ms=ms,
        timed=pl.col("seconds").is_not_null().cast(pl.Int64),
    )
    sums = {name: numbers[name].to_numpy() for name in SUMS["day"]}
    found = {name: codes(rows[name] if name in rows.columns else nothing) for name in sorted(names)}
    return Encoded(found, numbers["day"].to_numpy(), sums)
