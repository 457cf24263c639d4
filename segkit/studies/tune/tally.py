"""What each setting would have caught and asked for, counted block by block of accounts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from segkit.studies.evaluate.history import Bools, Codes, Dated, History, Ints, Lives
from segkit.studies.evaluate.landmarks import GAP, HORIZON
from segkit.studies.evaluate.numbers import FEW
from segkit.studies.evaluate.risk import LEADS, WITHIN, Ended, ends_of

TRAINING = 0.6
"""Share of the decided periods that settings are chosen on."""
EMBARGO = 7 * (GAP + HORIZON)
"""Days between what is chosen on and what is judged on: no end may belong to alarms of both."""
NONE = -1
FAR = 2**31


class Span(Struct, frozen=True):
    """Periods `first` to before `stop`, and the ends of accounts within them."""

    first: int
    stop: int
    ends: Bools
    """[E]"""
    before: Ints
    """[T + 1] days before the start of each period."""

    def weeks(self, begin: int = 0) -> float:
        """Those from period `begin` on."""
        return float(self.before[self.stop] - self.before[max(self.first, min(begin, self.stop))]) / 7

    @property
    def periods(self) -> slice:
        return slice(self.first, self.stop)


class Ground(Struct, frozen=True):
    """What is the same for every setting. A accounts, T periods, E ends of accounts."""

    ends: Ints
    """[T] epoch day on which each period ends."""
    alive: Bools
    """[A, T] something was decided, not left, no notice given."""
    churned: Dated
    ended: Ended
    choose: Span
    judge: Span
    lead: int
    """Days before the end by which an alarm is in time."""
    pair: Ints
    """[E] place of each end among `pairs`."""
    pairs: Ints
    """[P, 2] period before notice, and the last period in which a spell must have begun."""

    @classmethod
    def of(cls, history: History, lives: Lives, lead_weeks: int) -> Ground:
        """`history`: under any of the settings; who is alive does not hang on it."""
        ended = ends_of(history, lives)
        alive = np.stack([lives.alive(history, t) for t in range(len(history.ends))], axis=1)
        choose, judge = _split(history.ends, ended)
        by = np.searchsorted(history.ends, ended.day - 7 * lead_weeks, "right") - 1
        pairs, pair = np.unique(np.stack([ended.before, by], axis=1), axis=0, return_inverse=True)
        return cls(
            history.ends, alive, lives.churned, ended, choose, judge, 7 * lead_weeks, pair.reshape(-1), pairs
        )


def _split(ends: Ints, ended: Ended) -> tuple[Span, Span]:
    """In time: the first part to choose on, an embargo, the rest to judge on."""
    cut = max(int(len(ends) * TRAINING), 1)
    after = int(np.searchsorted(ends, ends[cut - 1] + EMBARGO, "left"))
    first = ended.day <= ends[cut - 1]
    rest = ended.day > ends[min(after, len(ends) - 1)]
    length = ends[1] - ends[0] if len(ends) > 1 else 7
    before = np.append(ends[0] - length, ends)
    return Span(0, cut, first, before), Span(min(after + 1, len(ends)), len(ends), rest, before)


class Tally(Struct):
    """One setting, added up over blocks of accounts."""

    began: Ints
    """[E] epoch day from which the spell that held when notice was given had held; NONE where none did."""
    chosen: Ints
    """[P] accounts alive that were in risk in time, as those who ended should have been."""
    there: Ints
    """[P] accounts alive."""
    alarms: Ints
    """[A, 2] entries into risk, and who stands in it at the start: when choosing, when judging."""
    right: Ints
    """[2] alarms followed by an end within 26 weeks, of those whose half year lies within the span."""
    known: Ints
    """[2] alarms whose half year lies within the span."""
    moves: Ints
    """[2] changes of the segment."""
    years: Ints
    """[2] account-periods between which something could move."""
    first: int = FAR
    """The first period with an alarm; before it too little is known for any."""

    @classmethod
    def empty(cls, ground: Ground) -> Tally:
        e, p = len(ground.ended.day), len(ground.pairs)
        two = [np.zeros(2, np.int64) for _ in range(4)]
        alarms = np.zeros((len(ground.alive), 2), np.int64)
        none = np.full(e, NONE, np.int64)
        return cls(none, np.zeros(p, np.int64), np.zeros(p, np.int64), alarms, two[0], two[1], two[2], two[3])

    def add(self, ground: Ground, start: int, stop: int, code: Codes, risk: Sequence[int]) -> None:
        """`code` [accounts, T]: the primaries of the accounts from `start` to `stop`."""
        known = np.zeros(code.max(initial=0) + 4, dtype=bool)
        known[list(risk)] = True
        inside = known[code]
        entered = inside.copy()
        entered[:, 1:] &= ~inside[:, :-1]
        period = np.arange(code.shape[1], dtype=np.int32)
        since = np.maximum.accumulate(np.where(entered, period, NONE).astype(np.int32), axis=1)
        alive = ground.alive[start:stop]
        mine = np.flatnonzero((ground.ended.account >= start) & (ground.ended.account < stop))
        at, before = ground.ended.account[mine] - start, ground.ended.before[mine]
        held = inside[at, before]
        self.began[mine[held]] = ground.ends[since[at, before][held]]
        then, by = ground.pairs[:, 0], ground.pairs[:, 1]
        self.there += alive[:, then].sum(axis=0)
        self.chosen += ((alive & inside)[:, then] & (since[:, then] <= by)).sum(axis=0)
        both = (code[:, 1:] >= 0) & (code[:, :-1] >= 0)
        moved = both & (code[:, 1:] != code[:, :-1])
        for side, span in enumerate((ground.choose, ground.judge)):
            alarm = entered[:, span.periods] & alive[:, span.periods]
            if alarm.shape[1]:
                alarm[:, 0] |= inside[:, span.first] & alive[:, span.first]
            self.alarms[start:stop, side] += alarm.sum(axis=1)
            raised = np.flatnonzero(alarm.any(axis=0))
            self.first = min(self.first, span.first + int(raised[0])) if len(raised) else self.first
            self._judge(ground, start, alarm, span, side)
            later = slice(max(span.first - 1, 0), max(span.stop - 1, 0))
            self.moves[side] += int(moved[:, later].sum())
            self.years[side] += int(both[:, later].sum())

    def _judge(self, ground: Ground, start: int, alarm: Bools, span: Span, side: int) -> None:
        account, place = np.nonzero(alarm)
        if not len(account):
            return
        day = ground.ends[span.first + place]
        known = day + WITHIN <= ground.ends[span.stop - 1]
        self.known[side] += int(known.sum())
        self.right[side] += int(
            (ground.churned.after(account + start, day)[known] <= day[known] + WITHIN).sum()
        )


class Figures(Struct, frozen=True):
    """One setting over one span."""

    ends: int
    caught: int
    """In risk in time when they gave notice or left."""
    by_chance: float
    """As many would have been caught, were alarms drawn by lot among all accounts of the same week."""
    at_least: tuple[tuple[int, int], ...]
    """(weeks, how many were caught with so much lead or more)."""
    median_lead: float | None
    alarms: int
    per_week: float
    right: int
    known: int
    """Of the alarms whose half year is known, how many ended in it."""
    moves_a_year: float | None
    """Changes of the segment per account."""


def figures(ground: Ground, tally: Tally, side: int, begin: int = 0) -> Figures:
    """`begin`: the first period in which any setting raised an alarm."""
    span = (ground.choose, ground.judge)[side]
    lead = _lead(ground, tally)[span.ends]
    marked = lead > NONE
    alarms = int(tally.alarms[:, side].sum())
    days = float(np.median(np.diff(ground.ends))) if len(ground.ends) > 1 else 7.0
    years = tally.years[side] * days / 365.25
    return Figures(
        ends=int(span.ends.sum()),
        caught=int((lead >= ground.lead).sum()),
        by_chance=float(chance(ground, tally)[span.ends].sum()),
        at_least=tuple((weeks, int((lead >= 7 * weeks).sum())) for weeks in LEADS),
        median_lead=float(np.median(lead[marked] // 7)) if marked.sum() >= FEW else None,
        alarms=alarms,
        per_week=alarms / weeks if (weeks := span.weeks(begin)) else 0.0,
        right=int(tally.right[side]),
        known=int(tally.known[side]),
        moves_a_year=float(tally.moves[side] / years) if years else None,
    )


def _lead(ground: Ground, tally: Tally) -> Ints:
    """[E] days from the start of the spell to the end; NONE where there was none."""
    return np.where(tally.began == NONE, NONE, ground.ended.day - tally.began)


def in_time(ground: Ground, tally: Tally) -> Bools:
    found: Bools = _lead(ground, tally) >= ground.lead
    return found


def chance(ground: Ground, tally: Tally) -> np.ndarray:
    """[E] share of the accounts of the same week that were in risk as long as an end needs."""
    share = tally.chosen / np.maximum(tally.there, 1)
    return np.asarray(share[ground.pair])


def later(ground: Ground, one: Tally, other: Tally, side: int) -> float | None:
    """Weeks by which the spells of `one` begin later than those of `other`, on average over ends both saw."""
    span = (ground.choose, ground.judge)[side]
    both = span.ends & (one.began != NONE) & (other.began != NONE)
    return float((one.began - other.began)[both].mean() / 7) if both.sum() >= FEW else None
