"""Metrics of tickets, surveys, contracts, people and milestones: literal cases, every null with its reason.

Panel: eight weeks that end on Sundays, 11 January to 1 March 2026. A value of the last period is written
`at -1`; `?` is unknown, `-` is missing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from segkit.engine.counting.values import Values
from segkit.engine.metrics.health import health_coverage
from segkit.engine.metrics.registry import context_of
from segkit.facts.types import Facts
from segkit.ruleset.expr import Metric
from segkit.ruleset.model import Definitions, HealthPart, Selection
from tests.engine import build

OLD = {"A": {}}
WEEKS = ("01-11", "01-18", "01-25", "02-01", "02-08", "02-15", "02-22", "03-01")


def told(values: Values, account: int = 0) -> list[float | str]:
    """The eight values of an account, `?` for unknown and `-` for missing."""
    row = zip(values.value[account].tolist(), values.missing[account].tolist(), strict=True)
    return [("-" if missing else "?") if np.isnan(value) else value for value, missing in row]


def measured(
    name: str,
    window: int | None = None,
    *,
    definitions: Definitions | None = None,
    shift: int = 0,
    account: int = 0,
    **world: Any,
) -> list[float | str]:
    rules = build.ruleset(definitions)
    world = {"accounts": OLD, "no_usage": True, **world}
    ctx = context_of(rules, build.facts(rules=rules, **world))
    return told(ctx.measure(Metric(name, window), shift), account)


def ticket(day: str, resolved: str | None = None, **more: Any) -> dict[str, Any]:
    at = f"2026-{day}"
    done = f"2026-{resolved}" if resolved else None
    return {"ticket_id": f"{at}{more}", "account_id": "A", "opened_at": at, "resolved_at": done, **more}


def dated(source: str, *rows: dict[str, Any]) -> dict[str, Any]:
    return {"tables": {source: [{"account_id": "A", **row} for row in rows]}}


# --- tickets ---


def test_no_ticket_in_a_covered_window_is_zero() -> None:
    tables = {"tickets": [ticket("01-06"), ticket("01-20"), ticket("01-20", topic="x")]}
    found = measured("tickets", 14, tables=tables)
    assert found == [2.0, 1.0, 2.0, 2.0, 0.0, 0.0, 0.0, 0.0]  # week 1: half of 14 days known, 1 scaled to 2


def test_tickets_never_given_are_unknown() -> None:
    for name in ("tickets", "open_tickets", "escalations", "median_resolution_hours", "repeat_topic_tickets"):
        assert measured(name, 28) == ["?"] * 8


def test_uncovered_weeks_are_unknown_or_scaled() -> None:
    tables = {"tickets": [ticket("01-20"), ticket("02-10")]}
    found = measured("tickets", 14, tables=tables, uncovered={"tickets": [4, 6, 7]})
    assert found == [0.0, 0.0, 1.0, 1.0, 0.0, 2.0, 2.0, "?"]


def test_an_account_has_no_tickets_before_its_life_and_off_the_roster() -> None:
    tables = {"tickets": [ticket("01-06"), ticket("01-27"), ticket("02-17")]}
    accounts = {"A": {"signup_date": "2026-01-26", "churned_at": "2026-02-20"}}
    found = measured("tickets", 28, tables=tables, accounts=accounts)
    assert found == ["?", "?", "?", 1.0, 1.0, 1.0, "?", "?"]


def test_a_ticket_is_open_until_the_day_it_is_resolved() -> None:
    tables = {"tickets": [ticket("01-05", "01-05"), ticket("01-12", "02-02"), ticket("01-30", "02-09")]}
    assert measured("open_tickets", tables=tables) == [0.0, 1.0, 1.0, 2.0, 1.0, 0.0, 0.0, 0.0]


def test_open_tickets_are_unknown_until_some_ticket_was_resolved() -> None:
    assert measured("open_tickets", tables={"tickets": [ticket("01-06"), ticket("01-13")]}) == ["?"] * 8
    tables = {"tickets": [ticket("01-06"), ticket("01-13", "01-20")]}
    assert measured("open_tickets", tables=tables)[:4] == ["?", "?", 1.0, 1.0]


def test_resolution_hours_are_the_middle_of_those_resolved_in_the_window() -> None:
    tables = {
        "tickets": [
            ticket("01-12", "01-14"),
            ticket("01-12", "01-16"),
            ticket("01-12", "02-12"),
            ticket("01-26"),
        ]
    }
    found = measured("median_resolution_hours", 14, tables=tables)
    assert found == ["?", 72.0, 72.0, "-", "-", 744.0, 744.0, "-"]


def test_resolution_is_timed_to_the_second_where_the_export_tells_it() -> None:
    opened, took = 1_768_212_000, 5_400
    more = {"opened_at_seconds": opened, "resolved_at_seconds": opened + took}
    tables = {"tickets": [ticket("01-12", "01-12", **more)]}
    assert measured("median_resolution_hours", 7, tables=tables)[1] == 1.5


def test_repeats_are_the_tickets_of_the_commonest_topic() -> None:
    topics = [
        ("01-12", "login"),
        ("01-13", "Login "),
        ("01-14", "export"),
        ("01-27", "login"),
        ("02-20", None),
    ]
    tables = {"tickets": [ticket(day, topic=topic, kind=str(i)) for i, (day, topic) in enumerate(topics)]}
    found = measured("repeat_topic_tickets", 28, tables=tables)
    assert found == ["?", "?", "?", 3.0, 3.0, 1.0, 1.0, 0.0]


def test_escalations_count_what_is_escalated_and_are_unknown_while_nobody_says() -> None:
    tables = {"tickets": [ticket("01-06"), ticket("01-13", escalated=False), ticket("01-20", escalated=True)]}
    assert measured("escalations", 7, tables=tables) == ["?", 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]


def test_a_ticket_is_positive_by_topic_at_once_and_by_satisfaction_from_its_resolution_on() -> None:
    tables = {
        "tickets": [
            ticket("01-06", kind="Praise"),
            ticket("01-12", "01-27", satisfaction=5.0),
            ticket("01-12", "01-13", satisfaction=3.0),
        ]
    }
    definitions = Definitions(positive_topics=("praise",))
    found = measured("positive_tickets", 28, tables=tables, definitions=definitions)
    assert found == [
        "?",
        2.0,
        1.33333333,
        2.0,
        1.0,
        0.0,
        0.0,
        0.0,
    ]  # weeks 2 and 3: scaled from 14 and 21 days


# --- surveys ---


def test_the_newest_nps_answer_counts_for_its_window_and_a_day_with_two_is_their_mean() -> None:
    world = dated(
        "surveys",
        {"answered_at": "2026-01-06", "instrument": "NPS", "score": 9.0},
        {"answered_at": "2026-01-27", "instrument": "nps_q1", "score": 4.0},
        {"answered_at": "2026-01-27", "instrument": "nps_q1", "score": 7.0},
        {"answered_at": "2026-01-28", "instrument": "csat", "score": 1.0},
    )
    assert measured("nps_latest", **world) == [9.0, 9.0, 9.0, 5.5, 5.5, 5.5, 5.5, 5.5]
    assert measured("nps_latest", 14, **world) == [9.0, 9.0, "-", 5.5, 5.5, "-", "-", "-"]


def test_never_answered_is_missing_and_not_covered_is_unknown() -> None:
    world = dated(
        "surveys", {"account_id": "B", "answered_at": "2026-01-06", "instrument": "nps", "score": 9.0}
    )
    world |= {"accounts": {"A": {}, "B": {}}, "uncovered": {"surveys": [6, 7]}}
    assert measured("nps_latest", **world) == ["-"] * 6 + ["?", "?"]
    assert measured("nps_latest", account=1, **world) == [9.0] * 6 + ["?", "?"]


def test_csat_is_the_mean_of_its_window() -> None:
    world = dated(
        "surveys",
        {"answered_at": "2026-01-06", "instrument": "CSAT", "score": 5.0},
        {"answered_at": "2026-01-13", "instrument": "CSAT", "score": 2.0},
        {"answered_at": "2026-01-13", "instrument": "nps", "score": 9.0},
    )
    assert measured("csat_mean", 14, **world) == ["?", 3.5, 2.0, "-", "-", "-", "-", "-"]


def test_response_rate_is_people_who_answered_per_known_person() -> None:
    contacts = [
        {"user_id": "1", "email": "one@a.com", "account_id": "A"},
        {"user_id": "2", "account_id": "A"},
        {"user_id": None, "email": "two@a.com", "account_id": "A"},
        {"user_id": "3", "account_id": "A", "created_at": "2026-02-10"},
        {"user_id": "4", "account_id": "A", "deactivated_at": "2026-01-14"},
    ]
    people = [{"user_key": "user:2", "person": "p2"}, {"user_key": "email:two@a.com", "person": "p2"}]
    surveys = [
        {"account_id": "A", "answered_at": f"2026-{day}", "instrument": "nps", "score": 1.0, **who}
        for day, who in [
            ("01-06", {"user_id": "2"}),
            ("01-13", {"email": "Two@a.com"}),
            ("01-13", {"user_id": "stranger"}),
            ("01-13", {}),
            ("02-11", {"user_id": "3"}),
            ("02-18", {"email": "one@a.com"}),
        ]
    ]
    world = {"tables": {"contacts": contacts, "surveys": surveys}, "people": people}
    found = measured("response_rate", 7, **world)
    assert found == [
        pytest.approx(1 / 3),
        0.5,
        0.0,
        0.0,
        0.0,
        pytest.approx(1 / 3),
        pytest.approx(1 / 3),
        0.0,
    ]
    world["accounts"] = {"A": {}, "B": {}}
    assert measured("response_rate", 7, account=1, **world) == ["-"] * 8


# --- people ---


def test_only_touchpoints_that_were_held_reset_the_days_since() -> None:
    world = dated(
        "touchpoints",
        {"at": "2026-01-13", "status": "held"},
        {"at": "2026-01-20", "status": "missed"},
        {"at": "2026-02-17", "status": None},
    )
    assert measured("days_since_touchpoint", **world) == ["-", 5.0, 12.0, 19.0, 26.0, 33.0, 5.0, 12.0]


def test_missed_and_unanswered_touchpoints_are_counted() -> None:
    world = dated(
        "touchpoints",
        {"at": "2026-01-06", "status": "No_answer"},
        {"at": "2026-01-13", "status": "missed"},
        {"at": "2026-01-13", "status": "held"},
    )
    assert measured("missed_touchpoints", 7, **world) == [1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]


def test_a_key_person_who_left_counts_once_and_only_when_all_ids_are_closed() -> None:
    contacts = [
        {"user_id": "1", "account_id": "A", "is_key": True, "deactivated_at": "2026-01-14"},
        {"user_id": "9", "account_id": "A", "is_key": False, "deactivated_at": "2026-01-21"},
        {"user_id": "2", "account_id": "A", "is_key": False, "deactivated_at": "2026-01-14"},
        {"user_id": "3", "account_id": "A", "is_key": True, "deactivated_at": "2026-01-14"},
        {"user_id": "4", "account_id": "A", "is_key": True},
    ]
    people = [
        {"user_key": "user:1", "person": "p1"},
        {"user_key": "user:9", "person": "p1"},
        {"user_key": "user:3", "person": "p3"},
        {"user_key": "user:4", "person": "p3"},
    ]
    world: dict[str, Any] = {"tables": {"contacts": contacts}, "people": people}
    assert measured("key_users_left", 14, **world) == [0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0]
    world["accounts"] = {"A": {}, "B": {}}
    assert measured("key_users_left", 14, account=1, **world) == ["-"] * 8


# --- milestones ---


def done(day: str, name: str) -> dict[str, Any]:
    return {"completed_at": f"2026-{day}", "milestone": name}


def test_milestones_are_counted_once_and_overdue_after_their_day() -> None:
    definitions = Definitions(expected_milestones={"setup": 7, "report": 21}, first_value="report")
    world = dated("milestones", done("01-06", "other"), done("01-20", "Setup"), done("02-10", "report"))
    world["tables"]["milestones"].append({"account_id": "A", **done("02-20", "setup")})
    world |= {"accounts": {"A": {"signup_date": "2026-01-05"}}, "definitions": definitions}
    assert measured("milestones_done", **world) == [1.0, 1.0, 2.0, 2.0, 2.0, 3.0, 3.0, 3.0]
    assert measured("milestones_overdue", **world) == [0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0]
    assert measured("days_to_first_value", **world) == ["-"] * 5 + [36.0, 36.0, 36.0]


def test_without_a_signup_nothing_is_overdue_or_late() -> None:
    definitions = Definitions(expected_milestones={"setup": 7}, first_value="setup")
    world = dated("milestones", done("01-20", "setup")) | {"accounts": {"A": {"signup_date": None}}}
    assert measured("milestones_overdue", definitions=definitions, **world) == ["-"] * 8
    assert measured("days_to_first_value", definitions=definitions, **world) == ["-"] * 8


# --- contract ---


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
