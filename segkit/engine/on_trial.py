"""Segments on trial that a published run did not know: where everybody would stand, had they been there."""

from __future__ import annotations

import polars as pl
from msgspec.structs import replace

from segkit.engine.baselines.kept import Shelf
from segkit.engine.decisions import decided, planned
from segkit.engine.results import State
from segkit.engine.stretches import up_to
from segkit.facts.types import Facts
from segkit.ruleset.model import RuleSet


def with_trials(state: State, rules: RuleSet, facts: Facts, shelf: Shelf | None = None) -> State:
    """The state with the memberships on trial that all of history up to its as_of leads to.

    Everything that counts stays as it was left, whatever today's facts would make of it.
    """
    tried = pl.col("segment").is_in([segment.name for segment in rules.trials])
    latches = state.latches.filter(~tried)
    if rules.trials:
        stop = facts.calendar.index(state.as_of) + 1 - int(facts.periods[0])
        then = decided(up_to(planned(rules, facts, shelf=shelf), stop)).state
        latches = pl.concat([latches, then.latches.filter(tried)])
    return replace(state, latches=latches.sort("account_id", "segment"))
