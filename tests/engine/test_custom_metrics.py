"""Metrics that a rule set declares: every kind over tables, measures and usage, and formulas."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from segkit.engine.counting.values import Values
from segkit.engine.metrics.registry import context_of
from segkit.ruleset.expr import (
    All,
    Arith,
    Attribute,
    Compare,
    Day,
    IsMissing,
    Limit,
    Metric,
    Negative,
    Not,
    Number,
    Operand,
    Text,
)
from segkit.ruleset.model import CustomMetric, Threshold
from tests.engine import build

OLD = {"A": {}}
PURPLE = Compare(Attribute("topic"), "=", Text("purple"))
RESOLVED = Not(IsMissing(Attribute("resolved_at", "moment")))


def told(values: Values, account: int = 0) -> list[float | str]:
    row = zip(values.value[account].tolist(), values.missing[account].tolist(), strict=True)
    return [("-" if missing else "?") if np.isnan(value) else value for value, missing in row]


def measured(
    kind: str,
    source: str,
    column: str | None = None,
    *,
    thresholds: dict[str, Threshold] | None = None,
    account: int = 0,
    world: dict[str, Any],
    **parts: Any,
) -> list[float | str]:
    metric = CustomMetric("mine", kind, source, column, **parts)  # type: ignore[arg-type]
    rules = build.ruleset(metrics={"mine": metric}, thresholds=thresholds or {})
    facts = build.facts(rules=rules, metrics=[Metric("mine")], **{"accounts": OLD, **world})
    return told(context_of(rules, facts).measure(Metric("mine")), account)


def tickets(*rows: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    table = [
        {"ticket_id": str(i), "account_id": "A", "opened_at": f"2026-{day}", **more}
        for i, (day, more) in enumerate(rows)
    ]
    return {"tables": {"tickets": table}, "no_usage": True}


# --- over tables ---

SIX = tickets(
    ("01-06", {"topic": "purple", "satisfaction": 1.0}),
    ("01-07", {"topic": "purple", "satisfaction": 4.0}),
    ("01-13", {"topic": "green", "satisfaction": 2.0}),
    ("01-14", {"topic": "purple"}),
    ("02-03", {"topic": "green", "satisfaction": 3.0}),
    ("02-04", {"topic": None, "satisfaction": 5.0}),
)


@pytest.mark.parametrize(
    ("kind", "column", "expected"),
    [
        ("count", None, [2, 2, 0, 0, 2, 0, 0, 0]),
        ("sum", "satisfaction", [5, 2, 0, 0, 8, 0, 0, 0]),
        ("mean", "satisfaction", [2.5, 2, "-", "-", 4, "-", "-", "-"]),
        ("median", "satisfaction", [2.5, 2, "-", "-", 4, "-", "-", "-"]),
        ("max", "satisfaction", [4, 2, "-", "-", 5, "-", "-", "-"]),
        ("min", "satisfaction", [1, 2, "-", "-", 3, "-", "-", "-"]),
        ("distinct", "topic", [1, 2, 0, 0, 1, 0, 0, 0]),
    ],
)
def test_each_kind_over_a_week_of_tickets(kind: str, column: str | None, expected: list[Any]) -> None:
    assert measured(kind, "tickets", column, window=7, world=SIX) == expected


def test_where_picks_rows_and_an_empty_cell_fits_nothing() -> None:
    assert measured("count", "tickets", where=PURPLE, window=7, world=SIX) == [2, 1, 0, 0, 0, 0, 0, 0]
    other = Compare(Attribute("topic"), "!=", Text("purple"))
    assert measured("count", "tickets", where=other, window=7, world=SIX) == [0, 1, 0, 0, 1, 0, 0, 0]


def test_a_share_is_of_the_rows_that_fit_of_and_missing_of_nothing() -> None:
    share = measured("share_of", "tickets", where=PURPLE, window=7, world=SIX)
    assert share == [1, 0.5, "-", "-", 0, "-", "-", "-"]
    rated = Compare(Attribute("satisfaction", "number"), ">", Number(1.0))
    share = measured("share_of", "tickets", where=PURPLE, of=rated, window=7, world=SIX)
    assert share == [1, 0, "-", "-", 0, "-", "-", "-"]


def test_latest_and_days_since_look_back_as_far_as_their_window() -> None:
    assert measured("latest", "tickets", "satisfaction", world=SIX) == [4, 2, 2, 2, 5, 5, 5, 5]
    found = measured("latest", "tickets", "satisfaction", window=14, world=SIX)
    assert found == [4, 2, 2, "-", 5, 5, "-", "-"]
    assert measured("days_since", "tickets", where=PURPLE, world=SIX) == [4, 4, 11, 18, 25, 32, 39, 46]
    found = measured("days_since", "tickets", where=PURPLE, window=14, world=SIX)
    assert found == [4, 4, 11, "-", "-", "-", "-", "-"]


def test_a_threshold_in_where_is_its_number() -> None:
    good = Compare(Attribute("satisfaction", "number"), ">=", Limit("good"))
    for limit, expected in ((4.0, [1, 0, 0, 0, 1, 0, 0, 0]), (2.0, [1, 1, 0, 0, 2, 0, 0, 0])):
        thresholds = {"good": Threshold("good", limit)}
        found = measured("count", "tickets", where=good, window=7, thresholds=thresholds, world=SIX)
        assert found == expected


def test_uncovered_weeks_are_unknown_and_sums_over_half_of_the_days_are_scaled() -> None:
    world = SIX | {"uncovered": {"tickets": [1]}}
    assert measured("sum", "tickets", "satisfaction", window=7, world=world)[:3] == [5, "?", 0]
    assert measured("sum", "tickets", "satisfaction", window=14, world=world)[:3] == [10, 10, 0]
    assert measured("mean", "tickets", "satisfaction", window=14, world=world)[:3] == ["?", 2.5, "-"]
    assert measured("count", "payments", window=7, world=SIX) == ["?"] * 8


def test_a_value_known_later_is_empty_before() -> None:
    world = tickets(
        ("01-06", {"resolved_at": "2026-01-20", "satisfaction": 5.0}),
        ("01-07", {"resolved_at": None}),
    )
    assert measured("count", "tickets", where=RESOLVED, window=28, world=world)[1:4] == [0, 1.33333333, 1]
    latest = measured("latest", "tickets", "satisfaction", world=world)
    assert latest == ["-", "-", 5, 5, 5, 5, 5, 5]
    late = Compare(Attribute("resolved_at", "moment"), ">", Day(date(2026, 1, 19)))
    assert measured("count", "tickets", where=late, window=14, world=world)[:3] == [0, 0, 0]


def test_measures_are_readings_and_have_no_sum_without_one() -> None:
    readings = [("01-05", 10.0), ("01-12", 14.0), ("01-12", 16.0), ("02-02", 8.0)]
    rows = [{"account_id": "A", "on": f"2026-{day}", "score": value} for day, value in readings]
    world = {"tables": {"measures": rows}, "no_usage": True}
    assert measured("latest", "measures", "score", world=world) == [10, 15, 15, 15, 8, 8, 8, 8]
    assert measured("sum", "measures", "score", window=7, world=world) == [10, 30, "-", "-", 8, "-", "-", "-"]
    assert measured("max", "measures", "score", window=14, world=world)[1:4] == [16, 16, "-"]


# --- over usage ---

EVENTS = [
    ("A", "2026-01-06", {"event": "run", "seconds": 1.5, "size": 10.0, "user": "1"}),
    ("A", "2026-01-06", {"event": "run", "seconds": 2.5, "size": 10.0, "user": "2", "count": 3}),
    ("A", "2026-01-07", {"event": "stop", "seconds": None, "size": 40.0, "user": "1"}),
    ("A", "2026-01-13", {"event": "stop", "seconds": 8.0, "size": None, "user": "1", "feature": "api"}),
    ("A", "2026-02-02", {"event": "run", "seconds": 4.0, "size": 7.0, "user": "1", "feature": "api"}),
]
RUN = Compare(Attribute("event"), "=", Text("run"))


@pytest.mark.parametrize(
    ("kind", "column", "where", "expected"),
    [
        ("count", None, None, [5, 1, 0, 0, 1, 0, 0, 0]),
        ("count", None, RUN, [4, 0, 0, 0, 1, 0, 0, 0]),
        ("sum", "count", RUN, [4, 0, 0, 0, 1, 0, 0, 0]),
        ("sum", "seconds", None, [4, 8, 0, 0, 4, 0, 0, 0]),
        ("sum", "size", None, [60, 0, 0, 0, 7, 0, 0, 0]),
        ("mean", "seconds", None, [2, 8, "-", "-", 4, "-", "-", "-"]),
        ("mean", "size", None, [20, "-", "-", "-", 7, "-", "-", "-"]),
        ("mean", "count", None, [1.66666667, 1, "-", "-", 1, "-", "-", "-"]),
        ("median", "size", None, [10, "-", "-", "-", 7, "-", "-", "-"]),
        ("max", "seconds", RUN, [2.5, "-", "-", "-", 4, "-", "-", "-"]),
        ("min", "size", None, [10, "-", "-", "-", 7, "-", "-", "-"]),
        ("distinct", "user_id", None, [2, 1, 0, 0, 1, 0, 0, 0]),
        ("distinct", "feature", None, ["?", 1, 0, 0, 1, 0, 0, 0]),
        ("distinct", "session_id", None, ["?"] * 8),
        ("share_of", None, RUN, [0.8, 0, "-", "-", 1, "-", "-", "-"]),
    ],
)
def test_each_kind_over_a_week_of_usage(
    kind: str, column: str | None, where: Any, expected: list[Any]
) -> None:
    assert measured(kind, "usage", column, where=where, window=7, world={"events": EVENTS}) == expected


def test_newest_usage_value_and_days_since_usage() -> None:
    found = measured("latest", "usage", "size", world={"events": EVENTS})
    assert found == [40, 40, 40, 40, 7, 7, 7, 7]
    found = measured("days_since", "usage", where=RUN, world={"events": EVENTS})
    assert found == [5, 12, 19, 26, 6, 13, 20, 27]


def test_usage_never_given_is_unknown() -> None:
    assert measured("count", "usage", window=7, world={"no_usage": True}) == ["?"] * 8


# --- formulas ---


def formula(expression: Operand, world: dict[str, Any], **parts: Any) -> list[float | str]:
    metrics = {
        "mine": CustomMetric("mine", "formula", expression=expression),
        "purple_7d": CustomMetric("purple_7d", "count", "tickets", where=PURPLE, window=7),
    }
    rules = build.ruleset(metrics=metrics, **parts)
    facts = build.facts(rules=rules, metrics=[Metric("mine")], **{"accounts": OLD, **world})
    return told(context_of(rules, facts).measure(Metric("mine")))


def test_a_formula_is_null_where_a_part_is_and_over_zero() -> None:
    rate = Arith("/", Metric("purple_7d"), Metric("tickets", 7))
    assert formula(rate, SIX) == [1, 0.5, "-", "-", 0, "-", "-", "-"]
    unknown = Arith("+", Metric("purple_7d"), Metric("payments_overdue"))
    assert formula(unknown, SIX) == ["?"] * 8
    signed = Arith(
        "-", Negative(Metric("purple_7d")), Arith("*", Number(2.0), Metric("tickets", 7, "previous"))
    )
    assert formula(signed, SIX)[1:4] == [-5, -4, 0]


def test_a_formula_reads_attributes_and_thresholds_of_the_account() -> None:
    world = SIX | {"accounts": {"A": {"seats": 4.0, "plan": "pro"}}}
    thresholds = {"factor": Threshold("factor", 1.0, by="plan", values={"pro": 10.0, "free": 3.0})}
    each = Arith("/", Attribute("seats", "number"), Limit("factor"))
    assert formula(each, world, thresholds=thresholds) == [0.4] * 8
    assert formula(Attribute("plan_limit", "number"), world) == ["-"] * 8


def test_conditions_of_two_metrics_over_the_same_rows_do_not_meet() -> None:
    narrow = All((RUN, Compare(Attribute("count", "integer"), ">", Number(1.0))))
    assert measured("count", "usage", where=narrow, window=7, world={"events": EVENTS})[0] == 3
