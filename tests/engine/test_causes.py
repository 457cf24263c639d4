"""Which of several conditions that turned is the cause; what it is compared with is the week before."""

from __future__ import annotations

from segkit.engine import decide
from segkit.engine.results import Decisions
from segkit.ruleset import expr as x
from segkit.ruleset.model import Segment, Times
from tests.engine.build import facts
from tests.engine.test_transitions import EVENTS, HIGH, LOW, TENURE, moves, number, rules, weekly

JOINED = {"A": {"signup_date": "2026-01-05"}}
"""6, 13, 20 and 27 days in the first four weeks."""
TWO_WEEKS = x.Compare(TENURE, ">=", number(14))
"""Holds from the third week on."""


def decided(*segments: Segment, counts: tuple[int, ...], uncovered: tuple[int, ...] = ()) -> Decisions:
    world = facts(
        events=weekly(*counts),
        metrics=[EVENTS],
        accounts=JOINED,
        periods=len(counts),
        uncovered={"usage": uncovered},
    )
    return decide(rules(*segments), world)


def resumed(
    *segments: Segment,
    counts: tuple[int, ...],
    uncovered: tuple[int, ...] = (),
    flags: tuple[Segment, ...] = (),
) -> Decisions:
    """Week by week; the last one is given."""
    state = None
    for periods in range(1, len(counts) + 1):
        world = facts(
            events=weekly(*counts[:periods]),
            metrics=[EVENTS],
            accounts=JOINED,
            periods=periods,
            uncovered={"usage": [week for week in uncovered if week < periods]},
        )
        found = decide(rules(*segments, flags=flags), world, state)
        state = found.state
    return found


def test_what_they_did_is_the_cause_also_where_a_limit_of_days_is_met_in_the_same_week() -> None:
    both = Segment("risk", x.All((LOW, TWO_WEEKS)))
    assert moves(decided(both, counts=(3, 3, 0)))[1:] == [("needs_review", "risk", "behaviour")]


def test_only_what_turned_since_the_week_before_counts() -> None:
    """Low already in the second week: what happened in the third is that two weeks were over."""
    both = Segment("risk", x.All((LOW, TWO_WEEKS)))
    assert moves(decided(both, counts=(3, 0, 0)))[1:] == [("needs_review", "risk", "timer")]
    assert moves(resumed(both, counts=(3, 0, 0))) == [("needs_review", "risk", "timer")]
    assert moves(resumed(both, counts=(3, 3, 0))) == [("needs_review", "risk", "behaviour")]


def test_the_cause_of_entering_at_once_is_looked_for_in_both_conditions() -> None:
    waits = Times(4, 4)
    fell = Segment("risk", LOW, at_once=TWO_WEEKS, enter_after=waits)
    assert moves(decided(fell, counts=(3, 3, 0)))[1:] == [("needs_review", "risk", "behaviour")]
    grew = Segment("risk", TWO_WEEKS, at_once=LOW, enter_after=waits)
    assert moves(decided(grew, counts=(3, 3, 0)))[1:] == [("needs_review", "risk", "behaviour")]
    older = Segment("risk", LOW, at_once=TWO_WEEKS, enter_after=waits)
    assert moves(decided(older, counts=(3, 0, 0)))[1:] == [("needs_review", "risk", "timer")]
    known = Segment("risk", TWO_WEEKS, at_once=LOW, enter_after=waits)
    assert moves(decided(known, counts=(3, 3, 0), uncovered=(1,)))[1:] == [("needs_review", "risk", "data")]


def test_the_cause_of_a_streak_outlives_weeks_of_which_nothing_is_known() -> None:
    """What began it was that two weeks were over; the week after is unknown, the next one completes it."""
    waits = Segment("risk", x.All((LOW, TWO_WEEKS)), enter_after=Times(2, 2), max_gap=4)
    counts = (0, 0, 0, 0, 0)
    whole = decided(waits, counts=counts, uncovered=(3,))
    assert moves(whole)[-1] == ("needs_review", "risk", "timer")
    assert moves(resumed(waits, counts=counts, uncovered=(3,))) == [("needs_review", "risk", "timer")]


def test_a_membership_that_turned_since_the_last_run_is_what_they_did() -> None:
    low = Segment("low", LOW)
    both = Segment("both", x.All((x.Member("low"), TWO_WEEKS)))
    found = resumed(low, flags=(both,), counts=(3, 3, 0))
    assert moves(found) == [(None, "both", "behaviour"), ("needs_review", "low", "behaviour")]
    assert moves(resumed(low, flags=(both,), counts=(3, 0, 0))) == [(None, "both", "timer")]


def test_of_two_weeks_in_three_the_streak_begins_with_the_first_of_them() -> None:
    seldom = Segment("risk", x.All((LOW, TWO_WEEKS)), enter_after=Times(2, 3))
    assert moves(decided(seldom, counts=(0, 0, 0, 3, 0)))[1:] == [("needs_review", "risk", "timer")]
    assert moves(decided(seldom, counts=(3, 3, 0, 3, 0)))[1:] == [("needs_review", "risk", "behaviour")]


def test_who_leaves_because_a_limit_of_days_is_met_leaves_by_a_timer() -> None:
    young = Segment("young", x.Any((LOW, x.Compare(TENURE, "<", number(14)))), exit=HIGH)
    assert moves(decided(young, counts=(3, 3, 3)))[1:] == [("young", "needs_review", "timer")]
    assert moves(decided(young, counts=(3, 0, 3)))[1:] == [("young", "needs_review", "behaviour")]
    assert moves(resumed(young, counts=(3, 3, 3))) == [("young", "needs_review", "timer")]


def test_what_kept_an_exit_back_is_told_by_all_that_turned_in_it() -> None:
    """It could have left all along; enter ended by a limit of days, and something they did beside it."""
    beside = x.All((x.Compare(EVENTS, ">=", number(4)), x.Compare(EVENTS, ">=", number(99))))
    young = Segment("young", x.Any((x.Compare(TENURE, "<", number(13)), beside)), exit=HIGH)
    assert moves(decided(young, counts=(3, 5)))[1:] == [("young", "needs_review", "behaviour")]
    assert moves(decided(young, counts=(3, 3)))[1:] == [("young", "needs_review", "timer")]
