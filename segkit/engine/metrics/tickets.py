"""Metrics of support tickets.

A ticket acts from the day it was opened. Its resolution acts from the day of the resolution: until then the
ticket is open, and its satisfaction is not yet known. Whether it was escalated has no day of its own and acts
from the opening.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from segkit.engine.counting.context import Context
from segkit.engine.counting.grid import first_seen_by, spread, window_sum
from segkit.engine.counting.values import Bools, Floats, Ints, Values
from segkit.engine.metrics.ragged import Stretches
from segkit.engine.metrics.rows import (
    FOREVER,
    Rows,
    between,
    counted,
    first_day,
    in_life,
    known_at,
    numbers_of,
    over,
    rows_of,
    shown,
    unknown,
)
from segkit.engine.metrics.usage import not_before
from segkit.ruleset.expr import Metric

SOURCE = "tickets"
SATISFIED = 4.0
"""The least satisfaction of a positive ticket, on a scale that ends at 5."""
CELLS = 4_000_000
"""Topic-periods that are counted at once."""


def tickets(ctx: Context, metric: Metric, shift_days: int = 0) -> Values:
    """Tickets opened in the window."""
    rows = rows_of(ctx, SOURCE, _length(metric) + shift_days)
    return unknown(ctx) if rows is None else counted(ctx, SOURCE, rows, _length(metric), shift_days)


def open_tickets(ctx: Context, metric: Metric, shift_days: int = 0) -> Values:
    """Tickets opened by the day and not resolved by then; unknown until the data tell of any resolution."""
    rows = rows_of(ctx, SOURCE)
    if rows is None:
        return unknown(ctx)
    resolved = rows.days("resolved_at", FOREVER)
    total = between(ctx, rows.account, rows.day, resolved, shift_days)
    values = shown(total.astype(np.float64), known_at(ctx, SOURCE, shift_days))
    return not_before(values, ctx, first_day(np.maximum(resolved, rows.day)), shift_days)


def repeat_topic_tickets(ctx: Context, metric: Metric, shift_days: int = 0) -> Values:
    """Tickets on the topic that was raised most often in the window; 1 where every topic was raised once.

    Unknown until some ticket names its topic.
    """
    rows = rows_of(ctx, SOURCE)
    if rows is None:
        return unknown(ctx)
    told, topic = rows.told("topic"), rows.words("topic")
    rows = rows.where(in_life(ctx, SOURCE, rows) & topic.is_not_null().to_numpy())
    most = _most(ctx, rows, _length(metric), ctx.ends - shift_days)
    values = ctx.window(SOURCE, _length(metric), shift_days).distinct(most)
    return not_before(values, ctx, told, shift_days)


def median_resolution_hours(ctx: Context, metric: Metric, shift_days: int = 0) -> Values:
    """Median hours from opening to resolution of the tickets resolved in the window.

    Whole days where the export tells dates only.
    """
    rows = rows_of(ctx, SOURCE, _length(metric) + shift_days, by="resolved_at")
    if rows is None:
        return unknown(ctx)
    resolved = rows.where(rows.column("resolved_at").is_not_null().to_numpy())
    resolved = resolved.dated(resolved.days("resolved_at", 0))
    resolved = resolved.where(in_life(ctx, SOURCE, resolved))
    length, ends = _length(metric), ctx.ends - shift_days
    found = Stretches.of(resolved.account, resolved.day, _hours(resolved), ctx.shape[0], ends, length)
    return over(ctx.window(SOURCE, length, shift_days), found.summary("median"))


def escalations(ctx: Context, metric: Metric, shift_days: int = 0) -> Values:
    """Escalated tickets opened in the window; unknown until some ticket says whether it was."""
    rows = rows_of(ctx, SOURCE)
    if rows is None:
        return unknown(ctx)
    escalated = rows.column("escalated").cast(pl.Boolean).fill_null(False).to_numpy()
    values = counted(ctx, SOURCE, rows.where(escalated), _length(metric), shift_days)
    return not_before(values, ctx, rows.told("escalated"), shift_days)


def positive_tickets(ctx: Context, metric: Metric, shift_days: int = 0) -> Values:
    """Tickets opened in the window that are of a positive topic or kind, or have a satisfaction of 4 or more.

    Unknown until some ticket fills one of these columns.
    """
    rows = rows_of(ctx, SOURCE)
    if rows is None:
        return unknown(ctx)
    rated_on = np.maximum(rows.day, rows.days("resolved_at", 0))
    rated = ~np.isnan(rows.numbers("satisfaction"))
    told = min(rows.told("topic", "kind"), first_day(rated_on[rated]))
    rows = rows.where(in_life(ctx, SOURCE, rows))
    praised = _of_positive_topic(ctx, rows)
    rated = rows.numbers("satisfaction") >= SATISFIED
    since = np.where(praised, rows.day, np.maximum(rows.day, rows.days("resolved_at", 0)))
    keep, length = praised | rated, _length(metric)
    ends = ctx.ends - shift_days
    enter, leave = first_seen_by(since[keep], ends), first_seen_by(rows.day[keep] + length, ends)
    total = spread(rows.account[keep], np.minimum(enter, leave), leave, None, ctx.shape)
    return not_before(ctx.window(SOURCE, length, shift_days).additive(total), ctx, told, shift_days)


def _length(metric: Metric) -> int:
    return metric.window or 28


def _of_positive_topic(ctx: Context, rows: Rows) -> Bools:
    topics = [topic.strip().lower() for topic in ctx.rules.definitions.positive_topics]
    named = rows.words("topic").is_in(topics) | rows.words("kind").is_in(topics)
    return named.fill_null(False).to_numpy()


def _hours(rows: Rows) -> Floats:
    """[n] hours from opening to resolution, never negative; NaN where one of them is not known."""
    seconds = [name for name in ("opened_at_seconds", "resolved_at_seconds") if name in rows.frame.columns]
    if len(seconds) == 2:
        opened, resolved = (rows.numbers(name) for name in seconds)
        return np.maximum((resolved - opened) / 3600.0, 0.0)
    opened, resolved = (numbers_of(rows.column(name)) for name in ("opened_at", "resolved_at"))
    return np.maximum((resolved - opened) * 24.0, 0.0)


def _most(ctx: Context, rows: Rows, length: int, ends: Ints) -> Ints:
    """[A, T] the largest number of tickets on one topic in the window."""
    accounts, periods = ctx.shape
    result = np.zeros((accounts, periods), dtype=np.int64)
    pair = rows.frame.select(
        pl.struct(pl.col("account"), rows.words("topic").alias("t")).rank("dense")
    ).to_series()
    code = pair.to_numpy().astype(np.int64) - 1
    owner = np.zeros(int(code.max(initial=-1)) + 1, dtype=np.int64)
    owner[code] = rows.account
    step = max(1, CELLS // max(periods, 1))
    for first in range(0, len(owner), step):
        some = owner[first : first + step]
        inside = (code >= first) & (code < first + step)
        counts = window_sum(code[inside] - first, rows.day[inside], None, len(some), ends, length)
        # Pairs are ranked by account first: those of one account lie together.
        opens = np.flatnonzero(np.concatenate([[True], some[1:] != some[:-1]]))
        most = np.maximum.reduceat(counts, opens, axis=0)
        result[some[opens]] = np.maximum(result[some[opens]], most)
    return result
