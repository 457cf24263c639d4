"""Metrics of usage rows: how much, by how many, on how many days, with which features."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from segkit.engine.counting.context import Compute, Context
from segkit.engine.counting.grid import window_sum
from segkit.engine.counting.needs import activity
from segkit.engine.counting.values import Bools, Ints, Values
from segkit.engine.metrics.rows import unknown
from segkit.engine.metrics.usage_history import (
    active_weeks_12w,
    days_to_feature,
    tenure_days,
    variation_12w,
    weeks_since_active,
)
from segkit.engine.metrics.usage_rows import (
    USAGE,
    Days,
    Sightings,
    amounts_of,
    days_of,
    first_timed,
    sightings_of,
)
from segkit.ruleset.catalogue import METRICS
from segkit.ruleset.expr import Metric
from segkit.ruleset.model import Selection

MINUTE_MS = 60_000
PAIRS_AT_ONCE = 20_000


def window_of(metric: Metric) -> int:
    """Days of the window; a metric whose name carries none has the catalogue's."""
    length = metric.window or METRICS[metric.name].default_window
    if length is None:
        raise LookupError(f"{metric.name} needs a window of days")
    return length


def not_before(values: Values, ctx: Context, first: int, shift: int) -> Values:
    """Unknown until the first day on which an export filled the column that the metric reads."""
    late = ((ctx.ends - shift) < first)[None, :]
    return Values(np.where(late, np.nan, values.value), values.missing, values.gap, values.at_least)


def _additive(ctx: Context, metric: Metric, shift: int, days: Days, weight: Ints | None) -> Values:
    length = window_of(metric)
    total = days.sum(ctx, weight, length, shift)
    return ctx.window(USAGE, length, shift).additive(total)


def _reach(metric: Metric, shift: int) -> int:
    return window_of(metric) + shift


def events(ctx: Context, metric: Metric, shift: int) -> Values:
    days = days_of(ctx, activity(ctx.rules), reach=_reach(metric, shift))
    return _additive(ctx, metric, shift, days, days.n)


def active_days(ctx: Context, metric: Metric, shift: int) -> Values:
    days = days_of(ctx, activity(ctx.rules), reach=_reach(metric, shift))
    return _additive(ctx, metric, shift, days, None)


def logins(ctx: Context, metric: Metric, shift: int) -> Values:
    login = ctx.rules.definitions.login
    if not isinstance(login, Selection):
        return active_days(ctx, metric, shift)
    days = days_of(ctx, login, reach=_reach(metric, shift))
    return _additive(ctx, metric, shift, days, days.n)


def core_workflows(ctx: Context, metric: Metric, shift: int) -> Values:
    workflow = ctx.rules.definitions.core_workflow
    if workflow is None:
        return unknown(ctx)
    days = days_of(ctx, workflow, reach=_reach(metric, shift))
    return _additive(ctx, metric, shift, days, days.n)


def minutes(ctx: Context, metric: Metric, shift: int) -> Values:
    days = days_of(ctx, activity(ctx.rules), timed=True, reach=_reach(metric, shift))
    values = _additive(ctx, metric, shift, days, days.ms)
    in_minutes = Values(values.value / MINUTE_MS, values.missing, values.gap)
    return not_before(in_minutes, ctx, first_timed(days), shift)


def sessions(ctx: Context, metric: Metric, shift: int) -> Values:
    """A session counts on its first day."""
    seen = sightings_of(ctx, "session_id", activity(ctx.rules))
    account, day = seen.beginnings()
    length = window_of(metric)
    total = window_sum(account, day, None, ctx.shape[0], ctx.ends - shift, length)
    values = ctx.window(USAGE, length, shift).additive(total)
    return not_before(values, ctx, seen.first, shift)


def _distinct(ctx: Context, metric: Metric, shift: int, seen: Sightings) -> Values:
    length = window_of(metric)
    values = ctx.window(USAGE, length, shift).distinct(seen.distinct(ctx, length, shift))
    return not_before(values, ctx, seen.first, shift)


def _sightings(ctx: Context, column: str, reach: int) -> Sightings:
    return sightings_of(ctx, column, activity(ctx.rules), reach=reach)


def active_users(ctx: Context, metric: Metric, shift: int) -> Values:
    return _distinct(ctx, metric, shift, _sightings(ctx, "user_key", _reach(metric, shift)))


def features(ctx: Context, metric: Metric, shift: int) -> Values:
    return _distinct(ctx, metric, shift, _sightings(ctx, "feature", _reach(metric, shift)))


def advanced_features(ctx: Context, metric: Metric, shift: int) -> Values:
    names = ctx.rules.definitions.advanced_features
    if names is None:
        return unknown(ctx)
    return _distinct(ctx, metric, shift, _sightings(ctx, "feature", _reach(metric, shift)).only(names))


def core_adoption(ctx: Context, metric: Metric, shift: int) -> Values:
    names = ctx.rules.definitions.core_features
    if not names:
        return unknown(ctx)
    used = _distinct(ctx, metric, shift, _sightings(ctx, "feature", _reach(metric, shift)).only(names))
    return Values(used.value / len(set(names)), used.missing, used.gap)


def features_dropped(ctx: Context, metric: Metric, shift: int) -> Values:
    """Those of two windows together less those of the newer; missing where the older leaves the life."""
    length = window_of(metric)
    seen = _sightings(ctx, "feature", length + _reach(metric, shift))
    both, newer = seen.distinct(ctx, 2 * length, shift), seen.distinct(ctx, length, shift)
    values = ctx.window(USAGE, 2 * length, shift).distinct(both - newer)
    young = ctx.life & ~ctx.on_roster(2 * length, shift)
    shown = Values(np.where(young, np.nan, values.value), young, values.gap)
    return not_before(shown, ctx, seen.first, shift)


def departments_active(ctx: Context, metric: Metric, shift: int) -> Values:
    people = ctx.facts.people
    placed = people.filter(people["department"].is_not_null() & people["account_id"].is_not_null())
    having = np.zeros(ctx.shape[0], dtype=bool)
    having[ctx.with_accounts(placed)["account"].to_numpy()] = True
    reach = _reach(metric, shift)
    seen = sightings_of(ctx, "user_key", activity(ctx.rules), label="department", reach=reach)
    values = _distinct(ctx, metric, shift, seen)
    without = ctx.life & ~having[:, None]
    return Values(np.where(without, np.nan, values.value), without, values.gap)


def ratio(top: Values, bottom: Values) -> Values:
    """top / bottom; missing over a known zero."""
    zero = bottom.value == 0
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(zero, np.nan, top.value / bottom.value)
    gaps: list[Bools] = [each.gap for each in (top, bottom) if each.gap is not None]
    gap = np.logical_or.reduce(gaps) if gaps else None
    return Values(value, zero | top.missing | bottom.missing, gap)


def events_per_user(ctx: Context, metric: Metric, shift: int) -> Values:
    return ratio(events(ctx, metric, shift), active_users(ctx, metric, shift))


def minutes_per_session(ctx: Context, metric: Metric, shift: int) -> Values:
    return ratio(minutes(ctx, metric, shift), sessions(ctx, metric, shift))


def top_feature_share(ctx: Context, metric: Metric, shift: int) -> Values:
    length = window_of(metric)
    top, total = _top_and_total(ctx, length, shift)
    share = top / np.maximum(total, 1)
    values = ctx.window(USAGE, length, shift).distinct(share)
    nothing = (total == 0) & ~np.isnan(values.value)
    return Values(np.where(nothing, np.nan, values.value), nothing, values.gap)


def _top_and_total(ctx: Context, length: int, shift: int) -> tuple[Ints, Ints]:
    """[A, T] events of the most used feature, and of all; some thousand account-features at a time."""
    rows = amounts_of(ctx, "feature", activity(ctx.rules))
    top, total = np.zeros(ctx.shape, dtype=np.int64), np.zeros(ctx.shape, dtype=np.int64)
    if not len(rows.day):
        return top, total
    new = np.r_[True, (rows.account[1:] != rows.account[:-1]) | (rows.key[1:] != rows.key[:-1])]
    pair, owner = np.cumsum(new) - 1, rows.account[new]
    for low, high in _whole_accounts(owner):
        rows_in = slice(*np.searchsorted(pair, [low, high]))
        own, day, n = pair[rows_in] - low, rows.day[rows_in], rows.n[rows_in]
        sums = window_sum(own, day, n, high - low, ctx.ends - shift, length)
        ids, starts = np.unique(owner[low:high], return_index=True)
        top[ids] = np.maximum.reduceat(sums, starts, axis=0)
        total[ids] = np.add.reduceat(sums, starts, axis=0)
    return top, total


def _whole_accounts(owner: Ints) -> Iterator[tuple[int, int]]:
    """Cuts pairs sorted by their owner into pieces of about PAIRS_AT_ONCE, never within an owner."""
    low = 0
    while low < len(owner):
        reach = min(low + PAIRS_AT_ONCE, len(owner)) - 1
        high = int(np.searchsorted(owner, owner[reach], side="right"))
        yield low, high
        low = high


def needs_usage(compute: Compute) -> Compute:
    """The metric, unknown where usage was never given."""

    def guarded(ctx: Context, metric: Metric, shift_days: int = 0) -> Values:
        return unknown(ctx) if ctx.facts.usage is None else compute(ctx, metric, shift_days)

    return guarded


_FROM_ROWS: Mapping[str, Compute] = {
    "logins": logins,
    "sessions": sessions,
    "events": events,
    "active_days": active_days,
    "active_users": active_users,
    "minutes": minutes,
    "features": features,
    "events_per_user": events_per_user,
    "minutes_per_session": minutes_per_session,
    "core_adoption": core_adoption,
    "advanced_features": advanced_features,
    "core_workflows": core_workflows,
    "top_feature_share": top_feature_share,
    "features_dropped": features_dropped,
    "departments_active": departments_active,
    "variation_12w": variation_12w,
    "active_weeks_12w": active_weeks_12w,
    "weeks_since_active": weeks_since_active,
    "days_to_feature": days_to_feature,
}
USAGE_METRICS: Mapping[str, Compute] = {
    **{name: needs_usage(compute) for name, compute in _FROM_ROWS.items()},
    "tenure_days": tenure_days,
}
