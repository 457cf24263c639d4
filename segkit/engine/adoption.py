"""When each account first used each feature."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from segkit.engine.counting.needs import activity
from segkit.engine.counting.values import Ints
from segkit.engine.metrics.registry import context_of
from segkit.engine.metrics.usage_rows import NO_ROWS, sightings_of
from segkit.facts.types import Facts
from segkit.ruleset.expr import Metric
from segkit.ruleset.model import RuleSet

ALSO = Metric("features", 28)
"""What must be folded for it, whether or not rules read it."""


def first_uses(rules: RuleSet, facts: Facts) -> Mapping[str, Ints]:
    """Feature -> [A] epoch day of its first use, NO_ROWS where it was never used; by name."""
    if facts.usage is None:
        return {}
    ctx = context_of(rules, facts)
    seen = sightings_of(ctx, "feature", activity(rules))
    day = seen.first_days()
    found = {}
    for key in np.unique(seen.key).tolist():
        mine = seen.key == key
        first = np.full(ctx.shape[0], NO_ROWS, np.int64)
        np.minimum.at(first, seen.account[mine], day[mine])
        found[str(seen.labels[key])] = first
    return dict(sorted(found.items()))
