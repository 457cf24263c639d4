"""Cases through the engine: each is one account of a small panel whose metrics are given."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from msgspec import Struct
from msgspec.structs import replace

from segkit.engine.conditions.reads import deciding
from segkit.engine.conditions.sheet import Sheet
from segkit.engine.decide_block import scanned_block
from segkit.engine.decisions import decided
from segkit.engine.panel import Panel, Texts, Values
from segkit.engine.plan import Plan, plan_of
from segkit.engine.results import Decisions
from segkit.facts.types import Facts, Roster
from segkit.periods import Calendar, epoch_day
from segkit.reports.ruletests.cases import Case, Value
from segkit.reports.ruletests.series import Special
from segkit.ruleset import expr as x
from segkit.ruleset.model import RuleSet

FIRST_PERIOD = {"day": 20_000, "week": 2_900, "month": 24_300}
"""Some day in 2025: which one it is decides nothing."""


class Ran(Struct, frozen=True):
    """Accounts of the decisions are the cases in their order; a case ends where its weeks do."""

    cases: tuple[Case, ...]
    plan: Plan
    decisions: Decisions

    def sheet(self) -> Sheet:
        """Every condition in every week of every case."""
        return scanned_block(self.plan, 0, len(self.cases))[0]


def run_cases(rules: RuleSet, cases: Sequence[Case]) -> Ran:
    """Memberships, primaries and transitions of every case, by the engine that runs on real exports.

    An account of a test is as old as its first week: no waiting time is waived for it.
    """
    plan = plan_for(rules, cases)
    return Ran(tuple(cases), plan, decided(plan))


def plan_for(rules: RuleSet, cases: Sequence[Case]) -> Plan:
    """What the engine needs to decide every case."""
    width = max(case.weeks for case in cases)
    on = np.zeros((len(cases), width), dtype=bool)
    for place, case in enumerate(cases):
        on[place, : case.weeks] = case.on
    facts = _facts(rules.calendar, on)
    columns = {
        each.key: _column(each, [case.columns.get(each.key, ()) for case in cases], width)
        for each in deciding(rules)
    }
    # Nobody has anything to do about made-up accounts.
    return plan_of(replace(rules, playbooks={}), facts, Panel(columns, on), None)


def _facts(calendar: Calendar, on: np.ndarray) -> Facts:
    accounts, width = on.shape
    first = FIRST_PERIOD[calendar.unit]
    begun = epoch_day(calendar.start(first))
    return Facts(
        calendar=calendar,
        periods=np.arange(first, first + width, dtype=np.int32),
        roster=Roster(
            accounts=tuple(f"{place:06}" for place in range(accounts)),
            on=on,
            start=np.full(accounts, begun, dtype=np.int32),
            signup_known=np.ones(accounts, dtype=bool),
            snapshots=pl.DataFrame(),
            snapshot=np.full(on.shape, -1, dtype=np.int32),
        ),
        coverage={},
        mapping=pl.DataFrame(),
        people=pl.DataFrame(),
        tables={},
        usage=None,
    )


def _column(
    of: x.Metric | x.Attribute | x.Trait, given: Sequence[tuple[Value, ...]], width: int
) -> Values | Texts:
    """What no case says anything about is unknown."""
    rows = [(*cells, *[Special.UNKNOWN] * (width - len(cells))) for cells in given]
    missing = np.array([[cell is Special.MISSING for cell in row] for row in rows])
    labels = tuple(dict.fromkeys(cell for row in rows for cell in row if isinstance(cell, str)))
    numbers = any(isinstance(cell, float) for row in rows for cell in row)
    if (
        labels
        or isinstance(of, x.Trait)
        or (isinstance(of, x.Attribute) and of.kind == "text" and not numbers)
    ):
        codes = [[labels.index(cell) if isinstance(cell, str) else -1 for cell in row] for row in rows]
        return Texts(np.array(codes, dtype=np.int32), labels, missing)
    values = [[cell if isinstance(cell, float) else np.nan for cell in row] for row in rows]
    return Values(np.array(values), missing)
