"""Metrics of milestones; one acts from the day it was completed."""

from __future__ import annotations

import numpy as np
import polars as pl

from segkit.engine.counting.context import Context
from segkit.engine.counting.grid import NEVER
from segkit.engine.counting.values import Bools, Floats, Ints, Values
from segkit.engine.metrics.rows import FOREVER, Rows, between, known_at, rows_of, shown, unknown
from segkit.engine.metrics.usage_rows import USAGE, days_of
from segkit.periods import epoch_day
from segkit.ruleset.expr import Metric

SOURCE = "milestones"


def milestones_done(ctx: Context, metric: Metric, shift_days: int = 0) -> Values:
    """Different milestones completed by the day."""
    rows = rows_of(ctx, SOURCE)
    if rows is None:
        return unknown(ctx)
    firsts = _firsts(rows)
    until = np.full(len(firsts.day), FOREVER)
    done = between(ctx, firsts.account, firsts.day, until, shift_days)
    return shown(done.astype(np.float64), known_at(ctx, SOURCE, shift_days))


def milestones_overdue(ctx: Context, metric: Metric, shift_days: int = 0) -> Values:
    """Expected milestones not completed although more days than allowed have passed since signup.

    Missing without a signup date.
    """
    rows = rows_of(ctx, SOURCE)
    expected = ctx.rules.definitions.expected_milestones
    if rows is None or not expected:
        return unknown(ctx)
    ends = (ctx.ends - shift_days)[None, :]
    overdue = np.zeros(ctx.shape, dtype=np.int64)
    for name, days in sorted(expected.items()):
        late = ends > (ctx.start + days)[:, None]
        overdue += late & (ends < _completed(ctx, rows, name)[:, None])
    return shown(overdue.astype(np.float64), known_at(ctx, SOURCE, shift_days), _signed_up(ctx))


def days_to_first_value(ctx: Context, metric: Metric, shift_days: int = 0) -> Values:
    """Days from signup to the first value, never negative: a milestone, else the first core workflow.

    Missing until it is reached, and without a signup date. A workflow that may have come before the usage
    data begin leaves it missing, too.
    """
    definitions = ctx.rules.definitions
    if definitions.first_value is not None:
        rows = rows_of(ctx, SOURCE)
        if rows is None:
            return unknown(ctx)
        return _took(ctx, _completed(ctx, rows, definitions.first_value), SOURCE, shift_days)
    if definitions.core_workflow is None or ctx.facts.usage is None:
        return unknown(ctx)
    days = days_of(ctx, definitions.core_workflow)
    first = np.full(ctx.shape[0], FOREVER, dtype=np.int64)
    np.minimum.at(first, days.account, days.day)
    coverage = ctx.facts.coverage.get(USAGE)
    begin = int(ctx.starts[0]) if coverage is None else epoch_day(coverage.first)
    return _took(ctx, np.where(ctx.start >= begin, first, FOREVER), USAGE, shift_days)


def _took(ctx: Context, reached: Ints, source: str, shift_days: int) -> Values:
    """Days from signup to the day [A] on which something was reached."""
    took: Floats = np.maximum(reached - ctx.start, 0).astype(np.float64)
    there = _signed_up(ctx) & (reached[:, None] <= (ctx.ends - shift_days)[None, :])
    value = np.broadcast_to(took[:, None], ctx.shape)
    return shown(np.where(there, value, np.nan), known_at(ctx, source, shift_days), there)


def _signed_up(ctx: Context) -> Bools:
    return np.broadcast_to((ctx.start > NEVER)[:, None], ctx.shape)


def _firsts(rows: Rows) -> Rows:
    """The first completion of each milestone by each account."""
    return rows.where(
        rows.frame.select(pl.struct("account", rows.words("milestone").alias("m")).is_first_distinct())
        .to_series()
        .to_numpy()
    )


def _completed(ctx: Context, rows: Rows, name: str) -> Ints:
    """[A] day on which the milestone was first completed; FOREVER if never."""
    named = rows.where((rows.words("milestone") == name.strip().lower()).fill_null(False).to_numpy())
    found = np.full(ctx.shape[0], FOREVER, dtype=np.int64)
    np.minimum.at(found, named.account, named.day)
    return found
