"""Days from which one looks ahead: one row per account and landmark, never one per account and week.

Weeks of one account are no independent observations: an interval over account-weeks that says 95 % holds the
truth in half of the cases. The windows after the landmarks do not overlap, so each churn is counted once.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from segkit.engine.results import OUTSIDE
from segkit.studies.evaluate.history import NEVER, Bools, History, Ints, Lives

GAP, ACTIONABLE, HORIZON = 1, 4, 13
"""Weeks between a landmark and its window; the same when somebody is to act; the length of the window."""


class Rows(Struct, frozen=True):
    """Accounts at landmarks, all [N]."""

    account: Ints
    period: Ints
    segment: Ints
    left: Bools
    """Left within the window."""
    in_gap: int
    """Accounts at landmarks that left before the window began; no rows."""
    vanished: int
    """Whose row in the roster ended without a date of leaving; no rows."""
    set_aside: int
    """Who had left or given notice, or of whom nothing was known; no rows."""

    def within(self, mask: Bools) -> Rows:
        """Those rows only."""
        parts = (self.account[mask], self.period[mask], self.segment[mask], self.left[mask])
        return Rows(*parts, self.in_gap, self.vanished, self.set_aside)

    def counts(self, segments: int) -> tuple[Ints, Ints]:
        """(left, all) per segment."""
        every = np.bincount(self.segment, minlength=segments)
        return np.bincount(self.segment[self.left], minlength=segments), every


def landmarks(ends: Ints, until: int, gap: int = GAP, horizon: int = HORIZON) -> tuple[int, ...]:
    """Places of the periods to look ahead from: every `horizon` weeks, the last as late as can be judged."""
    found: list[int] = []
    latest = until - 7 * (gap + horizon)
    for place in range(len(ends) - 1, -1, -1):
        if ends[place] <= latest:
            found.append(place)
            latest = int(ends[place]) - 7 * horizon
    return tuple(reversed(found))


def look_ahead(
    history: History, lives: Lives, periods: Sequence[int], gap: int = GAP, horizon: int = HORIZON
) -> Rows:
    """Who of those alive at each landmark left within (landmark + gap, landmark + gap + horizon] weeks."""
    parts, in_gap, vanished, aside = [], 0, 0, 0
    for period in periods:
        end = int(history.ends[period])
        alive = lives.alive(history, period)
        aside += int(((history.code[:, period] != OUTSIDE) & ~alive).sum())
        account = np.flatnonzero(alive)
        day = np.full(len(account), end)
        churn, gone = lives.churned.after(account, day), lives.gone.after(account, day)
        first, last = end + 7 * gap, end + 7 * (gap + horizon)
        early = churn <= first
        # Who is no longer listed, and of whom no date of leaving is known, neither left nor stayed.
        lost = (churn == NEVER) & (gone <= last)
        in_gap, vanished = in_gap + int(early.sum()), vanished + int(lost.sum())
        kept = ~early & ~lost
        parts.append((account[kept], np.full(int(kept.sum()), period), (churn <= last)[kept]))
    account, place, left = (
        np.concatenate([part[i] for part in parts]) if parts else np.zeros(0, np.int64) for i in range(3)
    )
    segment = history.code[account, place].astype(np.int64)
    return Rows(account, place, segment, left.astype(bool), in_gap, vanished, aside)


class Followed(Struct, frozen=True):
    """How long accounts at landmarks were followed, all [N]; each no further than the next landmark."""

    days: Ints
    left: Bools
    segment: Ints
    landmark: Ints


def follow(history: History, lives: Lives, periods: Sequence[int], horizon: int = HORIZON) -> Followed:
    """From every landmark and, where time has passed since the last of them, from one more.

    Who leaves the roster without a date, and who is still there at the end, is followed until then only.
    """
    places = list(periods)
    if places:
        later = np.flatnonzero(history.ends >= history.ends[places[-1]] + 7 * horizon)
        places += later[:1].tolist()
    parts = []
    for period in places:
        end = int(history.ends[period])
        account = np.flatnonzero(lives.alive(history, period))
        day = np.full(len(account), end)
        churn, gone = lives.churned.after(account, day), lives.gone.after(account, day)
        stop = np.minimum(np.where(churn == NEVER, gone, NEVER), min(end + 7 * horizon, lives.until))
        left = churn <= stop
        days = np.where(left, churn, stop) - end
        kept = days > 0
        parts.append((days[kept], left[kept], history.code[account[kept], period], np.full(kept.sum(), end)))
    told, ended, segment, landmark = (
        np.concatenate([part[i] for part in parts]) if parts else np.zeros(0, np.int64) for i in range(4)
    )
    return Followed(told, ended.astype(bool), segment.astype(np.int64), landmark)
