"""What every block of accounts needs to be decided: rules, values, and where each account stands."""

from __future__ import annotations

import numpy as np
import polars as pl
from msgspec import Struct

from segkit.engine.conditions.compile import Compiler
from segkit.engine.conditions.reads import given
from segkit.engine.conditions.rows import bounds
from segkit.engine.conditions.say import Speaker
from segkit.engine.members.membership import Bools
from segkit.engine.members.overrides import Overrides
from segkit.engine.members.takeover import taken_over
from segkit.engine.panel import Panel, Texts
from segkit.engine.paused import paused_now
from segkit.engine.results import State
from segkit.engine.state import Memory, fresh, recall
from segkit.engine.tasks.carried import Carried
from segkit.facts.by_hand.overrides import OVERRIDES
from segkit.facts.types import EARLY_PERIODS, Facts
from segkit.periods import epoch_day
from segkit.ruleset.model import RuleSet


class Plan(Struct, frozen=True):
    """Everything that every block of accounts needs; `first` is the place of the first decided period."""

    rules: RuleSet
    facts: Facts
    panel: Panel
    memory: Memory
    first: int
    speaker: Speaker
    present: frozenset[str]
    waive: Bools
    pauses_now: pl.DataFrame | None
    """Who is paused in the last period: columns PAUSED; None where no list of pauses was given."""
    overrides: Overrides | None
    """None where nobody overrides anything, or did."""
    tasks: Carried

    @property
    def start(self) -> int:
        """Index of the first decided period."""
        return int(self.facts.periods[0]) + self.first

    def paused(self, segment: str, start: int, stop: int) -> Bools:
        """[accounts, decided periods] something that a segment of `panel.paused` reads is paused."""
        at = self.first - self.panel.first
        return self.panel.paused[segment][start:stop, at : at + len(self.facts.periods) - self.first]

    @property
    def lead(self) -> int:
        """One period before the first decided one, where there is one: what streaks are compared with."""
        return min(self.first, 1)


def first_decided(rules: RuleSet, facts: Facts, state: State | None) -> int:
    """Place of the first period after the state's as_of. Raises as decide() does."""
    if state is None:
        return 0
    if state.logic != rules.logic:
        raise ValueError("the state was left by other rules")
    first = facts.calendar.index(state.as_of) + 1 - int(facts.periods[0])
    if first < 1:
        raise ValueError("the state lies before the facts begin")
    return first


def plan_of(
    rules: RuleSet, facts: Facts, panel: Panel, state: State | None, tasks: Carried | None = None
) -> Plan:
    """The panel holds every column that `reads.wanted` names, from `Plan.lead` periods before the first
    decided one on. `tasks`: those to go on from; None: those of the state. Raises as decide() does."""
    accounts = facts.roster.accounts
    first = first_decided(rules, facts, state)
    state = None if state is None else taken_over(state, facts)
    memory = fresh(rules, len(accounts)) if state is None else recall(state, rules, accounts)
    if tasks is None:
        tasks = Carried() if state is None else Carried(state.tasks, state.as_of)
    listed = pl.DataFrame(schema=OVERRIDES) if facts.overrides is None and memory.held else facts.overrides
    numbers = {key for key, column in panel.columns.items() if not isinstance(column, Texts)}
    compiler = Compiler(rules.thresholds, bounds(panel), numbers)
    return Plan(
        rules,
        facts,
        panel,
        memory,
        first,
        Speaker(rules, compiler),
        given(facts),
        _waivable(facts),
        None if facts.pauses is None else paused_now(panel.pauses, facts.roster.on[:, -1]),
        None if listed is None else Overrides.of(rules, facts, listed, first),
        tasks,
    )


def _waivable(facts: Facts) -> Bools:
    """[A, T] first life of an account that may be older than the data, in the panel's first periods."""
    roster = facts.roster
    opening = epoch_day(facts.calendar.start(int(facts.periods[0])))
    cut = np.where(roster.signup_known, roster.start < opening, roster.on[:, :EARLY_PERIODS].any(axis=1))
    seen = np.logical_or.accumulate(roster.on, axis=1)
    left = np.logical_or.accumulate(seen & ~roster.on, axis=1)
    early = np.arange(roster.on.shape[1]) < EARLY_PERIODS
    waive: Bools = roster.on & ~left & cut[:, None] & early[None, :]
    return waive
