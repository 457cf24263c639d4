"""Weeks in which the export, not the customers, fell silent: zeros that are to be read as unknown."""

from __future__ import annotations

import math
from bisect import bisect_left, insort

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from segkit.engine.counting.values import Bools, Floats

STEADY = 8
"""Known periods in a row with use that make an account one whose silence means something."""
FULL = np.uint8(2**STEADY - 1)
LEAST_SHARE, TIMES, LEAST_ACCOUNTS = 0.07, 5.0, 20
"""Suspect: over 7 % of the steady accounts, over 5 times the median share of 52 weeks, and over 20.

At 5 % a product outage in a Christmas week was taken for one of the export (2 of 18 simulated panels, 6 %).
"""
YEAR = 52


class OutagePast(Struct, frozen=True):
    """What the next period needs."""

    answers: npt.NDArray[np.uint8]
    """[A] the last eight known periods as bits, the newest lowest."""
    shares: Floats
    """[h] share of the steady accounts without use in the last 52 periods, suspect ones as NaN."""


class Outages(Struct, frozen=True):
    """[n] each but for the cells."""

    suspect: Bools
    share: Floats
    """Share of the accounts with use in each of their last eight known periods that are silent now."""
    limit: Floats
    """The share over which a period is suspect."""
    silent: npt.NDArray[np.int64]
    steady: npt.NDArray[np.int64]
    """How many accounts came in each of their last eight known periods."""
    came: npt.NDArray[np.int64]
    """How many accounts came at all."""
    cells: Bools
    """[A, n] silent in a suspect period: to be read as unknown."""
    past: OutagePast


def find_outages(
    active: Bools, covered: Bools, past: OutagePast | None = None, real: Bools | None = None
) -> Outages:
    """`active` [A, n]: use in the period; `covered` [A, n]: on the roster, source covered; `real` [n]: the
    silence of the period is declared to be that of the accounts, so that it is never suspect."""
    accounts, periods = active.shape
    answers = np.zeros(accounts, dtype=np.uint8) if past is None else past.answers.copy()
    year = _Year([] if past is None else [float(share) for share in past.shares])
    suspect, share = np.zeros(periods, dtype=bool), np.full(periods, np.nan)
    limit = np.full(periods, LEAST_SHARE)
    silent, steady = np.zeros(periods, dtype=np.int64), np.zeros(periods, dtype=np.int64)
    silence = np.ones(periods, dtype=bool) if real is None else ~real
    # By period and then by account: a period's accounts lie side by side.
    by_period, told_of = np.ascontiguousarray(active.T), np.ascontiguousarray(covered.T)
    for t in range(periods):
        now, told = by_period[t], told_of[t] | by_period[t]
        always = (answers == FULL) & told
        steady[t] = int(always.sum())
        silent[t] = int((always & ~now).sum())
        share[t] = silent[t] / steady[t] if steady[t] else np.nan
        limit[t] = max(LEAST_SHARE, TIMES * year.median)
        suspect[t] = silence[t] and silent[t] > LEAST_ACCOUNTS and share[t] > limit[t]
        year.follow(math.nan if suspect[t] else float(share[t]))
        told = told & (now | ~suspect[t])
        answers = np.where(told, (answers << np.uint8(1)) | now, answers)
    cells = ~active & covered & suspect[None, :]
    after = OutagePast(answers, np.array(year.shares))
    return Outages(suspect, share, limit, silent, steady, active.sum(axis=0), cells, after)


class _Year:
    """Shares of the last 52 periods, with those that are known in their order as well: years of history are
    gone through one period after the other.
    """

    def __init__(self, shares: list[float]) -> None:
        self.shares = shares[-YEAR:]
        self._known = sorted(share for share in self.shares if not math.isnan(share))

    @property
    def median(self) -> float:
        """Of the known ones; 0 without any."""
        half, odd = divmod(len(self._known), 2)
        if odd or not self._known:
            return self._known[half] if odd else 0.0
        return (self._known[half - 1] + self._known[half]) / 2

    def follow(self, share: float) -> None:
        """The next period; the oldest of more than 52 is forgotten."""
        self.shares.append(share)
        if not math.isnan(share):
            insort(self._known, share)
        if len(self.shares) > YEAR:
            oldest = self.shares.pop(0)
            if not math.isnan(oldest):
                del self._known[bisect_left(self._known, oldest)]
