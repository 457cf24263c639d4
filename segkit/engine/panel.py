"""The columns that conditions read: every wanted metric, attribute and trait, by account and period."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import assert_never

from msgspec import Struct, field

from segkit.engine.baselines.kept import Shelf
from segkit.engine.baselines.outage import Outages
from segkit.engine.baselines.standing import Drawn, Standing
from segkit.engine.conditions.reads import columns_of, drawn_of, leaves_of
from segkit.engine.counting.context import Context
from segkit.engine.counting.values import Bools, Floats, Texts, Values
from segkit.engine.metrics.attributes import attribute_column, trait_column
from segkit.engine.metrics.registry import context_of
from segkit.engine.pauses import Pauses
from segkit.engine.views import judged, viewed
from segkit.facts.types import Facts
from segkit.progress import steps
from segkit.ruleset.catalogue import BASELINE_VIEWS
from segkit.ruleset.expr import Attribute, Metric, Trait
from segkit.ruleset.model import RuleSet

__all__ = ["Bools", "Floats", "Panel", "Texts", "Values", "build_panel", "column"]

Wanted = Metric | Attribute | Trait


class Panel(Struct, frozen=True):
    """Columns by the key of their operand: `events_28d.change`, `industry`, `trait(priority)`."""

    columns: Mapping[str, Values | Texts]
    life: Bools
    """[A, T] on the roster in the period; elsewhere every value is null."""
    first: int = 0
    """Place of the first period T among those of the facts."""
    standings: Mapping[str, Standing] = field(default_factory=dict)
    """By metric without a view, for those that are compared with what was expected."""
    outages: Outages | None = None
    """Weeks in which the usage export fell silent for many accounts; None where nobody could tell."""
    paused: Mapping[str, Bools] = field(default_factory=dict)
    """Segment or flag -> [A, T] something that its conditions read is paused; those that pauses concern."""
    pauses: Pauses | None = None
    """None where nothing is paused."""
    drawn: Drawn | None = None
    """What `reads.drawn_of` names."""


def build_panel(
    rules: RuleSet, facts: Facts, wanted: Collection[Wanted], first: int = 0, shelf: Shelf | None = None
) -> Panel:
    """Every wanted column over all accounts and the periods of the facts from place `first` on, and no other.

    What the shelf keeps of earlier runs saves time and changes no value.

    Raises LookupError for a metric or view that does not exist: rules are checked before.
    """
    ctx = context_of(rules, facts, first, shelf)
    by_key = {each.key: each for each in wanted}
    columns: dict[str, Values | Texts] = {}
    standings: dict[str, Standing] = {}
    drawn: Drawn | None = None
    for key in steps("Working out what conditions read", sorted(by_key)):
        each = by_key[key]
        columns[key] = column(ctx, each)
        if isinstance(each, Metric) and each.view in BASELINE_VIEWS and each.base not in standings:
            found = judged(ctx, each)
            standings[each.base] = Standing.of(found)
            if each.base == drawn_of(rules):
                drawn = Drawn.of(each.base, ctx.accounts, found)
    return Panel(columns, ctx.life, first, standings, ctx.outages, _paused(ctx), ctx.pauses, drawn)


def _paused(ctx: Context) -> Mapping[str, Bools]:
    found = {}
    for segment in ctx.rules.segments:
        read = (each for leaf in leaves_of(segment) for each in columns_of(leaf) if isinstance(each, Metric))
        mask = ctx.paused(read)
        if mask is not None:
            found[segment.name] = mask
    return found


def column(ctx: Context, wanted: Wanted) -> Values | Texts:
    """One column of the panel."""
    match wanted:
        case Metric():
            return viewed(ctx, wanted)
        case Attribute():
            return attribute_column(ctx, wanted)
        case Trait():
            return trait_column(ctx, wanted)
        case _:
            assert_never(wanted)
