"""Decisions = decide(RuleSet, Facts): the one place where rules and facts meet."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import polars as pl

from segkit.engine.baselines.kept import Shelf
from segkit.engine.baselines.standing import groups_frame
from segkit.engine.conditions.reads import deciding, off, wanted
from segkit.engine.decide_block import Part, decide_block
from segkit.engine.members.overrides import Key
from segkit.engine.members.takeover import taken_over
from segkit.engine.members.vanished import with_vanished
from segkit.engine.panel import Texts, build_panel
from segkit.engine.pauses import names_of
from segkit.engine.plan import Plan, first_decided, plan_of
from segkit.engine.results import Decisions, DimensionResult, Outage, State
from segkit.engine.state import ended_frame, names
from segkit.engine.stretches import joined, stops, up_to
from segkit.engine.tasks.carried import Carried, gone
from segkit.facts.types import Facts
from segkit.progress import steps
from segkit.ruleset import expr as x
from segkit.ruleset.model import RuleSet

RECENT = 12
"""Weeks for which a suspected outage is told."""
BLOCK_ROWS = 300_000
"""Rows (account x period) evaluated at a time; bounds memory."""


def decide(
    rules: RuleSet,
    facts: Facts,
    state: State | None = None,
    *,
    shelf: Shelf | None = None,
    tasks: Carried | None = None,
    block_rows: int = BLOCK_ROWS,
) -> Decisions:
    """Decides every period of the facts; with a state, those after its as_of, from where it stands.

    `tasks` are those to go on from where they are not those of the state.
    `shelf` keeps baselines from run to run and `block_rows` bounds memory: neither changes what is decided.

    Raises ValueError for a state that other rules left, or one that lies before the facts begin.
    """
    return decided(planned(rules, facts, state, shelf, tasks=tasks), block_rows)


def planned(
    rules: RuleSet,
    facts: Facts,
    state: State | None = None,
    shelf: Shelf | None = None,
    also: Collection[x.Metric] = (),
    tasks: Carried | None = None,
) -> Plan:
    """The plan that `decide` follows; its panel holds the metrics `also`, too, which decide nothing.

    Raises as decide() does.
    """
    if state is not None:
        state = taken_over(state, facts)
        facts = with_vanished(facts, state)
    # What streaks are compared with lies one period before the first decided one.
    before = max(first_decided(rules, facts, state) - 1, 0)
    panel = build_panel(rules, facts, (*wanted(rules), *also), before, shelf)
    return plan_of(rules, facts, panel, state, tasks)


def decided(plan: Plan, block_rows: int = BLOCK_ROWS) -> Decisions:
    """All periods of the plan, in stretches where an account follows another."""
    parts, plan = up_to_last(plan, block_rows)
    parts.append(_stretch(plan, block_rows))
    return joined(parts) if len(parts) > 1 else parts[0]


def up_to_last(plan: Plan, block_rows: int = BLOCK_ROWS) -> tuple[list[Decisions], Plan]:
    """All stretches but the last, and the plan of that."""
    parts: list[Decisions] = []
    for stop in stops(plan.facts, plan.first):
        parts.append(_stretch(up_to(plan, stop), block_rows))
        plan = _onward(plan, parts[-1].state)
    return parts, plan


def _onward(plan: Plan, state: State) -> Plan:
    """The plan of the next stretch."""
    state = taken_over(state, plan.facts)
    tasks = plan.tasks.onward(state.tasks, state.as_of)
    return plan_of(plan.rules, plan.facts, plan.panel, state, tasks)


def _stretch(plan: Plan, block_rows: int) -> Decisions:
    """All blocks of accounts, one after another."""
    facts = plan.facts
    size = max(block_rows // (len(facts.periods) - plan.first + plan.lead), 1)
    starts = range(0, len(facts.roster.accounts), size) if facts.roster.accounts else [0]
    parts = [
        decide_block(plan, start, min(start + size, len(facts.roster.accounts)))
        for start in steps("Deciding accounts", starts)
    ]
    return _decisions(plan, parts)


def _decisions(plan: Plan, parts: list[Part]) -> Decisions:
    rules, facts = plan.rules, plan.facts
    dimensions = {}
    for d in rules.dimensions:
        of = [part.primaries[d.name] for part in parts]
        code, weeks, stale = (np.concatenate([getattr(p, n) for p in of]) for n in ("code", "weeks", "stale"))
        dimensions[d.name] = DimensionResult(d.name, names(d), code, weeks, stale)
    state = State(
        facts.as_of,
        rules.logic,
        pl.concat([part.latches for part in parts]).sort("account_id", "segment"),
        pl.concat([part.standings for part in parts]).sort("account_id", "dimension"),
        pl.concat([part.held for part in parts]).sort("account_id", "segment"),
        ended_frame(frozenset[Key]().union(*(part.ended for part in parts))),
        _tasks(plan, parts),
    )
    outages = _outages(plan)
    return Decisions(
        accounts=facts.roster.accounts,
        as_of=tuple(facts.calendar.end(int(p)) for p in facts.periods[plan.first :]),
        dimensions=dimensions,
        member={s.name: np.concatenate([part.member[s.name] for part in parts]) for s in rules.segments},
        on_roster=facts.roster.on[:, plan.first :],
        assignments=pl.concat([part.assignments for part in parts]).sort("account_id"),
        transitions=in_order(pl.concat([part.transitions for part in parts])),
        state=state,
        off=off(rules, plan.present),
        notes=_said(outages, facts),
        outages=outages,
        came=None if plan.panel.outages is None else plan.panel.outages.came,
        metrics_unknown=_unknown(plan),
        dipped=_dipped(plan),
        drawn=plan.panel.drawn,
        paused=plan.pauses_now,
        overridden=None if facts.overrides is None else pl.concat([part.overridden for part in parts]),
        groups=groups_frame(plan.panel.standings, facts.as_of) if plan.panel.standings else None,
        trials=tuple(segment.name for segment in rules.trials),
        load=np.sum([part.load for part in parts], axis=0),
    )


def _tasks(plan: Plan, parts: list[Part]) -> pl.DataFrame:
    """Rows of State.tasks."""
    facts, told = plan.facts, plan.tasks
    days = (facts.calendar.end(int(period)) for period in facts.periods[plan.first :])
    fresh = [day for day in days if told.since is None or day > told.since]
    if not fresh:
        return told.rows
    others = gone(told, facts.roster.accounts, fresh[0], facts.as_of)
    return pl.concat([*(part.tasks for part in parts), others]).sort("account_id", "playbook", "opened")


def _dipped(plan: Plan) -> dict[str, tuple[str, ...]]:
    accounts = np.array(plan.facts.roster.accounts, dtype=object)
    here = plan.facts.roster.on[:, -1]
    return {
        metric: tuple(accounts[standing.dipped & here].tolist())
        for metric, standing in plan.panel.standings.items()
    }


def _outages(plan: Plan) -> tuple[Outage, ...]:
    found = plan.panel.outages
    if found is None:
        return ()
    return tuple(
        Outage(
            plan.facts.calendar.end(int(plan.facts.periods[week])),
            int(found.silent[week]),
            int(found.steady[week]),
            float(found.limit[week]),
        )
        for week in np.flatnonzero(found.suspect)
    )


def _said(outages: tuple[Outage, ...], facts: Facts) -> tuple[str, ...]:
    """What is said of weeks in which the export fell silent, as long as windows of now still hold them."""
    first = facts.calendar.end(int(facts.periods[-1]) - RECENT + 1)
    return tuple(
        f"usage of the week to {outage.week} looks cut off: "
        f"{outage.silent} accounts that come every week ({outage.silent / outage.steady:.0%}) have no row; "
        "what is zero there is read as unknown"
        for outage in outages
        if outage.week >= first
    )


def in_order(rows: pl.DataFrame) -> pl.DataFrame:
    """Transitions by period, account, dimension; within a dimension (flags) by what moved."""
    return rows.sort("as_of", "account_id", "dimension", "from", "to", nulls_last=False)


def _unknown(plan: Plan) -> dict[str, float]:
    """Share of the accounts on the roster at as_of, paused ones left out, that have no value, by metric."""
    on, pauses = plan.facts.roster.on[:, -1], plan.panel.pauses
    found = {}
    for operand in deciding(plan.rules):
        column = plan.panel.columns[operand.key]
        if isinstance(operand, x.Metric) and not isinstance(column, Texts):
            mask = None if pauses is None else pauses.mask(names_of((operand,), plan.rules))
            here = on if mask is None else on & ~mask[:, -1]
            found[operand.key] = float(np.isnan(column.value[here, -1]).mean()) if here.any() else 0.0
    return found
