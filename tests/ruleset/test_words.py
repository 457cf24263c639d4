"""Every word of an expression is looked up, typed and measured; what is wrong is said where it stands."""

from __future__ import annotations

import pytest

from segkit.errors import Problem
from segkit.periods import Calendar
from segkit.ruleset.expr import (
    Arith,
    Attribute,
    Between,
    Compare,
    Day,
    Holds,
    IsMissing,
    Limit,
    Member,
    Metric,
    Named,
    Number,
    Span,
    Text,
    Trait,
    Truth,
    WeeksIn,
    Within,
)
from segkit.ruleset.model import Definitions
from tests.ruleset.load import condition, problem


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("logins_7d at least 3", Compare(Metric("logins", 7), ">=", Number(3, "3", "count"))),
        (
            "core_adoption_28d under 50%",
            Compare(Metric("core_adoption", 28), "<", Number(0.5, "50%", "share")),
        ),
        ("nps_latest at most 6", Compare(Metric("nps_latest"), "<=", Number(6, "6", "points"))),
        ("active_weeks_12w under 6", Compare(Metric("active_weeks_12w"), "<", Number(6, "6", "count"))),
        (
            "tickets_28d.delta at least 3",
            Compare(Metric("tickets", 28, "delta"), ">=", Number(3, "3", "count")),
        ),
        (
            "events_28d.change at most $big_drop",
            Compare(Metric("events", 28, "change"), "<=", Limit("big_drop")),
        ),
        (
            "days_to_feature(api) over 2 weeks",
            Compare(Metric("days_to_feature", None, None, "api"), ">", Number(14, "2 weeks", "days")),
        ),
        (
            "weeks_since_active at least 28d",
            Compare(Metric("weeks_since_active"), ">=", Number(4, "28d", "weeks")),
        ),
        (
            "median_resolution_hours_28d over 2 days",
            Compare(Metric("median_resolution_hours", 28), ">", Number(48, "2 days", "hours")),
        ),
        ("minutes_28d over 2 hours", Compare(Metric("minutes", 28), ">", Number(120, "2 hours", "minutes"))),
        (
            "weeks_in(at_risk) at least 4 weeks",
            Compare(WeeksIn("at_risk"), ">=", Number(4, "4 weeks", "weeks")),
        ),
        ("tenure_days at least $long", Compare(Metric("tenure_days"), ">=", Limit("long"))),
        ('industry is "Retail"', Compare(Attribute("industry"), "=", Text("Retail"))),
        ("is_test is false", Compare(Attribute("is_test", "flag"), "=", Truth(False))),
        ("is_test", Holds(Attribute("is_test", "flag"))),
        ("notice_given", Holds(Metric("notice_given"))),
        ("member(at_risk)", Member("at_risk")),
        ("renewal_due", Member("renewal_due")),
        (
            'trait(priority) in ["efficiency", "growth"]',
            Within(Trait("priority"), (Text("efficiency"), Text("growth"))),
        ),
        ("nps_latest.previous is missing", IsMissing(Metric("nps_latest", None, "previous"))),
        (
            "days_to_renewal between 0 and 90",
            Between(Metric("days_to_renewal"), Number(0, "0", "days"), Number(90, "90", "days")),
        ),
        (
            "events_28d / seats over 2",
            Compare(
                Arith("/", Metric("events", 28), Attribute("seats", "number")), ">", Number(2, "2", "count")
            ),
        ),
        (
            "minutes_28d / minutes_90d under 10%",
            Compare(
                Arith("/", Metric("minutes", 28), Metric("minutes", 90)), "<", Number(0.1, "10%", "share")
            ),
        ),
    ],
)
def test_an_expression_means(text: str, expected: object) -> None:
    assert condition(text) == expected


def test_a_date_is_compared_and_counted_from() -> None:
    from datetime import date

    day = Day(date(2026, 11, 15))
    assert condition("renewal_date under 2026-11-15") == Compare(Attribute("renewal_date", "date"), "<", day)
    difference = condition("renewal_date - signup_date over 2 weeks")
    assert isinstance(difference, Compare)
    assert difference.right == Number(14, "2 weeks", "days")
    later = condition("renewal_date under signup_date + 52 weeks")
    assert isinstance(later, Compare)
    assert later.right == Arith("+", Attribute("signup_date", "date"), Number(364, "52 weeks", "days"))


def test_a_named_condition_keeps_its_name_and_what_it_stands_for() -> None:
    found = condition("small")
    assert isinstance(found, Named)
    assert (found.name, found.of) == ("small", condition("arr under 1000"))


def test_each_piece_knows_its_line_and_column() -> None:
    found = condition("90 <= tenure_days and 'x' is industry")
    parts = found.of  # type: ignore[union-attr]
    assert [part.span for part in parts] == [Span("r.yaml", 13, 8, 17), Span("r.yaml", 13, 30, 17)]
    assert parts[1].right.span == Span("r.yaml", 13, 39, 8)


def test_weeks_in_counts_the_workspaces_periods() -> None:
    monthly = condition("weeks_in(at_risk) at least 3 months", calendar=Calendar("month"))
    assert isinstance(monthly, Compare)
    assert monthly.right == Number(3, "3 months", "number")
    assert problem("weeks_in(at_risk) at least 3 weeks", calendar=Calendar("month")).code == "R107"


@pytest.mark.parametrize(
    ("text", "code", "column", "width", "what", "hint"),
    [
        (
            "logns_28d under 2",
            "R104",
            8,
            9,
            "unknown metric, attribute or condition 'logns_28d'",
            "'logins_28d'",
        ),
        ("tenure_day under 2", "R104", 8, 10, "'tenure_day'", "'tenure_days'"),
        ('industri is "x"', "R104", 8, 8, "'industri'", "'industry'"),
        ("industry is Retail", "R104", 20, 6, "'Retail'", 'texts are quoted: "Retail"'),
        ("smal and notice_given", "R104", 8, 4, "'smal'", "'small'"),
        ("renewal_du", "R104", 8, 10, "'renewal_du'", "'renewal_due'"),
        ("at_risk", "R104", 8, 7, "'at_risk' is a segment", "write member(at_risk)"),
        ("logins under 2", "R104", 8, 6, "logins needs a window of days", "logins_28d"),
        ("logins_0d under 2", "R104", 8, 9, "logins has no window of 0 days", "logins_28d"),
        ("logins_4w under 2", "R104", 8, 9, "'logins_4w'", "'logins_28d'"),
        (
            "tenure_days_28d under 2",
            "R104",
            8,
            15,
            "tenure_days has no window of 28 days",
            "write tenure_days",
        ),
        ("days_to_feature under 2", "R104", 8, 15, "needs a name in brackets", "days_to_feature(…)"),
        ("membr(at_risk)", "R104", 8, 14, "unknown word 'membr(…)'", "'member'"),
        ("member(at_rsk)", "R102", 8, 14, "unknown segment or flag 'at_rsk'", "'at_risk'"),
        ("weeks_in(newer) over 3", "R102", 8, 15, "'newer'", "'new'"),
        ("events_28d.change at most $big_dorp", "R103", 34, 9, "unknown threshold '$big_dorp'", "'big_drop'"),
        ("events_28d.chnge at most 3%", "R105", 8, 16, "unknown view '.chnge'", "'change'"),
        ("events_28d.vs_expcted at most 3%", "R105", 8, 21, "unknown view", "'vs_expected'"),
        ("industry.change at most 3%", "R105", 8, 15, "industry is an attribute and has no views", None),
        ("notice_given.previous", "R105", 8, 21, "true or false and has no views", None),
        ("tenure_days", "R106", 8, 11, "tenure_days is no condition", "compare it"),
        ("arr + 3", "R106", 8, 7, "a condition must be true or false", "compare it"),
        ("true", "R106", 8, 4, "always the same", None),
        ("3 under 4", "R106", 8, 9, "both sides are fixed", None),
        ("small is true", "R106", 8, 5, "small is a condition, not a value", "write small alone"),
        (
            "renewal_due is true",
            "R106",
            8,
            11,
            "renewal_due is a condition, not a value",
            "write renewal_due",
        ),
        ('industry under "x"', "R106", 23, 3, "industry is a text: it has no order", "is, is not"),
        ("industry is 3", "R106", 20, 1, "industry is a text, 3 is a number", 'quote the text: "3"'),
        ('arr is "x"', "R106", 15, 3, "arr is an amount of money", None),
        ("renewal_date under 30", "R106", 27, 2, "renewal_date is a date", "2026-11-15"),
        ("tenure_days under 2026-11-15", "R106", 26, 10, "tenure_days is a number of days", None),
        ("renewal_date under 2026-99-15", "R101", 27, 10, "'2026-99-15' is no date", "2026-11-15"),
        ("industry * 2 over 3", "R106", 8, 12, "industry is a text", None),
        ("weeks_in(new) is missing", "R106", 8, 24, "can be missing", None),
        ("tenure_days between 90 and 0", "R106", 8, 28, "larger end first", "swap"),
        ("plan in [industry]", "R106", 17, 8, "holds fixed values", None),
        ("at least 4 of (small, notice_given)", "R106", 8, 35, "at least 4 of 2", "from 1 to 2"),
        ("90 < tenure_days > 3", "R101", 8, 20, "one way", "with and"),
        (
            "logins_28d at least 2 weeks",
            "R107",
            28,
            7,
            "logins_28d is a count, 2 weeks is a time",
            "without a unit",
        ),
        ("tenure_days over 2 months", "R107", 25, 8, "2 months is a time", None),
        (
            "logins_28d over nps_latest",
            "R107",
            24,
            10,
            "logins_28d is a count, nps_latest is a number of points",
            None,
        ),
        ("core_adoption_28d under 50", "R107", 32, 2, "is a share, from 0 to 1; 50 lies outside", "50%?"),
        (
            "events_28d.change at most -30",
            "R107",
            34,
            3,
            "is a share, at least -1; -30 lies outside",
            "-30%?",
        ),
        ("weeks_since_active at least $long", "R107", 36, 5, "weeks_since_active is a number of weeks", None),
        (
            "logins_28d under 50%",
            "R112",
            25,
            3,
            "50% is a percentage, logins_28d is a count",
            "logins_28d.change",
        ),
        (
            "nps_latest.change at most -10%",
            "R112",
            34,
            4,
            "nps_latest.change is a number of points",
            "without %",
        ),
        ("arr under $big_drop", "R112", 18, 9, "$big_drop is a percentage", "without %"),
        ("logins_28d =< 3", "R101", 19, 2, "unknown sign '=<'", "'<='"),
    ],
)
def test_a_mistake_is_found_where_it_stands(
    text: str, code: str, column: int, width: int, what: str, hint: str | None
) -> None:
    found = problem(text)
    assert found.where is not None
    assert (found.code, found.where.column, found.where.width) == (code, column, width)
    assert what in found.what
    assert hint is None or (found.hint is not None and hint in found.hint)


def test_a_number_outside_a_range_is_a_warning() -> None:
    found = problem("nps_latest at most 60")
    assert (found.code, found.severity, found.what) == (
        "R201",
        "warning",
        "nps_latest is from 0 to 10; 60 lies outside",
    )


def test_logins_without_a_definition_are_refused() -> None:
    found = problem("logins_28d under 2", definitions=Definitions())
    assert str(found) == "r.yaml:13:8 R109 logins_28d needs a definition of 'login'"
    assert found.hint == "write in segkit.yaml: definitions: {login: {events: [login]}}"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("core_adoption_28d under 50%", "core_features"),
        ("advanced_features_28d under 3", "advanced_features"),
        ("core_workflows_28d under 3", "core_workflow"),
        ("milestones_overdue over 0", "expected_milestones"),
        ("days_to_first_value over 30", "first_value"),
        ("health_score under 50", "health_score"),
    ],
)
def test_other_metrics_without_a_definition_are_a_warning(text: str, key: str) -> None:
    found: Problem = problem(text, definitions=Definitions())
    assert (found.code, found.severity) == ("R109", "warning")
    assert f"definitions: {{{key}: " in (found.hint or "")


def test_a_source_that_the_workspace_has_not_is_said_once() -> None:
    found = problem("tickets_28d over 3 and open_tickets over 2", sources={"usage", "accounts"})
    assert (found.code, found.severity) == ("R202", "warning")
    assert "no source 'tickets'" in found.what
