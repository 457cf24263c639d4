"""By how many days a moment's day in other zones lies from its day in the workspace's.

Usage is folded before it is known whose a row is, and so in which zone its day begins. So each row is kept
with a mark: one sign for each declared zone, `=` for the same day, `>` for one later, `<` for one earlier.
All rows of a stretch of a day have one mark, and switches of summer time are in it.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

MARK = "_mark"
"""Column of the mark; null where a row has no time of day, or the same day everywhere."""
SAME = ord("=")
FURTHEST = 2
"""No two zones are more days apart."""
_QUARTER = 900
"""Seconds: no zone is shifted by anything finer since 1972."""


def marks(moments: pl.Series, timed: pl.Series, home: str, zones: Sequence[str]) -> pl.Series:
    """moments: with a zone. timed: whether a time of day was given; a mere date is that date everywhere."""
    quarter = moments.dt.epoch("s") // _QUARTER
    different = quarter.unique().drop_nulls().sort()
    utc = pl.from_epoch(different * _QUARTER, "s").dt.replace_time_zone("UTC")
    here = _days(utc, home)
    signs = [(_days(utc, zone) - here + SAME).to_list() for zone in zones]
    texts = ["".join(map(chr, column)) for column in zip(*signs, strict=True)]
    same = chr(SAME) * len(zones)
    told = pl.Series([None if text == same else text for text in texts], dtype=pl.String)
    found = quarter.replace_strict(different, told, default=None, return_dtype=pl.String)
    return found.set(~timed.fill_null(False), None).alias(MARK)


def _days(moments: pl.Series, zone: str) -> pl.Series:
    return moments.dt.convert_time_zone(zone).dt.date().to_physical().cast(pl.Int32)


def days_back(marks: pl.Series) -> int:
    """The most days that any of these marks goes back."""
    signs = marks.drop_nulls().str.split("").explode().drop_nulls()
    lowest = min((ord(sign) for sign in signs.unique() if sign), default=SAME)
    return max(0, SAME - lowest)


def timed_name(name: str) -> str:
    """The column beside a moment that says whether its time of day was given."""
    return f"{name}_timed"
