"""Decides some accounts over all decided periods."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from msgspec import Struct

from segkit.engine.assignments import Today, assign
from segkit.engine.conditions.reads import asked_missing, leaves_of, reads_events, sources
from segkit.engine.conditions.rows import Block, block
from segkit.engine.conditions.sheet import Sheet
from segkit.engine.members import transitions
from segkit.engine.members.causes import Causes, of_moves, of_streaks
from segkit.engine.members.evaluate import scan_all
from segkit.engine.members.membership import Bools, Ground, Ints, Scan
from segkit.engine.members.overridden import overridden
from segkit.engine.members.overrides import Key, Over, Overrides
from segkit.engine.members.primary import Primary, Said, primary
from segkit.engine.members.transitions import Scanned, Told
from segkit.engine.plan import Plan
from segkit.engine.results import HELD
from segkit.engine.state import Memory, held_frame, latch_frame, primary_frame
from segkit.engine.tasks.block import tasks_of_block
from segkit.facts.types import EARLY_PERIODS, Facts
from segkit.ruleset.model import Dimension, Segment


class Part(Struct, frozen=True):
    """What was decided about the accounts of one block."""

    member: Mapping[str, Bools]
    """Effective membership by segment and flag, [A, T]."""
    primaries: Mapping[str, Primary]
    assignments: pl.DataFrame
    transitions: pl.DataFrame
    latches: pl.DataFrame
    standings: pl.DataFrame
    held: pl.DataFrame
    ended: frozenset[Key]
    overridden: pl.DataFrame
    """Columns OVERRIDDEN."""
    tasks: pl.DataFrame
    """Columns TASKS."""
    load: Ints
    """[2, T] tasks that open in each period, and those open at its end."""


def scanned_block(plan: Plan, start: int, stop: int) -> tuple[Sheet, dict[str, Scan], dict[str, Over]]:
    """Every condition over the accounts of one block, the memberships that follow, what overrides say."""
    paused = {name: plan.paused(name, start, stop) for name in plan.panel.paused}
    rows, ground = rows_of(plan, start, stop), ground_of(plan, start, stop)
    return scan_all(plan, rows, ground, paused, plan.memory.part(start, stop))


def rows_of(plan: Plan, start: int, stop: int) -> Block:
    """What the conditions read of the accounts of one block."""
    periods = len(plan.facts.periods) - plan.first
    missing = asked_missing(plan.rules)
    return block(plan.panel, missing, start, stop, plan.first - plan.lead, periods + plan.lead)


def ground_of(plan: Plan, start: int, stop: int) -> Ground:
    on = plan.facts.roster.on[start:stop, plan.first :]
    return Ground(
        np.ascontiguousarray(on.T),
        np.zeros(on.T.shape, dtype=bool),
        np.ascontiguousarray(plan.waive[start:stop, plan.first :].T),
        plan.facts.periods[plan.first :],
    )


class Worked(Struct, frozen=True):
    """Some accounts with every answer, latch and primary: what Parts and explanations are told from."""

    start: int
    stop: int
    sheet: Sheet
    scanned: Mapping[str, Scanned]
    primaries: Mapping[str, Primary]
    memory: Memory
    told: Told


def decide_block(plan: Plan, start: int, stop: int) -> Part:
    return part_of(plan, work(plan, start, stop))


def work(plan: Plan, start: int, stop: int) -> Worked:
    """Decides the accounts from `start` up to `stop`."""
    rules, facts = plan.rules, plan.facts
    on = facts.roster.on[start:stop, plan.first :]
    memory = plan.memory.part(start, stop)
    paused = {name: plan.paused(name, start, stop) for name in plan.panel.paused}
    sheet, scans, overs = scanned_block(plan, start, stop)
    told = Told(sheet, plan.speaker, f"{facts.calendar.unit}s", plan.overrides)
    scanned = {
        s.name: Scanned(s, scans[s.name], _causes(plan, sheet, s, scans[s.name], memory), overs.get(s.name))
        for s in rules.segments
    }
    primaries = {
        d.name: primary_of(plan, d, sheet, scans, overs, on, paused, memory) for d in rules.dimensions
    }
    return Worked(start, stop, sheet, scanned, primaries, memory, told)


def primary_of(
    plan: Plan,
    dimension: Dimension,
    sheet: Sheet,
    scans: Mapping[str, Scan],
    overs: Mapping[str, Over],
    on: Bools,
    paused: Mapping[str, Bools],
    memory: Memory,
) -> Primary:
    """One dimension over the accounts of a block; `on` [A, T], `paused` as `scan_all` has them."""
    return primary(
        dimension,
        [scans[s.name].member for s in dimension.segments],
        [sheet.decided(s.enter) for s in dimension.segments],
        _lit(plan, dimension, sheet),
        on,
        _any([paused[s.name] for s in dimension.segments if s.name in paused]),
        _said(plan.overrides, dimension, scans, overs),
        memory.standings[dimension.name],
    )


def part_of(plan: Plan, done: Worked) -> Part:
    """What is told of these accounts, and what they leave for the next period."""
    ids, told, left = ids_of(plan, done), told_of(plan, done), left_by(plan, done)
    on = plan.facts.roster.on[done.start : done.stop, plan.first :]
    return Part(
        {name: latch.member for name, latch in done.scanned.items()},
        done.primaries,
        told.assignments,
        told.transitions,
        left.latches,
        left.standings,
        left.held,
        left.ended,
        told.overridden,
        *tasks_of_block(plan, ids, done.sheet, done.scanned, done.primaries, on, told.transitions),
    )


def ids_of(plan: Plan, done: Worked) -> pl.Series:
    return pl.Series("account_id", plan.facts.roster.accounts[done.start : done.stop], dtype=pl.String)


class ToldOf(Struct, frozen=True):
    assignments: pl.DataFrame
    transitions: pl.DataFrame
    overridden: pl.DataFrame


def told_of(plan: Plan, done: Worked) -> ToldOf:
    """Where these accounts are and how they came there, in words."""
    facts, ids, scanned, primaries = plan.facts, ids_of(plan, done), done.scanned, done.primaries
    over = overridden(plan.overrides, plan.rules, ids, scanned, primaries)
    today = Today(
        plan.rules,
        facts.calendar,
        int(facts.periods[-1]),
        _data_age(facts),
        plan.panel.standings,
        plan.pauses_now,
        None if facts.overrides is None else over,
    )
    moves = _transitions(plan, ids, primaries, scanned, done.memory, done.told)
    return ToldOf(assign(today, ids, primaries, scanned, done.told), moves, over)


class Left(Struct, frozen=True):
    """What State holds of these accounts."""

    latches: pl.DataFrame
    standings: pl.DataFrame
    held: pl.DataFrame
    ended: frozenset[Key]


def left_by(plan: Plan, done: Worked) -> Left:
    rules, ids, scanned, primaries = plan.rules, ids_of(plan, done), done.scanned, done.primaries
    seen = primaries[rules.main.name].after.seen
    return Left(
        _latches(plan, done.sheet, ids, scanned, seen, done.memory),
        pl.concat([primary_frame(d, ids, primaries[d.name].after) for d in rules.dimensions]),
        _held(plan.overrides, ids, scanned),
        frozenset[Key]().union(*(latch.over.ended for latch in scanned.values() if latch.over is not None)),
    )


def _held(overrides: Overrides | None, ids: pl.Series, scanned: Mapping[str, Scanned]) -> pl.DataFrame:
    """Rows of State.held of one block."""
    found = [
        held_frame(ids, name, latch.scan.after, latch.over, overrides)
        for name, latch in scanned.items()
        if overrides is not None and latch.over is not None
    ]
    return pl.concat([pl.DataFrame(schema=HELD), *found])


def _said(
    overrides: Overrides | None, dimension: Dimension, scans: Mapping[str, Scan], overs: Mapping[str, Over]
) -> Said | None:
    """What overrides make of a dimension; None where they say nothing of its segments."""
    names = [segment.name for segment in dimension.segments]
    if overrides is None or not any(name in overs for name in names):
        return None
    holds = [(overs.get(name) or scans[name]).member for name in names]
    shape = holds[0].shape
    put, newest = np.full(shape, -1, dtype=np.int16), np.full(shape, -1, dtype=np.int64)
    for place, name in enumerate(names):
        if (over := overs.get(name)) is not None:
            since = np.append(overrides.since, -1)[over.row]
            later = (over.said > 0) & (since > newest)
            put[later], newest[later] = place, since[later]
    return Said(holds, put)


def _any(masks: list[Bools]) -> Bools | None:
    return np.logical_or.reduce(masks) if masks else None


def _causes(plan: Plan, sheet: Sheet, segment: Segment, found: Scan, memory: Memory) -> Causes:
    stored = memory.causes[segment.name]
    return of_moves(sheet, segment, found.moves, plan.start, stored)


def _latches(
    plan: Plan, sheet: Sheet, ids: pl.Series, scanned: Mapping[str, Scanned], seen: Bools, memory: Memory
) -> pl.DataFrame:
    after = {name: latch.scan.after for name, latch in scanned.items()}
    if len(plan.facts.periods) >= EARLY_PERIODS:
        # For good: when older files go, the panel starts later, and its first periods are no first ones.
        for latch in after.values():
            latch.met.fill(True)
    causes = {
        name: of_streaks(sheet, latch.segment, after[name], plan.start, memory.causes[name])
        for name, latch in scanned.items()
    }
    return latch_frame(plan.rules, ids, seen, after, causes)


def _lit(plan: Plan, dimension: Dimension, sheet: Sheet) -> Bools:
    """[A, T] something in the dimension that reads events is known; always true where nothing reads any."""
    leaves = {leaf for s in dimension.segments for leaf in leaves_of(s)}
    reading = [
        leaf
        for leaf in leaves
        if reads_events(leaf, plan.rules) and sources(leaf, plan.rules) <= plan.present
    ]
    if not reading:
        return np.ones((sheet.block.stop - sheet.block.start, sheet.block.width - plan.lead), dtype=bool)
    lit: Bools = np.logical_or.reduce([sheet.decided(leaf) >= 0 for leaf in reading])
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
            memory.before(f.name).weeks > 0,
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


def _data_age(facts: Facts) -> int | None:
    """Days from the last day that usage (without it, any source) speaks about to as_of; None without one."""
    coverage = [facts.coverage["usage"]] if "usage" in facts.coverage else list(facts.coverage.values())
    ages = []
    for each in coverage:
        if each.covered.any():
            last = facts.calendar.end(int(facts.periods[np.flatnonzero(each.covered)[-1]]))
            ages.append((facts.as_of - min(last, each.last)).days)
    return max(min(ages), 0) if ages else None
