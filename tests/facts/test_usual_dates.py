"""Dates written like the first one are read at once, and mean what each would mean alone."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segkit.facts.rows.parse import day, moment

ODD = "2026-1-5T7:3"
"""Read, but written in no usual way: where it stands first, every value is looked at alone."""
DAYS = ("2026-03-29", "2026-10-25", "2026-11-09", "2026-02-30", "2011-12-30", "1899-12-31", "x")
TIMES = ("", "00:30", "02:30", "17:23", "23:59:59", "02:30:00", "24:00:00", "17:23:05.5", "17:23:05.123")
PARTS = st.tuples(
    st.sampled_from(DAYS),
    st.sampled_from(["T", " ", "  ", "\t", "t"]),
    st.sampled_from([*TIMES, "17:23:05.123456", "7:3"]),
    st.sampled_from(["", "Z", "z", " UTC", "+02:00", "-0300", " +05:30", "+01"]),
)
TEXTS = PARTS.map(lambda parts: parts[0] + parts[1] + parts[2] + parts[3] if parts[2] else parts[0])
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"])


@given(texts=st.lists(st.none() | TEXTS, min_size=1, max_size=6), zone=ZONES, own=ZONES)
def test_a_value_means_the_same_whatever_stands_before_it(
    texts: list[str | None], zone: str, own: str
) -> None:
    together = pl.Series(texts, dtype=pl.String)
    alone = pl.Series([ODD, *texts], dtype=pl.String)
    assert moment(together, (), zone, own).to_list() == moment(alone, (), zone, own)[1:].to_list()
    assert day(together, (), zone, own).to_list() == day(alone, (), zone, own)[1:].to_list()


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("2026-11-09", "2026-11-09"),
        ("2026-11-09T23:30", "2026-11-09"),
        ("2026-11-09 23:30", "2026-11-09"),
        ("2026-11-09 23:30:01", "2026-11-09"),
        ("2026-11-09T23:30:01Z", "2026-11-10"),
        ("2026-11-09 23:30:01.500Z", "2026-11-10"),
        ("2026-11-09T23:30:01+01:00", "2026-11-09"),
        ("2026-11-09 23:30:01+00:00", "2026-11-10"),
        ("2026-11-09T23:30:01.500", "2026-11-09"),
        ("2026-11-09 23:30:01.500000", "2026-11-09"),
        ("2026-11-09T23:30:01.500000Z", "2026-11-10"),
    ],
)
def test_what_data_warehouses_write_is_its_day_in_the_zone(written: str, wanted: str) -> None:
    found = day(pl.Series([None, written, written]), (), "Europe/Berlin", "Europe/Berlin")
    assert found.to_list() == [None, date.fromisoformat(wanted), date.fromisoformat(wanted)]
