"""Metrics of tickets, surveys, contracts, people and milestones: literal cases, every null with its reason.

Panel: eight weeks that end on Sundays, 11 January to 1 March 2026. A value of the last period is written
`at -1`; `?` is unknown, `-` is missing.
"""

from __future__ import annotations

from typing import Any

import pytest

from segkit.ruleset.model import Definitions
from tests.engine.tabled import dated, measured, ticket


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
