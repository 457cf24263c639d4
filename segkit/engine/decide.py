"""Decisions = decide(RuleSet, Facts): the one place where rules and facts meet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from segkit.engine import transitions
from segkit.engine.assignments import Today, assign
from segkit.engine.causes import of_moves, of_streaks
from segkit.engine.compile import Compiler, member_column, weeks_column
from segkit.engine.membership import Answers, Bools, Ground, Scan, Tri, scan
from segkit.engine.panel import Panel, Texts, build_panel
from segkit.engine.primary import Primary, primary
from segkit.engine.reads import (
    asked_missing,
    conditions,
    given,
    off,
    reads_events,
    segments_read,
    sources,
    wanted,
)
from segkit.engine.results import Decisions, DimensionResult, State
from segkit.engine.rows import Block, block, bounds
from segkit.engine.say import Speaker
from segkit.engine.state import Memory, fresh, latch_frame, names, primary_frame, recall
from segkit.engine.transitions import Scanned, Told
from segkit.engine.trees import tri
from segkit.facts.types import Facts
from segkit.periods import epoch_day
from segkit.ruleset import expr as x
from segkit.ruleset.model import Dimension, RuleSet, Segment

EARLY = 4
"""First periods of the panel in which an account that may be older than the data enters without waiting."""
BLOCK_ROWS = 200_000
"""Rows (account x period) evaluated at a time; bounds memory."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that every block of accounts needs; `first` is the place of the first decided period."""

    rules: RuleSet
    facts: Facts
    panel: Panel
    memory: Memory
    first: int
    speaker: Speaker
    present: frozenset[str]
    waive: Bools

    @property
    def lead(self) -> int:
        """One period before the first decided one, where there is one: what streaks are compared with."""
        return min(self.first, 1)


@dataclass(frozen=True, slots=True)
class Part:
    """What was decided about the accounts of one block."""

    scans: Mapping[str, Scan]
    primaries: Mapping[str, Primary]
    assignments: pl.DataFrame
    transitions: pl.DataFrame
    latches: pl.DataFrame
    standings: pl.DataFrame


def decide(rules: RuleSet, facts: Facts, state: State | None = None) -> Decisions:
    """Decides every period of the facts; with a state, those after its as_of, from where it stands.

    Raises ValueError for a state that other rules left, or one that lies before the facts begin.
    """
    plan = _plan(rules, facts, state)
    size = max(BLOCK_ROWS // len(facts.periods), 1)
    starts = range(0, len(facts.roster.accounts), size) if facts.roster.accounts else [0]
    parts = [_decide_block(plan, start, min(start + size, len(facts.roster.accounts))) for start in starts]
    return _decisions(plan, parts)


def _plan(rules: RuleSet, facts: Facts, state: State | None) -> Plan:
    accounts = facts.roster.accounts
    first, memory = 0, None
    if state is not None:
        if state.logic != rules.logic:
            raise ValueError("the state was left by other rules")
        first = facts.calendar.index(state.as_of) + 1 - int(facts.periods[0])
        if first < 1:
            raise ValueError("the state lies before the facts begin")
        memory = recall(state, rules, accounts)
    panel = build_panel(rules, facts, wanted(rules))
    numbers = {key for key, column in panel.columns.items() if not isinstance(column, Texts)}
    compiler = Compiler(rules.thresholds, bounds(panel), numbers)
    return Plan(
        rules,
        facts,
        panel,
        memory or fresh(rules, len(accounts)),
        first,
        Speaker(rules, compiler),
        given(facts),
        _waivable(facts),
    )


def _waivable(facts: Facts) -> Bools:
    """[A, T] first life of an account that may be older than the data, in the panel's first periods."""
    roster = facts.roster
    opening = epoch_day(facts.calendar.start(int(facts.periods[0])))
    cut = np.where(roster.signup_known, roster.start < opening, roster.on[:, :EARLY].any(axis=1))
    seen = np.logical_or.accumulate(roster.on, axis=1)
    left = np.logical_or.accumulate(seen & ~roster.on, axis=1)
    early = np.arange(roster.on.shape[1]) < EARLY
    waive: Bools = roster.on & ~left & cut[:, None] & early[None, :]
    return waive


def _decide_block(plan: Plan, start: int, stop: int) -> Part:
    rules, facts, first = plan.rules, plan.facts, plan.first
    periods = facts.periods[first:]
    rows = block(plan.panel, asked_missing(rules), start, stop, first - plan.lead, len(periods) + plan.lead)
    on = facts.roster.on[start:stop, first:]
    ground = Ground(
        np.ascontiguousarray(on.T),
        np.zeros(on.T.shape, dtype=bool),
        np.ascontiguousarray(plan.waive[start:stop, first:].T),
        periods,
    )
    memory = plan.memory.part(start, stop)
    rows, enter, scans = _scan_all(plan, rows, ground, memory)
    told = Told(rows, plan.lead, plan.speaker, f"{facts.calendar.unit}s")
    scanned = {
        s.name: Scanned(s, scans[s.name], _causes(plan, rows, s, scans[s.name], memory))
        for s in rules.segments
    }
    primaries = {
        d.name: primary(
            d,
            [scans[s.name].member for s in d.segments],
            [enter[s.name] for s in d.segments],
            _lit(plan, d, rows),
            on,
            memory.standings[d.name],
        )
        for d in rules.dimensions
    }
    ids = pl.Series("account_id", facts.roster.accounts[start:stop], dtype=pl.String)
    today = Today(rules, facts.calendar, int(facts.periods[-1]), _data_age(facts))
    return Part(
        scans,
        primaries,
        assign(today, ids, primaries, scanned, told),
        _transitions(plan, ids, primaries, scanned, memory, told),
        pl.concat([_latches(plan, rows, ids, latch, primaries, memory) for latch in scanned.values()]),
        pl.concat([primary_frame(d, ids, primaries[d.name].after) for d in rules.dimensions]),
    )


def _scan_all(
    plan: Plan, rows: Block, ground: Ground, memory: Memory
) -> tuple[Block, dict[str, Tri], dict[str, Scan]]:
    """Every segment in scan order; the rows with the membership columns that conditions read."""
    by_name = {segment.name: segment for segment in plan.rules.segments}
    read = {name for segment in plan.rules.segments for name in segments_read(segment)}
    enter: dict[str, Tri] = {}
    scans: dict[str, Scan] = {}
    for batch in _batches([by_name[name] for name in plan.rules.scan_order]):
        answers = _answers(plan, rows, batch)
        for segment in batch:
            before = memory.latches[segment.name]
            enter[segment.name] = answers[segment.name].enter
            scans[segment.name] = scan(segment, answers[segment.name], ground, before)
        new = [
            column
            for segment in batch
            if segment.name in read
            for column in _membership(segment.name, scans[segment.name], plan, memory)
        ]
        if new:
            rows = rows.with_columns(new)
    return rows, enter, scans


def _batches(ordered: list[Segment]) -> Iterator[list[Segment]]:
    """Runs of segments that read none of their own run: their conditions are evaluated together."""
    batch: list[Segment] = []
    for segment in ordered:
        if segments_read(segment) & {other.name for other in batch}:
            yield batch
            batch = []
        batch.append(segment)
    if batch:
        yield batch


def _answers(plan: Plan, rows: Block, batch: list[Segment]) -> dict[str, Answers]:
    compiler = plan.speaker.compiler
    value = tri(rows.frame, [compiler.condition(c) for segment in batch for c in conditions(segment)])
    found, at = {}, 0
    for segment in batch:
        said: list[Tri | None] = []
        for condition in (segment.enter, segment.exit, segment.at_once):
            if condition is None:
                said.append(None)
                continue
            said.append(value[at].reshape(-1, rows.width)[:, plan.lead :])
            at += 1
        enter, leave, at_once = said
        assert enter is not None
        found[segment.name] = Answers(enter, leave, at_once)
    return found


def _membership(name: str, scanned: Scan, plan: Plan, memory: Memory) -> list[pl.Series]:
    """The columns `member(x)` and `weeks_in(x)`, the period before the first decided one from memory."""
    member, weeks = scanned.member, scanned.weeks
    if plan.lead:
        was = memory.latches[name]
        member = np.concatenate([was.inside[:, None], member], axis=1)
        weeks = np.concatenate([np.where(was.inside, was.age + 1, 0)[:, None], weeks], axis=1)
    return [
        pl.Series(member_column(name), np.ascontiguousarray(member).ravel()),
        pl.Series(weeks_column(name), np.ascontiguousarray(weeks).ravel(), dtype=pl.Float64),
    ]


def _causes(plan: Plan, rows: Block, segment: Segment, found: Scan, memory: Memory) -> np.ndarray:
    start = int(plan.facts.periods[plan.first]) if plan.first < len(plan.facts.periods) else 0
    stored = memory.causes[segment.name]
    return of_moves(rows, plan.speaker.compiler, segment, found.moves, start, plan.lead, stored)


def _latches(
    plan: Plan, rows: Block, ids: pl.Series, latch: Scanned, primaries: Mapping[str, Primary], memory: Memory
) -> pl.DataFrame:
    name, after = latch.segment.name, latch.scan.after
    start = int(plan.facts.periods[plan.first])
    stored = memory.causes[name]
    causes = of_streaks(rows, plan.speaker.compiler, latch.segment, after, start, plan.lead, stored)
    seen, flag = primaries[plan.rules.main.name].after.seen, latch.segment in plan.rules.flags
    return latch_frame(name, flag, ids, seen, after, causes)


def _lit(plan: Plan, dimension: Dimension, rows: Block) -> Bools:
    """[A, T] something in the dimension that reads events is known; always true where nothing reads any."""
    leaves = {leaf for s in dimension.segments for c in conditions(s) for leaf in x.leaves(c)}
    reading = [
        leaf
        for leaf in leaves
        if reads_events(leaf, plan.rules) and sources(leaf, plan.rules) <= plan.present
    ]
    if not reading:
        return np.ones((rows.stop - rows.start, rows.width - plan.lead), dtype=bool)
    known = [plan.speaker.compiler.leaf(leaf).is_not_null() for leaf in reading]
    value = tri(rows.frame, [pl.any_horizontal(known)])[0]
    lit: Bools = value.reshape(-1, rows.width)[:, plan.lead :] == 1
    return lit


def _transitions(
    plan: Plan,
    ids: pl.Series,
    primaries: Mapping[str, Primary],
    scanned: Mapping[str, Scanned],
    memory: Memory,
    told: Told,
) -> pl.DataFrame:
    """Rows of Decisions.transitions of one block."""
    main = plan.rules.main.name
    found = [
        transitions.of_dimension(d, primaries[d.name], memory.standings[d.name].code, scanned, told)
        for d in plan.rules.dimensions
    ]
    found += [
        transitions.of_flag(
            scanned[f.name],
            memory.latches[f.name].inside,
            primaries[main],
            memory.standings[main].code,
            told,
        )
        for f in plan.rules.flags
    ]
    rows = pl.concat(found)
    ends = pl.Series(
        [plan.facts.calendar.end(int(p)) for p in plan.facts.periods[plan.first :]], dtype=pl.Date
    )
    return rows.select(
        pl.Series("account_id", ids.gather(rows["account"])),
        pl.Series("as_of", ends.gather(rows["period"])),
        "dimension",
        "from",
        "to",
        "cause",
        "because",
    )


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
    )
    return Decisions(
        accounts=facts.roster.accounts,
        as_of=tuple(facts.calendar.end(int(p)) for p in facts.periods[plan.first :]),
        dimensions=dimensions,
        member={
            s.name: np.concatenate([part.scans[s.name].member for part in parts]) for s in rules.segments
        },
        on_roster=facts.roster.on[:, plan.first :],
        assignments=pl.concat([part.assignments for part in parts]).sort("account_id"),
        transitions=in_order(pl.concat([part.transitions for part in parts])),
        state=state,
        off=off(rules, plan.present),
        metrics_unknown=_unknown(plan),
    )


def in_order(rows: pl.DataFrame) -> pl.DataFrame:
    """Transitions by period, account, dimension; within a dimension (flags) by what moved."""
    return rows.sort("as_of", "account_id", "dimension", "from", "to", nulls_last=False)


def _unknown(plan: Plan) -> dict[str, float]:
    """Share of the accounts on the roster at as_of that have no value, by metric."""
    here = plan.facts.roster.on[:, -1]
    found = {}
    for operand in wanted(plan.rules):
        column = plan.panel.columns[operand.key]
        if isinstance(operand, x.Metric) and not isinstance(column, Texts):
            found[operand.key] = float(np.isnan(column.value[here, -1]).mean()) if here.any() else 0.0
    return found


def _data_age(facts: Facts) -> int | None:
    """Days from the last day that usage (else any source of events) speaks about to as_of; None without one."""
    coverage = [facts.coverage["usage"]] if "usage" in facts.coverage else list(facts.coverage.values())
    ages = []
    for each in coverage:
        if each.covered.any():
            last = facts.calendar.end(int(facts.periods[np.flatnonzero(each.covered)[-1]]))
            ages.append((facts.as_of - min(last, each.last)).days)
    return max(min(ages), 0) if ages else None
