"""What people did and what came of it, quarter by quarter, each figure counted by hand."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from segkit.periods import from_epoch_day
from segkit.studies.evaluate import Dated, History, Lives
from segkit.studies.evaluate.doings import Answered, Doings, Said, answered, overridden
from segkit.studies.evaluate.history import NEVER
from segkit.studies.evaluate.kpis import by_segment, quarters
from segkit.studies.evaluate.landmarks import look_ahead
from segkit.studies.evaluate.rates import Share
from segkit.studies.evaluate.worth import Money, calibration, money

LABELS = ("at_risk", "active")
SIGNS = {"r": 0, "a": 1, "?": -1, " ": -3}
FIRST = 20_457
"""Sunday 2026-01-04."""


def history(*lines: str, first: int = FIRST) -> History:
    """One line an account, one sign a week; the first week ends on Sunday 2026-01-04."""
    code = np.array([[SIGNS[sign] for sign in line] for line in lines], np.int16)
    return History(first + 7 * np.arange(code.shape[1]), LABELS, code)


def lives(made: History, left: dict[int, int]) -> Lives:
    """Account -> days after the end of week 0."""
    ended = Dated.of(np.array([*left], np.int64), int(made.ends[0]) + np.array([*left.values()], np.int64))
    return Lives(int(made.ends[-1]), ended, np.full(len(made.code), NEVER))


def test_amounts_are_those_known_at_the_landmark() -> None:
    made = history(*["r" * 20, "r" * 20, "a" * 20, "a" * 20])
    arr = np.array([[10.0], [20.0], [400.0], [np.nan]]).repeat(20, axis=1)
    arr[0, 5:] = 99.0
    found = replace(lives(made, {0: 50, 2: 50}), arr=arr)
    rows = look_ahead(made, found, [0])
    assert money(rows, found, [0]) == Money(marked=30.0, right=10.0, left=410.0, unknown=1)
    assert money(rows, replace(found, arr=None), [0]) is None


def test_rates_of_the_earlier_half_foretell_the_later() -> None:
    """At both landmarks 6 of 10 in risk leave, and none of 10 others: as foretold."""
    lines = ["r" * 42] * 20 + ["a" * 42] * 20
    made = history(*lines)
    left = dict.fromkeys(range(6), 20) | dict.fromkeys(range(6, 12), 14 * 7 + 20)
    found = lives(made, left)
    gone = {a: (day + 6) // 7 for a, day in left.items()}
    code = made.code.copy()
    for account, week in gone.items():
        code[account, week:] = -3
    made = replace(made, code=code)
    rows = look_ahead(made, found, [0, 14])
    told = calibration(rows, LABELS)
    assert told is not None
    assert [(each.before.k, each.before.n, each.now.k, each.now.n) for each in told.segments] == [
        (6, 20, 6, 14),
        (0, 20, 0, 20),
    ]
    assert told.brier == pytest.approx((6 * 0.7**2 + 8 * 0.3**2) / 34)
    assert told.brier_of_one_rate == pytest.approx((6 * 0.85**2 + 28 * 0.15**2) / 34)
    assert told.skill > 0
    assert calibration(rows.within(rows.period == 0), LABELS) is None


def test_overrides_are_judged_by_who_left_within_half_a_year() -> None:
    made = history(*["a" * 40] * 4)
    found = lives(made, {0: 100, 1: 200, 2: 30})
    day = int(made.ends[0])
    said = Said(
        np.array([0, 1, 2, 3]), np.array([day, day, day, day + 140]), np.array([True, True, False, True])
    )
    told = overridden(Doings(overrides=said), found)
    assert told is not None
    assert (told.put_in, told.taken_out) == (Share.of(1, 2), Share.of(1, 1)), "the last one is too young"
    assert overridden(Doings(), found) is None


def test_answered_and_unanswered_entries_stand_side_by_side() -> None:
    """Who left within the six weeks had no time to be called."""
    made = history(*["aarrrr" + "a" * 34] * 5)
    entered = 14
    found = lives(made, {0: entered + 100, 1: entered + 30, 2: entered + 100})
    called = Dated.of(np.array([0, 1, 3, 4]), int(made.ends[2]) + np.array([0, 10, 42, 43]))
    told = answered(made, found, Doings(interventions=called), [0])
    assert told == Answered(played=Share.of(1, 2), not_played=Share.of(1, 2))
    assert answered(made, found, Doings(), [0]) is None


def test_quarters_are_those_in_which_it_began() -> None:
    """The first week ends on 2026-01-04; entries in weeks 2 and 14, of which the second is in April."""
    assert from_epoch_day(FIRST).isoformat() == "2026-01-04"
    made = history(
        "aarrraaa" + "a" * 52,  # back after three weeks, and there half a year later
        "aarrrrrr" + "r" * 52,  # still in risk
        "aarrraaa" + " " * 52,  # back, and gone
        "a" * 14 + "rra" + "a" * 43,
        " " * 3 + "rrrr" + "a" * 53,  # new: out of risk at last, into no risk
        " " * 3 + "a" * 57,  # new: never left what it began in
    )
    found = lives(made, {2: 55})
    signup = np.array([NEVER, NEVER, NEVER, NEVER, FIRST + 17, FIRST + 17])
    doings = Doings(
        expanded=Dated.of(np.array([0, 0, 3]), np.array([FIRST + 2, FIRST + 12, FIRST + 2 + 91])),
        signup=signup,
        first_value=np.array([NEVER] * 4 + [FIRST + 27, NEVER]),
    )
    first, second, *_ = quarters(made, found, doings, [0])
    assert (first.name, second.name) == ("2026-Q1", "2026-Q2")
    assert first.saved == Share.of(2, 4), "of accounts 0, 1, 2 and 4"
    assert second.saved == Share.of(1, 1)
    assert first.back_weeks is None, "of fewer than five"
    assert first.stayed == Share.of(2, 2)
    assert first.graduated == Share.of(1, 2)
    assert first.expanded == Share.of(1, 4)
    assert second.expanded == Share.of(1, 5)


def test_what_became_of_those_who_came_into_a_segment() -> None:
    """Five come into risk in week 4: one is back after 3 weeks and stays, one comes again in week 28, one
    leaves, one stays in risk, of one half a year is not known for it vanishes."""
    made = history(
        "aaaarrr" + "a" * 53,
        "aaaarr" + "a" * 22 + "r" * 4 + "a" * 28,
        "aaaarrrr" + " " * 52,
        "aaaa" + "r" * 56,
        "aaaarr" + " " * 54,
    )
    found = replace(
        lives(made, {2: 55}), gone=Dated.of(np.array([2, 4]), made.ends[0] + 7 * np.array([8, 6]))
    )
    grown = Dated.of(np.array([0, 3]), made.ends[0] + np.array([100, 400]))
    told = by_segment(made, found, Doings(expanded=grown), [0])
    rows = {(each.segment, each.quarter): each for each in told}
    risk = rows["at_risk", "all"]
    assert risk.entries == 6
    assert (risk.stayed, risk.expanded) == (Share.of(4, 5), Share.of(1, 5))
    # The one that comes again is in risk 26 weeks after it first came, and well after the second time.
    assert risk.well == Share.of(2, 5)
    assert risk.weeks is None, "three came out of it"
    assert rows["at_risk", "2026-Q1"].entries == 5
    assert rows["at_risk", "2026-Q3"].well == Share.of(1, 1)
    active = rows["active", "all"]
    assert (active.entries, active.well) == (3, Share.of(0, 3)), "into risk again, or still active"
