"""Rows sorted and grouped by several whole numbers at once: one sort of one combined number."""

from __future__ import annotations

import numpy as np
import polars as pl

from segkit.engine.counting.values import Bools, Ints

Codes = tuple[Ints, pl.Series]
"""A number per row, and the values that the numbers stand for."""
ROOM = 2**62
"""Combined numbers must stay below this."""


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


def codes(values: pl.Series) -> Codes:
    """Position of each value among the different values in order, -1 for null; and those values."""
    if values.dtype == pl.Categorical:
        return _category_codes(values)
    labels = values.unique().drop_nulls().sort()
    if values.dtype == pl.String:
        place = values.cast(pl.Enum(labels)).to_physical().cast(pl.Int64).fill_null(-1)
        return place.to_numpy(), labels
    found = np.searchsorted(labels.to_numpy(), values.drop_nulls().to_numpy()).astype(np.int64)
    if not values.null_count():
        return found, labels
    every = np.full(len(values), -1, dtype=np.int64)
    every[values.is_not_null().to_numpy()] = found
    return every, labels


def _category_codes(values: pl.Series) -> Codes:
    """The same by the numbers that categories have, so that no text is looked at once per row."""
    different = values.unique().drop_nulls()
    texts = different.cast(pl.String)
    order = texts.arg_sort().to_numpy()
    numbers = different.to_physical().to_numpy().astype(np.int64)[order]
    place = np.full(int(numbers.max(initial=-1)) + 2, -1, dtype=np.int64)
    place[numbers] = np.arange(len(numbers))
    # Null takes the last place, which stays -1.
    return place[values.to_physical().cast(pl.Int64).fill_null(-1).to_numpy()], texts.gather(order)


def _combined(columns: tuple[Ints, ...]) -> Ints | None:
    """One number per row that orders like the columns; None where they span too much for one."""
    spans = [(int(column.min()), int(column.max())) for column in columns]
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
