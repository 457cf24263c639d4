"""What was expected, period by period: later facts change no period, and going on equals deciding all.

The values that rules read, which of them cannot exist, and the decisions on them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from polars.testing import assert_frame_equal

from segkit.engine import decide
from segkit.engine.conditions.reads import wanted
from segkit.engine.counting.values import Values
from segkit.engine.decisions import decided
from segkit.engine.panel import Panel, build_panel
from segkit.engine.plan import plan_of
from segkit.engine.results import Decisions
from segkit.facts.types import Facts
from segkit.periods import Calendar
from segkit.ruleset import check_rules_text
from segkit.ruleset.expr import Metric
from segkit.ruleset.model import Baselines, Definitions, RuleSet
from tests.draws import one_in
from tests.engine.build import Event, day, facts

START = date(2026, 1, 5)
EPOCH = date(1970, 1, 1).toordinal()
PERIODS = {"week": 40, "month": 28}
"""Months for the same weeks of two years, weeks for all else."""
METRICS = (
    Metric("events", 28),
    Metric("events", 7),
    Metric("top_feature_share", 30),
    Metric("active_days", 90),
)
RULES = """\
version: 1
name: prefix
peers: [industry, region]
segments:
  - name: at_risk
    enter:
      all:
        - METRIC.vs_expected at most -25%
        - METRIC.z_score at most -0.5
    enter_after: 2
    exit:
      any:
        - all:
            - METRIC.vs_expected at least -20%
            - METRIC.vs_usual at least -20%
        - METRIC.vs_expected is missing
    exit_after: 2
    min_stay: 3
  - name: beside
    enter:
      any:
        - METRIC.vs_peers at least 10%
        - METRIC.expected under METRIC.peers
"""


@cache
def rules(metric: Metric, unit: Any) -> RuleSet:
    found, problems = check_rules_text(
        RULES.replace("METRIC", metric.key),
        path="r.yaml",
        calendar=Calendar(unit),
        definitions=Definitions(),
        attributes={},
        columns={},
    )
    assert found is not None, problems
    return found


@dataclass(frozen=True)
class World:
    """Up to a dozen accounts that come, go, move to another industry; a week that usage does not cover."""

    rules: RuleSet
    metric: Metric
    events: list[Event]
    accounts: dict[str, dict[str, Any]]
    moved: list[dict[str, Any]]
    away: dict[str, list[int]]
    uncovered: list[int]

    def until(self, periods: int) -> Facts:
        """What was known after so many periods."""
        calendar = self.rules.calendar
        last = day(calendar.end(calendar.index(START) + periods - 1))
        return facts(
            events=[each for each in self.events if day(each[1]) <= last],
            accounts=self.accounts,
            snapshots=[each for each in self.moved if day(each["snapshot_at"]) <= last],
            away={name: [p for p in gone if p < periods] for name, gone in self.away.items()},
            uncovered={"usage": [p for p in self.uncovered if p < periods]},
            first=str(START),
            periods=periods,
            calendar=calendar,
            metrics=[self.metric],
            rules=self.rules,
        )


def world(seed: int, metric: Metric, unit: str) -> World:
    rng = np.random.default_rng(seed)
    accounts, periods = int(rng.integers(1, 13)), PERIODS[unit]
    excuse = ("always", "seasonal_only", "off")[int(rng.integers(3))]
    names = [f"A{account:02d}" for account in range(accounts)]
    calendar = Calendar(unit)  # type: ignore[arg-type]
    ends = [day(calendar.end(calendar.index(START) + period)) for period in range(periods)]
    season = 1 + 0.5 * np.sin(np.arange(periods) / 12 * 2 * np.pi)
    low = rng.integers(0, 2 * periods, accounts)[:, None] + np.arange(periods) > 2 * periods - 8
    counts = rng.poisson(rng.lognormal(2.5, 1.0, accounts)[:, None] * season * np.where(low, 0.3, 1.0))
    events: list[Event] = [
        (names[account], ends[period] - int(rng.integers(7)), {"count": int(n), "feature": "ab"[n % 2]})  # type: ignore[misc]
        for (account, period), n in np.ndenumerate(counts)
        if n
    ]
    known = {
        name: {
            "industry": ("Retail", "Finance", None)[int(rng.integers(3))],
            "region": ("EMEA", "AMER")[int(rng.integers(2))],
            "signup_date": ends[0] - 400 + int(rng.integers(500)),
        }
        for name in names
    }
    moves = [(name, ends[int(rng.integers(periods))]) for name in names[::4]]
    moved = [
        {
            **known[name],
            "account_id": name,
            "industry": "Retail",
            "snapshot_at": str(date.fromordinal(EPOCH + at)),
        }
        for name, at in moves
    ]
    away = {name: rng.integers(0, periods, 2).tolist() for name in names[::5]}
    wanted_rules = replace(rules(metric, unit), baselines=Baselines(excuse, float(rng.integers(6))))
    return World(wanted_rules, metric, events, known, moved, away, rng.integers(0, periods, 2).tolist())


def same(early: Panel, late: Panel, span: slice) -> None:
    """Values by key; `late` from its first period on, `early` in those periods of it."""
    for key, column in early.columns.items():
        other = late.columns[key]
        assert isinstance(column, Values)
        assert isinstance(other, Values)
        np.testing.assert_array_equal(column.value, other.value[:, span], key)
        np.testing.assert_array_equal(column.missing, other.missing[:, span], key)


def decisions(made: World, known: Facts) -> tuple[Panel, Decisions]:
    panel = build_panel(made.rules, known, wanted(made.rules))
    return panel, decided(plan_of(made.rules, known, panel, None))


@one_in(5)
@given(
    seed=st.integers(0, 10**9),
    metric=st.sampled_from(METRICS),
    unit=st.sampled_from(sorted(PERIODS)),
    data=st.data(),
)
def test_later_facts_change_no_period_and_going_on_is_a_replay(
    seed: int, metric: Metric, unit: str, data: st.DataObject
) -> None:
    cut = data.draw(st.integers(1, PERIODS[unit] - 1))
    made = world(seed, metric, unit)
    known = made.until(PERIODS[unit])
    panel, replay = decisions(made, known)
    early_panel, early = decisions(made, made.until(cut))
    same(early_panel, panel, slice(0, cut))
    onward = decide(made.rules, known, early.state)
    assert_frame_equal(pl.concat([early.transitions, onward.transitions]), replay.transitions)
    assert_frame_equal(onward.assignments, replay.assignments)
    assert_frame_equal(onward.state.latches, replay.state.latches)
    assert_frame_equal(onward.state.primaries, replay.state.primaries)
