"""The health score: declared parts between their worst and best value, weighed."""

from __future__ import annotations

import numpy as np

from segkit.engine.counting.context import Context
from segkit.engine.counting.values import Floats, Values
from segkit.engine.counting.windows import nowhere
from segkit.engine.metrics.formula import exact
from segkit.engine.metrics.rows import unknown
from segkit.engine.views import viewed
from segkit.ruleset.expr import Metric
from segkit.ruleset.model import HealthPart

FULL = 100.0


def health_score(ctx: Context, metric: Metric, shift_days: int = 0) -> Values:
    """Weighted mean of the parts that are known, 0 to 100; `gap` where some part is not.

    Missing where every part is missing.
    """
    parts = ctx.rules.definitions.health_score
    if not parts:
        return unknown(ctx)
    total, weight = np.zeros(ctx.shape), np.zeros(ctx.shape)
    missing = ~nowhere(ctx.shape)
    for part in parts.values():
        values = exact(viewed(ctx, part.metric, shift_days))
        score = _scaled(part, values.value)
        known = ~np.isnan(score)
        total += np.where(known, score * part.weight, 0.0)
        weight += np.where(known, part.weight, 0.0)
        missing &= values.missing
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(weight > 0, FULL * total / weight, np.nan)
    whole = sum(part.weight for part in parts.values())
    return Values(value, missing, gap=(weight > 0) & (weight < whole * (1 - 1e-12)))


def health_coverage(ctx: Context, shift_days: int = 0) -> Floats:
    """[A, T] weight of the known parts of the health score per weight of all; 0 without a known part."""
    parts = ctx.rules.definitions.health_score
    known = np.zeros(ctx.shape)
    for part in parts.values():
        value = exact(viewed(ctx, part.metric, shift_days)).value
        known += np.where(np.isnan(value), 0.0, part.weight)
    return known / (sum(part.weight for part in parts.values()) or 1.0)


def _scaled(part: HealthPart, value: Floats) -> Floats:
    """0 at the worst value and beyond, 1 at the best; either may be the larger number."""
    if part.best == part.worst:
        return np.where(np.isnan(value), np.nan, (value >= part.best).astype(np.float64))
    return np.clip((value - part.worst) / (part.best - part.worst), 0.0, 1.0)
