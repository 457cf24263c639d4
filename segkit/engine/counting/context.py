"""Rules and facts side by side, with everything several metrics share computed once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TypeAlias, TypeVar

import numpy as np
import polars as pl
from msgspec import Struct, field
from msgspec.structs import replace

from segkit.engine.baselines.kept import Shelf
from segkit.engine.baselines.outage import LEAST_ACCOUNTS, Outages, find_outages
from segkit.engine.counting.grid import NEVER, Known
from segkit.engine.counting.joins import resolve
from segkit.engine.counting.presence import Presence, undated
from segkit.engine.counting.values import Bools, Ints, Values, settled
from segkit.engine.counting.windows import Window
from segkit.engine.pauses import Names, Pauses, hiding, names_of, own_names
from segkit.facts.types import EARLY_PERIODS, Facts
from segkit.periods import epoch_day
from segkit.ruleset.expr import Metric
from segkit.ruleset.model import RuleSet

Kept = TypeVar("Kept")
Compute: TypeAlias = Callable[["Context", Metric, int], Values]
"""A metric as it was a number of days before each period's end."""

USAGE = "usage"
PAST_DAYS = 1500
"""How far before the panel a source's coverage is looked at."""
RECENT_DAYS, LEAD_DAYS = (63, 126, 196), 14
"""Rows are read for windows within so many days before the first computed period, and for some days more."""


class Context(Struct, frozen=True, dict=True):
    """Account axis A as in `facts.roster.accounts`; period axis P as in `facts.periods`, and T the end of it.

    What a metric is in a period depends on the whole past, never on which periods are computed.
    """

    rules: RuleSet
    facts: Facts
    computes: Mapping[str, Compute] = field(default_factory=dict)
    """How each metric is computed, by name."""
    first: int = 0
    """Place of the first period that is computed: T is P from there on."""
    shelf: Shelf | None = None
    """Where baselines are kept from run to run; None: every one is worked out anew."""
    apart: Names = frozenset()
    """Metrics that some pause names: to them it is one of every source, to all others it is none."""
    _root: Context | None = None
    """The same over every period, for one that was made from it."""
    _kept: dict[tuple[str, Hashable], object] = field(default_factory=dict)

    def cache(self, kind: str, name: Hashable) -> object | None:
        """What `keep` was given under this name."""
        return self._kept.get((kind, name))

    def keep(self, kind: str, name: Hashable, value: Kept) -> Kept:
        """Remembers a value that several metrics share."""
        self._kept[kind, name] = value
        return value

    def forget(self, kind: str) -> None:
        """Drops what was kept of a kind: large, and read by one metric after the other."""
        for name in [name for name in self._kept if name[0] == kind]:
            del self._kept[name]

    def measure(self, metric: Metric, shift_days: int = 0) -> Values:
        """A metric, its view left aside, as it was `shift_days` before each period's end.

        In a paused period it is what the days outside the pause tell, for later periods to look back on.
        Null outside the life of the account, rounded, computed once. Raises LookupError for an unknown name.
        """
        name = (metric.base, shift_days)
        cached = self.cache("measure", name)
        if isinstance(cached, Values):
            return cached
        compute = self.computes.get(metric.name)
        if compute is None:
            raise LookupError(f"no metric {metric.name}")
        found = compute(self._for(metric), replace(metric, view=None), shift_days)
        return self.keep("measure", name, settled(found, self.life))

    # --- pauses ---

    @cached_property
    def pauses(self) -> Pauses | None:
        """None where nothing is paused."""
        return Pauses.of(self.facts, self._edges)

    def unpaused(self, metric: Metric, found: Values, shift_days: int = 0) -> Values:
        """The values of a metric, through a view or not; unknown where it is paused on the day."""
        hidden = self.hidden(metric, shift_days)
        if hidden is None:
            return found
        gap = None if found.gap is None else found.gap & ~hidden
        at_least = None if found.at_least is None else found.at_least & ~hidden
        return Values(np.where(hidden, np.nan, found.value), found.missing & ~hidden, gap, at_least)

    def hidden(self, metric: Metric, shift_days: int = 0) -> Bools | None:
        """[A, T] a metric is unknown because the day lies in a paused period; None where it never is."""
        return (
            None
            if self.pauses is None
            else self.pauses.at(self.ends - shift_days, hiding(metric, self.rules))
        )

    def paused(self, metrics: Iterable[Metric]) -> Bools | None:
        """[A, T] something that these metrics read is paused; None where nothing ever is."""
        return None if self.pauses is None else self.pauses.at(self.ends, names_of(metrics, self.rules))

    def _for(self, metric: Metric) -> Context:
        """Where a metric is computed: apart from all others if a pause names it."""
        if self.pauses is None:
            return self
        named = own_names(metric, self.rules) & self.pauses.words
        if named <= self.apart:
            return self
        return replace(self, shelf=None, apart=self.apart | named, _root=None, _kept={})

    # --- axes ---

    @property
    def accounts(self) -> tuple[str, ...]:
        return self.facts.roster.accounts

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.accounts), len(self.facts.periods) - self.first

    @cached_property
    def account_codes(self) -> pl.DataFrame:
        """account_id, account (Int64, position on the account axis)."""
        ids = pl.Series("account_id", self.accounts, dtype=pl.String)
        return pl.DataFrame({"account_id": ids, "account": np.arange(len(ids), dtype=np.int64)})

    @property
    def ends(self) -> Ints:
        """[T] last day of each period."""
        return self.all_ends[self.first :]

    @cached_property
    def all_ends(self) -> Ints:
        """[P] last day of each period."""
        calendar = self.facts.calendar
        return np.array([epoch_day(calendar.end(int(p))) for p in self.facts.periods], dtype=np.int64)

    def since(self, reach: int | None, steps: Sequence[int] = RECENT_DAYS) -> int | None:
        """The day from which on rows do for windows that reach back so many days (None: without end).

        None where all are needed, or where that spares too little. `steps`: see RECENT_DAYS.
        """
        days = next((days for days in steps if reach is not None and reach <= days), None)
        if days is None:
            return None
        first = int(self.ends[0]) - days - LEAD_DAYS
        return first if 2 * first > int(self.starts[0]) + int(self.ends[-1]) else None

    @cached_property
    def starts(self) -> Ints:
        """[P] first day of each period."""
        calendar = self.facts.calendar
        return np.array([epoch_day(calendar.start(int(p))) for p in self.facts.periods], dtype=np.int64)

    # --- life ---

    @cached_property
    def life(self) -> Bools:
        """[A, T] on the roster at the period's end, and not before the account's first day."""
        roster = self.facts.roster
        begun = self.ends[None, :] >= roster.start.astype(np.int64)[:, None]
        return np.asarray(roster.on[:, self.first :] & begun)

    @cached_property
    def start(self) -> Ints:
        """[A] first day of each life as far as windows are clipped to it.

        NEVER where the signup is not known: such an account may have lived before it was seen, so that
        the days before are unknown and not outside its life.
        """
        roster = self.facts.roster
        return np.where(roster.signup_known, roster.start.astype(np.int64), NEVER)

    @cached_property
    def cut(self) -> Bools:
        """[A] signed up before the panel starts, or of unknown signup and seen in its first periods."""
        first = self.starts[0]
        early = self.facts.roster.on[:, :EARLY_PERIODS].any(axis=1)
        return np.asarray((self.start < first) & (self.facts.roster.signup_known | early))

    # --- coverage ---

    def covered(self, source: str) -> Bools:
        """[P] whether the source speaks about the period; all false for one never given."""
        coverage = self.facts.coverage.get(source)
        return np.zeros(len(self.starts), dtype=bool) if coverage is None else coverage.covered

    @cached_property
    def whole(self) -> Context:
        """The same over every period of the facts."""
        if self._root is not None:
            return self._root
        return replace(self, first=0, _kept={}) if self.first else self

    def from_period(self, first: int) -> Context:
        """The same for the periods from another place on."""
        if first in (0, self.first):
            return self if first == self.first else self.whole
        cached = self.whole.cache("since", first)
        if isinstance(cached, Context):
            return cached
        return self.whole.keep("since", first, replace(self, first=first, _root=self.whole, _kept={}))

    @cached_property
    def outages(self) -> Outages | None:
        """[P] weeks in which many accounts fell silent at once: the export did, not they.

        None where periods are no weeks, and with too few accounts to tell.
        """
        if self.first:
            return self.whole.outages
        usage = self.facts.usage
        if usage is None or self.facts.calendar.unit != "week" or self.shape[0] <= LEAST_ACCOUNTS:
            return None
        active = self.presence.active(len(self.accounts), self.starts, self.ends)
        coverage = self.facts.coverage[USAGE]
        told = self.facts.roster.on & coverage.covered[None, :]
        if self.pauses is not None and (paused := self.pauses.at(self.ends, frozenset({USAGE}))) is not None:
            told &= ~paused
        return find_outages(active, told, real=coverage.no_outage)

    @cached_property
    def presence(self) -> Presence:
        """On which days the accounts have usage. Raises LookupError without that source."""
        if self.facts.usage is None:
            raise LookupError("usage was never given")
        if self.whole is not self:
            return self.whole.presence
        rows = undated(self.facts.usage.presence(), self.facts.mapping)
        return Presence.of(self.resolve(rows))

    @cached_property
    def _past(self) -> Ints:
        """First days of the periods before the panel that some source may cover, oldest first."""
        calendar, first = self.facts.calendar, int(self.facts.periods[0])
        oldest = min((c.first for c in self.facts.coverage.values()), default=calendar.start(first))
        found: list[int] = []
        for period in range(first - 1, calendar.index(oldest) - 1, -1):
            day = epoch_day(calendar.start(period))
            if self.starts[0] - day > PAST_DAYS:
                break
            found.append(day)
        return np.array(found[::-1], dtype=np.int64)

    @cached_property
    def _edges(self) -> Ints:
        return np.concatenate([self._past, self.starts, self.ends[-1:] + 1])

    @cached_property
    def _off(self) -> Known:
        """The panel's days on which an account was off the roster, as if they were what is known."""
        past = np.zeros((self.shape[0], len(self._past)), dtype=bool)
        return Known.of(self._edges, np.concatenate([past, ~self.facts.roster.on], axis=1))

    def on_roster(self, length: int, shift_days: int = 0) -> Bools:
        """[A, T] whether the account was there on all `length` days up to `shift_days` before the end."""
        last = (self.ends - shift_days)[None, :]
        first = last - length + 1
        off = self._off.days_before(last + 1) - self._off.days_before(first)
        return np.asarray(self.life & (off == 0) & (first >= self.start[:, None]))

    def known(self, source: str) -> Known:
        """Days of a source by account: covered, not paused, and the account on the roster."""
        cached = self.cache("known", source)
        if isinstance(cached, Known):
            return cached
        coverage = self.facts.coverage.get(source)
        past, edges = self._past, self._edges
        before = np.zeros(len(past), dtype=bool)
        if coverage is not None:
            first, last = epoch_day(coverage.first), epoch_day(coverage.last)
            before = (past >= first) & (edges[1 : len(past) + 1] - 1 <= last)
        told = self.facts.roster.on & self.covered(source)[None, :]
        if source == USAGE and self.outages is not None:
            told &= ~self.outages.cells
        mask = np.concatenate([np.broadcast_to(before, (self.shape[0], len(past))), told], axis=1)
        paused = None if self.pauses is None else self.pauses.mask(self.apart | {source})
        if paused is not None:
            mask &= ~paused
        return self.keep("known", source, Known.of(edges, mask))

    def window(self, source: str, length: int, shift_days: int = 0) -> Window:
        """What is known of the `length` days up to `shift_days` before each period's end."""
        name = (source, length, shift_days)
        cached = self.cache("window", name)
        if isinstance(cached, Window):
            return cached
        window = Window.of(self.known(source), self.life, self.start, self.ends - shift_days, length)
        return self.keep("window", name, window)

    # --- joins ---

    def resolve(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Usage rows (raw_id, day, perhaps mask) with `account` (Int64), those of no account left out."""
        return resolve(rows, self.facts.mapping, self.account_codes)

    def with_accounts(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows of another source (account_id) with `account` (Int64), orphans left out, order kept."""
        return rows.join(self.account_codes, on="account_id", how="inner", maintain_order="left")
