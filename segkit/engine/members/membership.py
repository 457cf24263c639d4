"""Who is a member of a segment in which period: one latch per account, moved by conditions and timers.

One period, for an account on the roster. E is the segment's enter condition, X its effective exit: with a
written exit X is false while E is true, else it is the written exit; without one X = not E.

| now    | this period | next                                                                              |
|--------|-------------|-----------------------------------------------------------------------------------|
| out    | E true      | streak+1; in, with age 0 and streak 0, when at_once is true (cooldown ignored),   |
|        |             | when enter_after is waived, or when the streak is long enough and it does not cool |
| out    | E false     | streak 0                                                                          |
| in     |             | age+1; only X is looked at                                                        |
| in     | X true      | streak+1; out, with streak 0 and cooldown started, when the streak is long enough |
|        |             | and age >= min_stay                                                               |
| in     | X false     | streak 0                                                                          |
| either | unknown     | streak unchanged, 0 after max_gap unknown periods in a row; age, cooldown run on  |
| in     | X unknown   | out after expire_after unknown, unpaused periods in a row; no cooldown            |

enter_after is waived where `Ground.waive` says so, in the first period in which E is known. Off the roster a
latch is out with everything 0. `cooldown: n` keeps an account out for at least n periods, as `min_stay: n`
keeps it in.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from msgspec.structs import astuple

from segkit.ruleset.model import Segment

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Tri = npt.NDArray[np.int8]
"""0 false, 1 true, -1 unknown."""


class Latches(Struct):
    """What the next period needs of one segment, [A] each."""

    inside: Bools
    age: Ints
    """Periods since entering, 0 in the first; 0 while out."""
    streak: Ints
    """True answers in a row; for `2 of 3` the last known answers as bits, the newest lowest."""
    began: Ints
    """Period index in which the streak began; 0 without one."""
    held: Bools
    """The streak was long enough before, and only min_stay or cooldown held the move."""
    gap: Ints
    """Unknown periods in a row."""
    dark: Ints
    """Unknown, unpaused periods in a row while in."""
    cool: Ints
    """Periods of cooldown left."""
    met: Bools
    """E has been known: enter_after is not waived any more."""

    @classmethod
    def out(cls, accounts: int) -> Latches:
        """Everybody out, as at the start of the panel."""
        kinds = {"inside": bool, "held": bool, "met": bool}
        return cls(*(np.zeros(accounts, kinds.get(name, np.int32)) for name in cls.__struct_fields__))

    def copy(self) -> Latches:
        return Latches(*(part.copy() for part in astuple(self)))

    def clear(self, off: Bools) -> None:
        """Out, with everything 0, where `off`."""
        for name in self.__struct_fields__:
            if name != "met":
                getattr(self, name)[off] = 0


class Answers(Struct, frozen=True):
    """What a segment's conditions say, [A, T]. `exit` is the written one; None where none is written."""

    enter: Tri
    exit: Tri | None = None
    at_once: Tri | None = None

    def leaving(self) -> Tri:
        """The effective exit."""
        if self.exit is None:
            return np.where(self.enter < 0, np.int8(-1), np.int8(1) - self.enter)
        leave: Tri = self.exit * (self.enter != 1)
        return leave


class Ground(Struct, frozen=True):
    """What holds for every segment, [T, A]: periods first, so that a step reads contiguous rows."""

    on: Bools
    """On the roster."""
    paused: Bools
    """Not counted towards expiry."""
    waive: Bools
    """enter_after may be waived, on the roster only: it may have been long before the data begin."""
    periods: npt.NDArray[np.int32]
    """[T] period indices."""


class Moves(Struct, frozen=True):
    """Every entering and leaving: its positions on the account and period axes, and how it came."""

    account: Ints
    period: Ints
    entered: Bools
    expired: Bools
    jumped: Bools
    """Entered without waiting."""
    began: Ints
    """Period index in which the completed streak began."""
    held: Bools


class Scan(Struct, frozen=True):
    """Membership of one segment, [A, T], and the latches after the last period."""

    member: Bools
    weeks: npt.NDArray[np.int32]
    """Periods of membership so far, 1 in the first, 0 while out."""
    moves: Moves
    after: Latches


def scan(segment: Segment, answers: Answers, ground: Ground, before: Latches) -> Scan:
    """One segment over all periods, vectorised over accounts; `before` stays as it is."""
    periods, accounts = ground.on.shape
    # Off the roster every answer is no: nothing counts there, and only what was there before needs clearing.
    enter, leave = (np.array(each.T, order="C") for each in (answers.enter, answers.leaving()))
    enter *= ground.on
    leave *= ground.on
    gone = ~ground.on
    gone[1:] &= ground.on[:-1]
    at_once = None if answers.at_once is None else np.ascontiguousarray(answers.at_once.T) == 1
    member = np.zeros((periods, accounts), dtype=bool)
    weeks = np.zeros((periods, accounts), dtype=np.int32)
    moves: list[Moves] = []
    now = before.copy()
    for t in range(periods):
        waive = ground.waive[t]
        free = None if at_once is None else at_once[t]
        if waive.any():
            waived = waive & ~now.met
            free = waived if free is None else free | waived
            now.met |= waive & (enter[t] >= 0)
        asked = np.where(now.inside, leave[t], enter[t])
        period = int(ground.periods[t])
        turned = _advance(segment, now, asked, free, ground.paused[t], period)
        if len(turned.who):
            moves.append(_turn(segment, now, turned, t, period))
        if gone[t].any():
            now.clear(gone[t])
        member[t] = now.inside
        np.add(now.age, now.inside, out=weeks[t])
    now.began[now.streak == 0] = 0
    return Scan(member.T, weeks.T, _collected(moves), now)


class _Turned(Struct, frozen=True):
    """Positions of the accounts whose latch turns in a period, and why."""

    who: Ints
    jumped: Bools
    expired: Bools


def _advance(
    segment: Segment, now: Latches, asked: Tri, free: Bools | None, paused: Bools, period: int
) -> _Turned:
    """Move every counter on by one period.

    `asked` is E while out and X while in; `free` is true where no waiting is needed to enter.
    """
    inside, true, unknown = now.inside, asked == 1, asked < 0
    now.age += inside
    if segment.cooldown:
        np.maximum(now.cool - 1, 0, out=now.cool)
    if unknown.any():
        now.gap = (now.gap + 1) * unknown
        now.dark = (now.dark + ~paused) * (unknown & inside)
        now.streak[now.gap >= max(segment.max_gap, 1)] = 0
    else:
        now.gap.fill(0)
        now.dark.fill(0)
    enough = _count(segment, now, asked, true, period)
    now.held &= now.streak > 0
    ready = np.flatnonzero(enough)
    waits = np.where(inside[ready], now.age[ready] < segment.min_stay, now.cool[ready] > 0)
    moving = np.zeros(len(true), dtype=bool)
    moving[ready[~waits]] = True
    expired = inside & (now.dark >= segment.expire_after)
    jumped = np.zeros(len(true), dtype=bool) if free is None else true & free & ~inside & ~moving
    who = np.flatnonzero(moving | jumped | expired)
    now.held[ready[waits]] = True
    return _Turned(who, jumped[who], expired[who])


def _count(segment: Segment, now: Latches, asked: Tri, true: Bools, period: int) -> Bools:
    """Advance the streaks; true where the answer is true now and has been often enough."""
    into, out = segment.enter_after, segment.exit_after
    if into.need >= into.of and out.need >= out.of:
        now.began[np.flatnonzero(true & (now.streak == 0))] = period
        now.streak += true
        now.streak *= asked != 0
        # Two comparisons cost a third of one with an array of the needed lengths.
        often = now.streak >= into.need
        if into.need != out.need:
            often = np.where(now.inside, now.streak >= out.need, often)
        return true & often
    # Newest answer in the lowest bit; an unknown one is no answer. `n of n` is kept the same way here.
    window = np.where(now.inside, (1 << out.of) - 1, (1 << into.of) - 1)
    shifted = (now.streak << 1) & window
    now.began[np.flatnonzero(true & (shifted == 0))] = period
    now.streak = np.where(asked < 0, now.streak, shifted | true)
    return true & (np.bitwise_count(now.streak) >= np.where(now.inside, out.need, into.need))


def _turn(segment: Segment, now: Latches, turned: _Turned, t: int, period: int) -> Moves:
    """Turn the latches; what turned them, for the causes."""
    who, entered = turned.who, ~now.inside[turned.who]
    began = np.where(turned.jumped, period, now.began[who])
    held = now.held[who] & ~turned.jumped & ~turned.expired
    moves = Moves(who, np.full(len(who), t), entered, turned.expired, turned.jumped, began, held)
    now.inside[who] = entered
    now.cool[who] = np.where(entered | turned.expired, now.cool[who], segment.cooldown)
    for counter in (now.age, now.streak, now.gap, now.dark):
        counter[who] = 0
    now.held[who] = False
    return moves


def _collected(moves: list[Moves]) -> Moves:
    """Moves by account, then period."""
    empty, no = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=bool)
    parts = moves or [Moves(empty, empty, no, no, no, empty, no)]
    columns = [np.concatenate([getattr(part, name) for part in parts]) for name in Moves.__struct_fields__]
    order = np.lexsort((columns[1], columns[0]))
    return Moves(*(column[order] for column in columns))
