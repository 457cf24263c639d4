"""Every proof about a rule set, in one list."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from segkit.errors import Place, Problem, in_order
from segkit.ruleset.expr import Span
from segkit.ruleset.model import RuleSet
from segkit.ruleset.proofs.leaving import margins, unknown
from segkit.ruleset.proofs.reach import always, never, shadowed
from segkit.ruleset.proofs.stages import stages, timers
from segkit.ruleset.proofs.subject import Subject
from segkit.ruleset.proofs.upkeep import outside, playbooks, points, review, tiny_bases, too_many

Proof = Callable[[Subject], Iterator[Problem]]
PROOFS: tuple[Proof, ...] = (
    never,
    shadowed,
    always,
    margins,
    unknown,
    stages,
    timers,
    tiny_bases,
    points,
    playbooks,
    too_many,
    review,
)


def prove(
    rules: RuleSet,
    place: Callable[[Span], Place],
    known: Sequence[Problem] = (),
    today: date | None = None,
) -> list[Problem]:
    """`known` and what can be shown about the rules, in file order. `place`: where a span stands."""
    subject = Subject(rules, place, today)
    told = [outside(subject, problem) if problem.code == "R201" else problem for problem in known]
    return in_order(dict.fromkeys([*told, *(problem for proof in PROOFS for problem in proof(subject))]))
