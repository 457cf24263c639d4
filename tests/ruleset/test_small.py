"""Small doors of the rules: a text mended in places, the place of a fault, metrics and segments by name."""

from __future__ import annotations

from datetime import date

import pytest

from segkit.errors import ConfigError, Place, Problem, in_order
from segkit.ruleset.definitions import missing_definition
from segkit.ruleset.expr import Metric
from segkit.ruleset.fixing import mended
from segkit.ruleset.implies import implies
from segkit.ruleset.model import Definitions
from segkit.ruleset.named import RuleWords, metric_named
from segkit.ruleset.parse import MAX_CHARACTERS, Fault, parse
from tests.ruleset.load import HEAD, SEGMENTS, check, condition, rules


def slip(line: int, column: int, width: int, instead: str | None) -> Problem:
    place = Place("r.yaml", line, column, "", width)
    return Problem("R104", "what", place, None, "error", instead=instead)


@pytest.mark.parametrize(
    ("text", "slips", "after", "done"),
    [
        ("aa bb\ncc\n", [slip(1, 1, 2, "x"), slip(2, 1, 2, "yy")], "x bb\nyy\n", 2),
        ("aa bb\n", [slip(1, 4, 2, "")], "aa\n", 1),
        ("aa\nbb\n", [slip(1, 1, 2, "")], "bb\n", 1),
        ("aa\n  bb\ncc", [slip(2, 3, 2, "")], "aa\ncc", 1),
        ("aabb", [slip(1, 1, 3, "x"), slip(1, 2, 3, "y")], "ay", 1),
        ("aabbcc", [slip(1, 1, 2, "x"), slip(1, 3, 3, "y"), slip(1, 4, 3, "z")], "xbz", 2),
        ("aa", [slip(1, 1, 3, "x"), slip(3, 1, 1, "y"), slip(1, 1, 1, None)], "aa", 0),
        ("\ufeffaa", [slip(1, 1, 2, "b")], "\ufeffb", 1),
        ("\ufeffaa\nbb\n", [slip(1, 1, 2, "")], "\ufeffbb\n", 1),
    ],
)
def test_pieces_are_mended_where_they_stand_and_nothing_else(
    text: str, slips: list[Problem], after: str, done: int
) -> None:
    found, told = mended(text, slips)
    assert (found, len(told)) == (after, done)


@pytest.mark.parametrize(
    ("text", "start", "width", "what"),
    [
        ("", 0, 1, "the expression is empty"),
        ("x" * (MAX_CHARACTERS + 1), 0, 1, f"more than {MAX_CHARACTERS}"),
        ("arr ovr 3", 4, 3, "ovr"),
        ("arr over 3 #", 11, 1, "#"),
    ],
)
def test_a_fault_lies_where_it_is(text: str, start: int, width: int, what: str) -> None:
    found = parse(text)
    assert isinstance(found, Fault)
    assert (found.start, found.end - found.start) == (start, width)
    assert what in found.what


def test_a_date_of_review_is_one_or_told_at_its_place() -> None:
    good = rules(HEAD + "review_by: 2027-01-31\n" + SEGMENTS).review_by
    assert good is not None
    assert good.day == date(2027, 1, 31)
    ((problem),) = check(HEAD + "review_by: 2027-02-30\n" + SEGMENTS)[1]
    assert (problem.code, problem.what, problem.hint) == (
        "R101",
        "'2027-02-30' is no date",
        "write a date as 2026-11-15",
    )
    assert problem.where is not None
    assert (problem.where.line, problem.where.column) == (3, 12)


METRICS = "metrics:\n  runs: {count: usage, window: 7d}\n"
TRIAL = HEAD + METRICS + SEGMENTS + "  - {name: maybe, status: trial, enter: arr over 3}\n"


@pytest.mark.parametrize(
    ("text", "metric"),
    [
        ("runs", Metric("runs")),
        (" events_28d.change ", Metric("events", 28)),
        ("nps_latest", Metric("nps_latest")),
        ("logins_7d", Metric("logins", 7)),
    ],
)
def test_a_metric_is_found_by_its_name(text: str, metric: Metric) -> None:
    assert metric_named(text, rules(TRIAL)) == metric


@pytest.mark.parametrize(
    ("text", "what", "hint"),
    [
        ("evnts_28d", "no metric is called 'evnts_28d'", "did you mean 'events_28d'?"),
        ("events", "events needs a window of days", "write for example events_28d"),
        ("notice_given", "notice_given is no number", "nothing can be expected of it"),
        ("tenure_days_28d", "tenure_days has no window of 28 days", "write tenure_days"),
    ],
)
def test_what_is_no_metric_that_numbers_can_be_expected_of(text: str, what: str, hint: str) -> None:
    with pytest.raises(ConfigError) as error:
        metric_named(text, rules(TRIAL))
    assert [(problem.what, problem.hint) for problem in error.value.problems] == [(what, hint)]


def test_segments_and_metrics_that_a_list_names() -> None:
    words = RuleWords(rules(TRIAL), {}, ())
    assert words.segment("new") is None
    assert words.segment("maybe") == "maybe is on trial: nobody is put into it or taken out"
    assert words.segment("nev") == "no segment or flag is called 'nev': did you mean 'new'?"
    assert [words.metric(each) for each in ("usage", "runs", "events_28d", "events", "nps_latest")] == [
        None
    ] * 5
    assert words.condition("arr over 3") is None
    assert str(words.condition("arr ovr 3")).startswith("character 5: unexpected 'ovr'")
    assert words.metric("events_28d.change") == (
        "'events_28d.change' is a view of events_28d: a pause names the metric itself"
    )
    assert str(words.metric("tenure_days_28d")).startswith(
        "no metric or event source is called 'tenure_days_28d'"
    )


def test_a_definition_that_is_missing_is_told_with_events_that_look_like_it() -> None:
    told = missing_definition("login", "logins_28d", None, ["sign_in", "log_on"])
    assert (told.code, told.severity) == ("R109", "error")
    assert str(told.hint).endswith("; events that look like it: sign_in, log_on")
    assert "look like it" not in str(missing_definition("login", "logins_28d").hint)
    assert missing_definition("core_features", "core_adoption_28d").severity == "warning"


@pytest.mark.parametrize(
    ("first", "second", "certain"),
    [
        ("arr over seats", "arr over 3", False),
        ("arr over 3", "arr over seats", False),
        ("arr between 3 and 5", "arr over 2", True),
        ("arr between seats and 5", "arr at most 5", True),
        ("arr between seats and 5", "arr over 2", False),
        ("arr is 3", "arr is not 4", True),
        ("arr is 3", "arr is not 3", False),
        ("arr over 3", "arr is not missing", True),
        ("plan is not missing", "arr is not missing", False),
        ("arr under 3 or arr over 9", "arr is not missing", True),
    ],
)
def test_what_is_certain_where_something_else_holds(first: str, second: str, certain: bool) -> None:
    assert implies(condition(first), condition(second)) is certain


def test_a_definition_and_a_source_that_are_not_there_are_told_once() -> None:
    segments = (
        "segments:\n  - {name: a, enter: core_adoption_28d over 3% and core_adoption_91d over 3%}\n"
        "  - {name: b, enter: tickets_28d over 3 and open_tickets over 4 and core_adoption_28d over 4%}\n"
    )
    _, problems = check(HEAD + segments, definitions=Definitions(), sources=["usage"])
    assert [(each.code, each.where and (each.where.line, each.where.column)) for each in problems] == [
        ("R109", (4, 22)),
        ("R202", (5, 22)),
    ]


def test_thresholds_are_kept_in_their_units() -> None:
    text = "thresholds: {a: 3, b: 3.5, c: -30%, d: 2 weeks, e: 14 days, f: {default: 1 weeks}}\n"
    found = rules(HEAD + text + SEGMENTS).thresholds
    assert {name: (each.default, each.text, each.unit) for name, each in found.items()} == {
        "a": (3.0, "3", None),
        "b": (3.5, "3.5", None),
        "c": (-0.3, "-30%", "share"),
        "d": (14.0, "2 weeks", "days"),
        "e": (14.0, "14 days", "days"),
        "f": (7.0, "1 weeks", "days"),
    }


def test_problems_are_told_in_the_order_of_the_file() -> None:
    places = [Place("f", 2, 1), Place("f", 1, 9), Place("f", 1, 3), Place("f", 1), Place("f"), None]
    told = in_order([Problem("R104", str(at), place) for at, place in enumerate(places)])
    assert [problem.what for problem in told] == ["4", "5", "3", "2", "1", "0"]
