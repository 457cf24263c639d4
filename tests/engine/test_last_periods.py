"""What a metric is in a period does not depend on which periods are computed, nor on which rows are read."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from segkit.engine.counting.values import Values
from segkit.engine.metrics.registry import context_of
from segkit.engine.metrics.rows import rows_of
from segkit.engine.metrics.usage import USAGE_METRICS
from segkit.engine.views import viewed
from segkit.facts.types import Facts
from segkit.ruleset.catalogue import METRICS
from segkit.ruleset.expr import Metric
from segkit.ruleset.model import Definitions, Selection
from tests.engine import build

FIRST, PERIODS = date(2025, 1, 6), 60
DEFINITIONS = Definitions(
    login=Selection(events=("login",)),
    core_workflow=Selection(features=("api", "reports")),
    core_features=("api", "reports"),
    advanced_features=("api",),
)
RULES = build.ruleset(DEFINITIONS)


def metrics() -> list[Metric]:
    found = [Metric("days_to_feature", argument="api")]
    for name in sorted(set(USAGE_METRICS) - {"days_to_feature"}):
        windows = (9, 28, 91) if METRICS[name].windowed else (None,)
        found += [Metric(name, window) for window in windows]
    views = ("change", "delta", "previous", "last_year", "percentile")
    return found + [Metric(name, 28, view) for name in ("events", "active_users") for view in views]


def year(seed: int, told_from: int) -> Facts:
    """Usage of sixty weeks; no row before the day `told_from` says who, what or how long."""
    dice = random.Random(seed)

    def event() -> tuple[str, str, dict[str, Any]]:
        day = dice.randrange(7 * PERIODS)
        told = {
            "user": dice.choice("uvw"),
            "feature": dice.choice(["api", "reports", "alerts"]),
            "session_id": str(dice.randrange(60)),
            "seconds": float(dice.randrange(1, 900)),
        }
        named = {"event": dice.choice(["login", "view"]), "count": dice.randrange(1, 4)}
        when = (FIRST + timedelta(days=day)).isoformat()
        return dice.choice("ABC"), when, named | (told if day >= told_from else {})

    return build.facts(
        events=[event() for _ in range(400)],
        accounts={"A": {}, "B": {"signup_date": "2025-05-07"}, "C": {"signup_date": None}},
        first=FIRST.isoformat(),
        periods=PERIODS,
        metrics=metrics(),
        rules=RULES,
        away={"A": (30, 31)},
        uncovered={"usage": (20, 55)},
    )


FROM_TABLES = [
    *(Metric(name, window) for name in ("tickets", "median_resolution_hours") for window in (9, 28, 91)),
    *(Metric(name, window) for name in ("nps_latest", "csat_mean") for window in (28, 100)),
    *(Metric("tickets", 28, view) for view in ("change", "previous", "percentile")),
]


def rows(seed: int) -> Facts:
    """Tickets and answers of sixty weeks; a ticket may be open for a year, or for ever."""
    dice = random.Random(seed)

    def ticket(number: int) -> dict[str, Any]:
        opened = FIRST + timedelta(days=dice.randrange(7 * PERIODS))
        until = dice.choice([None, 0, 3, 90, 380])
        resolved = None if until is None else (opened + timedelta(days=until)).isoformat()
        named = {"ticket_id": f"T{number}", "account_id": dice.choice("ABC")}
        return {**named, "opened_at": opened.isoformat(), "resolved_at": resolved}

    def answer() -> dict[str, Any]:
        when = (FIRST + timedelta(days=dice.randrange(7 * PERIODS))).isoformat()
        told = {"instrument": dice.choice(["nps", "csat"]), "score": float(dice.randrange(11))}
        return {"account_id": dice.choice("ABC"), "answered_at": when, **told}

    return build.facts(
        tables={"tickets": [ticket(n) for n in range(120)], "surveys": [answer() for _ in range(60)]},
        accounts={"A": {}, "B": {"signup_date": "2025-05-07"}, "C": {"signup_date": None}},
        first=FIRST.isoformat(),
        periods=PERIODS,
        away={"A": (30, 31)},
        uncovered={"tickets": (20, 55), "surveys": (54,)},
    )


@pytest.mark.parametrize("seed", range(6))
def test_rows_that_no_window_of_the_last_weeks_reaches_change_nothing(seed: int) -> None:
    facts = rows(seed)
    whole, last = context_of(RULES, facts), context_of(RULES, facts, PERIODS - 3)
    some = rows_of(last, "tickets", 28)
    assert some is not None
    assert 0 < some.frame.height < 40
    for metric in FROM_TABLES:
        the_same(metric, viewed(last, metric), viewed(whole, metric))


@pytest.mark.parametrize("told_from", [0, 7 * PERIODS - 40, 7 * PERIODS])
@pytest.mark.parametrize("seed", range(3))
def test_the_last_weeks_computed_alone_are_those_of_the_whole(seed: int, told_from: int) -> None:
    facts = year(seed, told_from)
    whole, last = context_of(RULES, facts), context_of(RULES, facts, PERIODS - 3)
    assert [whole.since(reach) for reach in (7, 63, 126)] == [None] * 3
    assert None not in [last.since(reach) for reach in (7, 63, 126)]
    assert last.since(127) is last.since(None) is None
    for metric in metrics():
        the_same(metric, viewed(last, metric), viewed(whole, metric))


def the_same(metric: Metric, part: Values, every: Values) -> None:
    for name in ("value", "missing", "gap", "at_least"):
        found, wanted = getattr(part, name), getattr(every, name)
        if wanted is not None:
            np.testing.assert_array_equal(found, wanted[:, -3:], f"{metric.key} {name}")
