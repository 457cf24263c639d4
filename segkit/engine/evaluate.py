"""Every segment's conditions over a block of rows, and the memberships that follow, in scan order."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from segkit.engine.compile import member_column, weeks_column
from segkit.engine.membership import Answers, Ground, Scan, Tri, scan
from segkit.engine.plan import Plan
from segkit.engine.reads import conditions, segments_read
from segkit.engine.rows import Block
from segkit.engine.state import Memory
from segkit.engine.trees import tri
from segkit.ruleset.model import Segment


def scan_all(
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
    decided = iter(value.reshape(len(value), -1, rows.width)[:, :, plan.lead :])
    return {
        segment.name: Answers(
            next(decided),
            None if segment.exit is None else next(decided),
            None if segment.at_once is None else next(decided),
        )
        for segment in batch
    }


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
