"""The first rows of the work list, as the page shows them."""

from __future__ import annotations

from datetime import date

import polars as pl
from msgspec import Struct

from segkit.reports.worklist import CLOSED

SHOWN = 15


class Task(Struct, frozen=True):
    name: str
    playbook: str
    step: str | None
    """The first one."""
    say: str | None
    due: date | None
    late: bool
    since: date | None
    """When it opened, where that was before the first run."""
    owner: str | None
    escalated_to: str | None
    arr: float | None


def first(worklist: pl.DataFrame, as_of: date) -> tuple[Task, ...]:
    """`worklist` as published; SHOWN of its open tasks."""
    still = worklist.filter(pl.col("status") != CLOSED).head(SHOWN)
    return tuple(
        Task(
            name=row["name"],
            playbook=row["playbook"],
            step=(row["steps"] or "").split("; ")[0] or None,
            say=row["say"],
            due=row["due"],
            late=row["due"] is not None and row["due"] < as_of,
            since=None if row["standing"] is None else row["opened"],
            owner=row["owner"],
            escalated_to=row["escalated_to"],
            arr=row["arr"],
        )
        for row in still.iter_rows(named=True)
    )
