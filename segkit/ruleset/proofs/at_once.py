"""Whether `at_once` makes `enter` certain, as it must: it lets in without waiting, not without a reason."""

from __future__ import annotations

from segkit.errors import Place, Witness
from segkit.ruleset.expr import Condition, Limit, operands
from segkit.ruleset.model import RuleSet
from segkit.ruleset.proofs.subject import Subject
from segkit.ruleset.proofs.ways import NOT_TRUE


def not_certain(rules: RuleSet, at_once: Condition, enter: Condition) -> Witness | None:
    """An account for which `at_once` holds and `enter` does not; None where there can be none.

    `rules`: thresholds, metrics and calendar are read. Where no account can be made up although the words do
    not show that there is none, the witness has no week.
    """
    if _unread(rules, at_once, enter):
        return None
    subject = Subject(rules, lambda span: Place(span.path, span.line, span.column))
    goals = (subject.holds(at_once), (subject.form(enter), NOT_TRUE))
    if subject.impossible(*goals):
        return None
    account = subject.account(*goals)
    shows = "at_once holds and enter does not"
    return Witness((), shows) if account is None else subject.witness([account], shows)


def _unread(rules: RuleSet, *conditions: Condition) -> bool:
    """Whether a threshold could not be read; that is told where it stands."""
    limits = {o.name for condition in conditions for o in operands(condition) if isinstance(o, Limit)}
    return not limits <= set(rules.thresholds)
