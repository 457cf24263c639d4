"""What is known of a window, and what a sum or a count of it is therefore worth."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from segkit.engine.counting.grid import Known
from segkit.engine.counting.values import Bools, Floats, Ints, Values

BEYOND = 2
"""Unknown periods that a window reaching behind everything known counts for: more than a single gap."""


def nowhere(shape: tuple[int, ...]) -> Bools:
    return np.zeros(shape, dtype=bool)


class Window(Struct, frozen=True):
    """The window of one length before each period's end, clipped to the life of the account; all [A, T]."""

    life: Bools
    """On the roster in the period, and the window reaches into the account's life."""
    days: Ints
    """Days of the window that lie in the account's life."""
    known: Ints
    """Those of them that the source covers while the account was on the roster."""
    gaps: Ints
    """Periods of the window with unknown days."""

    @classmethod
    def of(cls, known: Known, life: Bools, start: Ints, ends: Ints, length: int) -> Window:
        """`start` [A] is each account's first day, `ends` [T] the last day of each window."""
        first, last = (ends - length + 1)[None, :], ends[None, :]
        clipped = start[:, None] > first
        low = np.maximum(first, start[:, None])
        days = last - low + 1
        own, shared = known.days_before(start[:, None]), known.days_before(first)
        seen = known.days_before(last + 1) - np.where(clipped, own, shared)
        own, shared = known.unknown_before(start[:, None]), known.unknown_before(first)
        gaps = known.unknown_until(last) - np.where(clipped, own, shared)
        gaps = gaps + BEYOND * (low < known.edges[0])
        alive = life & (days > 0)
        days, seen, gaps = (np.where(alive, each, 0).astype(np.int32) for each in (days, seen, gaps))
        return cls(alive, days, seen, gaps)

    @property
    def enough(self) -> Bools:
        """At least half of the days known."""
        return self.life & (self.known > 0) & (2 * self.known >= self.days)

    @property
    def whole(self) -> Bools:
        """Every period known, but for one single gap."""
        return self.enough & (self.gaps <= 1)

    @property
    def gap(self) -> Bools:
        return self.life & (self.known < self.days)

    def additive(self, total: npt.NDArray[np.generic]) -> Values:
        """A sum over the known days, scaled to the whole of the clipped window where half of it is known."""
        known = np.maximum(self.known, 1)
        scaled = total.astype(np.float64) * self.days / known
        return self._values(np.where(self.known == self.days, total, scaled), self.enough)

    def distinct(self, count: npt.NDArray[np.generic]) -> Values:
        """A count of different things, or a share: as seen, where at most one period is unknown."""
        return self._values(count.astype(np.float64), self.whole)

    def _values(self, value: Floats, shown: Bools) -> Values:
        return Values(np.where(shown, value, np.nan), nowhere(value.shape), gap=self.gap & shown)
