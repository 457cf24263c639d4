"""Every planted fault is found where it stands, with what to do; what is proved, the engine confirms."""

from __future__ import annotations

from datetime import date

import pytest

from segkit.errors import Problem, Witness
from segkit.periods import Calendar
from segkit.reports.ruletests import judge, read_cases, run_cases
from segkit.ruleset.definitions import EVERYTHING
from segkit.ruleset.expr import Column
from segkit.ruleset.load import check_rules_text
from segkit.ruleset.model import Definitions, RuleSet
from segkit.ruleset.proofs import prove
from segkit.yamltext import read_text
from tests.ruleset.proofs.engine import answer, columns_of
from tests.ruleset.proofs.planted import FRAME, KEPT, MISTAKES, PROVED, Fault

ALL = (*MISTAKES, *PROVED, *KEPT)


def found(fault: Fault) -> tuple[RuleSet | None, list[Problem], tuple[int, int]]:
    """The rule set, everything that is told, and where the fault stands."""
    text = fault.text.replace("«", "")
    before = fault.text[: fault.text.index("«")]
    place = (before.count("\n") + 1, len(before) - before.rfind("\n"))
    defined = Definitions(login="active_day") if fault.code == "R109" else EVERYTHING
    rules, problems = check_rules_text(text, path="r.yaml", calendar=Calendar(), definitions=defined)
    if rules is not None:
        doc = read_text(text, "r.yaml")
        today = date.fromisoformat(fault.today) if fault.today else None
        problems = prove(rules, lambda span: doc.at(span.line, span.column, span.width), problems, today)
    return rules, problems, place


def test_there_are_enough_and_each_is_another() -> None:
    assert len(ALL) >= 45
    assert len({fault.name for fault in ALL}) == len(ALL)
    assert all(fault.text.count("«") == 1 for fault in ALL)


@pytest.mark.parametrize("fault", ALL, ids=lambda fault: fault.name)
def test_a_planted_fault_is_found_where_it_stands_with_the_right_suggestion(fault: Fault) -> None:
    _, problems, place = found(fault)
    told = [(p.code, (p.where.line, p.where.column) if p.where else None) for p in problems]
    assert (fault.code, place) in told
    problem = problems[told.index((fault.code, place))]
    if fault.hint is not None:
        assert fault.hint in (problem.hint or "")
    same = [code for code, _ in told if code == fault.code]
    assert len(same) == 1
    assert fault in MISTAKES or problem.severity == "warning"


@pytest.mark.parametrize("fault", PROVED, ids=lambda fault: fault.name)
def test_the_engine_confirms_what_the_example_shows(fault: Fault) -> None:
    """The example is put into a test of rules, as the user could, and lives through them."""
    rules, problems, _ = found(fault)
    assert rules is not None
    problem = next(each for each in problems if each.code == fault.code)
    assert problem.witness is not None
    expected = EXPECTED[fault.code]
    if expected is not None:
        (verdict,) = judge(run_cases(rules, _case(rules, problem.witness, expected)))
        assert verdict.passed, verdict
    if fault.code == "R305":
        assert answer(rules, rules.segments[0].exit, problem.witness.weeks[0]) is None  # type: ignore[arg-type]
    if fault.code == "R201":
        assert dict(problem.witness.weeks[0])["active_days_28d"] == "28"


EXPECTED: dict[str, str | None] = {
    "R301": "member: {at_risk: no}",
    "R302": "primary: at_risk\n      member: {other: yes}",
    "R303": "member: {at_risk: yes}",
    "R304": "member: {at_risk: yes no}",
    "R305": None,
    "R306": "dimensions: {stage: none}",
    "R307": "dimensions: {stage: young}\n      member: {old: yes}",
    "R308": "dimensions: {stage: young}\n      member: {old: yes}",
    "R309": "member: {other: no}",
    "R311": "member: {at_risk: yes}",
    "R312": "member: {at_risk: yes}",
    "R201": "member: {at_risk: no}",
    "R316": None,
}
"""What becomes of the account, as a test of rules says it."""


def _case(rules: RuleSet, witness: Witness, expected: str):  # type: ignore[no-untyped-def]
    read = {key for key, column in columns_of(rules).items() if isinstance(column, Column)}
    weeks = [dict(week) for week in witness.weeks]
    series = "".join(
        f"      {key}: {' '.join(week[key] for week in weeks)}\n" for key in weeks[0] if key in read
    )
    text = (
        f"tests:\n  - name: shown\n    weeks: {len(weeks)}\n    metrics:\n{series}    expect:\n"
        f"      {expected}\n"
    )
    cases, problems = read_cases(read_text(text, "t.yaml"), rules, {})
    assert [p for p in problems if p.severity == "error"] == []
    return cases


def test_at_once_that_lets_in_whom_enter_does_not_is_shown() -> None:
    text = (
        "version: 1\nname: x\nsegments:\n"
        "  - {name: quiet, enter: logins_28d under 2, at_once: notice_given and logins_7d under 2}\n"
    )
    _, (problem,) = check_rules_text(text, path="r.yaml", calendar=Calendar(), definitions=EVERYTHING)
    assert (problem.code, problem.where and problem.where.column) == ("R114", 55)
    assert problem.witness is not None
    week = dict(problem.witness.weeks[0])
    assert week == {"logins_28d": "2", "logins_7d": "1", "notice_given": "yes"}


def test_at_once_that_only_arithmetic_shows_to_imply_enter_is_taken() -> None:
    text = (
        "version: 1\nname: x\nsegments:\n"
        "  - {name: quiet, enter: logins_7d under 3, at_once: logins_28d under 2}\n"
    )
    rules, problems = check_rules_text(text, path="r.yaml", calendar=Calendar(), definitions=EVERYTHING)
    assert rules is None  # 28 days known, 7 unknown: then enter is unknown.
    assert problems[0].witness is not None
    assert ("logins_7d", "_") in problems[0].witness.weeks[0]


@pytest.mark.parametrize(
    "enters",
    [
        ("tenure_days under 0", "tenure_days over 90 and tenure_days under 30"),
        ("arr over arr", "arr under arr"),
        ("tenure_days over -5", "tenure_days at least 0"),
        ("arr is 5", "arr is not 5"),
    ],
)
def test_stages_that_nobody_or_everybody_is_in_are_no_crash(enters: tuple[str, str]) -> None:
    first, second = enters
    text = (
        f"{FRAME}dimensions:\n  stage:\n    - {{name: young, enter: {first}}}\n"
        f"    - {{name: old, enter: {second}}}\n"
    )
    rules, problems = check_rules_text(text, path="r.yaml", calendar=Calendar(), definitions=EVERYTHING)
    assert rules is not None, problems
    doc = read_text(text, "r.yaml")
    found = prove(rules, lambda span: doc.at(span.line, span.column, span.width), problems)
    assert {problem.code for problem in found} <= {"R201", "R301", "R302", "R303"}
