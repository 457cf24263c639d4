"""The columns that conditions read: every wanted metric, attribute and trait, by account and period."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from segkit.engine.context import Context
from segkit.engine.metrics.attributes import attribute_column, trait_column
from segkit.engine.metrics.registry import context_of
from segkit.engine.values import Bools, Floats, Texts, Values
from segkit.engine.views import viewed
from segkit.facts.types import Facts
from segkit.ruleset.expr import Attribute, Metric, Trait
from segkit.ruleset.model import RuleSet

__all__ = ["Bools", "Floats", "Panel", "Texts", "Values", "build_panel", "column"]

Wanted = Metric | Attribute | Trait


@dataclass(frozen=True, slots=True)
class Panel:
    """Columns by the key of their operand: `events_28d.change`, `industry`, `trait(priority)`."""

    columns: Mapping[str, Values | Texts]
    life: Bools
    """[A, T] on the roster in the period; elsewhere every value is null."""
    first: int = 0
    """Place of the first period T among those of the facts."""


def build_panel(rules: RuleSet, facts: Facts, wanted: Collection[Wanted], first: int = 0) -> Panel:
    """Every wanted column over all accounts and the periods of the facts from place `first` on, and no other.

    Raises LookupError for a metric or view that does not exist: rules are checked before.
    """
    ctx = context_of(rules, facts, first)
    by_key = {each.key: each for each in wanted}
    return Panel({key: column(ctx, by_key[key]) for key in sorted(by_key)}, ctx.life, first)


def column(ctx: Context, wanted: Wanted) -> Values | Texts:
    """One column of the panel."""
    match wanted:
        case Metric():
            return viewed(ctx, wanted)
        case Attribute():
            return attribute_column(ctx, wanted)
        case Trait():
            return trait_column(ctx, wanted)
