"""Conditions over rows with literals in sight; null is unknown."""

from __future__ import annotations

from datetime import date

import polars as pl

from segkit.engine.conditions.compile import Compiler
from segkit.ruleset import expr as x
from segkit.ruleset.model import Threshold

EVENTS, USERS, PLAN = x.Metric("events", 28), x.Metric("active_users", 28), x.Attribute("plan")
ONE = x.Number(1.0)


def said(
    condition: x.Condition, compiler: Compiler | None = None, **columns: list[object]
) -> list[bool | None]:
    frame = pl.DataFrame({name.replace("__", "|"): values for name, values in columns.items()})
    return frame.with_columns((compiler or Compiler()).condition(condition, {}).alias("said"))[
        "said"
    ].to_list()


def test_comparison_with_null_is_unknown() -> None:
    assert said(x.Compare(EVENTS, "<", x.Number(2.0)), events_28d=[1.0, 2.0, None]) == [True, False, None]


def test_division_by_zero_is_unknown() -> None:
    ratio = x.Compare(x.Arith("/", EVENTS, USERS), "<", x.Number(2.0))
    assert said(ratio, events_28d=[3.0, 3.0, 0.0], active_users_28d=[2.0, 0.0, 0.0]) == [True, None, None]


def test_sums_are_rounded_before_they_meet_a_threshold() -> None:
    total = x.Compare(x.Arith("+", EVENTS, USERS), "<=", x.Number(0.3))
    assert said(total, events_28d=[0.1], active_users_28d=[0.2]) == [True]


def test_between_includes_both_ends() -> None:
    between = x.Between(EVENTS, ONE, x.Number(3.0))
    assert said(between, events_28d=[0.0, 1.0, 3.0, 3.5, None]) == [False, True, True, False, None]


def test_in_compares_texts() -> None:
    within = x.Within(PLAN, (x.Text("Pro"), x.Text("Basic")))
    assert said(within, plan=["Pro", "Free", None]) == [True, False, None]


def test_days_are_compared_as_epoch_days() -> None:
    before = x.Compare(x.Attribute("renewal_date", "date"), "<", x.Day(date(1970, 1, 3)))
    assert said(before, renewal_date=[1.0, 2.0, None]) == [True, False, None]


def test_is_missing_is_unknown_where_the_value_is_only_not_known() -> None:
    assert said(x.IsMissing(EVENTS), events_28d__missing=[True, False, None]) == [True, False, None]


def test_a_flag_holds_where_it_is_not_zero() -> None:
    assert said(x.Holds(x.Metric("notice_given")), notice_given=[1.0, 0.0, None]) == [True, False, None]


def test_all_and_any_are_three_valued() -> None:
    a, b = x.Member("a"), x.Member("b")
    columns = {
        "member(a)": [True, True, True, False, False, None],
        "member(b)": [True, None, False, None, False, None],
    }
    assert said(x.All((a, b)), **columns) == [True, None, False, False, False, None]  # type: ignore[arg-type]
    assert said(x.Any((a, b)), **columns) == [True, True, True, None, False, None]  # type: ignore[arg-type]


def test_at_least_is_true_by_trues_and_false_only_when_unknowns_cannot_help() -> None:
    two_of_three = x.AtLeast(2, (x.Member("a"), x.Member("b"), x.Member("c")))
    columns = {
        "member(a)": [True, True, True, False],
        "member(b)": [True, None, False, None],
        "member(c)": [None, False, False, None],
    }
    assert said(two_of_three, **columns) == [True, None, False, None]  # type: ignore[arg-type]


def test_a_threshold_may_differ_by_attribute() -> None:
    compiler = Compiler({"few": Threshold("few", 10.0, by="plan", values={"Pro": 50.0})})
    few = x.Compare(EVENTS, "<", x.Limit("few"))
    answers = said(few, compiler, events_28d=[20.0, 20.0, 20.0], plan=["Pro", "Free", None])
    assert answers == [True, False, False]


def test_a_lower_bound_is_false_or_true_only_where_more_could_not_change_it() -> None:
    idle = x.Metric("weeks_since_active")
    compiler = Compiler(bounds={"weeks_since_active"})
    columns = {"weeks_since_active": [2.0, 5.0, 2.0], "weeks_since_active__at_least": [True, True, False]}
    for op, expected in {
        ">=": [None, True, False],
        "<": [None, False, True],
        "=": [None, False, False],
        "!=": [None, True, True],
    }.items():
        condition = x.Compare(idle, op, x.Number(4.0))  # type: ignore[arg-type]
        assert said(condition, compiler, **columns) == expected  # type: ignore[arg-type]


def test_three_thousand_conditions_compile_side_by_side() -> None:
    wide = x.Any(tuple(x.Compare(EVENTS, "=", x.Number(float(n))) for n in range(3000)))
    assert said(wide, events_28d=[2999.0, 3000.0]) == [True, False]
