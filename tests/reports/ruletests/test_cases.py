"""What cannot stand in a test of rules, by the kind of value that the rules read."""

from __future__ import annotations

import pytest

from segkit.reports.ruletests import read_cases
from segkit.yamltext import read_text
from tests.ruleset.load import HEAD, rules

RULES = rules(
    HEAD
    + """\
thresholds:
  few: 3
metrics:
  runs_28d: {count: usage, window: 28d}
segments:
  - name: a
    enter: >-
      renewal_date under 2026-12-01 and plan is "Pro" and notice_given and pilot is true and
      core_adoption_28d under 50% and runs_28d over $few and trait(priority) is "speed"
  - {name: b, enter: "events_28d.change under -30% or signup_date over 2026-01-01"}
otherwise: rest
dimensions:
  size: [{name: large, enter: arr over 3}]
""",
    attributes={"pilot": "flag"},
)
SERIES = "write 20 or 30%, 20x8 for eight weeks of 20, 20-2x6 for six weeks going down by 2, _ for unknown"
CASE = "tests: [{{name: one, {given}, expect: {{{expect}}}}}]"


def told(given: str, expect: str = "primary: a") -> list[tuple[str, str, str | None]]:
    cases, problems = read_cases(read_text(CASE.format(given=given, expect=expect)), RULES, {"pilot": "flag"})
    assert bool(cases) != any(problem.severity == "error" for problem in problems)
    return [(problem.code, problem.what, problem.hint) for problem in problems]


@pytest.mark.parametrize(
    "given",
    [
        "attributes: {renewal_date: 2026-11-01, plan: Pro, pilot: yes}",
        "attributes: {renewal_date: [2026-11-01, missing], plan: [Pro, _], pilot: [yes, no x1]}",
        "metrics: {notice_given: no yes, core_adoption_28d: 40% 0.4, runs_28d: [3, 4]}",
        "metrics: {events_28d.change: -30% 0.2}, traits: {priority: speed}",
    ],
)
def test_every_kind_of_value_can_stand_there(given: str) -> None:
    assert told(given) == []


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (
            "attributes: {renewal_date: 1.11.2026}",
            ("T105", "'1.11.2026' is no date", "write it as 2026-11-15"),
        ),
        ("metrics: {notice_given: 1}", ("T106", "notice_given is yes or no", "write yes or no")),
        ("metrics: {runs_28d: yes}", ("T106", "runs_28d is a number", None)),
        (
            "metrics: {core_adoption_28d: 40}",
            ("T106", "core_adoption_28d can never be 40: it goes from 0 to 1", "did you mean 40%?"),
        ),
        (
            "metrics: {events_28d.change: -30}",
            ("T106", "events_28d.change can never be -30: it goes from -1", "did you mean -30%?"),
        ),
        (
            "metrics: {events_28d.change: 30}",
            ("T106", "events_28d.change is a share; 30 is 3000%", "did you mean 30%?"),
        ),
        ("metrics: {runs_28d: [3, x]}", ("T105", "'x' is no value of a week", SERIES)),
        ("metrics: {runs_28d: 1x999}", ("T105", "these are more than 520 weeks", None)),
    ],
)
def test_what_fits_no_value_of_its_kind_is_told(given: str, problem: tuple[str, str, str | None]) -> None:
    assert told(given) == [problem]


@pytest.mark.parametrize(
    ("expect", "problem"),
    [
        ("member: {a: perhaps}", ("T102", "'perhaps' is not known here")),
        ("member: {a: ''}", ("T105", "")),
        ("primary: {1: a, 2: c}", ("T102", "'c' is not known here")),
        ("primary: {0: a}", ("T105", "'0' is no week")),
        ("dimensions: {size: small}", ("T102", "'small' is not known here")),
        ("moves: [{week: 1, from: a, to: c}]", ("T102", "'c' is not known here")),
        ("moves: [{week: 1, from: x}]", ("T102", "'x' is not known here")),
        ("", ("T107", "nothing is expected of this case")),
    ],
)
def test_what_cannot_be_expected_is_told(expect: str, problem: tuple[str, str]) -> None:
    ((code, what, _),) = told("metrics: {runs_28d: 3}", expect)
    assert (code, what if problem[1] else "") == problem
