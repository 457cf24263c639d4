"""How many accounts may move, and how fast a segment may grow: the limits by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import polars as pl
import pytest

from segkit.engine.results import Decisions, DimensionResult
from segkit.errors import Tripped
from segkit.limits import GuardsFile
from segkit.periods import Calendar
from segkit.runs.folders.history import Published
from segkit.runs.guards.case import Case, Delivery
from segkit.runs.guards.moves import many_moves, rule_moves, segment_size

BEFORE, DAY = date(2026, 11, 15), date(2026, 11, 22)
LABELS = ("new", "active", "needs_review")


def case(
    now: str, before: str, *, cause: str = "behaviour", runs: int = 3, flags: str = "", **limits: Any
) -> Case:
    """One letter per account: its segment (n, a, r) now and a week before; `flags`: + set now, - cleared."""
    codes = np.array([["nar".index(letter)] for letter in now], dtype=np.int16)
    names = dict(zip("nar", LABELS, strict=True))
    moves = [
        (DAY, "segments", names[old], names[new], cause)
        for old, new in zip(before, now, strict=True)
        if old != new
    ]
    moves += [(DAY, "flags", None, "due", "timer") for each in flags if each == "+"]
    moves += [(DAY, "flags", "due", None, "timer") for each in flags if each == "-"]
    member = np.array([[each == "+"] for each in flags.ljust(len(now))])
    decided = Decisions(
        accounts=tuple(map(str, range(len(now)))),
        as_of=(DAY,),
        dimensions={
            "segments": DimensionResult("segments", LABELS, codes, codes.astype(np.int32), codes > 9)
        },
        member={"due": member, "new": codes == 0, "active": codes == 1},
        on_roster=np.ones((len(now), 1), dtype=bool),
        assignments=pl.DataFrame(),
        transitions=pl.DataFrame(),
        state=cast(Any, None),
        off={},
    )
    past = Published(Path(), "", "", BEFORE, "", "", None, {}, runs=runs)
    loaded = cast(Any, SimpleNamespace(facts=SimpleNamespace(calendar=Calendar())))
    delivery = Delivery(loaded, DAY, GuardsFile(**limits), past, past)
    schema = ("as_of", "dimension", "from", "to", "cause")
    rows = pl.DataFrame(moves, schema=dict.fromkeys(schema, pl.String) | {"as_of": pl.Date}, orient="row")
    return Case(delivery, decided, rows)


def saw(found: Tripped | None) -> str | None:
    return None if found is None else found.saw


MOVED = "20 of 199 accounts (10.1%) move to another segment in the week to 2026-11-22"


@pytest.mark.parametrize(
    ("moved", "accounts", "seen"), [(20, 199, MOVED), (20, 200, None), (19, 100, None)], ids=str
)
def test_over_a_tenth_and_at_least_twenty_accounts(moved: int, accounts: int, seen: str | None) -> None:
    before = "a" * accounts
    assert saw(many_moves(case("n" * moved + "a" * (accounts - moved), before))) == seen


@pytest.mark.parametrize(
    ("cause", "counts"),
    [("behaviour", True), ("data", True), ("timer", True), ("roster", False), ("override", False)],
)
def test_moves_that_somebody_made_are_not_counted(cause: str, counts: bool) -> None:
    assert (many_moves(case("n" * 50, "a" * 50, cause=cause)) is not None) is counts


def test_moves_by_changed_rules_have_a_limit_of_their_own() -> None:
    quarter, more = (case("n" * n + "a" * (100 - n), "a" * 100, cause="rule_change") for n in (25, 26))
    assert (many_moves(more), rule_moves(quarter)) == (None, None)
    assert str(saw(rule_moves(more))).startswith("26 of 100 accounts (26.0%) are put into another segment")
    assert segment_size(more) is None, "of which no segment grew by itself"
    assert rule_moves(case("n" * 50, "a" * 50)) is None


def test_a_segment_three_times_as_large_or_small_with_twenty_accounts_on_the_larger_side() -> None:
    grown = case("n" * 21 + "a" * 79, "n" * 7 + "a" * 93)
    assert saw(segment_size(grown)) == "new has 21 accounts in the week to 2026-11-22, 7 the week before"
    assert saw(segment_size(case("n" * 7 + "a" * 93, "n" * 21 + "a" * 79))) is not None
    assert saw(segment_size(case("n" * 23 + "a" * 77, "n" * 8 + "a" * 92))) is None
    assert saw(segment_size(case("n" * 19 + "a" * 81, "a" * 100))) is None
    assert saw(segment_size(case("n" * 20 + "a" * 80, "a" * 100))) is not None


def test_flags_have_sizes_too() -> None:
    found = segment_size(case("a" * 30, "a" * 30, flags="+" * 20))
    assert saw(found) == "due has 20 accounts in the week to 2026-11-22, 0 the week before"
    assert saw(segment_size(case("a" * 30, "a" * 30, flags="-" * 20))) is not None


def test_limits_of_one_segment_and_of_all() -> None:
    now, before = "n" * 30 + "a" * 70, "n" * 10 + "a" * 90
    assert segment_size(case(now, before, segments={"new": {"segment_size": 3.5}})) is None
    assert segment_size(case(now, before, segment_size="off")) is None
    assert (
        segment_size(case(now, before, segment_size=3.5, segments={"new": {"segment_size": 3}})) is not None
    )
    assert many_moves(case(now, before, many_moves="20%")) is None
    assert many_moves(case(now, before, many_moves="19%")) is not None
    assert rule_moves(case(now, before, cause="rule_change", rule_moves="10%")) is not None


def test_nothing_is_compared_before_three_published_weeks() -> None:
    young = case("n" * 50, "a" * 50, runs=2)
    assert (many_moves(young), rule_moves(young), segment_size(young)) == (None, None, None)
