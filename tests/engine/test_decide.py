"""What a run says about today, and what it leaves for the next one."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace

from segkit.engine import decide, rule_change
from segkit.engine.conditions.reads import off
from segkit.ruleset import expr as x
from segkit.ruleset.model import Dimension, Segment, Times
from tests.engine.build import facts
from tests.engine.test_transitions import (
    ACTIVE,
    EVENTS,
    HIGH,
    LOW,
    RISK,
    TENURE,
    decided,
    moves,
    number,
    rules,
    weekly,
)


def test_an_assignment_says_what_since_when_and_why() -> None:
    held = Segment("active", HIGH, exit=LOW, exit_after=Times(2, 2), min_stay=4, playbook="care")
    row = decided(rules(held), 3, 3, 1).assignments.row(0, named=True)
    assert row["primary"] == "active"
    assert row["since"] == date(2026, 1, 11)
    assert row["weeks_in"] == 3
    assert row["previous"] is None
    assert row["because"] == "held, leaving: events_7d 1 (under 2)"
    assert row["earliest_exit"] == date(2026, 2, 8)
    assert row["playbook"] == "care"
    assert row["basis"] == "none"
    assert row["stale"] is False


def test_the_basis_is_previous_where_a_change_decided() -> None:
    drop = x.Compare(x.Metric("events", 7, "change"), "<=", x.Number(-0.3, "-30%"))
    row = decided(rules(Segment("falling", drop)), 10, 5).assignments.row(0, named=True)
    assert row["because"] == "events_7d.change -50% (at most -30%)"
    assert row["basis"] == "previous"


def test_other_memberships_and_flags_are_named() -> None:
    old = Segment("old", x.Compare(TENURE, ">", number(1)))
    found = decided(rules(ACTIVE, old, flags=(Segment("busy", HIGH),)), 3)
    assert found.assignments.select("primary", "also", "flags").row(0) == ("active", "old", "busy")


def test_nothing_known_is_unknown_and_no_rule_is_otherwise() -> None:
    unknown = decided(rules(ACTIVE), 3, uncovered={"usage": [0]})
    assert unknown.assignments.select("primary", "because").row(0) == ("unknown", "nothing known yet")
    none = decided(rules(ACTIVE), 0)
    assert none.assignments.select("primary", "because").row(0) == ("needs_review", "no segment fits")


def test_who_left_has_no_assignment() -> None:
    assert decided(rules(ACTIVE), 3, 3, away={"A": [1]}).assignments.height == 0


def test_an_account_of_the_first_weeks_enters_without_waiting() -> None:
    assert moves(decided(rules(RISK), 0)) == [(None, "risk", "first_seen")]
    young = decided(rules(RISK), 0, accounts={"A": {"signup_date": "2026-01-05"}})
    assert moves(young) == [(None, "needs_review", "first_seen")]


def test_a_dimension_is_stale_after_max_gap_weeks_in_the_dark() -> None:
    found = decided(rules(ACTIVE), 3, 0, 0, 0, 0, uncovered={"usage": [1, 2, 3, 4]})
    assert found.dimensions["segments"].stale.tolist() == [[False, False, False, False, True]]


def test_a_dimension_that_reads_no_events_is_never_stale() -> None:
    old = Dimension("age", (Segment("old", x.Compare(TENURE, ">", number(1))),))
    both = replace(rules(ACTIVE), dimensions=(rules(ACTIVE).main, old), scan_order=("active", "old"))
    found = decided(both, 3, 0, 0, 0, 0, uncovered={"usage": [1, 2, 3, 4]})
    assert not found.dimensions["age"].stale.any()


def test_segments_over_a_source_never_given_are_off() -> None:
    angry = x.Compare(x.Metric("nps_latest", 180), "<=", number(6))
    some = Segment("some", x.Any((angry, LOW)))
    every = Segment("every", x.All((angry, LOW)))
    after = Segment("after", x.Member("every"))
    found = off(rules(some, every, after), {"usage", "accounts"})
    assert found == {"every": "no surveys", "after": "no surveys"}


def test_what_accounts_or_subscriptions_tell_is_off_only_without_both() -> None:
    rich = Segment("rich", x.Compare(x.Metric("arr"), ">=", number(1000)))
    paid = {"subscriptions": [{"account_id": "A", "starts_on": "2025-01-01", "mrr": 500.0}]}
    found = decided(rules(rich), 3, tables=paid)
    assert found.off == {}
    assert found.transitions["because"].to_list() == ["arr 6000 (at least 1000)"]
    assert off(rules(rich), {"usage"}) == {"rich": "no accounts or subscriptions"}


def test_metrics_of_departments_and_answers_need_contacts() -> None:
    wide = Segment("wide", x.Compare(x.Metric("departments_active", 28), ">=", number(2)))
    heard = Segment("heard", x.Compare(x.Metric("response_rate", 180), ">=", number(0.5)))
    assert off(rules(wide, heard), {"usage", "surveys"}) == {"wide": "no contacts", "heard": "no contacts"}


def test_membership_can_be_read_by_other_segments_in_the_same_week() -> None:
    echo = Segment("echo", x.Compare(x.WeeksIn("active"), ">=", number(2)))
    found = decided(replace(rules(echo, ACTIVE), scan_order=("active", "echo")), 3, 3, 0)
    assert found.member["echo"].tolist() == [[False, True, False]]


def test_a_run_goes_on_from_the_state_of_the_last_one() -> None:
    rule_set = rules(RISK, ACTIVE)
    first = decided(rule_set, 3, 3, 1)
    world = facts(events=weekly(3, 3, 1, 1), accounts={"A": {}}, periods=4, metrics=[EVENTS])
    second = decide(rule_set, world, first.state)
    assert second.as_of == (date(2026, 2, 1),)
    assert moves(second) == [("needs_review", "risk", "behaviour")]
    assert second.assignments["previous"].to_list() == ["needs_review"]


def test_a_state_of_other_rules_is_refused() -> None:
    first = decided(rules(ACTIVE), 3)
    world = facts(events=weekly(3, 3), accounts={"A": {}}, periods=2, metrics=[EVENTS])
    with pytest.raises(ValueError, match="other rules"):
        decide(replace(rules(ACTIVE), logic="other"), world, first.state)


def test_new_rules_move_accounts_by_rule_change_at_the_published_date() -> None:
    published = decided(rules(ACTIVE, flags=(Segment("busy", HIGH),)), 1).state
    easier = Segment("active", x.Compare(EVENTS, ">=", number(1)))
    calm = Segment("calm", LOW)
    replayed = decided(replace(rules(easier, flags=(calm,)), logic="new"), 1, 1)
    assert rule_change(published, replayed).rows() == [
        ("A", date(2026, 1, 11), "flags", None, "calm", "rule_change", "the rules changed"),
        ("A", date(2026, 1, 11), "segments", "needs_review", "active", "rule_change", "the rules changed"),
    ]


def test_many_blocks_decide_what_one_decides() -> None:
    accounts: dict[str, dict[str, object]] = {name: {} for name in "ABCDE"}
    events = [event for place, name in enumerate("ABCDE") for event in weekly(3, place, 1, account=name)]
    world = facts(events=events, accounts=accounts, periods=3, metrics=[EVENTS])
    rule_set = rules(RISK, ACTIVE, flags=(Segment("busy", HIGH),))
    one = decide(rule_set, world)
    many = decide(rule_set, world, block_rows=6)
    assert one.assignments.equals(many.assignments)
    assert one.transitions.equals(many.transitions)
    assert one.state.latches.equals(many.state.latches)
