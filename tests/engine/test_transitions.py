"""Small worlds, and the rows that their changes leave."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from segkit.engine import decide
from segkit.engine.results import Decisions
from segkit.ruleset import expr as x
from segkit.ruleset.model import Dimension, RuleSet, Segment, Times
from tests.engine.build import facts

EVENTS = x.Metric("events", 7)
TENURE = x.Metric("tenure_days")


def number(value: float) -> x.Number:
    return x.Number(value, f"{value:g}")


LOW = x.Compare(EVENTS, "<", number(2))
HIGH = x.Compare(EVENTS, ">=", number(2))


def rules(*segments: Segment, flags: tuple[Segment, ...] = (), **more: Any) -> RuleSet:
    names = tuple(s.name for s in (*segments, *flags))
    main = Dimension("segments", segments, "needs_review")
    return RuleSet("test", 1, (main,), flags, scan_order=names, logic="L", **more)


def weekly(*counts: int, account: str = "A") -> list[tuple[str, str]]:
    """Events of an account in the weeks from 5 January 2026 on, on their Mondays."""
    monday = date(2026, 1, 5)
    return [
        (account, str(monday + timedelta(weeks=week)))
        for week, count in enumerate(counts)
        for _ in range(count)
    ]


def decided(rule_set: RuleSet, *counts: int, **world: Any) -> Decisions:
    events = weekly(*counts)
    world = {"accounts": {"A": {}}, "periods": len(counts)} | world
    return decide(rule_set, facts(events=events, metrics=[EVENTS], **world))


def moves(decisions: Decisions) -> list[tuple[str | None, str | None, str]]:
    return decisions.transitions.select("from", "to", "cause").rows()


def reasons(decisions: Decisions) -> list[str]:
    return decisions.transitions["because"].to_list()


RISK = Segment("risk", LOW, enter_after=Times(2, 2))
ACTIVE = Segment("active", HIGH)


def test_the_first_row_is_first_seen_and_comes_from_nowhere() -> None:
    assert moves(decided(rules(ACTIVE), 3)) == [(None, "active", "first_seen")]


def test_an_account_that_joins_is_first_seen_too() -> None:
    found = decided(rules(ACTIVE), 0, 3, accounts={"A": {"signup_date": "2026-01-12"}})
    assert moves(found) == [(None, "active", "first_seen")]


def test_a_fall_in_use_is_behaviour() -> None:
    found = decided(rules(RISK, ACTIVE), 3, 3, 1, 1)
    assert moves(found)[1:] == [
        ("active", "needs_review", "behaviour"),
        ("needs_review", "risk", "behaviour"),
    ]
    assert reasons(found)[1:] == ["events_7d 1 (under 2)", "events_7d 1 (under 2)"]


def test_a_limit_of_days_is_a_timer() -> None:
    new = Segment("new", x.Compare(TENURE, "<", number(14)))
    found = decided(rules(new, ACTIVE), 3, 3, 3, accounts={"A": {"signup_date": "2026-01-05"}})
    assert moves(found)[1:] == [("new", "active", "timer")]
    assert reasons(found)[1] == "tenure_days 20 (at least 14)"


def test_a_value_that_became_known_is_data() -> None:
    found = decided(rules(RISK, ACTIVE), 3, 3, 0, 3, uncovered={"usage": [0]})
    assert moves(found)[:2] == [(None, "unknown", "first_seen"), ("unknown", "active", "first_seen")]
    quiet = Segment("quiet", LOW, enter_after=Times(1, 1), exit=HIGH)
    silent = decided(
        rules(quiet, Segment("old", x.Compare(TENURE, ">", number(1)))), 3, 0, 0, uncovered={"usage": [1]}
    )
    assert moves(silent)[-1] == ("old", "quiet", "data")


def test_what_held_all_along_is_no_reason_beside_a_limit_of_days() -> None:
    joined = {"A": {"signup_date": "2026-01-05"}}
    young = Segment("young", x.Any((x.Compare(TENURE, "<", number(13)), LOW)))
    grown = Segment("grown", x.All((x.Compare(TENURE, ">=", number(13)), HIGH)))
    found = decided(rules(young, grown), 3, 3, 3, accounts=joined)
    assert moves(found)[1:] == [("young", "grown", "timer")]


def test_an_exit_that_enter_had_kept_back_has_the_cause_that_ended_enter() -> None:
    joined = {"A": {"signup_date": "2026-01-05"}}
    many = x.Compare(EVENTS, ">=", number(99))
    young = Segment("young", x.Any((x.Compare(TENURE, "<", number(13)), many)), exit=HIGH)
    assert moves(decided(rules(young), 3, 3, 3, accounts=joined))[1:] == [("young", "needs_review", "timer")]
    busy = Segment("busy", x.Any((x.Compare(TENURE, "<", number(1)), many)), exit=HIGH)
    assert moves(decided(rules(busy), 99, 3, accounts=joined))[1:] == [("busy", "needs_review", "behaviour")]


def test_a_move_that_min_stay_held_is_a_timer() -> None:
    stays = Segment("active", HIGH, min_stay=3)
    found = decided(rules(stays), 3, 0, 0, 0)
    assert moves(found)[1:] == [("active", "needs_review", "timer")]


def test_what_the_data_began_stays_data_when_min_stay_held_it() -> None:
    stays = Segment("active", HIGH, exit=LOW, min_stay=3)
    found = decided(rules(stays), 3, 0, 0, 0, uncovered={"usage": [1]})
    assert moves(found)[1:] == [("active", "needs_review", "data")]


def test_a_streak_takes_the_cause_of_what_started_it() -> None:
    old_and_low = Segment("risk", x.All((LOW, x.Compare(TENURE, ">=", number(14)))), enter_after=Times(2, 2))
    found = decided(rules(old_and_low), 0, 0, 0, 0, accounts={"A": {"signup_date": "2026-01-05"}})
    assert moves(found)[1:] == [("needs_review", "risk", "timer")]


def test_an_expired_membership_ends_by_data() -> None:
    found = decided(rules(Segment("active", HIGH, expire_after=2)), 3, 0, 0, uncovered={"usage": [1, 2]})
    assert moves(found)[1:] == [("active", "needs_review", "data")]
    assert reasons(found)[1] == "exit unknown for 2 weeks"


def test_leaving_and_returning_are_roster_rows_for_the_dimension_and_each_set_flag() -> None:
    flag = Segment("busy", HIGH)
    found = decided(rules(ACTIVE, flags=(flag,)), 3, 0, 3, 3, away={"A": [1]})
    assert found.transitions.select("dimension", "from", "to", "cause").rows() == [
        ("flags", None, "busy", "first_seen"),
        ("segments", None, "active", "first_seen"),
        ("flags", "busy", "left", "roster"),
        ("segments", "active", "left", "roster"),
        ("flags", "left", "busy", "roster"),
        ("segments", "left", "active", "roster"),
    ]


def test_the_entering_latch_decides_when_the_new_primary_is_higher() -> None:
    found = decided(rules(Segment("risk", LOW), Segment("old", x.Compare(TENURE, ">", number(1)))), 3, 0)
    assert reasons(found)[1] == "events_7d 0 (under 2)"


def test_the_leaving_latch_decides_when_the_new_primary_is_lower() -> None:
    found = decided(rules(Segment("risk", LOW), Segment("old", x.Compare(TENURE, ">", number(1)))), 0, 3)
    assert moves(found)[1:] == [("risk", "old", "behaviour")]
    assert reasons(found)[1] == "events_7d 3 (at least 2)"


def test_flags_are_set_and_cleared() -> None:
    flag = Segment("busy", HIGH)
    found = decided(rules(Segment("all", x.Compare(TENURE, ">", number(1))), flags=(flag,)), 0, 3, 0)
    assert moves(found)[1:] == [(None, "busy", "behaviour"), ("busy", None, "behaviour")]


def test_leaving_and_coming_back_say_so_and_unknown_says_that_nothing_is_known() -> None:
    found = decided(rules(ACTIVE), 3, 0, 3, away={"A": [1]})
    assert reasons(found)[1:] == ["left the roster", "events_7d 3 (at least 2)"]
    dark = decided(rules(ACTIVE), 3, 3, uncovered={"usage": [0]})
    assert reasons(dark) == ["nothing known yet", "events_7d 3 (at least 2)"]
