"""Small faults planted into a rule set, one at a time: each must make one of its tests fail.

`python -m tests.mutants [RULES]` names those that no test notices; minutes, so it is no part of the suite.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from segkit.engine.decide_block import scanned_block
from segkit.engine.primary import first_of
from segkit.reports.ruletests import Case, judge, read_cases, run_cases
from segkit.reports.ruletests.running import plan_for
from segkit.resources import shipped_rules
from segkit.ruleset import expr as x
from segkit.ruleset import format_condition
from segkit.ruleset.model import RuleSet, Segment, Times
from segkit.runs.testing import rules_alone, tests_of
from segkit.yamltext import read_yaml

NEXT: dict[x.CompareOp, x.CompareOp] = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
WHOLE = ("count", "days", "weeks", "hours", "minutes", "points", "money")


@dataclass(frozen=True)
class Mutant:
    what: str
    rules: RuleSet


def mutants(rules: RuleSet) -> Iterator[Mutant]:
    """Each differs in one place: an operator, a number, a condition more, less or turned round, a timer."""
    yield from _of_conditions(rules)
    yield from _of_timers(rules)
    yield from _of_order(rules)
    for name, limit in rules.thresholds.items():
        for step in (-0.01, 0.01):
            changed = replace(limit, default=limit.default + step)
            yield Mutant(f"${name} {step:+}", _with_threshold(rules, name, changed))
            for label, value in limit.values.items():
                changed = replace(limit, values={**limit.values, label: value + step})
                yield Mutant(f"${name} of {label} {step:+}", _with_threshold(rules, name, changed))


def _with_threshold(rules: RuleSet, name: str, changed: object) -> RuleSet:
    return replace(rules, thresholds={**rules.thresholds, name: changed})


def _of_conditions(rules: RuleSet) -> Iterator[Mutant]:
    seen = set()
    for segment in rules.segments:
        for part in ("enter", "exit", "at_once"):
            condition = getattr(segment, part)
            for node in _nodes(condition) if condition is not None else ():
                if (node.span, type(node)) in seen:
                    continue
                seen.add((node.span, type(node)))
                for changed in _changes(node):
                    what = f"{segment.name}, {part}: {_short(node)} => {_short(changed)}"
                    yield Mutant(what, _everywhere(rules, node, changed))


def _nodes(condition: x.Condition) -> Iterator[x.Condition]:
    yield condition
    for child in x.children(condition):
        yield from _nodes(child)


def _short(condition: x.Condition) -> str:
    text = format_condition(condition)
    return text if len(text) < 110 else f"{text[:107]}..."


def _changes(node: x.Condition) -> Iterator[x.Condition]:
    match node:
        case x.All(of=of) | x.Any(of=of):
            yield x.Any(of) if isinstance(node, x.All) else x.All(of)
            for at in range(len(of)):
                if len(of) > 1:
                    yield replace(node, of=of[:at] + of[at + 1 :])
        case x.AtLeast(k=k, of=of):
            yield replace(node, k=k + 1)
            yield replace(node, k=k - 1)
            for at in range(len(of)):
                yield replace(node, of=of[:at] + of[at + 1 :])
        case x.Compare(op=op, right=right):
            if op in NEXT:
                yield replace(node, op=NEXT[op])
            yield from (replace(node, right=moved) for moved in _moved(node.left, right))
            yield x.Not(node)
        case x.Between(low=low, high=high):
            yield from (replace(node, low=moved) for moved in _moved(node.of, low))
            yield from (replace(node, high=moved) for moved in _moved(node.of, high))
        case x.Named():
            pass
        case x.Not(of=of):
            yield of
        case _:
            yield x.Not(node)


def _moved(left: x.Operand, operand: x.Operand) -> Iterator[x.Operand]:
    if isinstance(operand, x.Number):
        step = 1.0 if operand.unit in WHOLE else 0.01
        for change in (-step, step):
            value = round(operand.value + change, 6)
            yield replace(operand, value=value, text=f"{value:g}")


def _everywhere(rules: RuleSet, old: x.Condition, new: x.Condition) -> RuleSet:
    def walk(condition: x.Condition | None) -> x.Condition | None:
        if condition is None:
            return None
        if condition.span == old.span and type(condition) is type(old):
            return new
        match condition:
            case x.All(of=of) | x.Any(of=of) | x.AtLeast(of=of):
                return replace(condition, of=tuple(walk(child) for child in of))
            case x.Not(of=of) | x.Named(of=of):
                return replace(condition, of=walk(of))
            case _:
                return condition

    def changed(segment: Segment) -> Segment:
        return replace(
            segment, enter=walk(segment.enter), exit=walk(segment.exit), at_once=walk(segment.at_once)
        )

    return _each_segment(rules, changed)


def _each_segment(rules: RuleSet, changed: Callable[[Segment], Segment]) -> RuleSet:
    dimensions = tuple(replace(d, segments=tuple(map(changed, d.segments))) for d in rules.dimensions)
    return replace(rules, dimensions=dimensions, flags=tuple(map(changed, rules.flags)))


def _of_timers(rules: RuleSet) -> Iterator[Mutant]:
    for segment in rules.segments:
        for timer in ("enter_after", "exit_after", "min_stay"):
            was = getattr(segment, timer)
            for step in (-1, 1):
                if isinstance(was, int):
                    value: int | Times = was + step
                elif was.need == was.of:
                    value = Times(was.need + step, was.of + step)
                else:
                    value = Times(was.need + step, was.of)
                low = value if isinstance(value, int) else value.need
                if low < (0 if timer == "min_stay" else 1) or (timer == "min_stay" and not was):
                    continue
                new = replace(segment, **{timer: value})
                swap = {segment.name: new}
                rule_set = _each_segment(rules, lambda each, swap=swap: swap.get(each.name, each))
                yield Mutant(f"{segment.name}, {timer}: {was} => {value}", rule_set)


def _of_order(rules: RuleSet) -> Iterator[Mutant]:
    for place, dimension in enumerate(rules.dimensions):
        for at in range(len(dimension.segments) - 1):
            order = list(dimension.segments)
            order[at], order[at + 1] = order[at + 1], order[at]
            swapped = replace(dimension, segments=tuple(order))
            dimensions = (*rules.dimensions[:place], swapped, *rules.dimensions[place + 1 :])
            yield Mutant(
                f"{dimension.name}: {order[at].name} before {order[at + 1].name}",
                replace(rules, dimensions=dimensions),
            )


def survives(mutant: Mutant, cases: tuple[Case, ...]) -> bool:
    """Memberships and primaries tell most of them apart, in a fraction of the time."""
    scans = scanned_block(plan_for(mutant.rules, cases), 0, len(cases))[1]
    member = {name: scan.member for name, scan in scans.items()}
    primary = {}
    for dimension in mutant.rules.dimensions:
        place = first_of([member[segment.name] for segment in dimension.segments])
        primary[dimension.name] = np.array([*(s.name for s in dimension.segments), dimension.otherwise])[
            place
        ]
    for at, case in enumerate(cases):
        for asked in case.expected:
            for week, wanted in enumerate(asked.weeks):
                inside = asked.member and member[asked.subject][at, week]
                got = ("yes" if inside else "no") if asked.member else primary[asked.subject][at, week]
                if wanted not in (None, "gone", "unknown", got):
                    return False
    return all(verdict.passed for verdict in judge(run_cases(mutant.rules, cases)))


def main(path: Path) -> int:
    rules = rules_alone(path)
    cases = tuple(case for file in tests_of(path) for case in read_cases(read_yaml(file), rules, {})[0])
    count, left = 0, []
    for mutant in mutants(rules):
        count += 1
        if survives(mutant, cases):
            left.append(mutant.what)
            print(mutant.what, flush=True)
    print(f"{count} faults, {len(left)} that no test notices")
    return int(bool(left))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else shipped_rules()))
