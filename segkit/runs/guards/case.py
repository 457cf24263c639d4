"""What guards judge: what was delivered, and what was decided from it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cached_property

import polars as pl
from msgspec import Struct

from segkit.engine.results import Decisions
from segkit.facts.accounts.ledger import DAY
from segkit.facts.load import Loaded
from segkit.facts.types import Facts
from segkit.limits import AS_USUAL, COUNTED, GuardsFile
from segkit.periods import epoch_day, from_epoch_day
from segkit.runs.folders.history import Published
from segkit.runs.guards.counts import Count, counts

SETTLED = 3
"""Published periods from which on a run is compared with those before it."""


class Delivery(Struct, frozen=True):
    """The exports as they were read, before anything is decided."""

    loaded: Loaded
    today: date
    limits: GuardsFile = AS_USUAL
    head: Published | None = None
    """The published run."""
    past: Published | None = None
    """The run whose state this one goes on from; None: all of history is decided for the first time."""
    grace: int = 0
    """Days after a period's end within which a CRM export speaks for it."""

    @property
    def facts(self) -> Facts:
        return self.loaded.facts

    @property
    def begun(self) -> date | None:
        """as_of of the first run that was published, this one where none was; None where an earlier version
        did not keep it."""
        return self.facts.as_of if self.head is None else self.head.begun

    @property
    def settled(self) -> Published | None:
        """The past run, when there were enough to compare with it."""
        return self.past if self.past is not None and self.past.runs >= SETTLED else None

    @property
    def deciding(self) -> str | None:
        """The source whose rows say up to when the exports reach."""
        return next((name for name in ("usage", "measures") if name in self.loaded.days), None)

    def newest(self, source: str) -> date | None:
        """Day of the newest row of a dated source, or of the newest snapshot of accounts, that does not lie
        ahead; None where there is none.
        """
        if source == "accounts":
            days = self.loaded.ledger[DAY] if self.loaded.ledger.width else None
        else:
            days = self.loaded.days[source]["day"] if source in self.loaded.days else None
        newest = None if days is None else days.filter(days <= epoch_day(self.today)).max()
        return from_epoch_day(newest) if isinstance(newest, int) else None

    def age(self, source: str) -> int | None:
        """Days from its newest row to the day of the run."""
        newest = self.newest(source)
        return None if newest is None else (self.today - newest).days

    @property
    def runs(self) -> int:
        """How many periods are published one after the other once this run is."""
        if self.head is None:
            return 1
        return self.head.runs + (self.head.as_of != self.facts.as_of)

    @property
    def ages(self) -> tuple[int, ...]:
        """Of the deciding source, in the last three of them."""
        before = self.head.ages if self.head else ()
        if self.head is not None and self.head.as_of == self.facts.as_of:
            before = before[:-1]
        own = self.age(self.deciding) if self.deciding else None
        return (*before, own)[-SETTLED:] if own is not None else before

    @property
    def rows(self) -> dict[str, int]:
        """Source -> accepted rows that the next run compares with: of counted sources those up to as_of."""
        found = {count.source: count.accepted for count in self.facts.counts}
        return {**found, **{source: self.rows_to(source, self.facts.as_of) for source in self.counted}}

    @property
    def counted(self) -> tuple[str, ...]:
        return tuple(source for source in COUNTED if source in self.loaded.days)

    def rows_to(self, source: str, day: date) -> int:
        """Rows of a dated source up to a day."""
        days = self.loaded.days[source]
        return int(days.filter(pl.col("day") <= epoch_day(day))["rows"].sum())


class Case(Struct, frozen=True, dict=True):
    """A run that is decided and not yet published."""

    delivery: Delivery
    decisions: Decisions
    transitions: pl.DataFrame
    """Those to publish, rule changes included."""

    @property
    def facts(self) -> Facts:
        return self.delivery.facts

    @property
    def past(self) -> Published | None:
        return self.delivery.past

    @property
    def limits(self) -> GuardsFile:
        return self.delivery.limits

    @cached_property
    def counts(self) -> tuple[Count, ...]:
        """What the exports hold of each period."""
        first = next((place for place, _ in self.judged()), 0)
        return counts(self.delivery.loaded, self.decisions, first)

    def judges(self, day: date) -> bool:
        """Whether the period that ends on `day` is to be judged: every one after the past run.

        A first run is judged by its last period: nobody can act on the others any more, and what was lost
        from them years ago must not keep a workspace from starting.
        """
        return day > self.past.as_of if self.past else day == self.facts.as_of

    def judged(self) -> Iterator[tuple[int, date]]:
        """Place among the periods of the facts, and last day, of each that is to be judged; oldest first."""
        calendar = self.facts.calendar
        for place, period in enumerate(self.facts.periods):
            day = calendar.end(int(period))
            if self.judges(day):
                yield place, day
