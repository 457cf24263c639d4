"""Accepted rows with their texts as numbers, so that each different text is looked at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from segkit.grouping import Bools, Codes, Groups, Ints, categories, codes, worked_out

_SEED = 17
_ODD, _NOTHING = np.uint64(0x9E3779B97F4A7C15), np.uint64(1)
"""What hashes are mixed with (2**64 by the golden ratio); the hash of no value."""
_SMALL = 2**15 - 1


def by_the_line(lines: Mapping[str, pl.Series], sums: Mapping[str, Ints]) -> pl.DataFrame:
    """Lines with sums beside them, small ones as Int16: years of lines are held at once.

    Polars adds such numbers up as Int64.
    """
    small = {name: int(each.max(initial=0)) <= _SMALL for name, each in sums.items()}
    found = {
        name: pl.Series(each, dtype=pl.Int16 if small[name] else pl.Int64) for name, each in sums.items()
    }
    return pl.DataFrame({**lines, **found})


class CodedRows:
    """Rows of any source; what is dear is worked out when it is asked for, and once.

    frame: columns as they are; coded: those that are numbers already, of the frame or further ones.
    """

    def __init__(self, frame: pl.DataFrame, coded: Mapping[str, Codes] | None = None) -> None:
        self._frame = frame
        self._coded = dict(coded or {})
        self._labels: dict[str, pl.Series] = {}

    @property
    def height(self) -> int:
        return self._frame.height

    @property
    def schema(self) -> Mapping[str, pl.DataType]:
        """The columns as `frame` has them."""
        coded = {name: each.values.dtype for name, each in self._coded.items()}
        return {**coded, **self._frame.schema}

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self.schema)

    def codes(self, name: str) -> Codes:
        """A column as numbers; one that the rows lack is null."""
        if name not in self._coded:
            if name not in self._frame.columns:
                return self._nothing()
            self._coded[name] = codes(self._frame[name])
        return self._coded[name]

    def labels(self, name: str) -> pl.Series:
        """The values that the numbers of a column stand for; texts as categories, made once."""
        if name not in self._labels:
            self._labels[name] = categories(self.codes(name).values)
        return self._labels[name]

    def made(self, text: pl.Expr, names: Sequence[str]) -> Codes:
        """A text made row by row of the columns in `names` that there are."""
        there = {name: self.codes(name) for name in dict.fromkeys(names) if name in self.columns}
        return worked_out(there, text) if there else self._nothing()

    def _nothing(self) -> Codes:
        return Codes(np.full(self.height, -1), pl.Series(dtype=pl.String))

    def column(self, name: str) -> pl.Series:
        """A column as it is."""
        found = self._frame[name] if name in self._frame.columns else self._coded[name].column()
        return found.rename(name)

    def frame(self, *names: str) -> pl.DataFrame:
        """Some columns, or all of them."""
        return pl.DataFrame([self.column(name) for name in names or self.columns])


class UsageRows(CodedRows):
    """Rows as `Fold` sees them (facts.types.UsageFacts)."""

    def under(self, raw_id: Codes) -> UsageRows:
        """The same rows under other ids."""
        return UsageRows(self._frame.drop("raw_id", strict=False), {**self._coded, "raw_id": raw_id})

    @cached_property
    def day(self) -> Ints:
        return self._frame["day"].cast(pl.Int64).to_numpy()

    def week_day(self, first: int) -> Ints:
        """[rows] 0 on `first` and every seventh day from it, up to 6."""
        low = int(self.day.min(initial=first))
        days = np.arange(low, int(self.day.max(initial=first)) + 1)
        return np.asarray(((days - first) % 7)[self.day - low])

    @cached_property
    def sums(self) -> Mapping[str, Ints]:
        """rows, n, ms, timed of each row: 1, its count, its whole milliseconds, whether it has seconds.

        Sums of whole milliseconds do not depend on the order of the rows; sums of floats would. What is the
        same array is the same sum.
        """
        rows = np.ones(self.height, dtype=np.int64)
        count, seconds = self._frame["count"], self._frame["seconds"]
        ms = (seconds * 1000).round().fill_null(0).cast(pl.Int64).to_numpy()
        return {
            "rows": rows,
            "n": rows if bool((count == 1).all()) else count.cast(pl.Int64).to_numpy(),
            "ms": ms,
            "timed": seconds.is_not_null().cast(pl.Int64).to_numpy() if seconds.has_nulls() else rows,
        }

    @cached_property
    def by_day(self) -> Groups:
        """Rows of one id and day together: several tables count in them."""
        return Groups.of(self.codes("raw_id").numbers, self.day)

    def counted(self, keep: Bools | None = None) -> pl.DataFrame:
        """day and sums of each group of `by_day`, over the rows that are kept (None: all); 0 without any."""
        groups, found = self.by_day, dict[str, Ints]()
        for name, values in self.sums.items():
            if keep is not None:
                found[name] = groups.sum(values * keep)
            else:
                found[name] = groups.rows if values is self.sums["rows"] else groups.sum(values)
        return by_the_line({"day": pl.Series(groups.columns[1], dtype=pl.Int32)}, found)

    def hashes(self) -> npt.NDArray[np.uint64]:
        """Of all that each row says, whatever the numbers of its texts."""
        mixed = np.zeros(self.height, dtype=np.uint64)
        for name in sorted(self.columns):
            mixed *= _ODD
            mixed += self._hashed(name)
        mixed ^= mixed >> np.uint64(32)
        mixed *= _ODD
        mixed ^= mixed >> np.uint64(29)
        return mixed

    def _hashed(self, name: str) -> npt.NDArray[np.uint64]:
        if name in self._coded:
            numbers, values = self._coded[name]
            return np.append(values.hash(_SEED).to_numpy(), _NOTHING)[numbers]
        column = self._frame[name]
        if column.null_count() == len(column):
            return np.full(1, _NOTHING)
        hashes = column.hash(_SEED)
        return (hashes.set(column.is_null(), int(_NOTHING)) if column.has_nulls() else hashes).to_numpy()
