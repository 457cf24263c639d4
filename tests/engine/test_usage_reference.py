"""Every usage metric equals a loop over raw events, on any calendar, with holes, moves and returns."""

from __future__ import annotations

import random

import numpy as np
import pytest

from segkit.engine.counting.values import Values
from segkit.engine.metrics.usage import USAGE_METRICS
from segkit.engine.views import viewed
from segkit.ruleset.expr import Metric
from tests.engine import reference
from tests.engine.reference import MISSING, UNKNOWN, Answer, Reference
from tests.engine.worlds import WINDOWS, context, metric, world

SEEDS = range(8)


def answers(values: Values, row: int) -> list[Answer]:
    return [
        (MISSING if gone else UNKNOWN) if np.isnan(value) else float(value)
        for value, gone in zip(values.value[row], values.missing[row], strict=True)
    ]


def same(found: Answer, wanted: Answer) -> bool:
    if isinstance(found, str) or isinstance(wanted, str):
        return found == wanted
    return found == pytest.approx(wanted, rel=1e-7, abs=1e-9)


def compare(wanted: Metric, values: Values, expected: object, ref: Reference) -> None:
    for row, account in enumerate(ref.facts.roster.accounts):
        for period, found in enumerate(answers(values, row)):
            right = expected(ref, wanted, account, period)  # type: ignore[operator]
            assert same(found, right), (wanted.key, account, period, found, right)


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("seed", SEEDS)
def test_every_usage_metric_equals_a_loop_over_raw_events(seed: int, window: int) -> None:
    made, rules = world(random.Random(seed * 100 + window), window)
    ctx = context(made, rules)
    ref = Reference(made, ctx.facts, rules)
    for name in USAGE_METRICS:
        compare(metric(name, window), ctx.measure(metric(name, window)), reference.expected, ref)


@pytest.mark.parametrize("seed", SEEDS)
def test_views_of_the_past_equal_the_metric_at_the_earlier_day(seed: int) -> None:
    rng = random.Random(seed)
    window = rng.choice([7, 28, 30])
    made, rules = world(rng, window)
    ctx = context(made, rules)
    ref = Reference(made, ctx.facts, rules)
    for name in rng.sample(sorted(USAGE_METRICS), 8):
        for view in ("previous", "change", "delta"):
            wanted = metric(name, window, view)
            if view != "previous" and ctx.measure(wanted).at_least is not None:
                continue
            compare(wanted, viewed(ctx, wanted), reference.viewed, ref)
