"""Which setting is best on the first part of history, and whether the rest of it agrees.

The best of many looks better than it is: what it gained where it was chosen is told beside what it gains
where nobody had looked. A setting is suggested only if the latter is more than nothing, and more than the
same number of alarms drawn by lot would gain.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from segkit.studies.evaluate.history import Bools
from segkit.studies.evaluate.numbers import FEW
from segkit.studies.tune.tally import Figures, Ground, Tally, chance, figures, in_time

CHOOSE, JUDGE = 0, 1
ENOUGH = 30
"""Ends to choose on, under which nothing is suggested."""
RESAMPLES = 1999
LOWEST = 0.05
"""Share of the resamples below the lower bound: the lower end of a 90 % interval."""


class Gate(Struct, frozen=True):
    """The suggested setting against the current one, on what was not looked at when choosing.

    Gains are ends caught in time with the alarms that the team can answer; bounds are lower ends of
    90 % intervals over resamples of accounts.
    """

    gained: float
    low: float
    beyond_chance: float
    """The gain less what alarms drawn by lot would gain."""
    beyond_chance_low: float

    @property
    def open(self) -> bool:
        return self.low > 0 and self.beyond_chance_low > 0


def worth(found: Figures, capacity: float) -> float:
    """Ends caught in time, as far as so many alarms a week can be answered."""
    return found.caught * answered(found, capacity)


def answered(found: Figures, capacity: float) -> float:
    """The share of the alarms that can be answered; which of them it is, is as good as drawn by lot."""
    return min(1.0, capacity / found.per_week) if found.per_week else 1.0


def best(found: Sequence[Figures], capacity: float, changed: Sequence[int]) -> int:
    """Place of the setting that catches most; of equal ones fewer alarms, fewer moves, fewer changes.

    `changed`: how many parameters of each are not as they are now.
    """

    def order(place: int) -> tuple[float, ...]:
        each = found[place]
        return (
            -round(worth(each, capacity), 9),
            each.alarms,
            each.moves_a_year or 0.0,
            changed[place],
            place,
        )

    return min(range(len(found)), key=order)


def gate(ground: Ground, suggested: Tally, current: Tally, capacity: float, begin: int) -> Gate:
    """By a paired bootstrap of accounts over the part to judge on; always the same resamples."""
    span = ground.judge.ends
    gained, beyond = np.zeros(int(span.sum())), np.zeros(int(span.sum()))
    for sign, tally in ((1.0, suggested), (-1.0, current)):
        share = sign * answered(figures(ground, tally, JUDGE, begin), capacity)
        caught = in_time(ground, tally)[span]
        gained += share * caught
        beyond += share * (caught - chance(ground, tally)[span])
    account, place = np.unique(ground.ended.account[span], return_inverse=True)
    sums = [np.bincount(place.reshape(-1), weights=each, minlength=len(account)) for each in (gained, beyond)]
    weights = _weights(len(account), int(ground.alive[:, ground.judge.periods].any(axis=1).sum()))
    lows = [float(np.quantile(weights @ each, LOWEST)) if len(each) else 0.0 for each in sums]
    return Gate(float(gained.sum()), lows[0], float(beyond.sum()), lows[1])


def _weights(kept: int, accounts: int) -> np.ndarray:
    """[RESAMPLES, kept] how often each of these accounts is drawn when all are drawn anew."""
    rng = np.random.Generator(np.random.PCG64(4))
    whole = max(accounts, kept, 1)
    shares = np.full(kept + 1, 1 / whole)
    shares[-1] = max(1 - kept / whole, 0.0)
    return rng.multinomial(whole, shares / shares.sum(), RESAMPLES)[:, :kept].astype(np.float64)


def front(found: Sequence[Figures]) -> Bools:
    """Settings that no other one beats: as many or more caught with as few alarms or fewer."""
    kept = np.zeros(len(found), bool)
    most = -1
    for place in sorted(range(len(found)), key=lambda at: (found[at].per_week, -found[at].caught, at)):
        if found[place].caught > most:
            kept[place], most = True, found[place].caught
    return kept


def knee(found: Sequence[Figures], on_front: Bools) -> int | None:
    """Where more alarms begin to catch little more: the point of the front farthest above its chord."""
    places = sorted(np.flatnonzero(on_front).tolist(), key=lambda at: found[at].per_week)
    if len(places) < 3:
        return None
    x = np.array([found[at].per_week for at in places])
    y = np.array([float(found[at].caught) for at in places])
    above = (y - y[0]) / (y[-1] - y[0]) - (x - x[0]) / (x[-1] - x[0])
    return int(places[int(np.argmax(above))]) if above.max() > 0 else None


def enough(found: Figures) -> bool:
    return found.ends >= ENOUGH


def judgeable(ground: Ground) -> bool:
    """Whether the part to judge on holds any ends to speak of."""
    return int(ground.judge.ends.sum()) >= FEW
