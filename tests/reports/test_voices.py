"""What accounts said, counted: from rows in sight."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import cast

import polars as pl
import pytest

from segkit.facts.types import Facts
from segkit.periods import epoch_day
from segkit.reports.voices import Said, by_topic, by_trait, newest_traits, said_by
from segkit.reports.voices.counted import pattern
from segkit.reports.voices.layout import lay_out_topics, lay_out_traits

AS_OF = date(2026, 11, 15)
HERE = pl.DataFrame(
    {"account_id": ["A", "B", "C"], "primary": ["at_risk", "active", "active"], "arr": [10.0, 20.0, None]}
)


def facts(**tables: list[dict[str, object]]) -> Facts:
    """A row's `day` is how many days before AS_OF it is."""
    found = {}
    for name, rows in tables.items():
        days = [epoch_day(AS_OF) - int(str(row["day"])) for row in rows]
        found[name] = pl.DataFrame(rows).with_columns(day=pl.Series(days, dtype=pl.Int32))
    return cast(Facts, SimpleNamespace(tables=found, as_of=AS_OF))


def trait(account: str | None, value: str | None, day: int, name: str = "priority") -> dict[str, object]:
    return {"account_id": account, "trait": name, "value": value, "day": day}


TOLD = facts(
    traits=[
        trait("A", "cost", 9),
        trait("A", "growth", 2, " Priority "),
        trait("B", "cost", 5),
        trait("B", "efficiency", 5),
        trait(None, "cost", 1),
        trait("C", None, 1),
    ],
    surveys=[
        {"account_id": "A", "instrument": "nps", "score": 3.0, "day": 30, "comment": "Too  expensive, I say"},
        {"account_id": "A", "instrument": "nps", "score": 8.0, "day": 3, "comment": None},
        {"account_id": "B", "instrument": "csat", "score": 4.5, "day": 3, "comment": "The PRICES"},
        {"account_id": "B", "instrument": "csat", "score": 4.5, "day": 91, "comment": "price"},
        {"account_id": "Z", "instrument": "csat", "score": 1.0, "day": 1, "comment": "price"},
    ],
    tickets=[
        {"account_id": "C", "topic": "how_to_advanced", "day": 1},
        {"account_id": "C", "topic": "how to pay the price?", "day": 90},
        {"account_id": "B", "topic": "howto", "day": 1},
    ],
)


def test_the_newest_of_each_trait_counts_and_of_one_day_the_last_of_the_alphabet() -> None:
    rows = newest_traits(TOLD).select("account_id", "trait", "value").rows()
    assert rows == [("A", "priority", "growth"), ("B", "priority", "efficiency")]


def test_segments_by_trait_with_those_who_said_nothing() -> None:
    assert by_trait(HERE, newest_traits(TOLD)).rows() == [
        ("priority", "efficiency", "active", 1, 20.0),
        ("priority", "growth", "at_risk", 1, 10.0),
        ("priority", "not said", "active", 1, 0.0),
    ]


def test_texts_by_topic_in_the_last_quarter() -> None:
    topics = {"price": ["price*", "too expensive"], "learning": ["how to"]}
    assert by_topic(HERE, TOLD, topics).rows() == [
        ("learning", "active", "tickets", 2, 1),
        ("price", "active", "surveys", 1, 1),
        ("price", "active", "tickets", 1, 1),
        ("price", "at_risk", "surveys", 1, 1),
    ]


@pytest.mark.parametrize(
    ("words", "text", "is_it"),
    [
        (["price"], "price", True),
        (["price"], "prices", False),
        (["price*"], "PRICES!", True),
        (["price*"], "reprice", False),
        (["c++"], "written in C++", True),
        (["c++"], "written in C", False),
        (["(a|b)"], "a", False),
        (["größe"], "Die GRÖSSE nicht, die GRÖßE schon", True),
        (["too expensive"], "too-expensive", True),
        (["a&b#~-.\\"], "x a&b#~-.\\ y", True),
        (["料金"], "料金", True),
    ],
)
def test_words_are_whole_and_mean_themselves(words: list[str], text: str, is_it: bool) -> None:
    assert pl.Series([text]).str.contains(pattern(words)).to_list() == [is_it]


def test_what_one_account_said() -> None:
    assert said_by(TOLD, "A") == (
        Said("priority", "growth", date(2026, 11, 13)),
        Said("nps", "8", date(2026, 11, 12)),
    )
    assert said_by(TOLD, "B")[1:] == (Said("csat", "4.5", date(2026, 11, 12)),)
    assert said_by(facts(), "A") == ()


def test_where_nobody_said_anything_that_is_said() -> None:
    day = date(2026, 11, 22)
    traits, topics = (each("Team", day, pl.DataFrame(), ()) for each in (lay_out_traits, lay_out_topics))
    assert traits[-1][0].text == "Nobody said anything yet."
    assert topics[-1][0].text.startswith("No text of the last ")
