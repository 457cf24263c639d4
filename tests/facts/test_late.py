"""Rows that came after their week was published."""

from __future__ import annotations

from datetime import date

from segkit.facts.quality.late import late_rows

FIRST, SECOND, THIRD = date(2026, 11, 1), date(2026, 11, 8), date(2026, 11, 15)


def said(now: dict[date, int], before: dict[date, int]) -> list[str]:
    return [p.what for p in late_rows({"usage": now}, {"usage": before}, SECOND, "week")]


def test_more_rows_of_one_published_week() -> None:
    assert said({FIRST: 10, SECOND: 21, THIRD: 9}, {FIRST: 10, SECOND: 20}) == [
        "usage: 1 row came late, for the week to 2026-11-08, which is published"
    ]


def test_more_rows_of_several_published_weeks() -> None:
    assert said({FIRST: 1_210, SECOND: 25, THIRD: 9}, {FIRST: 10, SECOND: 20}) == [
        "usage: 1,205 rows came late, for 2 weeks that are published (5 of them for that to 2026-11-08)"
    ]


def test_fewer_rows_the_new_week_and_a_new_source_are_not_late() -> None:
    assert said({FIRST: 9, SECOND: 20, THIRD: 9}, {FIRST: 10, SECOND: 20, THIRD: 1}) == []
    assert late_rows({"tickets": {FIRST: 3}}, {}, SECOND, "week") == ()
