"""What the numbers in a window come to when no running sum can tell: their middle, mean, extremes, newest.

Rows are sorted by account and day, so that every window of every account is a stretch of them.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from msgspec import Struct

from segkit.engine.counting.grid import first_seen_by
from segkit.engine.counting.values import Floats, Ints

Summary = Literal["sum", "mean", "median", "max", "min"]

BATCH = 4_000_000
"""Numbers that are laid out at once."""


class Stretches(Struct, frozen=True):
    """Numbers of accounts by day and, per account and period, where those of its window begin and end."""

    day: Ints
    value: Floats
    low: Ints
    """[A, T] position of the first number in the window."""
    high: Ints
    """[A, T] position after the last one."""

    @classmethod
    def of(
        cls, account: Ints, day: Ints, value: Floats, accounts: int, ends: Ints, length: int | None
    ) -> Stretches:
        """`length` None: everything up to the period's end. Empty numbers (NaN) are left out."""
        there = ~np.isnan(value)
        if length is not None and len(ends):
            # What no window holds need not be sorted: history grows, windows do not.
            there &= (day > ends[0] - length) & (day <= ends[-1])
        account, day, value = account[there], day[there], value[there]
        # The value is the last key: equal days come in one order, whatever the order of the files.
        order = np.lexsort((value, day, account))
        account, day, value = account[order], day[order], value[order]
        shape = (accounts, len(ends))
        opens = np.concatenate([[0], np.cumsum(np.bincount(account, minlength=accounts))[:-1]])[:, None]
        high = opens + _reached(account, first_seen_by(day, ends), shape)
        if length is None:
            return cls(day, value, np.broadcast_to(opens, shape), high)
        return cls(day, value, opens + _reached(account, first_seen_by(day + length, ends), shape), high)

    @property
    def count(self) -> Ints:
        """[A, T] numbers in each window."""
        return self.high - self.low

    def summary(self, kind: Summary) -> Floats:
        """[A, T] the numbers of each window in one; NaN where there is none."""
        result = np.full(self.low.shape, np.nan)
        cells = np.nonzero(self.count > 0)
        if len(cells[0]):
            low, high = self.low[cells], self.high[cells]
            result[cells] = (
                _middles(self.value, low, high) if kind == "median" else self._reduced(kind, low, high)
            )
        return result

    def newest(self) -> tuple[Floats, Ints]:
        """[A, T] mean of the numbers on the newest day of each window, and that day; NaN, 0 without."""
        value, day = np.full(self.low.shape, np.nan), np.zeros(self.low.shape, dtype=np.int64)
        cells = np.nonzero(self.count > 0)
        if len(cells[0]):
            low, last = self.low[cells], self.high[cells] - 1
            day[cells] = self.day[last]
            opens = np.concatenate([[True], self.day[1:] != self.day[:-1]])
            first = np.maximum.accumulate(np.where(opens, np.arange(len(self.day)), 0))
            value[cells] = self._reduced("mean", np.maximum(first[last], low), last + 1)
        return value, day

    def last(self) -> Floats:
        """[A, T] the largest number of the newest day of each window; NaN without one."""
        filled = np.append(self.value, np.nan)
        return np.where(self.count > 0, filled[self.high - 1], np.nan)

    def _reduced(self, kind: Summary, low: Ints, high: Ints) -> Floats:
        ufunc = {"max": np.maximum, "min": np.minimum}.get(kind, np.add)
        # Every second stretch lies between two windows and is dropped; the pad lets one end on the last row.
        edges = np.stack([low, high], axis=1).ravel()
        found: Floats = ufunc.reduceat(np.append(self.value, 0.0), edges)[::2]
        return found / (high - low) if kind == "mean" else found


def _reached(account: Ints, period: Ints, shape: tuple[int, int]) -> Ints:
    """[A, T] rows of each account whose period has come."""
    accounts, periods = shape
    width = periods + 1
    counts = np.bincount(account * width + period, minlength=accounts * width).reshape(accounts, width)
    return np.cumsum(counts[:, :periods], axis=1)


def _middles(value: Floats, low: Ints, high: Ints) -> Floats:
    """Medians of non-empty stretches, those of one size at a time."""
    sizes = high - low
    result = np.empty(len(low))
    for size in np.unique(sizes):
        chosen = np.flatnonzero(sizes == size)
        step = max(1, BATCH // int(size))
        for start in range(0, len(chosen), step):
            some = chosen[start : start + step]
            result[some] = np.median(value[low[some][:, None] + np.arange(size)], axis=1)
    return result
