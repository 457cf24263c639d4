"""Stays, pace and who goes back and forth, from a few transitions in sight."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from segkit.periods import Calendar
from segkit.reports.flows.flapping import flapping
from segkit.reports.flows.matrix import flows, matrix, moved
from segkit.reports.flows.stays import Stay, pace, stays
from segkit.reports.flows.waterfall import waterfalls
from segkit.ruleset.model import FLAGS

WEEKLY = Calendar()
SUNDAYS = [date(2026, 1, 4) + timedelta(days=7 * week) for week in range(20)]


def log(*rows: tuple[int, str, str | None, str | None, str], dimension: str = "segments") -> pl.DataFrame:
    """(week, account, from, to, cause); an account has 100 of ARR for each week that has gone by."""
    return pl.DataFrame(
        {
            "account_id": [row[1] for row in rows],
            "name": [f"name of {row[1]}" for row in rows],
            "as_of": [SUNDAYS[row[0]] for row in rows],
            "dimension": [dimension for _ in rows],
            "from": [row[2] for row in rows],
            "to": [row[3] for row in rows],
            "cause": [row[4] for row in rows],
            "arr": [100.0 * row[0] for row in rows],
        },
        schema_overrides={"from": pl.String, "to": pl.String},
    )


LIFE = log(
    (0, "A", None, "active", "first_seen"),
    (0, "B", None, "active", "first_seen"),
    (4, "A", "active", "at_risk", "behaviour"),
    (6, "B", "active", "at_risk", "rule_change"),
    (6, "B", "at_risk", "churning", "data"),
    (7, "A", "at_risk", "active", "behaviour"),
    (9, "A", "active", "at_risk", "timer"),
    (12, "B", "churning", "left", "roster"),
    (14, "B", "left", "churning", "roster"),
)


def test_stays_are_counted_in_weeks_and_what_lasted_none_was_none() -> None:
    found = stays(LIFE, WEEKLY, SUNDAYS[5], SUNDAYS[15], ["active", "at_risk", "churning", "new"])
    assert found == (
        Stay("active", 2, 4.0, 0, None),  # 6 and 2; that of four weeks ended before the range
        Stay("at_risk", 1, 3.0, 1, 7.0),
        Stay("churning", 1, 6.0, 1, 2.0),
        Stay("new", 0, None, 0, None),
    )


def test_pace_leaves_out_who_joins_and_leaves() -> None:
    found = pace(LIFE, WEEKLY, SUNDAYS[4], SUNDAYS[13])
    assert (found.moves, found.bounces) == (5, 3)
    assert found.account_years == pytest.approx((10 + 8) * 7 / 365.25)
    assert found.a_year == pytest.approx(5 / (18 * 7 / 365.25))
    assert pace(LIFE.clear(), WEEKLY, SUNDAYS[4], SUNDAYS[4]).a_year is None


def test_a_waterfall_by_cause() -> None:
    (found,) = waterfalls(LIFE, SUNDAYS[5], SUNDAYS[9], ["at_risk"])[:1]
    assert (found.before, found.after, found.came, found.went) == (1, 1, 2, 2)
    assert [(part.by, part.came, part.went) for part in found.parts] == [
        ("behaviour", 0, 1),
        ("data", 0, 1),
        ("rule_change", 1, 0),
        ("timer", 1, 0),
    ]
    assert [(part.arr_came, part.arr_went) for part in found.parts] == [
        (0, 700),
        (0, 600),
        (600, 0),
        (900, 0),
    ]


def test_who_moves_the_same_way_twice_has_its_arr_once() -> None:
    rows = moved(LIFE, SUNDAYS[0], SUNDAYS[13])
    (twice,) = [flow for flow in flows(rows) if (flow.before, flow.after) == ("active", "at_risk")]
    assert (twice.moves, twice.accounts, twice.arr) == (3, 2, 900 + 600)
    found = matrix(rows, ["at_risk"])
    assert found is not None
    assert (found.rows, found.to) == (
        ("not yet there", "at_risk", "active", "churning"),
        ("at_risk", "active", "churning", "left"),
    )


def steps(account: str, weeks: list[int], dimension: str = "segments") -> pl.DataFrame:
    """Sets and clears something in these weeks."""
    ways = [(None, "x"), ("x", None)] if dimension == FLAGS else [("a", "b"), ("b", "a")]
    rows = [(week, account, *ways[at % 2], "behaviour") for at, week in enumerate(weeks)]
    return log(*rows, dimension=dimension)


def test_flapping_begins_at_three_tenths_of_the_steps_and_ends_under_two() -> None:
    """Weights run from 0.75 to 1.25 over eleven steps: three changes of late are 0.33."""
    three, two = steps("A", [9, 10, 11]), steps("B", [10, 11])
    rows = pl.concat([three, two])
    assert flapping(rows, WEEKLY, SUNDAYS[10]) == ()
    (found,) = flapping(rows, WEEKLY, SUNDAYS[11])
    assert (found.account_id, found.name, found.moves) == ("A", "name of A", 3)
    assert found.share == pytest.approx((1.25 + 1.20 + 1.15) / 11)
    assert found.path == ("a", "b", "a", "b")
    # In week 20 two of the three are still seen, with the smallest weights: under two tenths.
    later = [bool(flapping(rows, WEEKLY, SUNDAYS[week])) for week in range(12, 20)]
    assert later == [True] * 8
    assert flapping(rows, WEEKLY, SUNDAYS[19] + timedelta(days=7)) == ()


def test_a_flag_that_is_set_and_cleared_flaps_for_itself() -> None:
    (found,) = flapping(steps("A", [5, 6, 8, 9], FLAGS), WEEKLY, SUNDAYS[9], FLAGS)
    assert (found.what, found.path) == ("x", ("not set", "x", "not set", "x", "not set"))


def test_who_left_flaps_no_more() -> None:
    left = log((12, "A", "b", "left", "roster"))
    assert flapping(pl.concat([steps("A", [9, 10, 11]), left]), WEEKLY, SUNDAYS[12]) == ()
