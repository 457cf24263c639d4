"""Cells that come with a type of their own, as in Parquet and workbooks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from segkit.facts.rows.parse import consent, day, flag, integer, moment, number, timed

ZONE = "Europe/Berlin"


@pytest.mark.parametrize(
    ("values", "read"),
    [
        ([True, False], [None, None]),
        ([date(2026, 1, 1), None], [None, None]),
        ([2, None], [2.0, None]),
        (["1e3", "x"], [1000.0, None]),
        ([float("inf"), float("nan")], [None, None]),
    ],
)
def test_a_number_is_a_number_or_a_text_that_says_one(values: list[Any], read: list[Any]) -> None:
    assert number(pl.Series(values), ".", None).to_list() == read


@pytest.mark.parametrize(
    ("values", "thousands", "read"),
    [
        (["12", "-3"], None, [12, -3]),
        (["12", "2.0", "2.5"], None, [12, 2, None]),
        (["1,200", "12,00"], ",", [1200, None]),
        ([2.0, 2.5], None, [2, None]),
        ([2, 3], None, [2, 3]),
    ],
)
def test_a_whole_number_has_no_fraction(values: list[Any], thousands: str | None, read: list[Any]) -> None:
    assert integer(pl.Series(values), ".", thousands).to_list() == read


def test_yes_and_no_may_be_said_as_truth() -> None:
    assert flag(pl.Series([True, False, None])).to_list() == [True, False, None]
    assert flag(pl.Series([1, 0, 2])).to_list() == [True, False, None]
    read, odd = consent(pl.Series([True, False, None]))
    assert (read.to_list(), odd.to_list()) == ([True, False, None], [False, False, False])


def test_a_time_with_a_zone_is_that_moment_and_one_without_is_meant_in_the_zone_of_the_file() -> None:
    noon = datetime(2026, 7, 1, 23, 30)
    plain = moment(pl.Series([noon]), (), ZONE, "UTC")
    aware = moment(pl.Series([noon.replace(tzinfo=UTC)]), (), ZONE, ZONE)
    own = moment(pl.Series([noon]), (), ZONE, ZONE)
    assert [str(each[0]) for each in (plain, aware, own)] == [
        "2026-07-02 01:30:00+02:00",
        "2026-07-02 01:30:00+02:00",
        "2026-07-01 23:30:00+02:00",
    ]
    assert day(pl.Series([noon]), (), ZONE, "UTC").to_list() == [date(2026, 7, 2)]
    assert day(pl.Series([noon]), (), ZONE, ZONE).to_list() == [date(2026, 7, 1)]


def test_neither_truth_nor_a_bare_number_nor_a_span_is_a_time() -> None:
    assert moment(pl.Series([True]), (), ZONE, ZONE).to_list() == [None]
    assert moment(pl.Series([1_780_000_000]), (), ZONE, ZONE).to_list() == [None]
    assert moment(pl.Series([timedelta(days=1)]), (), ZONE, ZONE).to_list() == [None]
    assert moment(pl.Series([1_780_000_000]), ("unix seconds",), "UTC", "UTC").dt.date().to_list() == [
        date(2026, 5, 28)
    ]


def test_no_year_of_another_age_is_read() -> None:
    assert day(pl.Series([date(1, 1, 1), date(2026, 1, 1)]), (), ZONE, ZONE).to_list() == [
        None,
        date(2026, 1, 1),
    ]


@pytest.mark.parametrize(
    ("values", "formats", "told"),
    [
        ([datetime(2026, 1, 1)], (), [True]),
        ([date(2026, 1, 1)], (), [False]),
        (["2026-01-01", "2026-01-01 10:00"], (), [False, True]),
        (["01.02.2026", "01.02.2026 10:00"], ("%d.%m.%Y", "%d.%m.%Y %H:%M"), [False, True]),
        (["01.02.2026 10:00", None], ("%d.%m.%Y %H:%M",), [True, False]),
    ],
)
def test_a_time_of_day_is_told_from_a_day(
    values: list[Any], formats: tuple[str, ...], told: list[bool]
) -> None:
    assert timed(pl.Series(values), formats).to_list() == told
