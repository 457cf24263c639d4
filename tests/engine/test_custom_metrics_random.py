"""Declared metrics over random rows equal a recount of the raw rows, window by window."""

from __future__ import annotations

import random
import statistics
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from segkit.engine.metrics.registry import context_of
from segkit.periods import epoch_day
from segkit.ruleset.expr import Attribute, Compare, Metric, Text
from segkit.ruleset.model import CustomMetric
from tests.engine import build

FIRST, PERIODS, WINDOW = date(2026, 1, 5), 6, 14
RED = Compare(Attribute("feature"), "=", Text("red"))
RED_KIND = Compare(Attribute("kind"), "=", Text("red"))
KINDS = ("count", "sum", "mean", "median", "max", "min", "distinct", "share_of", "latest", "days_since")

Row = tuple[str, int, str, float | None]
"""Account, epoch day, colour, number."""


def some_rows(dice: random.Random) -> list[Row]:
    opening = epoch_day(FIRST)
    return [
        (
            dice.choice("AB"),
            opening + dice.randrange(7 * PERIODS),
            dice.choice(["red", "blue"]),
            dice.choice([None, float(dice.randint(-3, 9))]),
        )
        for _ in range(dice.randint(1, 40))
    ]


def by_hand(kind: str, rows: list[Row], end: int) -> float:
    """Of the red rows of one account and window; the share is that of red rows."""
    red = [row for row in rows if row[2] == "red"]
    numbers = [number for *_, number in red if number is not None]
    match kind:
        case "count":
            return len(red)
        case "sum":
            return sum(numbers)
        case "distinct":
            return len(set(numbers))
        case "share_of":
            return len(red) / len(rows) if rows else np.nan
        case "days_since":
            return min((end - day for _, day, *_ in red), default=np.nan)
        case "latest":
            last = max((day for _, day, _, number in red if number is not None), default=None)
            newest = [number for _, day, _, number in red if day == last and number is not None]
            return statistics.fmean(newest) if newest else np.nan
    if not numbers:
        return np.nan
    one: Any = {"mean": statistics.fmean, "median": statistics.median, "max": max, "min": min}[kind]
    return float(one(numbers))


def world(source: str, rows: list[Row]) -> dict[str, Any]:
    accounts = {"A": {}, "B": {"signup_date": (FIRST + timedelta(10)).isoformat()}}
    if source == "usage":
        events = [(who, day, {"feature": hue, "size": number, "count": 1}) for who, day, hue, number in rows]
        return {"events": events, "accounts": accounts}
    table = [
        {
            "ticket_id": str(at),
            "account_id": who,
            "opened_at": (FIRST + timedelta(day - epoch_day(FIRST))).isoformat(),
            "kind": hue,
            "size": number,
        }
        for at, (who, day, hue, number) in enumerate(rows)
    ]
    return {"tables": {"tickets": table}, "accounts": accounts, "no_usage": True}


@pytest.mark.parametrize("source", ["usage", "tickets"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_equals_a_recount_of_raw_rows(kind: str, source: str) -> None:
    for seed in range(8):
        dice = random.Random(f"{seed}{source}")
        rows = some_rows(dice)
        column = None if kind in ("count", "share_of", "days_since") else "size"
        where = RED if source == "usage" else RED_KIND
        rules = build.ruleset(
            metrics={"mine": CustomMetric("mine", kind, source, column, where, None, WINDOW)}  # type: ignore[arg-type]
        )
        facts = build.facts(
            rules=rules, metrics=[Metric("mine")], periods=PERIODS, first="2026-01-05", **world(source, rows)
        )
        found = context_of(rules, facts).measure(Metric("mine"))
        started = [-(10**6), epoch_day(FIRST) + 10]
        # A total is unknown until a row fills the column; usage keeps the rows that are meant, no others.
        filled = [
            day
            for who, day, hue, number in rows
            if number is not None
            and (source == "tickets" or hue == "red")
            and day >= started["AB".index(who)]
        ]
        for account, name in enumerate("AB"):
            for period in range(1, PERIODS):
                end = epoch_day(FIRST) + 7 * period + 6
                told = kind not in ("sum", "distinct") or min(filled, default=10**9) <= end
                inside = [
                    row
                    for row in rows
                    if row[0] == name and max(end - WINDOW, started[account] - 1) < row[1] <= end
                ]
                expected = by_hand(kind, inside, end) if told and end >= started[account] else np.nan
                got = found.value[account, period]
                np.testing.assert_allclose(got, expected, rtol=1e-8, err_msg=f"{seed} {name} {period}")
