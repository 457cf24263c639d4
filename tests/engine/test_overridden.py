"""What somebody said against the rules: how long it acts, when its end is told, and who said it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from msgspec.structs import replace

from segkit.engine import decide
from segkit.engine.members.vanished import with_vanished
from segkit.engine.results import Decisions, State
from segkit.facts.by_hand.overrides import OVERRIDES
from segkit.facts.types import NO_DAY
from segkit.periods import epoch_day
from segkit.ruleset import expr as x
from segkit.ruleset.model import RuleSet, Segment
from tests.engine.build import facts
from tests.engine.test_transitions import ACTIVE, EVENTS, HIGH, LOW, moves, number, reasons, rules, weekly

SUNDAY = date(2026, 2, 1)
"""Of the fourth week, the last one."""
MANY = "events_7d at least 9"
RULES = rules(
    ACTIVE,
    Segment("low", LOW),
    flags=(Segment("busy", HIGH),),
    until={MANY: x.Compare(EVENTS, ">=", number(9))},
)


def said(segment: str = "low", inside: bool = True, **more: Any) -> dict[str, Any]:
    first = more.pop("first", date(2026, 1, 12))
    last = more.pop("last", None)
    told = {"account_id": "A", "segment": segment, "inside": inside, "by": "Ann", "reason": "I know; them"}
    days = {"first": epoch_day(first), "last": None if last is None else epoch_day(last), "until": None}
    return told | days | more


def decided(
    *rows: dict[str, Any],
    counts: tuple[int, ...] = (3, 3, 3, 3),
    state: State | None = None,
    rules: RuleSet = RULES,
) -> Decisions:
    world = facts(events=weekly(*counts), metrics=[EVENTS], accounts={"A": {}}, periods=len(counts))
    return decide(rules, replace(world, overrides=pl.DataFrame(rows, schema=OVERRIDES, orient="row")), state)


def main(found: Decisions) -> Decisions:
    """Without the rows of flags."""
    return replace(found, transitions=found.transitions.filter(pl.col("dimension") == "segments"))


def today(found: Decisions) -> list[tuple[Any, ...]]:
    assert found.overridden is not None
    return found.overridden.select("segment", "acts", "who", "rules", "agree").rows()


@pytest.mark.parametrize(
    ("last", "told"),
    [
        (SUNDAY, [("low", True, "by Ann until 2026-02-01", "active", False)]),
        (SUNDAY - timedelta(days=1), [("low", False, "by Ann until 2026-01-31", "active", False)]),
        (SUNDAY - timedelta(days=7), [("low", False, "by Ann until 2026-01-25", "active", False)]),
        (SUNDAY - timedelta(days=8), []),
        (None, [("low", True, "by Ann", "active", False)]),
    ],
)
def test_it_acts_to_the_end_of_its_last_whole_week_and_its_end_is_told_once(
    last: date | None, told: list[tuple[Any, ...]]
) -> None:
    assert today(decided(said(last=last))) == told


def test_a_week_is_overridden_that_ends_on_the_first_day_and_none_that_ends_before() -> None:
    def weeks(first: date) -> list[int]:
        return decided(said(first=first, last=SUNDAY)).dimensions["segments"].primary[0].tolist()

    assert weeks(date(2026, 1, 18)) == [0, 1, 1, 1]
    assert weeks(date(2026, 1, 19)) == [0, 0, 1, 1]
    assert weeks(SUNDAY + timedelta(days=1)) == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("counts", "told", "moved"),
    [
        ((3, 3, 3, 9), [("low", False)], "active"),
        ((3, 3, 9, 3), [], "active"),
        ((3, 3, 3, 8), [("low", True)], "low"),
        ((9, 3, 3, 3), [("low", True)], "low"),
    ],
)
def test_a_condition_ends_it_in_the_week_in_which_it_holds(
    counts: tuple[int, ...], told: list[tuple[str, bool]], moved: str
) -> None:
    found = decided(said(until=MANY), counts=counts)
    assert [row[:2] for row in today(found)] == told
    assert moves(found)[-1][1] == moved


def test_what_its_condition_ended_stays_ended_in_later_runs() -> None:
    before = decided(said(until=MANY), counts=(3, 3, 9))
    after = decided(said(until=MANY), counts=(3, 3, 9, 3), state=before.state)
    assert (today(after), moves(after)) == ([], [])
    acts = decided(said(until=MANY), counts=(3, 3, 3))
    ends = decided(said(until=MANY), counts=(3, 3, 3, 9), state=acts.state)
    assert moves(ends) == [("low", "active", "override")]
    assert reasons(ends) == ["the override ended: by Ann until events_7d at least 9"]


def test_reasons_name_who_said_what_and_stand_on_one_line() -> None:
    found = main(decided(said(last=date(2026, 1, 25))))
    assert moves(found)[1:] == [("active", "low", "override"), ("low", "active", "override")]
    assert reasons(found)[1:] == [
        "override by Ann until 2026-01-25: I know, them",
        "the override ended: by Ann until 2026-01-25",
    ]
    out = main(decided(said("active", inside=False)))
    assert reasons(out)[1] == "override by Ann, out of active: I know, them"
    assert today(out) == [("active", True, "by Ann", "active", False)]


def test_rules_agree_where_the_latch_says_the_same() -> None:
    assert today(decided(said(), counts=(3, 3, 0, 0))) == [("low", True, "by Ann", "low", True)]
    assert today(decided(said("low", inside=False))) == [("low", True, "by Ann", "active", True)]
    assert today(decided(said("low", inside=False), counts=(3, 3, 0, 0))) == [
        ("low", True, "by Ann", "low", False)
    ]


def test_a_flag_is_set_or_cleared_and_the_rules_say_it_or_not() -> None:
    cleared = decided(said("busy", inside=False))
    assert today(cleared) == [("busy", True, "by Ann", "busy", False)]
    flags = cleared.transitions.filter(pl.col("dimension") == "flags")
    assert flags.select("from", "to", "cause", "because").rows() == [
        (None, "busy", "first_seen", "events_7d 3 (at least 2)"),
        ("busy", None, "override", "override by Ann, out of busy: I know, them"),
    ]
    kept = decided(said("busy"), counts=(0, 0, 0, 0))
    assert today(kept) == [("busy", True, "by Ann", "not busy", False)]
    agreed = decided(said("busy", inside=False), counts=(3, 3, 0, 0))
    assert today(agreed) == [("busy", True, "by Ann", "not busy", True)]


def test_weeks_go_on_where_an_override_says_what_holds_anyway() -> None:
    found = main(decided(said("active")))
    assert found.assignments["weeks_in"].to_list() == [4]
    assert moves(found)[1:] == []


def test_of_segments_and_accounts_that_are_none_nothing_is_said() -> None:
    other = said() | {"account_id": "B"}
    assert today(decided(said("gone"), other, said(until="arr over 3"))) == []


def test_who_no_file_names_any_more_is_off_the_roster_and_in_no_snapshot() -> None:
    known = facts(
        events=weekly(3, 3), metrics=[EVENTS], accounts={"A": {"arr": 5.0}, "C": {"arr": 7.0}}, periods=2
    )
    both = facts(events=[*weekly(3), *weekly(3, account="B")], metrics=[EVENTS], periods=1)
    wide = with_vanished(known, decide(rules(ACTIVE), both).state).roster
    assert wide.accounts == ("A", "B", "C")
    assert wide.on.tolist() == [[True, True], [False, False], [True, True]]
    assert wide.snapshot.tolist() == [[0, 0], [-1, -1], [1, 1]]
    assert (int(wide.start[1]), bool(wide.signup_known[1])) == (NO_DAY, False)
