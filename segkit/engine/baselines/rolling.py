"""Shifts and sums along the period axis, [A, T] in and [A, n] out for the newest n periods.

A sum is built by doubling (1, 2, 4 … terms), so that its bits depend on the summed terms alone and not on
where the array starts: a whole panel, a truncated one and one more week on top of a cache agree bit for bit.
Running sums (cumsum) would not.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

from segkit.engine.counting.values import Bools, Floats

Cell = TypeVar("Cell", bound=np.generic)


def newest(
    values: npt.NDArray[Cell], columns: int, shift: int = 0, fill: float | bool = np.nan
) -> npt.NDArray[Cell]:
    """[A, columns] the newest columns as they were `shift` periods before; `fill` before the start."""
    stop = values.shape[1] - shift
    start = stop - columns
    if start >= 0:
        return values[:, start:stop]
    padded = np.full((values.shape[0], columns), fill, dtype=values.dtype)
    if stop > 0:
        padded[:, -start:] = values[:, :stop]
    return padded


def trailing_sum(values: Floats, columns: int, count: int, *, step: int = 1, shift: int = 0) -> Floats:
    """[A, columns] the sum of `count` values, `step` periods apart, the newest `shift` periods back.

    `values` has no NaN; what lies before the start counts as 0.
    """
    block = newest(values, columns + (count - 1) * step, shift, 0.0)
    total: Floats | None = None
    taken, size = 0, 1
    while count:
        width = block.shape[1] - taken * step
        if count & 1:
            piece = block[:, width - columns : width]
            total = piece if total is None else total + piece
            taken += size
        count >>= 1
        if count:
            block = block[:, size * step :] + block[:, : -size * step]
            size *= 2
    assert total is not None
    return total


def trailing_mean(
    values: Floats, columns: int, count: int, *, least: float, step: int = 1, shift: int = 0
) -> tuple[Floats, Floats]:
    """([A, columns] mean of the known among `count` values, NaN under `least` of them; how many known)."""
    nearest = newest(values, columns + (count - 1) * step, shift)
    known = ~np.isnan(nearest)
    total = trailing_sum(np.where(known, nearest, 0.0), columns, count, step=step)
    number = trailing_sum(known.astype(np.float64), columns, count, step=step)
    enough = number >= max(least, 1.0)
    return np.divide(total, number, out=np.full(total.shape, np.nan), where=enough), number


def joined(past: npt.NDArray[Cell] | None, now: npt.NDArray[Cell]) -> npt.NDArray[Cell]:
    """Past columns, then those of now."""
    return now if past is None or past.shape[1] == 0 else np.concatenate([past, now], axis=1)


def without(values: Floats, mask: Bools | None, rows: slice = slice(None)) -> Floats:
    """The values with NaN where the mask (of which `rows` are meant) is true."""
    return values if mask is None else np.where(mask[rows], np.nan, values)
