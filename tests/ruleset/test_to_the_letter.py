"""Small differences in how rules are read, each of which a change of one sign would make."""

from __future__ import annotations

import pytest

from segkit.errors import Place
from segkit.periods import Calendar
from segkit.ruleset.expr import (
    Any,
    AtLeast,
    Between,
    Compare,
    Condition,
    Holds,
    IsMissing,
    Limit,
    Metric,
    Not,
    Number,
)
from segkit.ruleset.implies import implies
from segkit.ruleset.parse import Fault, parse
from segkit.ruleset.proofs import prove
from tests.ruleset.load import FRAME, HEAD, check, condition, problem

ARR, FACT = Metric("arr"), Metric("notice_given")
RANGE = Between(ARR, Number(1.0), Number(3.0))


def arr(op: str, value: float) -> Condition:
    return Compare(ARR, op, Number(value))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("first", "second", "shown"),
    [
        (RANGE, arr(">=", 1.0), True),
        (RANGE, arr(">", 1.0), False),
        (RANGE, arr("<=", 3.0), True),
        (RANGE, arr("<", 3.0), False),
        (Between(ARR, Limit("low"), Number(3.0)), arr("<=", 3.0), True),
        (Between(ARR, Number(1.0), Limit("high")), arr(">", 0.5), True),
        (Between(ARR, Number(1.0), Limit("high")), arr("<", 9.0), False),
        (RANGE, Compare(Metric("seats"), ">=", Number(0.0)), False),
        (arr(">", 2.0), arr(">", 2.0), True),
        (arr(">", 2.0), arr(">=", 2.0), True),
        (arr(">=", 2.0), arr(">", 2.0), False),
        (arr(">=", 2.0), arr(">", 1.0), True),
        (arr("<", 2.0), arr("<=", 2.0), True),
        (arr("<=", 2.0), arr("<", 2.0), False),
        (arr("<=", 2.0), arr("<", 3.0), True),
        (arr("=", 2.0), arr("!=", 3.0), True),
        (arr("=", 2.0), arr("!=", 2.0), False),
        (arr("=", 2.0), arr("<", 3.0), True),
        (arr("=", 2.0), arr(">=", 2.0), True),
        (arr("=", 2.0), arr("<=", 2.0), True),
        (arr("=", 2.0), arr("=", 2.0), True),
        (arr("<", 2.0), Not(IsMissing(ARR)), True),
        (RANGE, Not(IsMissing(ARR)), True),
        (arr("<", 2.0), Not(IsMissing(Metric("seats"))), False),
        (Holds(FACT), Not(IsMissing(ARR)), False),
        (Holds(FACT), Any((arr("<", 2.0), Holds(FACT))), True),
        (arr("=", 2.0), AtLeast(2, (arr("<", 3.0), Holds(FACT), arr(">", 1.0))), True),
        (arr("=", 2.0), AtLeast(2, (arr("<", 3.0), Holds(FACT), arr(">", 2.0))), False),
    ],
)
def test_a_comparison_makes_another_certain(first: Condition, second: Condition, shown: bool) -> None:
    assert implies(first, second) is shown


@pytest.mark.parametrize(
    ("text", "start", "what"),
    [("||", 0, "unexpected '||'"), ("&& a", 0, "unexpected '&&'")],
)
def test_signs_at_the_very_start_are_what_they_are(text: str, start: int, what: str) -> None:
    fault = parse(text)
    assert isinstance(fault, Fault)
    assert (fault.start, fault.what) == (start, what)


@pytest.mark.parametrize(
    ("unit", "text", "value"),
    [("day", "2 weeks", 14), ("day", "3 days", 3), ("week", "2 weeks", 2), ("month", "1 month", 1)],
)
def test_times_in_a_segment_are_counted_in_periods(unit: str, text: str, value: float) -> None:
    found = condition(f"weeks_in(at_risk) at least {text}", calendar=Calendar(unit))  # type: ignore[arg-type]
    assert isinstance(found, Compare)
    assert isinstance(found.right, Number)
    assert found.right.value == value


@pytest.mark.parametrize(("unit", "text"), [("week", "14 days"), ("month", "4 weeks"), ("day", "2 months")])
def test_times_that_are_no_whole_periods_are_refused(unit: str, text: str) -> None:
    found = problem(f"weeks_in(at_risk) at least {text}", calendar=Calendar(unit))  # type: ignore[arg-type]
    assert found.code == "R107"


CUSTOM = FRAME + "metrics:\n  exports_28d: {count: usage, window: 28d}\nconditions:\n  it: "


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("exports_28d.change under 0", None),
        ("exports_28d.chnge under 0", "chnge"),
        ("exports_28d over 1", None),
    ],
)
def test_a_metric_of_ones_own_has_the_views_of_all(text: str, what: str | None) -> None:
    _, problems = check(f"{CUSTOM}{text}\n")
    assert [what in each.what for each in problems] == ([] if what is None else [True])  # type: ignore[operator]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("metrics: {logins: {count: usage, window: 28d}}\n", "a built-in metric"),
        ("metrics: {industry: {count: usage, window: 28d}}\n", "an account attribute"),
        ("conditions: {plan: arr over 3}\n", "an account attribute"),
        ("dimensions: {d: [{name: unknown, enter: arr over 3}]}\n", "'unknown' is reserved"),
        ("dimensions: {d: [{name: left, enter: arr over 3}]}\n", "'left' is reserved"),
        ("dimensions: {d: [{name: new, enter: arr over 3}]}\n", "line 4"),
    ],
)
def test_a_word_means_one_thing(text: str, what: str) -> None:
    rules, problems = check(FRAME + text)
    assert rules is None
    assert any(what in each.what for each in problems), problems


@pytest.mark.parametrize(
    ("text", "possible"),
    [
        ("logins_7d + logins_28d under 0", False),
        ("logins_7d + 3 under 3", False),
        ("logins_7d + 3 at most 3", True),
        ("2 - logins_7d over 2", False),
        ("2 - logins_7d at least 2", True),
        ("logins_28d - logins_7d over 0", True),
        ("logins_7d * 2 under 0", False),
        ("logins_7d * 2 over 0", True),
        ("logins_7d * (0 - 1) over 0", False),
        ("logins_7d / 2 under 0", False),
        ("3 / 4 * logins_7d under 0", False),
    ],
)
def test_what_is_calculated_has_the_range_of_its_parts(text: str, possible: bool) -> None:
    found, _ = check(f"{HEAD}segments:\n  - {{name: a, enter: {text}}}\n")
    assert found is not None
    told = prove(found, lambda span: Place(span.path, span.line, span.column))
    assert ("R301" in {each.code for each in told}) is not possible
