"""A metric seen against something: its own past, or the other accounts of the period."""

from __future__ import annotations

import numpy as np
from msgspec.structs import replace

from segkit.engine.baselines.judged import Asked, Judged, judge
from segkit.engine.counting.context import Context
from segkit.engine.counting.values import Bools, Floats, Values, settled
from segkit.engine.counting.windows import nowhere
from segkit.ruleset.catalogue import BASELINE_VIEWS, METRICS, SpecKind
from segkit.ruleset.expr import Metric

UNWINDOWED_DAYS = 28
"""How far back `.previous` looks for a metric without a window."""
YEAR_DAYS = 364
MIN_BASE = 5
"""Counts below this have no relative change."""
OWN_SPANS = {"variation_12w": 84, "active_weeks_12w": 84}
"""Days that metrics of fixed length look back."""


def viewed(ctx: Context, metric: Metric, shift_days: int = 0) -> Values:
    """A metric through its view, as it was `shift_days` before each period's end.

    Raises LookupError for a view that cannot be computed; rules are checked for that before they get here.
    """
    return ctx.unpaused(metric, _viewed(ctx, metric, shift_days), shift_days)


def _viewed(ctx: Context, metric: Metric, shift_days: int) -> Values:
    now = ctx.measure(metric, shift_days)
    match metric.view:
        case None:
            return now
        case "previous":
            return _base(ctx, metric, shift_days, span(ctx, metric) or UNWINDOWED_DAYS)
        case "last_year":
            return _base(ctx, metric, shift_days, YEAR_DAYS)
        case "change":
            return _against(ctx, metric, now, shift_days, span(ctx, metric) or UNWINDOWED_DAYS)
        case "vs_last_year":
            return _against(ctx, metric, now, shift_days, YEAR_DAYS)
        case "delta":
            base = _base(ctx, metric, shift_days, span(ctx, metric) or UNWINDOWED_DAYS)
            return settled(difference(now, base), ctx.life)
        case "percentile":
            return settled(percentile(now, ctx.life), ctx.life)
        case view if view in BASELINE_VIEWS:
            found = judged(ctx, metric, shift_days)
            seen, before = found.view(view), ctx.first - found.first
            return settled(Values(seen.value[:, before:], seen.missing[:, before:]), ctx.life)
        case view:
            raise LookupError(f"the view {view} cannot be computed")


def span(ctx: Context, metric: Metric) -> int | None:
    """Days of the window that a metric declares; None without one."""
    custom = ctx.rules.metrics.get(metric.name)
    if custom is not None:
        return custom.window
    return metric.window or METRICS[metric.name].default_window


def judged(ctx: Context, metric: Metric, shift_days: int = 0) -> Judged:
    """The baseline of a metric, whatever its view, over the periods of the context or more."""
    window = OWN_SPANS.get(metric.name) or span(ctx, metric)
    asked = Asked(
        metric=replace(metric, view=None),
        kind=kind_of(ctx, metric),
        additive=_additive(ctx, metric),
        window=window or UNWINDOWED_DAYS,
        lived=window or 1,
        shift=shift_days,
    )
    return judge(ctx, asked)


def _additive(ctx: Context, metric: Metric) -> bool:
    custom = ctx.rules.metrics.get(metric.name)
    if custom is not None:
        return custom.kind in ("count", "sum") and custom.window is not None
    return METRICS[metric.name].additive


def kind_of(ctx: Context, metric: Metric) -> SpecKind:
    """What a view does with the metric: a custom one is a count, a share, or a level."""
    custom = ctx.rules.metrics.get(metric.name)
    if custom is None:
        return METRICS[metric.name].kind
    if custom.kind == "share_of" or custom.unit == "share":
        return "share"
    return "count" if custom.kind in ("count", "distinct") else "level"


def _base(ctx: Context, metric: Metric, shift: int, back: int) -> Values:
    """The metric `back` days earlier; missing where its window is not wholly on the roster."""
    base = ctx.measure(metric, shift + back)
    length = OWN_SPANS.get(metric.name) or span(ctx, metric) or 1
    outside = ctx.life & ~ctx.on_roster(length, shift + back)
    value = np.where(outside, np.nan, base.value)
    return Values(value, base.missing | outside, base.gap, base.at_least)


def _against(ctx: Context, metric: Metric, now: Values, shift: int, back: int) -> Values:
    base = _base(ctx, metric, shift, back)
    kind = kind_of(ctx, metric)
    if kind in ("share", "score"):
        return settled(difference(now, base), ctx.life)
    return settled(relative(now, base, MIN_BASE if kind == "count" else 0), ctx.life)


def difference(now: Values, base: Values) -> Values:
    """now − base in the metric's own unit; unknown where either is only a lower bound."""
    return Values(_exact(now) - _exact(base), now.missing | base.missing, _gaps(now, base))


def relative(now: Values, base: Values, min_base: float) -> Values:
    """now / base − 1; missing over a base of zero or under `min_base`, never infinite."""
    small = (base.value == 0) | (base.value < min_base)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(small, np.nan, _exact(now) / _exact(base) - 1)
    return Values(value, now.missing | base.missing | small, _gaps(now, base))


def percentile(now: Values, life: Bools) -> Values:
    """Mid-rank 0 to 1 among the accounts with a known value in the period: 0.5 for the only one."""
    value = np.full_like(now.value, np.nan)
    known = life & ~np.isnan(now.value)
    for period in range(value.shape[-1]):
        inside = known[:, period]
        mine = now.value[inside, period]
        ranked = np.sort(mine)
        below = np.searchsorted(ranked, mine, side="left") + np.searchsorted(ranked, mine, side="right")
        value[inside, period] = below / (2 * max(len(mine), 1))
    return Values(value, now.missing, now.gap)


def _exact(values: Values) -> Floats:
    return values.value if values.at_least is None else np.where(values.at_least, np.nan, values.value)


def _gaps(now: Values, base: Values) -> Bools:
    nothing = nowhere(now.value.shape)
    return (nothing if now.gap is None else now.gap) | (nothing if base.gap is None else base.gap)
