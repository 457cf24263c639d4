"""One account as it was decided: every condition with its value, every latch with its timers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Literal

import polars as pl
from msgspec import Struct

from segkit.ruleset import expr as x
from segkit.ruleset.model import Segment

Why = str
"""Why a value is not there: `missing` (it cannot exist), `paused`, `no surveys`, else `unknown`."""
Kind = Literal["leaf", "all", "any", "at least", "not", "named"]


class Value(Struct, frozen=True):
    """What a condition looks at, as it stood in the column that decided."""

    key: str
    """As written in the rules."""
    value: float | str | None
    """Truth is 1 and 0, a date its epoch day, a share a fraction."""
    text: str | None
    """The same for people; null as the value is."""
    why: Why | None
    """Why there is none; null where there is one."""


class Reading(Struct, frozen=True):
    """One condition without others inside: values, limits, and how far apart they are."""

    value: Value
    limits: tuple[Value, ...]
    away: float | None
    """value - limit; to the nearer end of a range. Null where there is no such distance."""
    distance: str | None
    """The same for people, without sign: `3`, `12.5 points`."""
    said: str | None
    """As `because` says it; null where unknown."""


class Shown(Struct, frozen=True):
    """A condition and all inside it. `truth` is null where unknown."""

    condition: x.Condition
    kind: Kind
    text: str
    truth: bool | None
    asked: bool
    """What it must be for the outermost condition to hold."""
    decides: bool
    """It is one of those that made the outermost condition what it is."""
    reading: Reading | None
    inside: tuple[Shown, ...]

    def leaves(self) -> Iterator[Shown]:
        """Every condition without others inside, in the order written."""
        if not self.inside:
            yield self
        for each in self.inside:
            yield from each.leaves()


class Timers(Struct, frozen=True):
    """Where the latch stands at the end of the period; see `membership.Latches`."""

    count: int
    """Of the last answers, those that count towards the next move."""
    age: int
    cool: int
    gap: int
    """Unknown answers in a row."""
    dark: int
    """Of them those that count towards expiry."""
    held: bool


class SegmentShown(Struct, frozen=True):
    """A segment or flag and one account."""

    segment: Segment
    dimension: str
    """`flags` for a flag."""
    inside: bool
    """What holds, overrides included."""
    weeks: int
    since: date | None
    latched: bool
    """What the rules say."""
    enter: Shown
    exit: Shown | None
    at_once: Shown | None
    timers: Timers
    turns: date | None
    """Last day of the period in which the latch turns at the earliest, if all answers to come ask for it."""
    leaving: bool | None
    """The effective exit."""
    lacking: tuple[Shown, ...]
    """The fewest conditions that would have to change for enter to hold; none where it does."""
    near: bool
    """It lacks little: a near miss."""
    hangs_on: tuple[Shown, ...]
    """What is asked next (to leave, of a member) is unknown, and these unknown values settle it."""
    off: str | None
    """`no surveys`: nobody can enter for want of a source."""


class Change(Struct, frozen=True):
    """One value that would have to be otherwise from the next period on, all else as it is."""

    leaf: Shown
    """The condition that it turns."""
    column: str
    to: float
    """The nearest value that does."""
    text: str
    """What would have to hold: `events_7d at least 3`."""
    into: str | None
    """Where the account would be, in the period in which that first makes a difference."""
    on: date
    """Last day of that period."""


class Onward(Struct, frozen=True):
    """What comes next; nothing is forecast."""

    goes: tuple[date, str | None] | None
    """When and where it moves if every value stays as it is; null where it stays."""
    smallest: Change | None
    """Of the single values whose change moves it otherwise, the nearest; null where none does."""


class Place(Struct, frozen=True):
    """Where the account is in one dimension."""

    dimension: str
    primary: str | None
    """Null off the roster."""
    weeks: int
    since: date | None
    previous: str | None
    stale: bool


class Compared(Struct, frozen=True):
    """A metric beside what it is held against."""

    value: Value
    beside: Mapping[str, Value]
    """View (`expected`, `previous`, `last_year`) -> its value."""
    first: date
    last: date
    """The days of the value, for a metric of a window; else the end of the period twice."""
    basis: str | None
    """Null where nothing is expected of it."""
    first_season: bool
    peers: str | None


class Explained(Struct, frozen=True):
    """`segments` in file order, flags last; empty when the account is not on the roster."""

    account_id: str
    as_of: date
    unit: str
    places: tuple[Place, ...]
    segments: tuple[SegmentShown, ...]
    compared: tuple[Compared, ...]
    assignment: Mapping[str, object] | None
    """Its row of `Decisions.assignments`; null off the roster."""
    nearest: str | None
    """Of the near misses of the main dimension, the segment that lacks least."""
    transitions: pl.DataFrame
    """Those that were decided here, of the account."""
    overridden: pl.DataFrame
    """Columns `overridden.OVERRIDDEN`."""
    paused: Mapping[str, object] | None
    """Its row of `paused.PAUSED`."""
    covered: Mapping[str, date]
    """Source -> the last day it speaks about."""

    def segment(self, name: str) -> SegmentShown:
        """Raises: StopIteration for a name that is none."""
        return next(each for each in self.segments if each.segment.name == name)

    @property
    def main(self) -> Place:
        return self.places[0]
