"""What values something can have: intervals of numbers or words, and the two ways of having none."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple


class Absent(Enum):
    """How something has no value: none can exist for the account, or it is merely not known this period."""

    MISSING = "missing"
    UNKNOWN = "unknown"


MISSING, UNKNOWN = Absent.MISSING, Absent.UNKNOWN
Nulls = frozenset[Absent]
NULLS: Nulls = frozenset({MISSING, UNKNOWN})
NONE: Nulls = frozenset()
Value = float | str | Absent
EVERY = "\0"
"""Among the words of a domain: any other word, too."""


class Interval(NamedTuple):
    """Numbers from `low` to `high`; an open end does not belong to it."""

    low: float = -math.inf
    high: float = math.inf
    low_open: bool = False
    high_open: bool = False

    @property
    def empty(self) -> bool:
        return self.low > self.high or (self.low == self.high and (self.low_open or self.high_open))

    def meet(self, other: Interval) -> Interval:
        low, low_open = max((self.low, self.low_open), (other.low, other.low_open))
        # Of two ends at one place the open one cuts more.
        high, closed = min((self.high, not self.high_open), (other.high, not other.high_open))
        return Interval(low, high, low_open, not closed)

    def whole(self) -> Interval:
        """The same with ends that are whole numbers."""
        low, high = self.low, self.high
        if math.isfinite(low):
            low = math.floor(low) + 1 if self.low_open or low != math.floor(low) else low
        if math.isfinite(high):
            high = math.ceil(high) - 1 if self.high_open or high != math.ceil(high) else high
        return Interval(float(low), float(high))

    def holds(self, value: float) -> bool:
        return not self.meet(Interval(value, value)).empty


REALS = (Interval(),)


def satisfying(op: str, value: float) -> tuple[Interval, ...]:
    """The numbers x for which `x op value` holds."""
    match op:
        case "<":
            return (Interval(high=value, high_open=True),)
        case "<=":
            return (Interval(high=value),)
        case ">":
            return (Interval(low=value, low_open=True),)
        case ">=":
            return (Interval(low=value),)
        case "=":
            return (Interval(value, value),)
        case _:
            return (*satisfying("<", value), *satisfying(">", value))


OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "=": "!=", "!=": "="}
MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}


class Values(NamedTuple):
    """Numbers of `numbers`, the words of `words` (a number has none), and how it may have no value.

    Words with EVERY among them are all words but the others listed.
    """

    numbers: tuple[Interval, ...] = REALS
    """In their order, none of them overlapping."""
    words: frozenset[str] | None = None
    nulls: Nulls = NULLS
    whole: bool = False
    """Only whole numbers."""

    @property
    def known(self) -> bool:
        """Whether it can have a value."""
        return bool(self.numbers) if self.words is None else bool(self.words)

    @property
    def empty(self) -> bool:
        return not self.known and not self.nulls

    def among(self, numbers: tuple[Interval, ...], nulls: Nulls = NONE) -> Values:
        """What of it lies in `numbers` (in their order, not overlapping), or is one of `nulls`."""
        kept = [interval for other in numbers for interval in self._met(other)]
        return self._replace(numbers=tuple(kept), nulls=self.nulls & nulls)

    def _met(self, other: Interval) -> Iterator[Interval]:
        """What lies in another interval: only those at its ends can be cut, however many there are."""
        first = bisect_left(self.numbers, other.low, key=lambda each: each.high)
        last = bisect_right(self.numbers, other.high, key=lambda each: each.low)
        met = self.numbers[first:last]
        # Of two that touch at an end, either may be cut there.
        yield from self._cut(met[:2], other)
        yield from met[2:-2]
        yield from self._cut(met[max(2, len(met) - 2) :], other)

    def _cut(self, numbers: tuple[Interval, ...], other: Interval) -> Iterator[Interval]:
        for own in numbers:
            met = own.meet(other)
            kept = met.whole() if self.whole else met
            if not kept.empty:
                yield kept

    def worded(self, words: frozenset[str], nulls: Nulls = NONE) -> Values:
        """What of it is one of `words`, or is one of `nulls`."""
        own = frozenset({EVERY}) if self.words is None else self.words
        return self._replace(words=_both(own, words), nulls=self.nulls & nulls)

    def without_value(self, nulls: Nulls) -> Values:
        nothing = frozenset[str]() if self.words is not None else None
        return self._replace(numbers=(), words=nothing, nulls=self.nulls & nulls)

    def only(self, nulls: Nulls) -> Values:
        """With these ways of having no value alone."""
        return self._replace(nulls=self.nulls & nulls)

    def with_value(self) -> Values:
        return self._replace(nulls=NONE)

    @property
    def low(self) -> Interval:
        return self.numbers[0]

    @property
    def high(self) -> Interval:
        return self.numbers[-1]


def all_words(but: frozenset[str]) -> frozenset[str]:
    """Every word but these."""
    return but | {EVERY}


def _both(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    if EVERY in one and EVERY in other:
        return one | other
    if EVERY in one:
        return other - one
    return one - other if EVERY in other else one & other
