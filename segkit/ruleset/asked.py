"""Conditions that stand outside a rule file, in the words of its rules: until when an override holds."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from msgspec import Struct

from segkit.ruleset import syntax as s
from segkit.ruleset.expr import Condition, Span
from segkit.ruleset.lower import Lower
from segkit.ruleset.metrics import seen_from_outside
from segkit.ruleset.model import RuleSet
from segkit.ruleset.order import reads
from segkit.ruleset.parse import Fault, parse
from segkit.ruleset.scope import Names, RuleScope, account_attributes


class Wrong(Struct, frozen=True):
    """What is wrong with a condition: the place of its first character that is, from 1, and a sentence."""

    at: int
    what: str

    def __str__(self) -> str:
        return f"character {self.at}: {self.what}"


def read_condition(
    text: str, rules: RuleSet, attributes: Mapping[str, str], sources: Collection[str] | None
) -> Condition | Wrong:
    """A condition that reads metrics, attributes, traits and named conditions, but no segments.

    Segments are left out because an override changes them: it would wait for itself. `attributes`, `sources`:
    see `check_rules`.
    """
    node = parse(text)
    if isinstance(node, Fault):
        return Wrong(node.start + 1, _with(node.what, node.hint))
    told: list[Wrong] = []

    def span(node: s.Node) -> Span:
        return Span("", 1, node.start + 1, max(node.end - node.start, 1))

    def report(code: str, what: str, node: s.Node, hint: str | None, warning: bool, _: str | None) -> None:
        if not warning:
            told.append(Wrong(node.start + 1, _with(what, hint)))

    names = Names(rules.calendar, rules.definitions, account_attributes(attributes), sources, "")
    names.conditions, names.condition_of = frozenset(rules.conditions), rules.conditions.get
    names.metrics = frozenset(rules.metrics)
    names.metric_of = lambda name: seen_from_outside(rules.metrics[name])
    names.flags = frozenset(flag.name for flag in rules.flags)
    names.segments = frozenset(segment.name for segment in rules.segments) - names.flags
    names.thresholds = dict(rules.thresholds)
    found = Lower(RuleScope(names), span, report).condition(node)
    told += [
        Wrong(problem.where.column or 1, _with(problem.what, problem.hint))
        for problem in names.problems
        if problem.severity == "error" and problem.where is not None
    ]
    if told or found is None:
        return min(told, key=lambda wrong: wrong.at, default=Wrong(1, f"'{text}' is no condition"))
    for segment, reader in sorted(reads(found).items()):
        return Wrong(reader.span.column, f"it waits for a segment ({segment}), and an override changes those")
    return found


def _with(what: str, hint: str | None) -> str:
    return f"{what}; {hint}" if hint else what
