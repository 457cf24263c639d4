"""Fewer and more rows than expected: which periods are judged and what is said, by hand, without a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import polars as pl
import pytest

from segkit.engine.results import Outage
from segkit.errors import Tripped
from segkit.limits import GuardsFile
from segkit.periods import Calendar, epoch_day
from segkit.runs.guards.case import Case, Delivery
from segkit.runs.guards.counts import Count, paused
from segkit.runs.guards.expected import Series
from segkit.runs.guards.outage import suspected_outage
from segkit.runs.guards.volume import fewer_rows, more_rows

WEEKS = 12
CALENDAR = Calendar()
LAST = date(2026, 10, 25)
"""Of the twelve weeks."""
FIRST = CALENDAR.index(LAST) - WEEKS + 1


def sunday(ago: int = 0) -> date:
    return LAST - timedelta(days=7 * ago)


def count(last: Sequence[float], *, source: str = "usage", unit: str = "rows", least: int = 50) -> Count:
    """Weeks of 100, and these in the end."""
    figures = np.array([100.0] * (WEEKS - len(last)) + [*last])
    return Count(source, unit, least, Series(figures, np.ones(WEEKS, dtype=bool), CALENDAR, FIRST))


def pauses(*rows: tuple[date, date, list[str], str | None]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "account_id": who,
                "attribute": None,
                "first": epoch_day(first),
                "last": epoch_day(last),
                "metrics": metrics,
            }
            for first, last, metrics, who in rows
        ],
        schema={
            "account_id": pl.String,
            "attribute": pl.String,
            "first": pl.Int32,
            "last": pl.Int32,
            "metrics": pl.List(pl.String),
        },
    )


def case(
    *counts: Count,
    past: date | None = None,
    runs: int = 3,
    before: Mapping[str, int] = {},
    now: Mapping[str, int] = {},
    outages: Sequence[Outage] = (),
    declared: Sequence[int] = (),
    breaks: pl.DataFrame | None = None,
    **limits: Any,
) -> Case:
    """`past`: as_of of the last run; `before`, `now`: rows of its time; `declared`: weeks ago without use."""
    no_outage = np.zeros(WEEKS, dtype=bool)
    no_outage[[WEEKS - 1 - ago for ago in declared]] = True
    coverage = {
        source: SimpleNamespace(no_outage=no_outage if source == "usage" else None)
        for source in ("usage", "tickets", "measures")
    }
    days = {
        name: pl.DataFrame({"day": [epoch_day(past or LAST)], "rows": [rows]}) for name, rows in now.items()
    }
    facts = SimpleNamespace(
        as_of=LAST,
        calendar=CALENDAR,
        periods=np.arange(FIRST, FIRST + WEEKS),
        coverage=coverage,
        pauses=breaks,
        counts=(),
    )
    head = None
    if past is not None:
        head = SimpleNamespace(as_of=past, runs=runs, rows=before, ledger=lambda: None)
    loaded = cast(Any, SimpleNamespace(facts=facts, days=days, ledger=pl.DataFrame()))
    found = Case(
        Delivery(loaded, LAST, GuardsFile(**limits), cast(Any, head), cast(Any, head)),
        cast(Any, SimpleNamespace(outages=tuple(outages))),
        pl.DataFrame(),
    )
    found.__dict__["counts"] = counts  # what the exports hold, instead of counting it
    return found


def saw(found: Tripped | None) -> str | None:
    return None if found is None else found.saw


FEW = "usage of the week to 2026-10-25 has 69 rows"


@pytest.mark.parametrize(("last", "seen"), [(69, FEW), (70, None), (100, None)])
def test_thirty_percent_under_what_is_usual(last: int, seen: str | None) -> None:
    assert saw(fewer_rows(case(count([last])))) == seen


def test_what_is_expected_is_told_with_what_is_usual_and_what_to_do() -> None:
    found = fewer_rows(case(count([69])))
    assert found is not None
    assert found.expected == "at least 70 rows (usual by the weeks before it: 100)"
    assert "no_outage" not in found.what_to_do
    nothing = fewer_rows(case(count([0])))
    assert nothing is not None
    assert nothing.expected == "at least 70 rows (usual by the weeks before it: 100)"
    assert "no_outage: [2026-10-25] under usage in segkit.yaml" in nothing.what_to_do
    tickets = fewer_rows(case(count([0], source="tickets")))
    assert tickets is not None
    assert "no_outage" not in tickets.what_to_do


def test_nothing_at_all_is_missed_where_there_always_was_something_whatever_the_limit() -> None:
    uneven = [1.0, 900.0] * 5
    assert saw(fewer_rows(case(count([*uneven, 0.0])))) == "usage of the week to 2026-10-25 has 0 rows"
    assert saw(fewer_rows(case(count([*uneven[:-1], 0.0, 0.0]), past=sunday(1)))) is None
    assert fewer_rows(case(count([*uneven, 1.0]))) is None
    assert fewer_rows(case(count([0.0]), fewer_rows="off")) is None


def test_of_few_rows_nothing_is_expected() -> None:
    assert fewer_rows(case(count([0], least=101))) is None
    assert fewer_rows(case(count([0], least=100))) is not None


def test_figures_of_one_source_and_week_are_told_together_and_weeks_in_their_order() -> None:
    usage, people = count([60, 50]), count([60, 50], unit="accounts")
    tickets = count([20, 100], source="tickets")
    assert saw(fewer_rows(case(tickets, usage, people, past=sunday(2)))) == (
        "usage of the week to 2026-10-18 has 60 rows and 60 accounts; "
        "tickets of the week to 2026-10-18 has 20 rows; "
        "usage of the week to 2026-10-25 has 50 rows and 50 accounts"
    )


def test_only_weeks_after_the_last_run_are_judged_and_of_a_first_run_the_last_one() -> None:
    assert fewer_rows(case(count([10, 100]))) is None
    assert fewer_rows(case(count([10, 100]), past=sunday(1))) is None
    assert fewer_rows(case(count([10, 100]), past=sunday(2))) is not None


def test_a_week_is_not_judged_twice_nor_where_somebody_spoke_for_it() -> None:
    silent = Outage(LAST, 30, 60, 0.1)
    low = count([10])
    assert fewer_rows(case(low, outages=[silent])) is None
    assert fewer_rows(case(count([10], source="tickets"), outages=[silent])) is not None
    assert fewer_rows(case(low, declared=[0])) is None
    assert fewer_rows(case(low, declared=[1])) is not None
    everybody = pauses((LAST - timedelta(days=9), LAST - timedelta(days=6), [], None))
    assert fewer_rows(case(low, breaks=everybody)) is None
    earlier = pauses((LAST - timedelta(days=9), LAST - timedelta(days=7), [], None))
    assert fewer_rows(case(low, breaks=earlier)) is not None


def test_a_pause_hides_the_weeks_it_touches_of_the_sources_it_names() -> None:
    def hidden(source: str, *rows: tuple[date, date, list[str], str | None]) -> list[int]:
        facts: Any = case(breaks=pauses(*rows)).facts
        return [WEEKS - 1 - int(at) for at in np.flatnonzero(paused(facts, source))][::-1]

    week = timedelta(days=7)
    assert hidden("usage", (LAST - week, LAST, [], None)) == [0, 1]
    assert hidden("usage", (LAST - 40 * week, LAST - 10 * week, [], None)) == [10, 11]
    assert hidden("usage", (LAST - 40 * week, LAST - 20 * week, [], None)) == []
    assert hidden("usage", (LAST + week, LAST + 2 * week, [], None)) == []
    assert hidden("usage", (LAST, LAST + 2 * week, ["usage"], None)) == [0]
    assert hidden("tickets", (LAST, LAST, ["usage"], None)) == []
    assert hidden("usage", (LAST, LAST, [], "A1")) == []
    assert not paused(cast(Any, case().facts), "usage").any()


@pytest.mark.parametrize(
    ("last", "seen"), [(161, "usage of the week to 2026-10-25 has 161 rows"), (160, None)]
)
def test_sixty_percent_over_what_is_usual(last: int, seen: str | None) -> None:
    assert saw(more_rows(case(count([last])))) == seen


def test_what_was_published_may_not_grow_by_more_than_that() -> None:
    def grown(before: int, now: int, runs: int = 3, source: str = "usage", **limits: Any) -> Tripped | None:
        told = case(past=sunday(1), runs=runs, before={source: before}, now={source: now}, **limits)
        return more_rows(told)

    found = grown(1000, 1601)
    assert saw(found) == "usage to 2026-10-18 has 1,601 rows, 1,000 in the last run"
    assert found is not None
    assert found.expected == "at most 60% more"
    assert grown(1000, 1600) is None
    assert grown(49, 1000) is None
    assert grown(50, 1000) is not None
    assert grown(1000, 5000, runs=2) is None
    assert grown(1000, 1601, more_rows="61%") is None
    assert grown(1000, 1201, sources={"usage": {"more_rows": "20%"}}) is not None


def test_both_kinds_of_more_are_told_in_one_go() -> None:
    both = case(count([300]), past=sunday(1), before={"usage": 1000}, now={"usage": 2000})
    found = more_rows(both)
    assert found is not None
    assert found.saw == (
        "usage of the week to 2026-10-25 has 300 rows; "
        "usage to 2026-10-18 has 2,000 rows, 1,000 in the last run"
    )
    assert found.expected == "at most 160 rows (usual by the weeks before it: 100); at most 60% more"


def test_a_suspected_outage_of_a_judged_week_is_told_with_its_limit() -> None:
    old, new = Outage(sunday(1), 20, 100, 0.1), Outage(LAST, 30, 60, 0.125)
    found = suspected_outage(case(past=sunday(1), outages=[old, new]))
    assert found is not None
    assert found.saw == (
        "in the week to 2026-10-25 30 of the 60 accounts that come every week (50.0%) have no usage row"
    )
    assert found.expected == "at most 20 of them, or 12.5%"
    both = suspected_outage(case(past=sunday(2), outages=[new, old]))
    assert both is not None
    assert both.expected == "at most 20 of them, or 10.0% to 12.5%"
    assert "no_outage: [2026-10-25, 2026-10-18]" in both.what_to_do
    assert suspected_outage(case(past=LAST, outages=[old, new])) is None
