"""From facts and the past to decisions: onward from a published state, or anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from segkit.engine import decide, rule_change
from segkit.engine.results import Decisions
from segkit.facts.types import Facts
from segkit.ruleset.model import RuleSet
from segkit.runs.history import Published


@dataclass(frozen=True, slots=True)
class Decided:
    """`transitions` are those to publish: of the periods after the base run, moves by a rule change included."""

    decisions: Decisions
    transitions: pl.DataFrame
    since: date | None
    """as_of of the base run."""


def decide_from(rules: RuleSet, facts: Facts, base: Published | None) -> Decided:
    """Decides the periods after the base run; every period without one.

    When the logic has changed since, the new rules are replayed over all history: what they would have said at
    the base's as_of is the state to go on from, and each primary they change there is a `rule_change` row.

    Raises: IoError (I103) when the state of the base run is damaged.
    """
    if base is None:
        decisions = decide(rules, facts, None)
        return Decided(decisions, decisions.transitions, None)
    published = base.state()
    if published.logic == rules.logic:
        decisions = decide(rules, facts, published)
        return Decided(decisions, decisions.transitions, base.as_of)
    decisions = decide(rules, facts, None)
    onward = decisions.transitions.filter(pl.col("as_of") > base.as_of)
    changed = rule_change(published, decisions)
    return Decided(decisions, pl.concat([changed, onward], how="vertical_relaxed"), base.as_of)
