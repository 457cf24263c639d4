"""Users that behave like machines: what gives them away, and what does not."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from segkit.facts.identity.behaviour import HABITS
from segkit.facts.identity.bots import patterns, proposed

HUMAN: dict[str, Any] = {
    "user_key": "user:human",
    "rows": 900,
    "moments": 800,
    "days": 220,
    "first_day": 20000,
    "last_day": 20300,
    "night": 0.01,
    "weekend": 0.02,
    "timetable": 0.06,
    "main": "report",
    "narrow": 0.7,
    "overlap": 0.6,
}
SYNC = {"main": "api_sync", "narrow": 1.0, "overlap": 0.02, "night": 0.08}


def found(*users: dict[str, Any]) -> list[tuple[str, str]]:
    """(user, why) of users among twenty humans."""
    humans = [HUMAN | {"user_key": f"user:h{n}"} for n in range(20)]
    frame = pl.DataFrame([*humans, *(HUMAN | each for each in users)], schema=HABITS, orient="row")
    return proposed(frame).select("user_key", "why").rows()


@pytest.mark.parametrize(
    ("habits", "why"),
    [
        (SYNC, "odd job"),
        (SYNC | {"night": None, "weekend": 0.2, "timetable": None}, "odd job"),
        ({"night": 0.2, "weekend": 0.25}, "never rests"),
        ({"timetable": 0.9}, "timetable"),
        (SYNC | {"night": 0.3, "weekend": 0.28, "timetable": 1.0}, "odd job, never rests, timetable"),
    ],
)
def test_what_gives_a_machine_away(habits: dict[str, Any], why: str) -> None:
    assert found({"user_key": "user:bot", **habits}) == [("user:bot", why)]


@pytest.mark.parametrize(
    "habits",
    [
        {},
        SYNC | {"night": 0.0},
        SYNC | {"overlap": 0.3},
        SYNC | {"overlap": None},
        SYNC | {"narrow": 0.5},
        SYNC | {"moments": 40},
        SYNC | {"days": 12},
        {"night": 0.2, "weekend": 0.25, "days": 60},
        {"night": 0.2, "weekend": 0.05},
        {"timetable": 0.4},
    ],
)
def test_what_humans_do_too(habits: dict[str, Any]) -> None:
    assert found(habits) == []


def test_an_odd_job_that_many_have_is_a_role() -> None:
    assert found(*(SYNC | {"user_key": f"user:{n}"} for n in range(6))) == []


def test_where_everybody_comes_on_the_minute_the_export_rounds() -> None:
    frame = pl.DataFrame([HUMAN | {"timetable": 1.0}] * 3, schema=HABITS, orient="row")
    assert proposed(frame).is_empty()


def test_a_pattern_stands_for_users_only_where_it_means_nobody_else() -> None:
    bots = ["email:jenkins@a.org", "email:jenkins@b.org", "email:sync@a.org", "user:7"]
    assert patterns(bots, [*bots, "email:ann@a.org"]) == ["7", "jenkins@*", "sync@a.org"]
    assert patterns(bots, [*bots, "email:Jenkins@c.org"]) == [
        "7",
        "jenkins@a.org",
        "jenkins@b.org",
        "sync@a.org",
    ]
