"""How much of something a period should hold: by the periods before it, and by the same weeks last year.

Nothing looks ahead, so that a period is judged alike whether it was decided on its own or with later ones.
"""

from __future__ import annotations

import math
from functools import cached_property
from statistics import median

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from segkit.engine.counting.values import Bools, Floats
from segkit.periods import Calendar

REFERENCE, LEAST_KNOWN = 8, 6
"""Periods before it that say what is usual, and how many of them must be known."""
YEAR = 52
"""Periods over which it is counted how far they usually lie from what was expected."""
FALL, RISE, FALL_AT_NEW_YEAR = 0.3, 0.6, 0.75
SPREADS = 4.0
"""A limit lies at least so many usual deviations off: of 30,000 normal ones, one lies further on its side."""
FEW = 4
"""Of so many deviations the usual one is taken for twice as large, of many for what it is."""
UNEVEN = 0.25
"""Usual deviation (of logarithms) from which on a source tells nothing by a low or high period."""


class Expected(Struct, frozen=True):
    """What one period should hold: about `value`, at least `least`, at most `most`; these are infinite where
    nothing is too little or too much.
    """

    value: float
    least: float
    most: float
    by_year: bool
    """By the same weeks last year, else by the periods before it alone."""


class Series(Struct, frozen=True, dict=True):
    """[P] one figure per period of the facts; `known` where it says something about the accounts."""

    figures: Floats
    known: Bools
    calendar: Calendar
    first: int
    """Index of the first period."""

    def expected(self, place: int, fall: float | None, rise: float | None) -> Expected | None:
        """Of the period at `place`, None while too little is known. `fall` and `rise`: limits as they are
        written, 0.3 for 30 %; None: the default, which lies further off where periods differ much.
        """
        value, by_year = self._value(place)
        if math.isnan(value):
            return None
        spread = self._spread(place)
        low = min(1 - FALL, math.exp(-SPREADS * spread))
        if not by_year and self._at_new_year(place):
            low = min(low, 1 - FALL_AT_NEW_YEAR)
        high = max(1 + RISE, math.exp(SPREADS * spread))
        if spread > UNEVEN:
            low, high = 0.0, math.inf
        low = low if fall is None else 1 - fall
        high = high if rise is None else 1 + rise
        # Whatever befell the year before: what the weeks before it hold is no surprise either.
        both = (value, self._usual(place))
        return Expected(value, low * min(both), high * max(both), by_year)

    def before(self, place: int) -> Floats:
        """The known ones of the periods before it that say what is usual."""
        return self.figures[self._before(place)]

    @cached_property
    def _told(self) -> dict[int, tuple[float, bool]]:
        """`_value` of the periods that were asked for: a year of them, whatever lies before."""
        return {}

    def _value(self, place: int) -> tuple[float, bool]:
        """What was expected of a period (NaN: nothing), and whether by the year before."""
        if place not in self._told:
            self._told[place] = self._looked_up(place)
        return self._told[place]

    def _looked_up(self, place: int) -> tuple[float, bool]:
        usual = self._usual(place)
        year, reach = self._year
        then = place - year
        before = self._usual(then) if then >= 0 else math.nan
        if not before > 0:
            return usual, False
        same = [p for p in range(max(then - reach, 0), then + reach + 1) if self.known[p]]
        if not same:
            return usual, False
        return usual * median(self.figures[same].tolist()) / before, True

    @property
    def _year(self) -> tuple[int, int]:
        """How many periods ago the year before was, and how many on either side are much the same."""
        return {"week": (52, 1), "month": (12, 0), "day": (364, 0)}[self.calendar.unit]

    @property
    def _step(self) -> int:
        """Days are compared with the same days of other weeks."""
        return 7 if self.calendar.unit == "day" else 1

    def _before(self, place: int) -> npt.NDArray[np.int64]:
        step = self._step
        places = np.arange(place - step, -1, -step)[: REFERENCE + REFERENCE // 2]
        return places[self.known[places]][:REFERENCE]

    def _usual(self, place: int) -> float:
        """The middle one of the periods before it; NaN where too few are known."""
        before = self.before(place)
        return median(before.tolist()) if len(before) >= LEAST_KNOWN else math.nan

    def _spread(self, place: int) -> float:
        """Robust deviation of the logarithms: of the last year's periods from what was expected of them, and
        of the periods before it from each other.
        """
        past = np.arange(max(place - YEAR * self._step, 0), place)
        values = np.array([self._value(int(each))[0] for each in past])
        kept = self.known[past] & (values > 0)
        past, values = past[kept], values[kept]
        own = self.before(place)
        figures = np.concatenate([self.figures[past], own])
        expected = np.concatenate([values, np.full(len(own), np.median(own))])
        both = np.abs(np.log(np.maximum(figures, 0.5) / np.maximum(expected, 0.5)))
        # Of few figures the median may be small by chance.
        return 1.4826 * float(np.median(both)) * (1 + FEW / len(both))

    def _at_new_year(self, place: int) -> bool:
        """Whether the period touches the days from 20 December to 5 January: the one low time that nearly
        everybody has, and that a first year cannot know of.
        """
        period = self.first + place
        start, end = self.calendar.start(period), self.calendar.end(period)
        turns = start.year < end.year
        return turns or (end.month, end.day) >= (12, 20) or (start.month, start.day) <= (1, 5)
