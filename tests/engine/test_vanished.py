"""What was decided before and what the files of today no longer tell."""

from __future__ import annotations

from datetime import date

import polars as pl
from msgspec.structs import replace

from segkit.engine import decide
from segkit.engine.members.takeover import taken_over
from segkit.facts.types import Facts
from segkit.periods import epoch_day
from segkit.ruleset.model import Segment
from tests.engine.build import facts
from tests.engine.test_transitions import ACTIVE, EVENTS, HIGH, RISK, rules, weekly

RULES = rules(ACTIVE, flags=(Segment("busy", HIGH),))
BOTH = weekly(3, 3, 3, 3) + weekly(3, 3, 0, 3, account="B")
ONLY_A = weekly(3, 3, 3, 3)


def world(events: list[tuple[str, str]], periods: int, *accounts: str) -> Facts:
    return facts(events=events, metrics=[EVENTS], accounts={name: {} for name in accounts}, periods=periods)


def test_an_account_that_no_file_names_any_more_leaves() -> None:
    before = decide(RULES, world(BOTH, 2, "A", "B"))
    after = decide(RULES, world(ONLY_A, 3, "A"), before.state)
    assert after.transitions.select("account_id", "dimension", "from", "to", "cause").rows() == [
        ("B", "flags", "busy", "left", "roster"),
        ("B", "segments", "active", "left", "roster"),
    ]
    assert after.assignments["account_id"].to_list() == ["A"]


def test_it_leaves_once_and_comes_back_from_left() -> None:
    before = decide(RULES, world(BOTH, 2, "A", "B"))
    away = decide(RULES, world(ONLY_A, 3, "A"), before.state)
    back = decide(RULES, world(BOTH, 4, "A", "B"), away.state)
    assert back.transitions.select("account_id", "dimension", "from", "to", "cause").rows() == [
        ("B", "flags", "left", "busy", "roster"),
        ("B", "segments", "left", "active", "roster"),
    ]


def test_waiting_is_not_waived_again_when_older_files_are_gone() -> None:
    waits = rules(RISK, ACTIVE)
    accounts = {"A": {}, "N": {"signup_date": "2026-02-02"}}
    events = weekly(*[3] * 10) + weekly(0, 0, 0, 0, 3, 3, 3, 3, 0, 0, account="N")
    before = decide(waits, facts(events=events, metrics=[EVENTS], accounts=accounts, periods=8))
    newer = [event for event in events if event[1] >= "2026-02-16"]
    world = facts(events=newer, metrics=[EVENTS], accounts=accounts, periods=4, first="2026-02-16")
    after = decide(waits, world, before.state)
    assert after.transitions.select("account_id", "as_of", "from", "to").rows() == [
        ("N", date(2026, 3, 8), "active", "needs_review"),
        ("N", date(2026, 3, 15), "needs_review", "risk"),
    ]


def merging(periods: int) -> Facts:
    """B begins in the third week, with A merged into it."""
    accounts = {"A": {"churned_at": "2026-01-18"}, "B": {"signup_date": "2026-01-19"}}
    events = weekly(3, 3) + weekly(0, 0, 3, account="B")
    found = facts(events=events, metrics=[EVENTS], accounts=accounts, periods=periods)
    into = pl.DataFrame(
        [("A", "B", epoch_day(date(2026, 1, 19)))],
        schema={"account_id": pl.String, "into": pl.String, "from_day": pl.Int32},
        orient="row",
    )
    return replace(found, mergers=into)


def test_who_merges_hands_on_its_memberships_when_the_other_begins_and_not_before() -> None:
    before = decide(RULES, merging(2))
    assert taken_over(before.state, merging(2)) is before.state
    assert set(taken_over(before.state, merging(3)).latches["account_id"]) == {"A", "B"}
