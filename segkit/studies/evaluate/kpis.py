"""What customer success is measured by, quarter by quarter: shares as k of n, times as medians.

A quarter is the one in which something began: an entry into risk, a signup. What is not over yet is not
counted, so the newest quarters may hold little.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

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


class Quarter(Struct, frozen=True):
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
    out, to = _end_of_spell(history, account, period, risk)
    weeks: Ints = (history.ends[np.minimum(out, len(history.ends) - 1)] - history.ends[period]) // 7
    return np.where(to >= 0, weeks, NEVER)


def _end_of_spell(
    history: History, account: Ints, period: Ints, segments: Sequence[int]
) -> tuple[Ints, Ints]:
    """(the first period outside of `segments`, and where the account was then) from a period on, all [N].

    Of a spell that has not ended: (periods, -1).
    """
    periods = len(history.ends)
    inside = np.isin(history.code, np.asarray(segments))
    outside = np.where(inside, periods, np.arange(periods)[None, :])
    first = np.minimum.accumulate(outside[:, ::-1], axis=1)[:, ::-1]
    out = first[account, period].astype(np.int64)
    to = np.append(history.code, np.full((len(history.code), 1), -1, np.int16), axis=1)[account, out]
    return out, to.astype(np.int64)


class Entered(Struct, frozen=True):
    """Accounts that came into a segment in a quarter, or in all of history, and what became of them."""

    segment: str
    quarter: str
    """2026-Q1, or all."""
    entries: int
    stayed: Share
    """Still there 90 days later."""
    well: Share
    """Of a risk segment: 26 weeks later neither gone nor in risk. Of another: out of it within 26 weeks, and
    not into risk."""
    weeks: float | None
    """Median weeks until those who came out had; None of fewer than five."""
    expanded: Share
    """Within 26 weeks."""


def by_segment(history: History, lives: Lives, doings: Doings, risk: Sequence[int]) -> tuple[Entered, ...]:
    """Segments in their order; of each all of history first, then the quarters in which anybody came."""
    found = []
    spans = [("all", int(history.ends[0]), int(history.ends[-1])), *_spans(history.ends)]
    for code, name in enumerate(history.labels):
        account, period = entries(history, [code])
        day = history.ends[period]
        fresh = (lives.notice[account] > day) & lives.here(account, day)
        account, period, day = account[fresh], period[fresh], day[fresh]
        known, well = (
            _saved(history, lives, account, period, risk)
            if code in risk
            else _moved_on(history, lives, account, period, code, risk)
        )
        there, stays = _after(lives, account, day, EARLY)
        half, _ = _after(lives, account, day, WITHIN)
        out = _back(history, account, period, [code])
        for quarter, first, last in spans:
            mine = (day >= first) & (day <= last)
            if not mine.any():
                continue
            grown = Share.of(0, 0)
            if doings.expanded is not None:
                later = doings.expanded.after(account, day) <= day + WITHIN
                grown = Share.of(int((later & half & mine).sum()), int((half & mine).sum()))
            found.append(
                Entered(
                    name,
                    quarter,
                    int(mine.sum()),
                    Share.of(int((stays & there & mine).sum()), int((there & mine).sum())),
                    Share.of(int((well & known & mine).sum()), int((known & mine).sum())),
                    _median(out[mine & (out < NEVER)]),
                    grown,
                )
            )
    return tuple(found)


def _moved_on(
    history: History, lives: Lives, account: Ints, period: Ints, segment: int, risk: Sequence[int]
) -> tuple[Bools, Bools]:
    """(half a year is known, within it out of the segment and not into risk) of entries."""
    day = history.ends[period]
    out, to = _end_of_spell(history, account, period, [segment])
    known, _ = _after(lives, account, day, WITHIN)
    known &= day + WITHIN <= history.ends[-1]
    in_time = history.ends[np.minimum(out, len(history.ends) - 1)] <= day + WITHIN
    on: Bools = (to >= 0) & in_time & ~np.isin(to, np.asarray(risk))
    return known, on


def _after(lives: Lives, account: Ints, day: Ints, days: int) -> tuple[Bools, Bools]:
    """(it is known who is there so many days later, is there)."""
    churn, gone = lives.churned.after(account, day), lives.gone.after(account, day)
    known: Bools = (day + days <= lives.until) & ~((churn == NEVER) & (gone <= day + days))
    there: Bools = churn > day + days
    return known, there


def _stayed(lives: Lives, account: Ints, signup: Ints) -> Share:
    known, there = _after(lives, account, signup, EARLY)
    return Share.of(int((there & known).sum()), int(known.sum()))


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
