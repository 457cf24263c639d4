"""Metrics that a rule file declares: what is read of them, and what is refused."""

from __future__ import annotations

import pytest

from segkit.errors import Problem
from segkit.ruleset import format_operand
from tests.ruleset.load import HEAD, SEGMENTS, check, rules


def told(text: str, **arguments: object) -> list[str]:
    """`line:column code` of every problem."""
    found = check(text, **arguments)[1]  # type: ignore[arg-type]
    return [f"{p.where.line}:{p.where.column} {p.code}" for p in found if p.where is not None]


def only(text: str, **arguments: object) -> Problem:
    found = check(text, **arguments)[1]  # type: ignore[arg-type]
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (
            '{count: tickets, where: priority is "high", window: 4 weeks}',
            ("count", "tickets", None, 28, "count"),
        ),
        ("{sum: usage.count, window: 7}", ("sum", "usage", "count", 7, "number")),
        ("{distinct: usage.feature, window: 28d}", ("distinct", "usage", "feature", 28, "count")),
        ("{mean: tickets.satisfaction, window: 90d}", ("mean", "tickets", "satisfaction", 90, "number")),
        ("{latest: surveys.score}", ("latest", "surveys", "score", None, "number")),
        ("{days_since: tickets, where: escalated}", ("days_since", "tickets", None, None, "days")),
        (
            '{share_of: usage, where: event is "a", of: event is not "b", window: 28d}',
            ("share_of", "usage", None, 28, "share"),
        ),
        ("{max: payments.amount, window: 90d, unit: money}", ("max", "payments", "amount", 90, "money")),
        ("{formula: minutes_28d / active_users_28d}", ("formula", None, None, None, "number")),
        ("{formula: logins_28d + events_28d}", ("formula", None, None, None, "count")),
    ],
)
def test_a_custom_metric_is(written: str, expected: tuple[object, ...]) -> None:
    metric = rules(f"{HEAD}metrics:\n  it: {written}\n{SEGMENTS}").metrics["it"]
    assert (metric.kind, metric.source, metric.column, metric.window, metric.unit) == expected


def test_a_formula_keeps_its_brackets() -> None:
    metric = rules(f"{HEAD}metrics: {{it: {{formula: (logins_28d - 3) * 2 / -seats}}}}\n{SEGMENTS}").metrics[
        "it"
    ]
    assert metric.expression is not None
    assert format_operand(metric.expression) == "(logins_28d - 3) * 2 / -seats"


@pytest.mark.parametrize(
    ("written", "place", "what"),
    [
        ("{count: usag, window: 28d}", "4:15 R104", "no source is called 'usag'"),
        ("{count: usage.count, window: 28d}", "4:15 R110", "count reads whole rows"),
        ("{sum: usage, window: 28d}", "4:13 R104", "sum needs a column"),
        ("{sum: usage.cont, window: 28d}", "4:13 R104", "usage has no column 'cont'"),
        ("{sum: usage.feature, window: 28d}", "4:13 R106", "usage.feature is text"),
        ("{count: usage}", "4:3 R110", "needs a window"),
        ("{count: usage, window: soon}", "4:30 R107", "'soon' is no window"),
        ('{count: usage, window: 28d, where: evnt is "x"}', "4:42 R104", "usage has no column 'evnt'"),
        ("{count: usage, window: 28d, where: logins_28d over 3}", "4:42 R104", "no column 'logins_28d'"),
        ('{count: usage, window: 28d, of: event is "x"}', "4:35 R110", "count has no 'of'"),
        ("{share_of: usage, window: 28d}", "4:3 R110", "share_of needs 'where'"),
        ("{count: usage, sum: usage.count, window: 7d}", "4:3 R110", "has count and sum"),
        ("{window: 28d}", "4:3 R110", "needs one of count, sum"),
        ("{count: usage, window: 28d, unit: inches}", "4:41 R107", "unknown unit 'inches'"),
        ("{formula: logins_28d + nps_latest}", "4:17 R107", "logins_28d is a count"),
        ("{formula: 3 + 4}", "4:17 R106", "made of metrics"),
        ("{formula: logins_28d over 3}", "4:17 R106", "a value is needed here"),
        ("{formula: logins_28d, window: 7d}", "4:29 R110", "a formula has no 'window'"),
        ("{count: usage, windw: 7d}", "4:22 R110", "unknown key 'windw'"),
    ],
)
def test_a_custom_metric_that_cannot_be_is_refused(written: str, place: str, what: str) -> None:
    text = f"{HEAD}metrics:\n  it: {written}\n{SEGMENTS}"
    assert place in told(text)
    assert any(what in problem.what for problem in check(text)[1])


def test_the_window_in_the_name_is_the_window() -> None:
    found = rules(f"{HEAD}metrics: {{runs_14d: {{count: usage}}}}\n{SEGMENTS}")
    assert found.metrics["runs_14d"].window == 14
    problem = only(f"{HEAD}metrics: {{runs_14d: {{count: usage, window: 28d}}}}\n{SEGMENTS}")
    assert (problem.code, problem.hint) == ("R107", "name it runs_28d")
