"""Were those who left marked as at risk, how long before, and how many of those marked left."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from segkit.studies.evaluate.history import NEVER, Bools, History, Ints, Lives
from segkit.studies.evaluate.landmarks import GAP, HORIZON, Rows
from segkit.studies.evaluate.numbers import FEW
from segkit.studies.evaluate.rates import Share

WITHIN = 182
"""Days in which an entry or a call must be followed by a churn to have been right."""
LEADS = (4, 8, 12)
"""Weeks of lead for which it is told how many were caught."""
MISSED = -1
"""Instead of the weeks of lead of an end that nothing announced."""
NOTICE_BEFORE = 731
"""Days before an end in which a notice can belong to it."""


class AtLandmarks(Struct, frozen=True):
    precision: Share
    """Of accounts marked at a landmark: left."""
    recall: Share
    """Of accounts that left: marked at the landmark."""


def at_landmarks(rows: Rows, risk: Sequence[int]) -> AtLandmarks:
    marked = np.isin(rows.segment, np.asarray(risk))
    right = int((marked & rows.left).sum())
    return AtLandmarks(Share.of(right, int(marked.sum())), Share.of(right, int(rows.left.sum())))


class Episodes(Struct, frozen=True):
    """Entries into risk of which half a year is known. No interval: entries of one account go together."""

    right: int
    entries: int
    accounts: int


def entries(history: History, risk: Sequence[int]) -> tuple[Ints, Ints]:
    """(account, period) of every entry; who was in from the first period on entered at an unknown time."""
    inside = _inside(history, risk)
    entered = inside.copy()
    entered[:, 1:] &= ~inside[:, :-1]
    entered[:, 0] = False
    account, period = np.nonzero(entered)
    return account, period


def episodes(history: History, lives: Lives, risk: Sequence[int]) -> Episodes:
    """Entries before any notice, followed by churn within 26 weeks."""
    account, period = entries(history, risk)
    day = history.ends[period]
    churn, gone = lives.churned.after(account, day), lives.gone.after(account, day)
    known = (day + WITHIN <= lives.until) & ~((churn == NEVER) & (gone <= day + WITHIN))
    fresh = (lives.notice[account] > day) & lives.here(account, day)
    counted = known & fresh
    right = int((churn[counted] <= day[counted] + WITHIN).sum())
    return Episodes(right, int(counted.sum()), len(np.unique(account[counted])))


class Lead(Struct, frozen=True):
    """How long before they left accounts were marked, over all who left and were decided before."""

    churned: int
    caught: int
    """Marked when they gave notice, or left without any."""
    after_notice: int
    """Marked only once notice was given; counted as missed."""
    missed: int
    median_weeks: float | None
    """Among the caught, where there are five or more."""
    at_least: tuple[tuple[int, int], ...]
    """(weeks, how many were caught with so much lead or more)."""
    undecided: int
    """Left before anything was decided of them; not counted."""
    weeks: tuple[int, ...]
    """The lead of each of the caught, ascending."""


def lead(history: History, lives: Lives, risk: Sequence[int]) -> Lead:
    """Lead: weeks from the start of the spell that held when notice was given to the day of leaving."""
    ended = ends_of(history, lives)
    weeks = leads(history, ended, risk)
    caught = weeks[weeks != MISSED]
    last = np.searchsorted(history.ends, ended.day, "left") - 1
    late = int((_inside(history, risk)[ended.account, last] & (weeks == MISSED)).sum())
    n = len(ended.account)
    return Lead(
        churned=n,
        caught=len(caught),
        after_notice=late,
        missed=n - len(caught),
        median_weeks=float(np.median(caught)) if len(caught) >= FEW else None,
        at_least=tuple((least, int((caught >= least).sum())) for least in LEADS),
        undecided=ended.undecided,
        weeks=tuple(sorted(caught.tolist())),
    )


def leads(history: History, ended: Ended, risk: Sequence[int]) -> Ints:
    """[N] weeks from the start of the spell that held when notice was given to the end; MISSED for none."""
    inside = _inside(history, risk)
    found = np.full(len(ended.account), MISSED, np.int64)
    for row in np.flatnonzero(inside[ended.account, ended.before]).tolist():
        begun = _start(inside[ended.account[row]], int(ended.before[row]))
        found[row] = (ended.day[row] - history.ends[begun]) // 7
    return found


class Capacity(Struct, frozen=True):
    """What comes of calling so many accounts each period; nobody is called twice within 13 weeks."""

    per_period: int
    calls: int
    """Of which half a year is known."""
    right: int
    """Followed by churn after the gap and within 26 weeks."""
    reached: Share
    """Of those who left: called in the 26 weeks before, and before their notice."""


def capacity(history: History, lives: Lives, risk: Sequence[int], per_period: int) -> Capacity:
    """Ranked by segment, then ARR (unknown last), then the order of accounts."""
    inside, called = _inside(history, risk), np.full(len(history.code), -NEVER)
    order = np.full(len(history.labels), NEVER)
    order[np.asarray(risk)] = np.arange(len(risk))
    calls: list[tuple[int, int]] = []
    for period, end in enumerate(history.ends.tolist()):
        free = inside[:, period] & lives.alive(history, period) & (end - called > 7 * HORIZON)
        account = np.flatnonzero(free)
        arr = (
            np.zeros(len(account))
            if lives.arr is None
            else -np.nan_to_num(lives.arr[account, period], nan=-1)
        )
        best = account[np.lexsort((account, arr, order[history.code[account, period]]))][:per_period]
        called[best] = end
        calls += [(int(a), end) for a in best]
    who, when = (np.array([call[i] for call in calls], np.int64) for i in range(2))
    churn, gone = lives.churned.after(who, when), lives.gone.after(who, when)
    known = (when + WITHIN <= lives.until) & ~((churn == NEVER) & (gone <= when + WITHIN))
    right = known & (churn > when + 7 * GAP) & (churn <= when + WITHIN)
    return Capacity(per_period, int(known.sum()), int(right.sum()), _reached(history, lives, who, when))


def _reached(history: History, lives: Lives, who: Ints, when: Ints) -> Share:
    ended, seen = ends_of(history, lives), 0
    for a, d, s in zip(ended.account, ended.day, ended.said, strict=True):
        seen += bool(((who == a) & (when < s) & (when >= d - WITHIN)).any())
    return Share.of(seen, len(ended.account))


class Ended(Struct, frozen=True):
    """Who left after something was decided of them, all [N]."""

    account: Ints
    day: Ints
    said: Ints
    """The day of notice, else that of leaving."""
    before: Ints
    """The last period that ended before `said`."""
    undecided: int
    """Who left, and nothing was known of them in that period; not among the others."""


def ends_of(history: History, lives: Lives) -> Ended:
    counted = lives.churned.day > history.ends[0]
    account, day = lives.churned.account[counted], lives.churned.day[counted]
    notice = lives.notice[account]
    said = np.where((notice < day) & (notice > day - NOTICE_BEFORE), notice, day)
    before = np.searchsorted(history.ends, said, "left") - 1
    known = (before >= 0) & (history.code[account, np.maximum(before, 0)] >= 0)
    return Ended(account[known], day[known], said[known], before[known], int((~known).sum()))


def _inside(history: History, risk: Sequence[int]) -> Bools:
    return np.isin(history.code, np.asarray(risk))


def _start(inside: Bools, period: int) -> int:
    """[T] -> the first period of the spell that holds at `period`."""
    outside = np.flatnonzero(~inside[:period])
    return int(outside[-1]) + 1 if len(outside) else 0
