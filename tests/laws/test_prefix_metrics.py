"""Prefix: what becomes known after a period changes no value of that period."""

from __future__ import annotations

import dataclasses
import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from segkit.engine.counting.context import Context
from segkit.engine.counting.values import Values
from segkit.engine.metrics.usage import USAGE_METRICS
from segkit.engine.views import viewed
from segkit.facts.types import Facts
from tests.draws import one_in
from tests.engine.build import day
from tests.engine.worlds import built, context, metric, world

VIEWS = (None, "previous", "change", "percentile")


def until(full: Facts, early: Facts, periods: int) -> Facts:
    """The early usage, with roster and coverage as they stood after the first periods."""
    roster = replace(full.roster, on=full.roster.on[:, :periods], snapshot=full.roster.snapshot[:, :periods])
    last = full.calendar.end(int(full.periods[periods - 1]))
    coverage = {
        name: replace(each, covered=each.covered[:periods], last=last) for name, each in full.coverage.items()
    }
    return replace(early, periods=full.periods[:periods], roster=roster, coverage=coverage)


@one_in(3)
@given(seed=st.integers(0, 10**9), window=st.sampled_from([7, 28, 30]))
def test_later_facts_are_invisible_to_every_metric(seed: int, window: int) -> None:
    rng = random.Random(seed)
    made, rules = world(rng, window)
    whole = context(made, rules)
    periods = rng.randint(1, made.periods - 1)
    last = int(whole.ends[periods - 1])
    before = dataclasses.replace(made, events=[each for each in made.events if day(each[1]) <= last])
    early = Context(rules, until(whole.facts, built(before), periods), USAGE_METRICS)
    for name in rng.sample(sorted(USAGE_METRICS), 6):
        wanted = metric(name, window, rng.choice(VIEWS))
        same(viewed(whole, wanted), viewed(early, wanted), periods, wanted.key)


def same(whole: Values, early: Values, periods: int, name: str) -> None:
    np.testing.assert_array_equal(whole.value[:, :periods], early.value, name)
    np.testing.assert_array_equal(whole.missing[:, :periods], early.missing, name)
    for left, right in ((whole.gap, early.gap), (whole.at_least, early.at_least)):
        assert (left is None) == (right is None)
        if left is not None and right is not None:
            np.testing.assert_array_equal(left[:, :periods], right, name)
