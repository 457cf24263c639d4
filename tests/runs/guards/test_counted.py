"""What exports hold of each period, by hand: rows, accounts, and numbers where they come to be missed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import polars as pl
import pytest

from segkit.engine.results import Outage
from segkit.periods import Calendar, epoch_day
from segkit.runs.guards.counts import Count, counts

CALENDAR = Calendar()
MONDAY = date(2026, 8, 31)
WEEKS = 12
FIRST = CALENDAR.index(MONDAY)


def day_of(week: int, weekday: int = 0) -> int:
    return epoch_day(MONDAY + timedelta(days=7 * week + weekday))


def counted(
    *,
    lines: Sequence[tuple[int, int, float]] = (),
    tables: Mapping[str, pl.DataFrame] = {},
    uncovered: Sequence[int] = (),
    outages: Sequence[Outage] = (),
    came: Sequence[int] | None = None,
    first: int = WEEKS - 1,
) -> dict[tuple[str, str], Count]:
    """`lines` of usage: day, n, ms."""
    covered = np.ones(WEEKS, dtype=bool)
    covered[list(uncovered)] = False
    days = pl.DataFrame(lines, schema={"day": pl.Int32, "n": pl.Int64, "ms": pl.Float64}, orient="row")
    sources = [*(["usage"] if lines else []), *tables]
    facts = SimpleNamespace(
        calendar=CALENDAR,
        periods=np.arange(FIRST, FIRST + WEEKS),
        coverage={source: SimpleNamespace(covered=covered) for source in sources},
        pauses=None,
        tables=tables,
        usage=SimpleNamespace(days=lambda since=0: days.filter(pl.col("day") >= since)),
    )
    rows = days.group_by("day").agg(rows=pl.len())
    decisions = SimpleNamespace(outages=tuple(outages), came=None if came is None else np.array(came))
    loaded = SimpleNamespace(facts=facts, days={"usage": rows})
    found = counts(cast(Any, loaded), cast(Any, decisions), first)
    return {(each.source, each.unit): each for each in found}


def test_rows_of_usage_and_of_other_sources_by_week() -> None:
    tickets = pl.DataFrame({"day": [day_of(0), day_of(0, 6), day_of(2), day_of(-1), day_of(WEEKS), None]})
    found = counted(
        lines=[(day_of(0), 1, 0.0), (day_of(0, 6), 1, 0.0), (day_of(11), 1, 0.0)], tables={"tickets": tickets}
    )
    assert found["usage", "rows"].series.figures.tolist() == [2, *[0] * 10, 1]
    assert found["tickets", "rows"].series.figures.tolist() == [2, 0, 1, *[0] * 9]
    assert found["usage", "rows"].least == 50
    assert list(found) == [("usage", "rows"), ("tickets", "rows")]


def test_accounts_that_came_are_expected_from_twenty_on() -> None:
    found = counted(lines=[(day_of(0), 1, 0.0)], came=range(WEEKS))["usage", "accounts"]
    assert (found.least, found.series.figures.tolist()) == (20, list(range(WEEKS)))


def test_a_week_says_nothing_that_is_not_covered_or_whose_accounts_fell_silent() -> None:
    silent = Outage(MONDAY + timedelta(days=7 * 3 + 6), 30, 60, 0.1)
    tickets = pl.DataFrame({"day": [day_of(0)]})
    found = counted(lines=[(day_of(0), 1, 0.0)], tables={"tickets": tickets}, uncovered=[1], outages=[silent])
    unknown = {
        source: np.flatnonzero(~found[source, "rows"].series.known).tolist()
        for source in ("usage", "tickets")
    }
    assert unknown == {"usage": [1, 3], "tickets": [1]}


def test_numbers_of_measures_are_counted_where_they_are_there_and_not_zero() -> None:
    measures = pl.DataFrame(
        {
            "day": [day_of(0), day_of(0), day_of(1), day_of(1)],
            "reports": [5, 0, None, 7],
            "note": ["a", "b", "c", "d"],
        }
    )
    found = counted(tables={"measures": measures})
    assert list(found) == [("measures", "rows"), ("measures", "values of reports")]
    assert found["measures", "values of reports"].series.figures.tolist()[:3] == [1, 1, 0]
    tickets = counted(tables={"tickets": measures})
    assert list(tickets) == [("tickets", "rows")]


@pytest.mark.parametrize(
    ("before", "last", "counted_too"),
    [
        (10, 7, False),
        (10, 6, True),
        (10, 10, False),
        (5, 8, False),
        (5, 9, True),
        (0, 10, False),
    ],
)
def test_numbers_of_usage_are_counted_only_where_far_more_or_fewer_lines_than_before_hold_one(
    before: int, last: int, counted_too: bool
) -> None:
    """Ten lines a week, of which so many say how often."""
    lines = [
        (day_of(week, at % 7), int(at < (last if week == WEEKS - 1 else before)), 0.0)
        for week in range(WEEKS)
        for at in range(10)
    ]
    found = counted(lines=lines)
    assert (("usage", "values of count") in found) is counted_too
    if counted_too:
        figures = found["usage", "values of count"].series.figures.tolist()
        assert figures == [before] * (WEEKS - 1) + [last]
    assert ("usage", "values of seconds") not in found


def test_times_are_counted_like_numbers_and_every_judged_week_is_looked_at() -> None:
    lines = [
        (day_of(week, at % 7), 1, 0.0 if week == WEEKS - 2 else 30.0)
        for week in range(WEEKS)
        for at in range(10)
    ]
    assert ("usage", "values of seconds") not in counted(lines=lines)
    found = counted(lines=lines, first=WEEKS - 2)["usage", "values of seconds"]
    assert found.series.figures.tolist() == [*[10] * 10, 0, 10]


def test_weeks_long_before_the_judged_ones_are_no_measure_of_them() -> None:
    """Eight weeks before it: those in which hardly a line held a number lie further back."""
    lines = [
        (day_of(week, at % 7), int(week > 2 or at < 1), 0.0) for week in range(WEEKS) for at in range(10)
    ]
    assert ("usage", "values of count") not in counted(lines=lines)
