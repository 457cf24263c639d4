"""Every segment's conditions over a block of rows, and the memberships that follow, in scan order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import polars as pl
from msgspec.structs import replace

from segkit.engine.conditions.compile import member_column, weeks_column
from segkit.engine.conditions.reads import conditions, segments_read
from segkit.engine.conditions.rows import Block
from segkit.engine.conditions.sheet import Sheet
from segkit.engine.members.membership import Answers, Bools, Ground, Scan, scan
from segkit.engine.members.overrides import Over
from segkit.engine.plan import Plan
from segkit.engine.state import Memory
from segkit.ruleset.model import Segment


def scan_all(
    plan: Plan,
    rows: Block,
    ground: Ground,
    paused: Mapping[str, Bools],
    memory: Memory,
    known: Sheet | None = None,
    scanned: Mapping[str, Scan] = {},
) -> tuple[Sheet, dict[str, Scan], dict[str, Over]]:
    """Every segment in scan order, all its conditions, and what overrides say of some.

    `paused`: periods that do not count, [A, T]. `known` and `scanned`: conditions over these rows and
    segments that are worked out already.
    """
    by_name = {segment.name: segment for segment in plan.rules.segments}
    read = {name for segment in plan.rules.segments for name in segments_read(segment)}
    sheet = Sheet(rows, plan.speaker.compiler, plan.lead) if known is None else known
    scans: dict[str, Scan] = {}
    overs: dict[str, Over] = {}
    if plan.overrides is not None:
        sheet.evaluate(plan.overrides.conditions.values())
    for batch in _batches([by_name[name] for name in plan.rules.scan_order]):
        sheet.evaluate(c for segment in batch for c in conditions(segment))
        for segment in batch:
            mask = paused.get(segment.name)
            under = ground if mask is None else replace(ground, paused=np.ascontiguousarray(mask.T))
            found = scanned.get(segment.name) or scan(
                segment, _answers(sheet, segment), under, memory.latches[segment.name]
            )
            scans[segment.name] = found
            over = _over(plan, rows, ground, segment.name, found, sheet, memory)
            if over is not None:
                overs[segment.name] = over
        new = [
            column
            for segment in batch
            if segment.name in read
            for column in _membership(
                segment.name, overs.get(segment.name) or scans[segment.name], plan, memory
            )
        ]
        if new:
            sheet.block = sheet.block.with_columns(new)
    return sheet, scans, overs


def _over(
    plan: Plan, rows: Block, ground: Ground, name: str, found: Scan, sheet: Sheet, memory: Memory
) -> Over | None:
    if plan.overrides is None:
        return None
    before = memory.before(name)
    return plan.overrides.of_segment(name, rows.start, ground.on.T, found, sheet, before, memory.ended)


def _batches(ordered: list[Segment]) -> Iterator[list[Segment]]:
    """Runs of segments that read none of their own run: their conditions are evaluated together."""
    batch: list[Segment] = []
    for segment in ordered:
        if segments_read(segment) & {other.name for other in batch}:
            yield batch
            batch = []
        batch.append(segment)
    yield batch


def _answers(sheet: Sheet, segment: Segment) -> Answers:
    return Answers(
        sheet.decided(segment.enter),
        None if segment.exit is None else sheet.decided(segment.exit),
        None if segment.at_once is None else sheet.decided(segment.at_once),
    )


def _membership(name: str, scanned: Scan | Over, plan: Plan, memory: Memory) -> list[pl.Series]:
    """The columns `member(x)` and `weeks_in(x)`, the period before the first decided one from memory."""
    member, weeks = scanned.member, scanned.weeks
    if plan.lead:
        was = memory.before(name).weeks
        member = np.concatenate([was[:, None] > 0, member], axis=1)
        weeks = np.concatenate([was[:, None], weeks], axis=1)
    return [
        pl.Series(member_column(name), np.ascontiguousarray(member).ravel()),
        pl.Series(weeks_column(name), np.ascontiguousarray(weeks).ravel(), dtype=pl.Float64),
    ]
