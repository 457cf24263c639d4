"""Columns of usage rows that a declared metric could never see."""

from __future__ import annotations

import pytest

from segkit.errors import Problem
from tests.ruleset.load import HEAD, SEGMENTS, check


def problems(metric: str) -> list[Problem]:
    text = f"{HEAD}{SEGMENTS}metrics:\n  it_28d: {metric}\n"
    return check(text, columns={"usage": {"country": "text"}})[1]


@pytest.mark.parametrize("column", ["at", "account_id", "user_id", "email", "event_id", "arrived_at"])
def test_rows_cannot_be_picked_by_a_column_that_is_not_kept(column: str) -> None:
    (found,) = problems(f"{{count: usage, where: {column} is missing}}")
    assert (found.code, str(found.where)) == ("R104", "r.yaml:6:33")
    assert found.what == f"usage is not kept by {column}: no row could be picked by it"
    assert found.hint == "columns: feature, event, count, seconds, session_id, country"


def test_the_whole_of_a_share_cannot_be_picked_by_one_either() -> None:
    (found,) = problems('{share_of: usage, where: event is "a", of: user_id is "7"}')
    assert found.what == "usage is not kept by user_id: no row could be picked by it"


@pytest.mark.parametrize("column", ["at", "account_id", "event_id", "arrived_at"])
def test_their_values_cannot_be_counted(column: str) -> None:
    (found,) = problems(f"{{distinct: usage.{column}}}")
    assert (found.code, found.what) == ("R104", f"usage is not kept by {column}")


@pytest.mark.parametrize(
    "metric",
    [
        "{distinct: usage.user_id}",
        "{distinct: usage.email}",
        '{count: usage, where: country is "AT" and session_id is not missing}',
        '{count: tickets, where: user_id is "7"}',
    ],
)
def test_columns_that_are_kept_can_be_read(metric: str) -> None:
    assert problems(metric) == []


@pytest.mark.parametrize("metric", ["{count: outcomes, window: 28d}", "{distinct: outcomes.kind}"])
def test_what_rules_are_judged_by_cannot_be_read_in_them(metric: str) -> None:
    (found,) = problems(metric)
    assert (found.code, found.what) == (
        "R104",
        "rules cannot read outcomes: they are what rules are judged by",
    )
