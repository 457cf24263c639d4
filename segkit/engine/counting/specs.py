"""One small table that usage rows are folded to: what it keeps and under which key."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import polars as pl
from msgspec import Struct

from segkit.engine.counting.where import Where, canonical, rows_meant
from segkit.facts.coded import UsageRows
from segkit.grouping import Groups
from segkit.periods import Calendar, epoch_day

Grain = Literal["day", "set", "value"]
SUMS = ("rows", "n")
"""Of the grain "value"."""
LAYOUT = 3
"""Part of every key: tables of another layout are not read."""


class PartialSpec(Struct, frozen=True, dict=True):
    """A table of usage rows, by its grain:

    day    day: rows, n (sum of count), ms (sum of seconds, in ms), timed (rows with seconds) of the rows that
           are meant, line by line beside those of every row (facts.types.UsageFacts); 0 where none is
    set    raw_id, key, day: mask (UInt8); bit i says that the key was seen on `day` + i
    value  raw_id, key, day: rows, n

    The others are sorted by the columns before the colon, which are unique. `key` is the value of `column`,
    a text as category; rows without one are left out.
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

    def fold(self, rows: UsageRows, daily: bool = False) -> pl.DataFrame:
        """The table of these usage rows; with `daily` every mask has one bit and `day` is that day."""
        keep = rows_meant(self.where, rows)
        if self.grain == "day":
            return rows.counted(keep)
        names = ("raw_id", self.column or "")
        numbers = [rows.codes(name).numbers for name in names]
        labels = [rows.labels(name) for name in names]
        if int(numbers[-1].min(initial=0)) < 0:
            there = numbers[-1] >= 0
            keep = there if keep is None else keep & there
        some = slice(None) if keep is None else keep
        numbers = [each[some] for each in numbers]
        day = rows.day[some]
        if self.grain != "set":
            groups = Groups.of(*numbers, day)
            return _columns(labels, groups, {name: groups.sum(rows.sums[name][some]) for name in SUMS})
        first = 0 if self.week_ends is None else epoch_day(Calendar("week", self.week_ends).start(0))
        into = np.zeros_like(day) if daily or self.week_ends is None else rows.week_day(first)[some]
        groups = Groups.of(*numbers, day - into)
        return _columns(labels, groups, {"mask": groups.marks(into)})


def _columns(
    labels: Sequence[pl.Series], groups: Groups, values: Mapping[str, npt.NDArray[Any]]
) -> pl.DataFrame:
    """raw_id, key, day of each group, and its values beside them."""
    *places, days = groups.columns
    columns = {
        name: each.gather(place) for name, place, each in zip(("raw_id", "key"), places, labels, strict=True)
    }
    columns["day"] = pl.Series(days, dtype=pl.Int32)
    return pl.DataFrame({**columns, **{name: pl.Series(each) for name, each in values.items()}})
