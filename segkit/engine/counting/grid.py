"""Windows over days, counted for every account and period at once: arrays [A, T], any calendar, any length.

A window of L days seen from a period that ends on day E holds the days d with E - L < d <= E.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from segkit.engine.counting.values import Bools, Ints
from segkit.grouping import ordering

NEVER = -(2**40)
"""A day before every other."""
AT_ONCE = 2**20
"""Rows that are summed at once, or as many as there are sums: a few numbers are held beside each."""


def first_seen_by(days: Ints, ends: Ints) -> Ints:
    """Index of the first period that ends on or after each day; T where none does."""
    return positions(ends, days, "left")


def positions(edges: Ints, days: Ints, side: Literal["left", "right"]) -> Ints:
    """np.searchsorted for many days of a short stretch of time: looked up once per day of it."""
    if days.size == 0:
        return np.zeros(days.shape, dtype=np.int64)
    low, high = int(days.min()), int(days.max())
    if high - low > days.size:
        return np.searchsorted(edges, days, side=side).astype(np.int64)
    return np.searchsorted(edges, np.arange(low, high + 1), side=side).astype(np.int64)[days - low]


def spread(account: Ints, enter: Ints, leave: Ints, weight: Ints | None, shape: tuple[int, int]) -> Ints:
    """[A, T] sums of weights, each counted in the periods enter <= t < leave of its account."""
    accounts, periods = shape
    width = periods + 1
    account = account.astype(np.int64)
    size = accounts * width
    # Weights are integers below 2**53, so that the float sums of bincount are exact.
    plus = np.bincount(account * width + enter, weights=weight, minlength=size)
    minus = np.bincount(account * width + leave, weights=weight, minlength=size)
    steps = (plus - minus).reshape(accounts, width)[:, :periods]
    return np.rint(np.cumsum(steps, axis=1)).astype(np.int64)


def window_sum(account: Ints, day: Ints, weight: Ints | None, accounts: int, ends: Ints, window: int) -> Ints:
    """[A, T] sum of the weights (None: number of rows) whose day lies in the window of each period."""
    total = np.zeros((accounts, len(ends)), dtype=np.int64)
    step = max(AT_ONCE, total.size)
    for first in range(0, len(day), step):
        some = slice(first, first + step)
        days = day[some]
        enter, leave = first_seen_by(days, ends), first_seen_by(days + window, ends)
        own = None if weight is None else weight[some]
        total += spread(account[some], enter, leave, own, total.shape)
    return total


def window_distinct(account: Ints, key: Ints, day: Ints, accounts: int, ends: Ints, window: int) -> Ints:
    """[A, T] number of different keys seen in the window of each period; rows may repeat.

    Walks the sightings of each key in order of day: one adds a key only from the period in which the sighting
    before it has left the window.
    """
    order, _ = ordering(account, key, day)
    if order is not None:
        account, key, day = account[order], key[order], day[order]
    enter = first_seen_by(day, ends)
    leave = first_seen_by(day + window, ends)
    if len(day):
        again = (account[1:] == account[:-1]) & (key[1:] == key[:-1])
        enter[1:] = np.where(again, np.maximum(enter[1:], leave[:-1]), enter[1:])
    return spread(account, enter, leave, None, (accounts, len(ends)))


def newest(account: Ints, value: Ints, day: Ints, accounts: int, ends: Ints) -> Ints:
    """[A, T] the largest value among rows whose day is on or before each period's end; NEVER without one."""
    periods = len(ends)
    cells = np.full((accounts, periods + 1), NEVER, dtype=np.int64)
    if len(day):
        enter = first_seen_by(day, ends)
        order, starts = ordering(account, enter)
        firsts = starts if order is None else order[starts]
        cells[account[firsts], enter[firsts]] = np.maximum.reduceat(
            value if order is None else value[order], starts
        )
    return np.maximum.accumulate(cells, axis=1)[:, :periods]


class Known(Struct, frozen=True):
    """Which days are known, by whole periods and account; the periods start before those of the panel."""

    edges: Ints
    """[P + 1] first day of every period, then the day after the last one."""
    mask: Bools
    """[A, P]."""
    before: npt.NDArray[np.int32]
    """[A, P + 1] known days before each edge."""
    unknown: npt.NDArray[np.int32]
    """[A, P + 1] unknown periods before each edge."""

    @classmethod
    def of(cls, edges: Ints, mask: Bools) -> Known:
        lengths = np.diff(edges).astype(np.int32)
        whole = np.zeros((mask.shape[0], len(edges)), dtype=np.int32)
        np.cumsum(mask, axis=1, out=whole[:, 1:])
        unknown = np.arange(len(edges), dtype=np.int32) - whole
        if (lengths == lengths[:1]).all():
            return cls(edges, mask, whole * lengths[:1], unknown)
        before = np.zeros_like(whole)
        np.cumsum(mask * lengths, axis=1, out=before[:, 1:])
        return cls(edges, mask, before, unknown)

    def period(self, days: Ints) -> Ints:
        """Column of each day, clipped to the first and the last one."""
        found = positions(self.edges, days, "right") - 1
        return np.clip(found, 0, self.mask.shape[1] - 1).astype(np.int64)

    def holds(self, account: Ints, day: Ints) -> Bools:
        """Per row, whether its day is known for its account."""
        inside = (day >= self.edges[0]) & (day < self.edges[-1])
        if self.mask.all():
            return np.asarray(inside)
        return np.asarray(inside & self.mask[account, self.period(day)])

    def days_before(self, days: Ints) -> Ints:
        """[A, T] known days before each day of an array that broadcasts to [A, T]."""
        column, rows = self.period(days), np.arange(len(self.mask))[:, None]
        into = np.clip(days, self.edges[0], self.edges[-1]) - self.edges[column]
        return np.asarray(self.before[rows, column] + self.mask[rows, column] * into, dtype=np.int64)

    def unknown_before(self, days: Ints) -> Ints:
        """[A, T] unknown periods that end before each day of an array that broadcasts to [A, T]."""
        return self.unknown[np.arange(len(self.mask))[:, None], self.period(days)].astype(np.int64)

    def unknown_until(self, days: Ints) -> Ints:
        """[A, T] unknown periods that start on or before each day of an array that broadcasts to [A, T]."""
        return self.unknown[np.arange(len(self.mask))[:, None], self.period(days) + 1].astype(np.int64)
