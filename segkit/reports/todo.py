"""How much there is to do and whose it is, from the work list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from segkit.reports.worklist import CLOSED, ESCALATED
from segkit.ruleset.timers import minutes_of

SUCCESS = "success: "
"""How the reason of a task begins that closed because it worked."""


@dataclass(frozen=True, slots=True)
class Load:
    """What one owner has to do."""

    owner: str | None
    tasks: int
    escalated: int
    minutes: int
    """Of those tasks whose effort is declared."""


@dataclass(frozen=True, slots=True)
class Todo:
    """The work list in figures; `opened`, `closed`, `succeeded` count since the last published period."""

    tasks: int
    escalated: int
    opened: int
    closed: int
    succeeded: int
    loads: tuple[Load, ...]
    """By owner, who has most to do first."""


def todo(worklist: pl.DataFrame, since: date) -> Todo | None:
    """`worklist` as published. None where nothing is to be done and nothing was."""
    if worklist.is_empty():
        return None
    still = worklist.filter(pl.col("status") != CLOSED)
    done = worklist.filter(pl.col("closed") > since)
    loads = [_load(rows) for _, rows in still.group_by("owner", maintain_order=True)]
    return Todo(
        tasks=still.height,
        escalated=still.filter(pl.col("status") == ESCALATED).height,
        opened=worklist.filter(pl.col("opened") > since).height,
        closed=done.height,
        succeeded=int(done["closed_because"].str.starts_with(SUCCESS).sum()),
        loads=tuple(sorted(loads, key=lambda load: (-load.minutes, -load.tasks, load.owner or ""))),
    )


def _load(rows: pl.DataFrame) -> Load:
    return Load(
        rows["owner"][0],
        rows.height,
        rows.filter(pl.col("status") == ESCALATED).height,
        sum(minutes_of(text) or 0 for text in rows["effort"].drop_nulls()),
    )
