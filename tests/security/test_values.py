"""Numbers, days and bytes of other countries and machines: as declared, or refused, never guessed."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from segkit.periods import Calendar, epoch_day
from tests.facts.conftest import exports
from tests.facts.exports import Exports

__all__ = ["exports"]
ENGLISH, GERMAN = {"thousands": ","}, {"decimal": ",", "thousands": "."}


@pytest.mark.parametrize(
    ("written", "settings", "value"),
    [
        ("1.234,56", GERMAN, 1234.56),
        ("1,234.56", ENGLISH, 1234.56),
        ("1,234.56", GERMAN, None),
        ("1.234,56", ENGLISH, None),
        ("1.234,56", {}, None),
        ("1,234.56", {}, None),
        ("12 %", {}, None),
        ("€5", {}, None),
        ("5 EUR", {}, None),
        ("(5)", {}, None),
        ("0x10", {}, None),
        ("NaN", {}, None),
        ("1e999", {}, None),
    ],
)
def test_a_number_is_read_as_declared_or_refused(
    exports: Exports, written: str, settings: dict[str, str], value: float | None
) -> None:
    exports.write("a.csv", f'account_id,name,arr\nA1,One,"{written}"\nA2,Two,5\n')
    exports.write("u.csv", "at,account_id\n2026-11-02,A2\n2026-11-08,A2\n")
    loaded = exports.load({"usage": {"files": "u.csv"}, "accounts": {"files": "a.csv", **settings}})
    found = dict(loaded.facts.roster.snapshots.select("account_id", "arr").iter_rows())
    assert found.get("A1") == value
    refused = loaded.rejected.get("accounts", pl.DataFrame())
    assert (refused.height == 0) == (value is not None)


@pytest.mark.parametrize("unit", ["week", "month", "day"])
def test_years_of_53_weeks_and_leap_days_are_days_like_others(unit: str) -> None:
    calendar = Calendar(unit=unit)  # type: ignore[arg-type]
    before = calendar.index(date(2019, 12, 1))
    for number in range(3_700):
        day = date(2019, 12, 2) + timedelta(days=number)
        index = calendar.index(day)
        assert index - before in ((1,) if unit == "day" else (0, 1))
        assert epoch_day(day) - epoch_day(day - timedelta(days=1)) == 1
        if unit == "week":
            assert (index != before) == (day.weekday() == 0)
        if unit == "month":
            assert (index != before) == (day.day == 1)
        before = index
