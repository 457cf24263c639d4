"""From facts and the past to decisions: onward from a published state, or anew."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl
from msgspec import Struct, field
from msgspec.structs import replace

from segkit.engine import decide, rule_change
from segkit.engine.baselines import Shelf
from segkit.engine.on_trial import with_trials
from segkit.engine.renamed import renamed_state
from segkit.engine.results import Decisions, State
from segkit.engine.tasks.carried import Carried
from segkit.errors import InputError, Problem
from segkit.facts.types import Facts
from segkit.ruleset.fingerprint import trials_of
from segkit.ruleset.model import RuleSet
from segkit.ruleset.renaming import renamed_since, with_names
from segkit.runs.folders.history import Published


class Decided(Struct, frozen=True):
    """`transitions`: those to publish, of the periods after the base run, rule changes included."""

    decisions: Decisions
    transitions: pl.DataFrame
    since: date | None
    """as_of of the base run."""
    renamed: Mapping[str, str] = field(default_factory=dict)
    """Segments and flags that the base run knew by another name -> their name now."""
    retired: tuple[str, ...] = ()
    """Segments and flags of the base run that are not there any more."""


def decide_from(rules: RuleSet, facts: Facts, base: Published | None, shelf: Shelf) -> Decided:
    """Decides the periods after the base run; every period without one.

    When the logic has changed since, the new rules are replayed over all history: what they would have said
    at the base's as_of is the state to go on from, and each primary they change is a `rule_change` row.

    Raises: IoError (I103) when the state of the base run is damaged; InputError (D120) when the files begin
    after it.
    """
    if base is None:
        decisions = decide(rules, facts, shelf=shelf)
        return Decided(decisions, decisions.transitions, None)
    meets(facts, base)
    published, renamed = left_by(base, rules)
    known = set(published.latches["segment"].unique()) - {*base.trials}
    retired = tuple(sorted(known - {each.name for each in rules.segments}))
    if published.logic == rules.logic:
        if base.trials_key != trials_of(rules):
            published = with_trials(published, rules, facts, shelf)
        decisions = decide(rules, facts, published, shelf=shelf)
        return Decided(decisions, decisions.transitions, base.as_of, renamed)
    # Whoever has begun a task goes on with it as long as the new rules ask for it.
    tasks = Carried(published.tasks, base.as_of)
    decisions = decide(rules, facts, shelf=shelf, tasks=tasks)
    onward = decisions.transitions.filter(pl.col("as_of") > base.as_of)
    # Dated to the first new period: its rows must add up from the published sizes to the new ones.
    first = facts.calendar.end(facts.calendar.index(base.as_of) + 1)
    changed = rule_change(published, decisions).with_columns(as_of=pl.lit(first, pl.Date))
    moves = pl.concat([changed, onward], how="vertical_relaxed")
    return Decided(decisions, moves, base.as_of, renamed, retired)


def left_by(base: Published, rules: RuleSet) -> tuple[State, dict[str, str]]:
    """The state a run left, under the names of these rules, and what of it was called otherwise.

    Where the rules differ in nothing but names, its logic is theirs. Raises: IoError (I103).
    """
    state = base.state()
    renamed = renamed_since(rules, set(state.latches["segment"].unique()))
    if not renamed:
        return state, {}
    state = renamed_state(state, renamed)
    then = with_names(rules, {now: old for old, now in renamed.items()})
    return (replace(state, logic=rules.logic) if then.logic == state.logic else state), renamed


def meets(facts: Facts, base: Published) -> None:
    """Raises: InputError (D120) when the files begin after the run that is gone on from."""
    first = int(facts.periods[0])
    if first > facts.calendar.index(base.as_of):
        raise InputError(
            Problem(
                "D120",
                f"the usage exports begin on {facts.calendar.start(first)}, but {base.as_of} is already "
                "published: what lies between is not known",
                hint="put the older files back beside the new ones",
            )
        )
