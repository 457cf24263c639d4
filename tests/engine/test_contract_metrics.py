"""Metrics of renewal, money, seats and health, by hand."""

from __future__ import annotations

from typing import Any

import pytest

from segkit.engine.counting.values import Values
from segkit.engine.metrics.health import health_coverage
from segkit.engine.metrics.registry import context_of
from segkit.facts.types import Facts
from segkit.ruleset.expr import Metric
from segkit.ruleset.model import Definitions, HealthPart, Selection
from tests.engine import build
from tests.engine.tabled import OLD, dated, measured, ticket, told


def test_renewal_is_counted_down_from_the_snapshot_of_the_time() -> None:
    world: dict[str, Any] = {
        "accounts": {"A": {"renewal_date": "2026-01-20"}, "B": {}},
        "snapshots": [{"account_id": "A", "snapshot_at": "2026-01-23", "renewal_date": "2026-02-09"}],
    }
    assert measured("days_to_renewal", **world) == [9.0, 2.0, 15.0, 8.0, 1.0, -6.0, -13.0, -20.0]
    assert measured("days_to_renewal", shift=7, **world)[:3] == ["?", 9.0, 2.0]
    assert measured("days_to_renewal", account=1, **world) == ["-"] * 8


def test_notice_acts_from_its_own_date_and_can_be_withdrawn() -> None:
    world: dict[str, Any] = {
        "accounts": {"A": {"notice_date": "2026-01-18"}, "B": {}},
        "snapshots": [{"account_id": "A", "snapshot_at": "2026-02-16"}],
    }
    assert measured("notice_given", **world) == [0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0]
    assert measured("notice_given", account=1, **world) == [0.0] * 8


def test_revenue_is_what_the_accounts_say_else_twelve_months_of_running_subscriptions() -> None:
    world = dated(
        "subscriptions",
        {"starts_on": "2026-01-12", "ends_on": "2026-02-08", "mrr": 100.1},
        {"starts_on": "2026-01-26", "ends_on": "2026-02-15", "mrr": 50.05},
        {"account_id": "B", "starts_on": "2026-01-05", "mrr": 10.0},
    )
    world["accounts"] = {"A": {}, "B": {"arr": 500.0}, "C": {}}
    assert measured("arr", **world) == ["-", 1201.2, 1201.2, 1801.8, 1801.8, 600.6, 0.0, 0.0]
    assert measured("arr", account=1, **world) == [500.0] * 8
    assert measured("arr", account=2, **world) == ["-"] * 8
    assert measured("arr_change", 14, **world) == ["-", "?", "-", 0.5, 0.5, pytest.approx(-2 / 3), -1.0, -1.0]


def test_a_payment_is_overdue_from_the_day_after_it_was_due_until_it_is_paid() -> None:
    world = dated(
        "payments",
        {"due_on": "2026-01-10", "paid_on": "2026-01-05"},
        {"due_on": "2026-01-11", "paid_on": "2026-02-08"},
        {"due_on": "2026-01-20", "paid_on": None},
        {"due_on": "2026-01-21", "paid_on": "2026-01-25"},
    )
    assert measured("payments_overdue", **world) == [0.0, 1.0, 2.0, 2.0, 1.0, 1.0, 1.0, 1.0]


def test_seats_and_limits_are_shares_of_what_is_paid_for() -> None:
    rules = build.ruleset()
    seats, limit = Metric("seats_used"), Metric("plan_limit_used")
    events = [("A", "2026-01-06", {"user": "1"}), ("A", "2026-01-07", {"user": "2", "count": 3})]
    facts = build.facts(
        rules=rules,
        events=[*events, ("B", "2026-01-06", {"user": "3"})],
        accounts={
            "A": {"signup_date": "2026-01-05", "seats": 4.0, "plan_limit": 8.0},
            "B": {"signup_date": "2026-01-05"},
        },
        metrics=[seats, limit],
    )
    ctx = context_of(rules, facts)
    assert told(ctx.measure(seats)) == [0.5, 0.5, 0.5, 0.5, 0.0, 0.0, 0.0, 0.0]
    assert told(ctx.measure(limit)) == [0.5, 0.5, 0.5, 0.5, 0.0, 0.0, 0.0, 0.0]
    assert told(ctx.measure(seats), 1) == ["-"] * 8


def test_seats_are_those_of_running_subscriptions_where_the_accounts_name_none() -> None:
    rules, seats = build.ruleset(), Metric("seats_used")
    facts = build.facts(
        rules=rules,
        events=[("A", "2026-01-06", {"user": "1"}), ("A", "2026-02-10", {"user": "1"})],
        accounts={"A": {"signup_date": "2026-01-05"}},
        metrics=[seats],
        **dated(
            "subscriptions",
            {"starts_on": "2026-01-05", "ends_on": "2026-02-01", "seats": 2.0},
            {"starts_on": "2026-01-19", "ends_on": None, "seats": 2.0},
        ),
    )
    found = told(context_of(rules, facts).measure(seats))
    assert found == [0.5, 0.5, 0.25, 0.25, 0.0, 0.5, 0.5, 0.5]


def test_first_value_is_the_first_core_workflow_where_no_milestone_is_named() -> None:
    rules = build.ruleset(Definitions(core_workflow=Selection(events=("run",))))
    metric = Metric("days_to_first_value")
    facts = build.facts(
        rules=rules,
        events=[("A", "2026-01-20", {"event": "run"}), ("B", "2026-01-20", {"event": "run"})],
        accounts={"A": {"signup_date": "2026-01-06"}, "B": {}},
        metrics=[metric],
    )
    ctx = context_of(rules, facts)
    assert told(ctx.measure(metric)) == ["-", "-", 14.0, 14.0, 14.0, 14.0, 14.0, 14.0]
    assert told(ctx.measure(metric), 1) == ["-"] * 8


# --- health ---


def healthy(facts: Facts, **parts: HealthPart) -> Values:
    ctx = context_of(build.ruleset(Definitions(health_score=parts)), facts)
    return ctx.measure(Metric("health_score"))


def test_an_unknown_part_of_the_health_score_changes_its_gap_and_not_its_weight_in_the_value() -> None:
    world = dated("surveys", {"answered_at": "2026-01-20", "instrument": "nps", "score": 5.0})
    world["tables"]["tickets"] = [ticket("01-06"), ticket("01-07"), ticket("01-27")]
    facts = build.facts(accounts=OLD, no_usage=True, **world)
    found = healthy(
        facts,
        nps=HealthPart(Metric("nps_latest"), 3.0, 0.0, 10.0),
        tickets=HealthPart(Metric("tickets", 7), 1.0, 2.0, 0.0),
    )
    assert told(found) == [0.0, 100.0, 62.5, 50.0, 62.5, 62.5, 62.5, 62.5]
    assert found.gap is not None
    assert found.gap[0].tolist() == [True, True] + [False] * 6
    parts = {
        "nps": HealthPart(Metric("nps_latest"), 3.0, 0.0, 10.0),
        "tickets": HealthPart(Metric("tickets", 7), 1.0, 2.0, 0.0),
    }
    ctx = context_of(build.ruleset(Definitions(health_score=parts)), facts)
    assert health_coverage(ctx)[0].tolist() == [0.25, 0.25] + [1.0] * 6
    nothing = healthy(facts, payments=HealthPart(Metric("payments_overdue"), 1.0, 1.0, 0.0))
    assert told(nothing) == ["?"] * 8
