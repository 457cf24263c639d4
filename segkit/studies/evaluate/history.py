"""What was decided, and what really happened to whom: all that everything here is computed from."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from msgspec import Struct, field

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int16]

NEVER = 10**9
"""An epoch day after every other."""


class History(Struct, frozen=True):
    """The primary of every account at the end of every decided period; nothing later is in it."""

    ends: Ints
    """[T] epoch day on which each period ends, ascending."""
    labels: tuple[str, ...]
    """Code -> segment, in order of precedence."""
    code: Codes
    """[A, T]; negative: not on the roster, or nothing known."""

    def run_length(self) -> Ints:
        """[A, T] periods for which the primary has been what it is, 1 in its first."""
        length = np.ones(self.code.shape, np.int64)
        for t in range(1, self.code.shape[1]):
            same = self.code[:, t] == self.code[:, t - 1]
            length[:, t] = np.where(same, length[:, t - 1] + 1, 1)
        return length


class Dated(Struct, frozen=True):
    """Days on which something happened to accounts, sorted by account and day."""

    account: Ints
    day: Ints

    @classmethod
    def of(cls, account: Ints, day: Ints) -> Dated:
        order = np.lexsort((day, account))
        return cls(account[order].astype(np.int64), day[order].astype(np.int64))

    def after(self, account: Ints, day: Ints) -> Ints:
        """[N] the first day strictly after `day`; NEVER where there is none."""
        place = np.searchsorted(_key(self.account, self.day), _key(account, day), "right")
        return self._at(place, account, NEVER)

    def last(self, account: Ints, day: Ints) -> Ints:
        """[N] the last day that is not after `day`; -NEVER where there is none."""
        place = np.searchsorted(_key(self.account, self.day), _key(account, day), "right") - 1
        return self._at(place, account, -NEVER)

    def _at(self, place: Ints, account: Ints, otherwise: int) -> Ints:
        if not len(self.day):
            return np.full(len(account), otherwise, np.int64)
        safe = np.clip(place, 0, len(self.day) - 1)
        found = (safe == place) & (self.account[safe] == account)
        return np.where(found, self.day[safe], otherwise)


def _key(account: Ints, day: Ints) -> Ints:
    return np.asarray(account, np.int64) * (1 << 32) + np.asarray(day, np.int64)


def nothing() -> Dated:
    return Dated(np.zeros(0, np.int64), np.zeros(0, np.int64))


def once(account: Ints, day: Ints, back: Dated | None = None) -> Dated:
    """The first day of leaving, and those after a return (`back`): nobody leaves twice without one.

    So an end that two sources tell, with the day of the notice and that of the contract, is one.
    """
    every = Dated.of(account, day)
    if not len(every.day):
        return every
    before = np.append(-1, every.account[:-1]) == every.account
    returned = (back or nothing()).after(every.account, every.day)
    kept: list[int] = []
    for place in range(len(every.day)):
        if not before[place] or every.day[place] > returned[kept[-1]]:
            kept.append(place)
    return Dated(every.account[kept], every.day[kept])


class Lives(Struct, frozen=True):
    """What happened to the accounts of a history. A accounts; days are epoch days."""

    until: int
    """The last day of which it is known whether somebody left."""
    churned: Dated
    notice: Ints
    """[A] the day on which notice was given; NEVER for none."""
    gone: Dated = field(default_factory=nothing)
    """Ends of periods from which on an account is not on the roster any more."""
    back: Dated = field(default_factory=nothing)
    """Returns: on the roster again, or renewed."""
    arr: npt.NDArray[np.float64] | None = None
    """[A, T] as it was known then; NaN for unknown."""

    def alive(self, history: History, period: int) -> Bools:
        """[A] decided at the end of a period, not left, and no notice given."""
        end = int(history.ends[period])
        everybody = np.arange(len(history.code))
        here = self.here(everybody, np.full(len(everybody), end))
        found: Bools = (history.code[:, period] >= 0) & (self.notice > end) & here
        return found

    def here(self, account: Ints, day: Ints) -> Bools:
        """[N] never left by that day, or came back since: a list may go on naming who has left."""
        left, back = self.churned.last(account, day), self.back.last(account, day)
        found: Bools = (left == -NEVER) | (back > left)
        return found
