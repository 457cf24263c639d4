"""How much there is to do and whose it is, from the work list."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
from msgspec import Struct

from segkit.capacity import CapacityFile
from segkit.reports.load import CSM, effort
from segkit.reports.words import clean, plural, shorten
from segkit.reports.worklist import CLOSED, ESCALATED

SUCCESS = "success: "
"""How the reason of a task begins that closed because it worked."""


class Load(Struct, frozen=True):
    """What one owner has to do."""

    owner: str | None
    tasks: int
    escalated: int
    minutes: int
    """Of those tasks whose effort is declared."""
    week: float | None = None
    """Minutes a week for them; None where nobody declared any."""
    later: int = 0
    """Tasks for which there is no time this week."""

    @property
    def overloaded(self) -> bool:
        return self.later > 0


class Todo(Struct, frozen=True):
    """The work list in figures; `opened`, `closed`, `succeeded` count since the last published period."""

    tasks: int
    escalated: int
    opened: int
    closed: int
    succeeded: int
    loads: tuple[Load, ...]
    """By owner, who has most to do first."""
    unassigned: int = 0
    """Tasks that are the CSM's of accounts without one, or nobody's."""


def todo(worklist: pl.DataFrame, since: date, as_of: date, capacity: CapacityFile) -> Todo | None:
    """`worklist` as published. None where nothing is to be done and nothing was."""
    if worklist.is_empty():
        return None
    still = worklist.filter(pl.col("status") != CLOSED)
    done = worklist.filter(pl.col("closed") > since)
    # A task of an account without a CSM has the word itself for an owner.
    owned = still.with_columns(owner=pl.when(pl.col("owner") != CSM).then("owner"))
    loads = [_load(rows, as_of, capacity) for _, rows in owned.group_by("owner", maintain_order=True)]
    return Todo(
        tasks=still.height,
        escalated=still.filter(pl.col("status") == ESCALATED).height,
        opened=worklist.filter(pl.col("opened") > since).height,
        closed=done.height,
        succeeded=int(done["closed_because"].str.starts_with(SUCCESS).sum()),
        loads=tuple(sorted(loads, key=lambda load: (-load.minutes, -load.tasks, load.owner or ""))),
        unassigned=owned["owner"].null_count(),
    )


def _load(rows: pl.DataFrame, as_of: date, capacity: CapacityFile) -> Load:
    return Load(
        rows["owner"][0],
        rows.height,
        rows.filter(pl.col("status") == ESCALATED).height,
        int(effort(rows).sum()),
        capacity.minutes(rows["owner"][0]),
        rows.filter(pl.col("planned") > as_of + timedelta(days=7)).height,
    )


def pressed(todo: Todo) -> list[str]:
    """`Kofi Mensah: 14 h of work, 10 h a week: 3 tasks of 12 must wait`; then how many are nobody's."""
    over = sorted((load for load in todo.loads if load.overloaded), key=lambda load: -load.later)
    said = [
        f"{shorten(clean(load.owner or ''), 24)}: {hours(load.minutes)} of work, "
        f"{hours(load.week or 0)} a week: {plural(load.later, 'task')} of {load.tasks} must wait"
        for load in over
    ]
    verb = "is" if todo.unassigned == 1 else "are"
    return [*said, f"{plural(todo.unassigned, 'task')} {verb} nobody's"] if todo.unassigned else said


def hours(minutes: float) -> str:
    """`1.5 h`"""
    return f"{minutes / 60:.1f} h".replace(".0 h", " h")
