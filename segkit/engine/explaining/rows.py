"""What rows of the exports made a value: how many, of which days, and where the first and last stand."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date

import numpy as np
import polars as pl
from msgspec import Struct

from segkit.columns import SOURCES
from segkit.engine.counting.context import Context
from segkit.engine.counting.needs import activity, all_metrics, day_table, usage_specs
from segkit.engine.counting.where import Where, row_filter
from segkit.engine.metrics.registry import context_of
from segkit.engine.views import OWN_SPANS, span
from segkit.facts.behind import PLACE, USAGE, Behind
from segkit.facts.types import Facts
from segkit.periods import epoch_day, from_epoch_day
from segkit.ruleset.catalogue import METRICS
from segkit.ruleset.expr import Metric
from segkit.ruleset.model import RuleSet

FEW = 3
"""Rows that are listed at either end."""
CHANGED = "the exports have changed since the run"
UNCLEAR = "an event may stand in several files"


class Row(Struct, frozen=True):
    place: str
    """`usage.csv:1042`"""
    day: date
    count: int
    what: str
    """The event and feature of a row of usage; empty for other sources."""


class Rows(Struct, frozen=True):
    """Rows of one source in the window of a metric, as far as the metric reads them."""

    metric: str
    source: str
    first: date
    last: date
    """The window."""
    rows: int
    total: int
    """Of usage the sum of `count`, else the rows."""
    oldest: date | None
    newest: date | None
    """Null without rows."""
    listed: tuple[Row, ...] | None
    """The first and the last ones; null where they were not asked for, or `why` they are not told."""
    why: str | None

    @property
    def age(self) -> int | None:
        """Days from the newest row to the end of the window."""
        return None if self.newest is None else (self.last - self.newest).days


class _Window(Struct, frozen=True):
    metric: str
    source: str
    first: int
    last: int
    where: Where


def rows_behind(
    rules: RuleSet,
    facts: Facts,
    account: str,
    metrics: Collection[Metric],
    behind: Behind | None = None,
    known: Mapping[str, frozenset[str]] | None = None,
) -> tuple[Rows, ...]:
    """Of each metric that reads a window of a dated source, views left out, each once.

    `behind`: where the rows themselves are to be listed. `known`: source -> content hashes of the files that
    a published run read; rows of others did not decide and are not listed. Raises: InputError.
    """
    ctx = context_of(rules, facts)
    windows = tuple(_windows(ctx, metrics))
    files = _Files(ctx, account, windows, behind, known)
    found = []
    for window in windows:
        kept = _kept(ctx, account, _stored(ctx, window), window)
        if kept is not None:
            found.append(_told(window, kept, files))
    return tuple(found)


def _windows(ctx: Context, metrics: Collection[Metric]) -> Iterator[_Window]:
    last = epoch_day(ctx.facts.as_of)
    for metric in all_metrics(metrics, ctx.rules):
        custom = ctx.rules.metrics.get(metric.name)
        source = METRICS[metric.name].source if custom is None else custom.source or ""
        length = OWN_SPANS.get(metric.name) or span(ctx, metric)
        dated = source in SOURCES and SOURCES[source].when is not None
        if length is None or not dated or source not in ctx.facts.coverage:
            continue
        if custom is not None:
            where: Where = custom.where
        else:
            specs = usage_specs(metric, ctx.rules)
            where = None if source != USAGE else specs[0].where if specs else activity(ctx.rules)
        yield _Window(metric.base, source, last - length + 1, last, where)


def _stored(ctx: Context, window: _Window) -> pl.DataFrame | None:
    """account_id or raw_id resolved to it, day, rows, total; None where the counts are not kept."""
    facts = ctx.facts
    if window.source != USAGE:
        table = facts.tables[window.source]
        chosen = row_filter(window.where, table.schema)
        table = table if chosen is None else table.filter(chosen)
        return ctx.with_accounts(table).select("account", "day", rows=pl.lit(1), total=pl.lit(1))
    if facts.usage is None:
        return None
    days = facts.usage.days(window.first)
    if window.where is not None:
        try:
            meant = facts.usage.meant(day_table(window.where).key, window.first)
        except KeyError:
            return None
        days = days.select("raw_id", "day").hstack(meant).filter(pl.col("rows") > 0)
    days = ctx.resolve(days.select("raw_id", "day", "rows", total="n"))
    return days.select("account", "day", "rows", "total")


def _kept(ctx: Context, account: str, rows: pl.DataFrame | None, window: _Window) -> pl.DataFrame | None:
    """Those of the account that count: in the window and in its life, on days that are known."""
    if rows is None:
        return None
    at = ctx.accounts.index(account)
    first = max(window.first, int(ctx.start[at]))
    own = rows.filter((pl.col("account") == at) & pl.col("day").is_between(first, window.last))
    return own.filter(_known(ctx, at, window.source, own["day"]))


def _known(ctx: Context, at: int, source: str, days: pl.Series) -> pl.Series:
    day = days.cast(pl.Int64).to_numpy()
    return pl.Series(ctx.known(source).holds(np.full(len(day), at), day), dtype=pl.Boolean)


def _told(window: _Window, kept: pl.DataFrame, files: _Files) -> Rows:
    ends = [kept["day"].min(), kept["day"].max()]
    oldest, newest = (from_epoch_day(day) if isinstance(day, int) else None for day in ends)
    rows, total = int(kept["rows"].sum()), int(kept["total"].sum())
    listed, why = files.listed(window, rows, total)
    first, last = from_epoch_day(window.first), from_epoch_day(window.last)
    return Rows(window.metric, window.source, first, last, rows, total, oldest, newest, listed, why)


class _Files:
    """The rows of an account as its files have them, each source read once and when it is asked for."""

    def __init__(
        self,
        ctx: Context,
        account: str,
        windows: Sequence[_Window],
        behind: Behind | None,
        known: Mapping[str, frozenset[str]] | None,
    ) -> None:
        self.ctx, self.account, self.windows, self.behind, self.known = ctx, account, windows, behind, known
        self.read: dict[str, pl.DataFrame | None] = {}

    def listed(self, window: _Window, rows: int, total: int) -> tuple[tuple[Row, ...] | None, str | None]:
        """Only rows that come to what decided are told, else why they are not."""
        if self.behind is None:
            return None, None
        found = self._of(self.behind, window.source)
        if found is None:
            return None, UNCLEAR
        at = self.ctx.accounts.index(self.account)
        own = found.filter(pl.col("day") >= max(window.first, int(self.ctx.start[at])))
        own = own.filter(_known(self.ctx, at, window.source, own["day"]))
        chosen = row_filter(window.where, own.schema)
        own = own if chosen is None else own.filter(chosen)
        usage = window.source == USAGE
        told = (own.height, int(own["count"].sum()) if usage else own.height)
        if not self._decided(self.behind, window.source, own) or told != (rows, total):
            return None, CHANGED
        shown = own if own.height <= 2 * FEW else pl.concat([own.head(FEW), own.tail(FEW)])
        return tuple(_row(row, usage) for row in shown.iter_rows(named=True)), None

    def _of(self, behind: Behind, source: str) -> pl.DataFrame | None:
        if source not in self.read:
            ends = [(each.first, each.last) for each in self.windows if each.source == source]
            first, last = min(each for each, _ in ends), max(each for _, each in ends)
            self.read[source] = behind.rows(source, self.account, first, last)
        return self.read[source]

    def _decided(self, behind: Behind, source: str, rows: pl.DataFrame) -> bool:
        """Whether they stand in files that the published run read; true where none is asked about."""
        return self.known is None or behind.shas(source, rows) <= self.known.get(source, frozenset())


def _row(row: Mapping[str, object], usage: bool) -> Row:
    words = [str(row[name]) for name in ("event", "feature") if usage and row.get(name) is not None]
    count = row["count"] if usage else 1
    assert isinstance(count, int)
    assert isinstance(row["day"], int)
    return Row(str(row[PLACE]), from_epoch_day(row["day"]), count, " ".join(words))
