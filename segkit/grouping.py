"""Rows sorted and grouped by several whole numbers at once: one sort of one combined number, or a count."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
from msgspec import Struct
from msgspec.structs import replace

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[Any]
ROOM = 2**62
"""Combined numbers must stay below this."""
DENSE, FEW = 4, 2**16
"""So many cells per row, or so many at all, are counted in an array with a place for each of them."""
BITS = 7
"""Bits of a mask: a day of a week each."""


class Codes(NamedTuple):
    """A column as whole numbers: what is the same is looked at once."""

    numbers: Ints
    """[rows] place among the values, -1 for null."""
    values: pl.Series
    """Different ones, in order; not every one need be there."""

    def changed(self, change: Callable[[pl.Series], pl.Series]) -> Codes:
        """The column with its values changed; itself where none is."""
        new = change(self.values)
        if new.equals(self.values, null_equal=True):
            return self
        made = _in_order(new.extend_constant(None, 1))
        return Codes(made.numbers[self.numbers], made.values)

    def column(self) -> pl.Series:
        """The values of all rows."""
        if len(self.numbers) and int(self.numbers.min()) < 0:
            # -1, no value, is the last one.
            last = len(self.values)
            return self.values.extend_constant(None, 1).gather(np.where(self.numbers < 0, last, self.numbers))
        return self.values.gather(self.numbers)


def categories(values: pl.Series) -> pl.Series:
    """Texts as categories; other values as they are."""
    return values.cast(pl.Categorical) if values.dtype == pl.String else values


class Groups(Struct, frozen=True):
    """Rows grouped by whole numbers: the groups are those there are, in order."""

    columns: tuple[Ints, ...]
    """[groups] each: the numbers of every group."""
    rows: Ints
    """[groups] how many rows it has."""
    _place: Ints | None
    """[n] the group of each row; None where they were sorted."""
    _starts: Ints
    """[groups] where each starts, once the rows are sorted; empty where they were not."""
    _order: Ints | None

    @classmethod
    def of(cls, *columns: Ints) -> Groups:
        """Counted where there are few different cells to count in, else sorted: the answer is the same."""
        spans = _spans(columns)
        size = prod(high - low + 1 for low, high in spans)
        if size > _most_cells(columns[0]):
            fewer = _of_owners(columns, spans)
            if fewer is not None:
                return fewer
            order, starts = ordering(*columns)
            firsts = starts if order is None else order[starts]
            rows = np.diff(np.append(starts, len(columns[0])))
            return cls(tuple(column[firsts] for column in columns), rows, None, starts, order)
        cells = _combined(columns)
        assert cells is not None  # so few fit into a number
        counts = np.bincount(cells, minlength=size)
        at = np.flatnonzero(counts)
        group = np.empty(size, dtype=np.int32)
        group[at] = np.arange(len(at), dtype=np.int32)
        found, rest = [], at
        for column, (low, high) in zip(columns[::-1], spans[::-1], strict=True):
            rest, place = np.divmod(rest, high - low + 1)
            found.append((place + low).astype(column.dtype))
        return cls(tuple(found[::-1]), counts[at], group[cells], at[:0], None)

    def of_rows(self) -> Ints:
        """[n] which group each row is of."""
        if self._place is not None:
            return self._place
        inside = np.repeat(np.arange(len(self.rows)), self.rows)
        if self._order is None:
            return inside
        found = np.empty(len(inside), dtype=np.int64)
        found[self._order] = inside
        return found

    def sum(self, values: Ints) -> Ints:
        """[groups] sums, which are below 2**53, so that those of floats are exact."""
        if self._place is None:
            return self._reduced(np.add, values)
        return np.rint(np.bincount(self._place, weights=values, minlength=len(self.rows))).astype(np.int64)

    def marks(self, places: Ints) -> npt.NDArray[np.uint8]:
        """[groups] masks in which bit i is set where some row has i (below 8)."""
        if self._place is None:
            return self._reduced(np.bitwise_or, (1 << places).astype(np.uint8))
        seen = np.zeros(len(self.rows) * 8, dtype=bool)
        seen[self._place.astype(np.int64) * 8 + places] = True
        return np.packbits(seen, bitorder="little")

    def _reduced(self, merge: np.ufunc, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        inside = values if self._order is None else values[self._order]
        return np.asarray(merge.reduceat(inside, self._starts)) if len(self._starts) else values[:0]


def _most_cells(column: Ints) -> int:
    return max(DENSE * len(column), FEW)


def _of_owners(columns: tuple[Ints, ...], spans: Sequence[tuple[int, int]]) -> Groups | None:
    """Groups where every number of the second column goes with one of the first, as users with their account.

    Then the first need not be counted by. None where that is not so, or too much is left to count in.
    """
    if len(columns) < 2 or prod(high - low + 1 for low, high in spans[1:]) > _most_cells(columns[0]):
        return None
    first, second = columns[:2]
    low, high = spans[1]
    owner = np.zeros(high - low + 1, dtype=first.dtype)
    owner[second - low] = first
    if not bool((owner[second - low] == first).all()):
        return None
    groups = Groups.of(*columns[1:])
    whole = (owner[groups.columns[0] - low], *groups.columns)
    order, _ = ordering(*whole)
    if order is None:
        return replace(groups, columns=whole)
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    columns = tuple(column[order] for column in whole)
    return replace(groups, columns=columns, rows=groups.rows[order], _place=rank[groups.of_rows()])


def ordering(*columns: Ints) -> tuple[Ints | None, Ints]:
    """The order that sorts rows by these columns (None: they are), and where each group then starts."""
    rows = len(columns[0])
    if rows == 0:
        return None, np.zeros(0, dtype=np.int64)
    combined = _combined(columns)
    if combined is None:
        order: Ints | None = np.lexsort(columns[::-1])
        new = np.zeros(rows, dtype=bool)
        for column in columns:
            new[1:] |= column[order][1:] != column[order][:-1]
    else:
        order = None if bool((combined[1:] >= combined[:-1]).all()) else np.argsort(combined)
        new = _changes(combined if order is None else combined[order])
    new[0] = True
    return order, np.flatnonzero(new)


def worked_out(columns: Mapping[str, Codes], expression: pl.Expr) -> Codes:
    """A text made of columns row by row, computed once for each of their combinations."""
    if len(columns) == 1:
        ((name, (which, values)),) = columns.items()
        # -1 is the last one.
        different = {name: values.extend_constant(None, 1)}
    else:
        groups = Groups.of(*(numbers for numbers, _ in columns.values()))
        which = groups.of_rows()
        different = {
            name: Codes(place, values).column().cast(pl.String)
            for place, (name, (_, values)) in zip(groups.columns, columns.items(), strict=True)
        }
    made = _in_order(pl.DataFrame(different).select(expression).to_series())
    return Codes(made.numbers[which], made.values)


def _in_order(values: pl.Series) -> Codes:
    """`codes` of values that are likely to be different and in order."""
    there = values.is_not_null()
    known = values.filter(there)
    if not known.is_sorted() or (known == known.shift(1)).any():
        return codes(values)
    some = there.to_numpy()
    return Codes(np.where(some, np.cumsum(some) - 1, -1), known)


def codes(values: pl.Series) -> Codes:
    """A column as numbers; of texts and categories none is looked at twice."""
    if values.dtype in (pl.String, pl.Categorical, pl.Enum):
        return _category_codes(values.cast(pl.Categorical))
    labels = values.unique().drop_nulls().sort()
    found = np.searchsorted(labels.to_numpy(), values.drop_nulls().to_numpy()).astype(np.int64)
    if not values.null_count():
        return Codes(found, labels)
    every = np.full(len(values), -1, dtype=np.int64)
    every[values.is_not_null().to_numpy()] = found
    return Codes(every, labels)


def _category_codes(values: pl.Series) -> Codes:
    """The same by the numbers that categories have, so that no text is looked at once per row."""
    physical = values.to_physical()
    nothing = int(physical.max() or 0) + 1  # type: ignore[arg-type]
    numbers = (physical.fill_null(nothing) if values.has_nulls() else physical).to_numpy()
    seen = np.flatnonzero(np.bincount(numbers, minlength=nothing)[:nothing])
    labels = pl.Series(seen, dtype=pl.UInt32).cat.to(pl.Categorical).cast(pl.String)
    order = np.arange(len(seen)) if labels.is_sorted() else labels.arg_sort().to_numpy()
    place = np.full(nothing + 1, -1, dtype=np.int64)
    place[seen[order]] = np.arange(len(seen))
    return Codes(place[numbers], labels.gather(order))


def _spans(columns: tuple[Ints, ...]) -> list[tuple[int, int]]:
    """Smallest and largest number of each; of no rows 0."""
    if not len(columns[0]):
        return [(0, 0)] * len(columns)
    return [(int(column.min()), int(column.max())) for column in columns]


def _combined(columns: tuple[Ints, ...]) -> Ints | None:
    """One number per row that orders like the columns; None where they span too much for one."""
    spans = _spans(columns)
    size = 1
    for low, high in spans:
        size *= high - low + 1
    if size >= ROOM:
        return None
    total = np.zeros(len(columns[0]), dtype=np.int64)
    for column, (low, high) in zip(columns, spans, strict=True):
        total *= high - low + 1
        total += column
        total -= low
    return total


def _changes(values: Ints) -> Bools:
    new = np.zeros(len(values), dtype=bool)
    np.not_equal(values[1:], values[:-1], out=new[1:])
    return new
