"""Pauses as masks: in which periods an account is not judged, and by which metrics.

A period is paused when any of its days is: the rest of a broken week cannot be held against whole ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import polars as pl
from msgspec import Struct, field

from segkit.engine.counting.grid import spread
from segkit.engine.counting.needs import all_metrics
from segkit.engine.counting.values import Bools, Ints
from segkit.facts.by_hand.pauses import attribute_texts
from segkit.facts.types import Facts
from segkit.ruleset.catalogue import EVENT_SOURCES, METRICS
from segkit.ruleset.expr import Metric
from segkit.ruleset.model import RuleSet

Names = frozenset[str]
"""Of metrics (with and without their window) and of sources."""

BY_ITS_DAYS = frozenset({"weeks_since_active"})
"""Metrics that use seen in a paused period still tells: they count known days, and paused ones are none."""
FROM_PARTS = frozenset({"health_score"})
"""Metrics that are known as far as their parts are."""


class Pauses(Struct, frozen=True, dict=True):
    """The pauses of some facts over periods that may start before those of the panel."""

    facts: Facts
    rows: pl.DataFrame
    """See `facts.types.Facts.pauses`."""
    edges: Ints
    """[P + 1] first day of every period, then the day after the last one."""
    _masks: dict[Names, Bools | None] = field(default_factory=dict)

    @classmethod
    def of(cls, facts: Facts, edges: Ints) -> Pauses | None:
        """None where nothing is paused in these periods."""
        if facts.pauses is None:
            return None
        near = (pl.col("last") >= int(edges[0])) & (pl.col("first") < int(edges[-1]))
        rows = facts.pauses.filter(near)
        return cls(facts, rows, edges) if rows.height else None

    @property
    def words(self) -> Names:
        """The names of metrics that some pause is for."""
        return frozenset(self.rows["metrics"].explode().drop_nulls()) - EVENT_SOURCES

    def mask(self, names: Names) -> Bools | None:
        """[A, P] paused for one of these; None where nothing is. No name of a metric: every event source."""
        if names not in self._masks:
            rows = self._meant(names)
            self._masks[names] = self._mask(rows) if rows.height else None
        return self._masks[names]

    def at(self, days: Ints, names: Names) -> Bools | None:
        """[A, days] the mask in the period of each day."""
        mask = self.mask(names)
        return None if mask is None else mask[:, self.columns(days)]

    def told(self, names: Names, place: int) -> list[str | None]:
        """[P] of one account: from when until when it is paused for one of these, and why."""
        found: list[str | None] = [None] * (len(self.edges) - 1)
        own = pl.col("account_id").is_null() | (pl.col("account_id") == self.facts.roster.accounts[place])
        rows = self._meant(names).filter(own)
        shown = rows.select(
            pl.concat_str(
                pl.col("first").cast(pl.Date).dt.to_string("%Y-%m-%d"),
                pl.col("last").cast(pl.Date).dt.to_string(" to %Y-%m-%d"),
                ": " + pl.col("reason"),
                ignore_nulls=True,
            )
        ).to_series()
        for at, said in enumerate(shown):
            for column in np.flatnonzero(self._mask(rows[at])[place]):
                found[column] = "; ".join(filter(None, (found[column], said)))
        return found

    def columns(self, days: Ints) -> Ints:
        """Place of the period of each day; the first or last one for days outside."""
        found = np.searchsorted(self.edges, days, side="right") - 1
        return np.clip(found, 0, len(self.edges) - 2)

    def now(self) -> Iterator[tuple[dict[str, Any], Ints]]:
        """Every row that pauses somebody in the last period, with the positions of those accounts."""
        last = self.rows.filter(pl.col("last") >= int(self.edges[-2]))
        single = last.filter(pl.col("account_id").is_not_null())
        for row, place in zip(single.iter_rows(named=True), self._places(single), strict=True):
            yield row, np.array([place] if place >= 0 else [], dtype=np.int64)
        for row in last.filter(pl.col("account_id").is_null()).iter_rows(named=True):
            yield row, np.flatnonzero(self._having(row["attribute"], row["value"])[:, -1])

    def _meant(self, names: Names) -> pl.DataFrame:
        meant = self.rows["metrics"].list.set_intersection(sorted(names)).list.len() > 0
        if names & EVENT_SOURCES:
            meant |= self.rows["metrics"].list.len() == 0
        return self.rows.filter(meant)

    def _mask(self, rows: pl.DataFrame) -> Bools:
        shape = (len(self.facts.roster.accounts), len(self.edges) - 1)
        single = rows.filter(pl.col("account_id").is_not_null())
        account = self._places(single)
        begin, end = self._spans(single)
        known = account >= 0
        found: Bools = spread(account[known], begin[known], end[known] + 1, None, shape) > 0
        others = rows.filter(pl.col("account_id").is_null())
        for row, first, last in zip(others.iter_rows(named=True), *self._spans(others), strict=True):
            span = slice(int(first), int(last) + 1)
            found[:, span] |= self._having(row["attribute"], row["value"])[:, span]
        return found

    def _spans(self, rows: pl.DataFrame) -> tuple[Ints, Ints]:
        """Places of the periods in which each pause begins and ends."""
        begin, end = (self.columns(rows[name].cast(pl.Int64).to_numpy()) for name in ("first", "last"))
        return begin, end

    def _places(self, rows: pl.DataFrame) -> Ints:
        """Positions on the account axis; -1 for an account that is not on it."""
        accounts = pl.DataFrame({"account_id": self.facts.roster.accounts}, schema={"account_id": pl.String})
        axis = accounts.with_row_index("place").with_columns(pl.col("place").cast(pl.Int64))
        found = rows.select("account_id").join(axis, on="account_id", how="left", maintain_order="left")
        return found["place"].fill_null(-1).to_numpy()

    def _having(self, attribute: str | None, value: str | None) -> Bools:
        """[A, P] accounts whose attribute says so in that period, before the panel as in its first one.

        Without an attribute all of them.
        """
        roster = self.facts.roster
        snapshots = roster.snapshots
        if attribute is None or attribute not in snapshots.columns:
            everybody = attribute is None
            return np.full((len(roster.accounts), len(self.edges) - 1), everybody)
        says = (attribute_texts(snapshots[attribute]) == value).fill_null(False).to_numpy()
        held = np.append(says, False)[roster.snapshot]
        lead = len(self.edges) - 1 - held.shape[1]
        return np.concatenate([np.repeat(held[:, :1], lead, axis=1), held], axis=1)


def names_of(metrics: Iterable[Metric], rules: RuleSet) -> Names:
    """What a pause may call some metrics and all that they are computed from."""
    return frozenset[str]().union(*(own_names(each, rules) for each in all_metrics(metrics, rules)))


def hiding(metric: Metric, rules: RuleSet) -> Names:
    """What a pause may say so that a metric is unknown in a paused period."""
    if metric.name in FROM_PARTS:
        return own_names(metric, rules)
    parts = all_metrics((metric,), rules)
    return frozenset[str]().union(*(own_names(e, rules) for e in parts if e.name not in BY_ITS_DAYS))


def own_names(metric: Metric, rules: RuleSet) -> Names:
    """What a pause may call a metric: its event source, its name, its name with the window."""
    custom = rules.metrics.get(metric.name)
    source = custom.source if custom is not None else METRICS[metric.name].source
    names = frozenset({metric.name, metric.base})
    if source is None or source not in EVENT_SOURCES or metric.name in FROM_PARTS:
        return names
    return names | {source}
