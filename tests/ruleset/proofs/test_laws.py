"""What is said to be impossible never happens, and every example shows what it is said to show."""

from __future__ import annotations

import random
import re
from functools import cache

import pytest

from segkit.errors import Place, Problem
from segkit.ruleset.expr import Condition, Not, Span
from segkit.ruleset.model import RuleSet, Segment
from segkit.ruleset.proofs import prove
from tests.ruleset.load import check
from tests.ruleset.proofs.engine import answer, answers, frame
from tests.ruleset.proofs.worlds import account, rule_text

PEOPLE = [account(random.Random(seed)) for seed in range(1_000)]


@cache
def _found(seed: int) -> tuple[RuleSet, list[Problem]] | None:
    rules, _ = check(rule_text(random.Random(seed)))
    if rules is None:
        return None
    return rules, prove(rules, lambda span: Place("r.yaml", span.line, span.column))


def _named(rules: RuleSet, problem: Problem) -> Segment:
    """The segment that a problem is about: the one named, else the one it stands in."""
    for segment in rules.segments:
        if re.search(rf"\b{segment.name}\b", problem.what.split(":")[0]):
            return segment
    return max(
        (s for s in rules.segments if s.span.line <= (problem.where.line or 0)), key=lambda s: s.span.line
    )  # type: ignore[union-attr]


def _above(rules: RuleSet, segment: Segment) -> tuple[Segment, ...]:
    dimension = next(each for each in rules.dimensions if segment in each.segments)
    return dimension.segments[: dimension.segments.index(segment)]


@pytest.mark.parametrize("start", range(0, 120, 40))
def test_what_cannot_be_is_never_met_in_a_thousand_accounts(start: int) -> None:
    proved = 0
    for seed in range(start, start + 40):
        found = _found(seed)
        if found is None:
            continue
        rules, problems = found
        rows = frame(rules, PEOPLE)
        for problem in problems:
            segment = _named(rules, problem)
            if problem.code in ("R301", "R316") and "nobody" in problem.what:
                condition = segment.enter if problem.code == "R301" else segment.exit
                assert condition is not None
                assert True not in answers(rules, condition, rows), (seed, problem)
                proved += 1
            if problem.code == "R302":
                inside = answers(rules, segment.enter, rows)
                above = [answers(rules, each.enter, rows) for each in _above(rules, segment)]
                assert all(any(each[at] for each in above) for at, fits in enumerate(inside) if fits), seed
                proved += 1
    assert proved >= 3


@pytest.mark.parametrize("start", range(0, 120, 40))
def test_every_example_shows_its_fault(start: int) -> None:
    shown = 0
    for seed in range(start, start + 40):
        found = _found(seed)
        if found is None:
            continue
        for problem in found[1]:
            if problem.witness is not None:
                _shows(found[0], problem, seed)
                shown += 1
    assert shown >= 20


def _shows(rules: RuleSet, problem: Problem, seed: int) -> None:
    """By the engine's own answers."""
    witness = problem.witness
    assert witness is not None
    segment, first, last = _named(rules, problem), witness.weeks[0], witness.weeks[-1]

    def says(condition: Condition | None, week: tuple[tuple[str, str], ...]) -> bool | None:
        assert condition is not None
        return answer(rules, condition, week)

    told = (seed, problem)
    match problem.code:
        case "R301" if "nobody" in problem.what:
            assert says(segment.enter, first) is not True, told
        case "R316":
            assert says(segment.exit, first) is not True, told
        case "R302":
            assert says(segment.enter, first) is True, told
            assert any(says(each.enter, first) is True for each in _above(rules, segment)), told
        case "R303" if "every account" in problem.what:
            assert says(segment.enter, first) is True, told
        case "R304":
            assert says(segment.enter, first) is True, told
            assert says(segment.enter, last) is not True, told
            assert says(segment.exit, last) is True, told
        case "R305":
            assert says(segment.exit, first) is None, told
        case "R306":
            stages = rules.dimensions[1].segments
            assert all(says(each.enter, first) is False for each in stages), told
        case "R307" | "R308":
            stages = rules.dimensions[1].segments
            assert sum(says(each.enter, first) is True for each in stages) == 2, told
        case "R309":
            held = [says(segment.enter, week) for week in witness.weeks]
            assert held == [True] * (len(held) - 1) + [held[-1]], told
            assert held[-1] is not True, told
            assert len(held) - 1 < segment.enter_after.need, told
        case "R311":
            assert says(segment.enter, first) is True, told
        case "R201" | "R301" | "R303" | "R312":
            pass
        case other:
            raise AssertionError(other)


def test_a_negation_of_what_always_holds_is_never_met() -> None:
    rules, _ = check("version: 1\nname: x\nsegments:\n  - {name: a, enter: logins_7d at least 0}\n")
    assert rules is not None
    enter = rules.segments[0].enter
    assert True not in answers(rules, Not(enter, Span()), frame(rules, PEOPLE))
