"""Which playbooks are asked for, and what they ask."""

from __future__ import annotations

from collections.abc import Iterator

from segkit.ruleset.expr import Condition
from segkit.ruleset.model import Playbook, RuleSet


def used(rules: RuleSet) -> dict[str, tuple[str, ...]]:
    """Playbook -> the segments and flags that ask for it, in file order; on trial none asks for any."""
    found: dict[str, tuple[str, ...]] = {}
    for segment in rules.segments:
        name = None if segment.trial_of else segment.playbook
        if name is not None and name in rules.playbooks:
            found[name] = (*found.get(name, ()), segment.name)
    return found


def conditions(book: Playbook) -> Iterator[Condition]:
    """Every condition of a playbook."""
    yield from (each for each in (book.success, book.escalate_when) if each is not None)
    yield from (variant.when for variant in book.variants)
