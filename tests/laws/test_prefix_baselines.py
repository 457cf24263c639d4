"""Prefix for what was expected: later facts change no period, and computing only the end changes none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from segkit.engine.metrics.registry import context_of
from segkit.engine.values import Values
from segkit.engine.views import viewed
from segkit.facts.types import Facts
from segkit.ruleset.catalogue import BASELINE_VIEWS
from segkit.ruleset.expr import Metric
from segkit.ruleset.model import Baselines, RuleSet
from tests.engine.build import Event, day, facts, ruleset

FIRST = 20458
"""2026-01-05, a Monday."""
WEEKS = 80
METRICS = (
    Metric("events", 28),
    Metric("events", 7),
    Metric("top_feature_share", 30),
    Metric("active_days", 90),
)


def events(rng: np.random.Generator, accounts: int) -> list[Event]:
    base = rng.lognormal(2.0, 1.0, accounts)
    season = 1 + 0.5 * np.sin(np.arange(WEEKS) / 52 * 2 * np.pi)
    counts = rng.poisson(base[:, None] * season)
    return [
        (
            f"A{account:02d}",
            FIRST + 7 * week + int(rng.integers(7)),
            {"count": int(n), "feature": "ab"[n % 2]},
        )  # type: ignore[misc]
        for (account, week), n in np.ndenumerate(counts)
        if n
    ]


def world(seed: int) -> tuple[RuleSet, list[Event], dict[str, object]]:
    rng = np.random.default_rng(seed)
    accounts = int(rng.integers(1, 24))
    excuse = ("always", "seasonal_only", "off")[int(rng.integers(3))]
    rules = ruleset(peers=("industry", "region"), baselines=Baselines(excuse, float(rng.integers(6))))
    names = [f"A{account:02d}" for account in range(accounts)]
    more = {
        "accounts": {
            name: {
                "industry": ("Retail", "Finance", None)[int(rng.integers(3))],
                "region": ("EMEA", "AMER")[int(rng.integers(2))],
                "signup_date": int(FIRST - 300 + rng.integers(400)),
            }
            for name in names
        },
        "away": {name: rng.integers(0, WEEKS, 2).tolist() for name in names[::4]},
        "uncovered": {"usage": rng.integers(0, WEEKS, 3).tolist()},
        "metrics": METRICS,
        "pauses": pauses(rng, names),
        "rules": rules,
        "periods": WEEKS,
    }
    return rules, events(rng, accounts), more


def pauses(rng: np.random.Generator, names: list[str]) -> list[dict[str, object]]:
    """Of single accounts, a group and everybody, of all metrics and of some; in half of the worlds none."""
    found: list[dict[str, object]] = []
    whose = [{"account_id": name} for name in names[::3]] + [{"attribute": "region", "value": "EMEA"}, {}]
    for who in whose if rng.random() < 0.5 else []:
        first = int(FIRST + rng.integers(-60, 7 * WEEKS))
        metrics = [["events_28d"], ["usage", "active_days"], []][int(rng.integers(3))]
        last = first + int(rng.integers(40))
        found.append({**who, "first": first, "last": last, "reason": "rest", "metrics": metrics})
    return found


def until(full: Facts, early: Facts, periods: int) -> Facts:
    """The early usage, with roster and coverage as they stood after the first periods."""
    roster = replace(full.roster, on=full.roster.on[:, :periods], snapshot=full.roster.snapshot[:, :periods])
    last = full.calendar.end(int(full.periods[periods - 1]))
    coverage = {n: replace(c, covered=c.covered[:periods], last=last) for n, c in full.coverage.items()}
    pauses = None if full.pauses is None else full.pauses.filter(pl.col("first") < FIRST + 7 * periods)
    return replace(early, periods=full.periods[:periods], roster=roster, coverage=coverage, pauses=pauses)


def same(left: Values, right: Values, span: slice, name: str) -> None:
    np.testing.assert_array_equal(left.value[:, span], right.value, name)
    np.testing.assert_array_equal(left.missing[:, span], right.missing, name)


@given(seed=st.integers(0, 10**9), cut=st.integers(1, WEEKS - 1), place=st.integers(0, len(METRICS) - 1))
@settings(max_examples=40, deadline=None)
def test_what_comes_later_and_what_is_left_out_change_nothing(seed: int, cut: int, place: int) -> None:
    rules, rows, more = world(seed)
    full = facts(events=rows, **more)
    known = [each for each in rows if day(each[1]) < FIRST + 7 * cut]
    accounts = {name: {} for name in full.roster.accounts} | dict(more["accounts"])  # type: ignore[call-overload]
    early = until(full, facts(events=known, **{**more, "accounts": accounts}), cut)
    whole, before = context_of(rules, full), context_of(rules, early)
    after = context_of(rules, full, cut)
    for view in BASELINE_VIEWS:
        metric = replace(METRICS[place], view=view)
        found = viewed(whole, metric)
        same(found, viewed(before, metric), slice(0, cut), metric.key)
        same(found, viewed(after, metric), slice(cut, None), metric.key)
