"""Random small worlds: a few accounts, some weeks of usage, holes where holes can be."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

from segkit.engine.counting.context import Context
from segkit.engine.metrics.usage import USAGE_METRICS
from segkit.facts.types import Facts
from segkit.periods import Calendar, epoch_day
from segkit.ruleset.expr import Metric
from segkit.ruleset.model import Definitions, RuleSet, Selection
from tests.engine.build import Event, World, facts, ruleset
from tests.engine.reference import iso

FIRST = {"week": "2025-12-31", "month": "2025-12-01", "day": "2026-01-05"}
PERIODS = {"week": 16, "month": 5, "day": 40}
WINDOWS = (7, 28, 30, 90)
EVENTS = ("view", "login", "email_opened", "workflow", None)
PLAIN = ("variation_12w", "active_weeks_12w", "weeks_since_active", "tenure_days", "departments_active")


def metric(name: str, window: int | None = None, view: str | None = None) -> Metric:
    if name == "days_to_feature":
        return Metric(name, None, view, "api")
    return Metric(name, None if name in PLAIN else window, view)


def definitions(rng: random.Random) -> Definitions:
    return Definitions(
        login=rng.choice([Selection(events=("login",)), "active_day"]),
        activity=rng.choice([Selection(), Selection(except_events=("email_opened",))]),
        core_workflow=Selection(events=("workflow",), features=rng.choice([None, ("api", "export")])),
        core_features=("api", "alerts", "export"),
        advanced_features=("api",),
    )


def world(rng: random.Random, window: int, views: tuple[str, ...] = ()) -> tuple[World, RuleSet]:
    """A world and rules over it, folded for every usage metric with this window."""
    unit = rng.choice(["week", "week", "month", "day"])
    calendar = Calendar(unit, rng.choice([6, 2]))
    periods = PERIODS[unit]
    low = calendar.index(date.fromisoformat(FIRST[unit]))
    first, last = epoch_day(calendar.start(low)), epoch_day(calendar.end(low + periods - 1))
    rules = ruleset(definitions(rng), calendar)
    accounts: dict[str, Any] = {
        "A": {},
        "B": {"signup_date": iso(rng.randint(first - 40, last))},
        "C": {"signup_date": rng.choice([None, iso(first + 3)]), "churned_at": iso(rng.randint(first, last))},
    }
    move = rng.randint(first, last)
    mapping = [
        ("user:1", "A", None, iso(move)),
        ("user:1", "B", iso(move + 1), None),
        ("email:b@b", "B", None, None),
    ]
    people = [
        {"user_key": "user:1", "person": "p1", "department": "ops", "account_id": "A"},
        {"user_key": "user:2", "person": "p1", "department": "ops", "account_id": "A"},
        {"user_key": "user:3", "person": "p3", "department": rng.choice([None, "it"]), "account_id": "B"},
    ]
    metrics = [metric(name, window, view) for name in USAGE_METRICS for view in (None, *views)]
    made = World(
        events=[event(rng, first, last) for _ in range(rng.choice([0, 5, 30, 80]))],
        accounts=accounts,
        first=FIRST[unit],
        periods=periods,
        calendar=calendar,
        metrics=metrics,
        rules=rules,
        mapping=mapping,
        people=people,
        away={"A": rng.sample(range(periods), rng.choice([0, 0, 2]))},
        uncovered={"usage": rng.sample(range(periods), rng.choice([0, 1, 3]))},
    )
    return made, rules


def event(rng: random.Random, first: int, last: int) -> Event:
    fields: dict[str, Any] = {"count": rng.choice([1, 1, 3])}
    choices = {
        "event": EVENTS,
        "feature": ("api", "alerts", "export", "misc", None),
        "user": (1, 2, 3, 4, None),
        "session_id": ("s1", "s2", "s3", None),
        "seconds": (30.0, 0.25, None),
    }
    for name, values in choices.items():
        value = rng.choice(values)
        if value is not None:
            fields[name] = value
    who = rng.choice(["A", "A", "B", "C", "user:1", "email:b@b", "user:9"])
    return (who, iso(rng.randint(first - 10, last)), fields)


def built(made: World) -> Facts:
    return facts(**{name: getattr(made, name) for name in made.__dataclass_fields__})


def context(made: World, rules: RuleSet) -> Context:
    return Context(rules, built(made), USAGE_METRICS)
