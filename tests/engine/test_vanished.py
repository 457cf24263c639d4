"""Accounts that were decided before and that the files of today no longer name."""

from __future__ import annotations

from segkit.engine import decide
from segkit.facts.types import Facts
from segkit.ruleset.model import Segment
from tests.engine.build import facts
from tests.engine.test_transitions import ACTIVE, EVENTS, HIGH, rules, weekly

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
