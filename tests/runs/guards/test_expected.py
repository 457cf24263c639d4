"""What a period should hold: figures by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date

import numpy as np
import pytest

from segkit.periods import Calendar, epoch_day
from segkit.runs.guards.counts import Count
from segkit.runs.guards.expected import Expected, Series
from segkit.runs.guards.volume import _too_few, _too_many

WEEKS = Calendar()
FIRST = WEEKS.index(date(2024, 3, 3))
"""Its 42nd week after ends on 22 December."""


def series(*figures: float, unknown: Mapping[int, bool] = {}, first: int = FIRST) -> Series:
    known = np.array([place not in unknown for place in range(len(figures))])
    return Series(np.array(figures), known, WEEKS, first)


def last(found: Series, fall: float | None = None, rise: float | None = None) -> Expected | None:
    return found.expected(len(found.figures) - 1, fall, rise)


def test_the_middle_of_eight_weeks_and_thirty_per_cent_less_or_sixty_more() -> None:
    found = last(series(*[100.0] * 7, 900, 0))
    assert found == Expected(100, pytest.approx(70), pytest.approx(160), by_year=False)


def test_of_fewer_than_six_known_weeks_nothing_is_expected() -> None:
    assert last(series(*[100.0] * 5, 0)) is None
    assert last(series(*[100.0] * 6, 0)) is not None
    unknown = dict.fromkeys(range(3, 8), True)
    assert last(series(*[100.0] * 3, *[0.0] * 5, *[100.0] * 2, 0, unknown=unknown)) is None


def test_unknown_weeks_are_no_measure() -> None:
    found = last(series(*[100.0] * 4, *[0.0] * 4, *[100.0] * 4, 0, unknown=dict.fromkeys(range(4, 8), True)))
    assert found is not None
    assert found.value == 100


def test_uneven_weeks_widen_the_limits_until_they_tell_nothing() -> None:
    """Five of eight differ by 10 % from the middle, and both weeks that could be expected: 1.4826 · ln 1.1,
    times 1 + 4/10 for so few, four times over.
    """
    uneven = [100.0, 110, 100, 90.909, 110, 100, 90.909, 110]
    found = last(series(*uneven, 0))
    assert found is not None
    spread = 1.4826 * math.log(1.1) * 1.4
    assert found.value == 100
    assert (found.least, found.most) == pytest.approx(
        (100 * math.exp(-4 * spread), 100 * math.exp(4 * spread)), rel=1e-4
    )
    wild = last(series(10, 400, 20, 90, 600, 5, 70, 300, 0))
    assert wild is not None
    assert (wild.least, wild.most) == (0, math.inf)
    assert last(series(10, 400, 20, 90, 600, 5, 70, 300, 0), 0.5, 2.0) == Expected(80, 40, 240, by_year=False)


def test_the_same_weeks_last_year_say_more_and_what_the_weeks_before_hold_is_no_surprise() -> None:
    """A year ago the weeks around were half of those before them."""
    year = [100.0] * 20 + [50.0] * 3 + [100.0] * 29
    found = last(series(*year, *[200.0] * 21, 0))
    assert found == Expected(100, pytest.approx(70), pytest.approx(320), by_year=True)


def test_one_broken_week_a_year_ago_changes_nothing() -> None:
    year = [100.0] * 21 + [1.0] + [100.0] * 30
    found = last(series(*year, *[100.0] * 21, 0))
    assert found is not None
    assert (found.value, found.by_year) == (100, True)


@pytest.mark.parametrize(("weeks", "least"), [(41, 70), (42, 25), (43, 25), (44, 25), (45, 70)], ids=str)
def test_a_first_turn_of_the_year_may_be_low(weeks: int, least: float) -> None:
    """The weeks to 15, 22, 29 December, 5 and 12 January."""
    found = last(series(*[100.0] * weeks, 0))
    assert found is not None
    assert found.least == pytest.approx(least)


def test_what_is_off_is_never_too_little_nor_too_much() -> None:
    found = last(series(*[100.0] * 8, 0), math.inf, math.inf)
    assert found is not None
    assert (found.least, found.most) == (-math.inf, math.inf)


def test_days_are_compared_with_the_same_days_of_other_weeks() -> None:
    days = Calendar("day")
    figures = [10.0 if day % 7 < 2 else 100.0 for day in range(64)]
    found = Series(np.array(figures), np.ones(64, dtype=bool), days, epoch_day(date(2026, 3, 1)))
    weekend, weekday = found.expected(63, None, None), found.expected(60, None, None)
    assert weekend is not None
    assert weekday is not None
    assert (weekend.value, weekday.value) == (10, 100)


def test_weeks_of_one_row_each_are_even() -> None:
    found = last(series(*[1.0] * 8, 0))
    assert found is not None
    assert (found.value, found.least, found.most) == (1, pytest.approx(0.7), pytest.approx(1.6))


@pytest.mark.parametrize(
    ("day", "low"), [("12-19", False), ("12-20", True), ("01-01", True), ("01-05", True), ("01-06", False)]
)
def test_the_turn_of_the_year_begins_and_ends_on_a_day(day: str, low: bool) -> None:
    last_day = epoch_day(date.fromisoformat(f"2026-{day}"))
    found = Series(np.full(64, 100.0), np.ones(64, dtype=bool), Calendar("day"), last_day - 63)
    expected = found.expected(63, None, None)
    assert expected is not None
    assert (expected.least < 70) is low


def test_months_are_compared_with_the_same_month_last_year() -> None:
    figures = np.array([100.0] * 9 + [50.0] + [100.0] * 12)
    months = Calendar("month")
    first = months.index(date(2024, 3, 1))
    found = Series(figures[:22], np.ones(22, dtype=bool), months, first).expected(21, None, None)
    assert found is not None
    assert (found.value, found.by_year) == (50, True)


def test_nothing_looks_ahead() -> None:
    rng = np.random.default_rng(7)
    figures = list(rng.integers(50, 150, 130).astype(float))
    whole = series(*figures)
    assert all(
        whole.expected(p, None, None) == series(*figures[: p + 1]).expected(p, None, None)
        for p in (20, 60, 129)
    )


def test_where_the_year_before_is_unknown_the_weeks_before_say_what_is_usual() -> None:
    """Of the week 52 weeks ago and those beside it nothing is known; of those before them it is."""
    unknown = dict.fromkeys((11, 12, 13), True)
    found = last(series(*[100.0] * 11, *[0.0] * 3, *[100.0] * 50, 0, unknown=unknown))
    assert found is not None
    assert (found.value, found.by_year) == (100, False)


@pytest.mark.parametrize(
    ("figure", "few", "many"),
    [(69, True, False), (70, False, False), (160, False, False), (161, False, True)],
)
def test_what_lies_at_a_limit_lies_within(figure: float, few: bool, many: bool) -> None:
    count = Count("usage", "rows", 0, series(*[100.0] * 8, figure))
    expected = Expected(100, 70, 160, by_year=False)
    assert (_too_few(count, 8, expected), _too_many(count, 8, expected)) == (few, many)


def test_days_are_compared_with_the_same_weekday_of_last_year() -> None:
    """A year of days ago is 52 weeks ago: a day later Saturdays would be expected to be Sundays."""
    days = Calendar("day")
    figures = [float(10 + day % 7) * 10 for day in range(64 + 364)]
    figures[63] = 2 * figures[63]
    found = Series(np.array(figures), np.ones(len(figures), dtype=bool), days, epoch_day(date(2025, 1, 1)))
    assert found.expected(63 + 364, None, None) == Expected(
        2 * figures[63 + 364],
        pytest.approx(0.7 * figures[63 + 364]),
        pytest.approx(3.2 * figures[63 + 364]),
        True,
    )


def test_weeks_in_which_nothing_was_there_and_nothing_expected_make_no_source_steady() -> None:
    found = last(series(*[0.0] * 40, 60, 140, 100, 60, 140, 100, 60, 140, 0))
    assert found is not None
    assert (found.value, found.least, found.most) == (100, 0, math.inf)


def test_how_far_weeks_lie_off_is_counted_over_one_year() -> None:
    """What befell before it was wilder; with a week more or fewer of it the limits would be others."""
    rng = np.random.default_rng(6)
    found = last(series(*rng.normal(1000, 200, 61), *rng.normal(1000, 80, 60)))
    assert found is not None
    assert (round(found.value), round(found.least), round(found.most)) == (991, 557, 1804)


def test_a_year_ago_with_nothing_in_it_is_no_measure() -> None:
    found = last(series(*[0.0] * 20, *[100.0] * 50, 0))
    assert found == Expected(100, pytest.approx(70), pytest.approx(160), by_year=False)
