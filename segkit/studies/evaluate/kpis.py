"""What customer success is measured by, quarter by quarter: shares as k of n, times as medians.

A quarter is the one in which something began: an entry into risk, a signup. What is not over yet is not
counted, so the newest quarters may hold little.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from segkit.periods import from_epoch_day
from segkit.studies.evaluate.doings import Doings
from segkit.studies.evaluate.history import NEVER, Bools, History, Ints, Lives
from segkit.studies.evaluate.numbers import FEW
from segkit.studies.evaluate.rates import Share
from segkit.studies.evaluate.risk import WITHIN, entries

EARLY = 90
"""Days after signing up for which it is asked whether an account stayed."""
NEW = 182
"""Days after signing up by which an account is expected to have left the segment it began in."""


@dataclass(frozen=True, slots=True)
class Quarter:
    name: str
    """2026-Q1"""
    saved: Share
    """Of entries into risk: neither gone nor in risk 26 weeks later."""
    back_weeks: float | None
    """Median weeks until those who came out of risk, of the entries, had done so; None of fewer than five."""
    stayed: Share
    """Of those that signed up: still there on day 90."""
    graduated: Share
    """Of those that signed up: out of the segment they began in within 26 weeks, and not into risk."""
    value_days: float | None
    """Median days from signing up to the first value, of those that came to it; None of fewer than five."""
    expanded: Share
    """Of accounts there at the quarter's start: expanded within it."""


def quarters(history: History, lives: Lives, doings: Doings, risk: Sequence[int]) -> tuple[Quarter, ...]:
    account, period = entries(history, risk)
    day = history.ends[period]
    fresh = (lives.notice[account] > day) & lives.here(account, day)
    account, period, day = account[fresh], period[fresh], day[fresh]
    known, saved = _saved(history, lives, account, period, risk)
    back = _back(history, account, period, risk)
    signup = doings.signup if doings.signup is not None else np.full(len(history.code), NEVER)
    found = []
    for name, first, last in _spans(history.ends):
        mine = (day >= first) & (day <= last)
        joined = np.flatnonzero((signup >= first) & (signup <= last))
        found.append(
            Quarter(
                name,
                Share.of(int((saved & known & mine).sum()), int((known & mine).sum())),
                _median(back[mine & (back < NEVER)]),
                _stayed(lives, joined, signup[joined]),
                _graduated(history, joined, signup[joined], risk),
                _value(doings, joined, signup[joined]),
                _expanded(history, doings, first, last),
            )
        )
    return tuple(found)


def _spans(ends: Ints) -> list[tuple[str, int, int]]:
    """(name, first day, last day) of the quarters that the history touches."""
    names: dict[str, list[int]] = {}
    for day in range(int(ends[0]), int(ends[-1]) + 1):
        date = from_epoch_day(day)
        names.setdefault(f"{date.year}-Q{(date.month + 2) // 3}", []).append(day)
    return [(name, days[0], days[-1]) for name, days in names.items()]


def _saved(
    history: History, lives: Lives, account: Ints, period: Ints, risk: Sequence[int]
) -> tuple[Bools, Bools]:
    """(half a year is known, then neither gone nor in risk) of entries."""
    day = history.ends[period]
    churn, gone = lives.churned.after(account, day), lives.gone.after(account, day)
    later = np.searchsorted(history.ends, day + WITHIN, "right") - 1
    there = history.code[account, later]
    inside = np.isin(there, np.asarray(risk))
    lost = (churn == NEVER) & (gone <= day + WITHIN)
    known: Bools = (day + WITHIN <= min(lives.until, int(history.ends[-1]))) & ~lost
    saved: Bools = (churn > day + WITHIN) & ~inside & (there >= 0)
    return known, saved


def _back(history: History, account: Ints, period: Ints, risk: Sequence[int]) -> Ints:
    """[N] weeks until the spell ended in another segment; NEVER where it did not, or has not yet."""
    inside = np.isin(history.code, np.asarray(risk))
    found = np.full(len(account), NEVER)
    for at, (a, p) in enumerate(zip(account.tolist(), period.tolist(), strict=True)):
        out = np.flatnonzero(~inside[a, p:])
        if len(out) and history.code[a, p + out[0]] >= 0:
            found[at] = (history.ends[p + out[0]] - history.ends[p]) // 7
    return found


def _stayed(lives: Lives, account: Ints, signup: Ints) -> Share:
    churn, gone = lives.churned.after(account, signup), lives.gone.after(account, signup)
    known = (signup + EARLY <= lives.until) & ~((churn == NEVER) & (gone <= signup + EARLY))
    return Share.of(int((churn[known] > signup[known] + EARLY).sum()), int(known.sum()))


def _graduated(history: History, account: Ints, signup: Ints, risk: Sequence[int]) -> Share:
    n = k = 0
    for a, day in zip(account.tolist(), signup.tolist(), strict=True):
        known = np.flatnonzero((history.code[a] >= 0) & (history.ends >= day))
        if not len(known) or day + NEW > history.ends[-1]:
            continue
        began = history.code[a, known[0]]
        n += 1
        moved = known[(history.code[a, known] != began) & (history.ends[known] <= day + NEW)]
        k += bool(len(moved)) and int(history.code[a, moved[0]]) not in risk
    return Share.of(k, n)


def _value(doings: Doings, account: Ints, signup: Ints) -> float | None:
    if doings.first_value is None:
        return None
    reached = doings.first_value[account]
    return _median((reached - signup)[(reached < NEVER) & (reached >= signup)])


def _expanded(history: History, doings: Doings, first: int, last: int) -> Share:
    """Only a quarter that is over counts."""
    at = int(np.searchsorted(history.ends, first, "left"))
    if doings.expanded is None or at >= len(history.ends) or last >= int(history.ends[-1]):
        return Share.of(0, 0)
    there = np.flatnonzero(history.code[:, at] >= 0)
    grown = doings.expanded.after(there, np.full(len(there), first - 1)) <= last
    return Share.of(int(grown.sum()), len(there))


def _median(values: Ints) -> float | None:
    return float(np.median(values)) if len(values) >= FEW else None
