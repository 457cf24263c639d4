"""Who to call first, and why: from the work list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import polars as pl
from msgspec import Struct

from segkit.reports.load import CSM
from segkit.reports.words import plural
from segkit.reports.worklist import given
from segkit.ruleset.model import RuleSet
from segkit.ruleset.timers import days_of

SHOWN = 5
PRESSING_DAYS = WEEK = 7
NEVER = 10_000
LEFT, UNKNOWN = "left", "unknown"
"""What transitions say of an account off the roster, and of one of which nothing was known."""


class Call(Struct, frozen=True):
    account_id: str
    name: str
    segment: str
    moved_from: str | None
    """Where it was before, when it came into the segment since the last run; None: never seen."""
    weeks_in: int
    arr: float | None
    csm: str | None
    """Whose task it is."""
    because: str
    step: str
    moved: bool = False
    """It came into the segment since the last run, and not because the rules changed."""
    say: str = ""
    """What to say to this account in particular."""

    def state(self, unit: str) -> str:
        """`churning this week, was at_risk`"""
        now = "today" if unit == "day" else f"this {unit}"
        lasts = f"{self.segment} for {plural(self.weeks_in, unit)}"
        if not self.moved:
            return lasts if self.weeks_in > 1 else f"{self.segment} {now}"
        if self.moved_from in (None, UNKNOWN):
            return f"{self.segment}, first seen {now}" if self.weeks_in == 1 else lasts
        if self.moved_from == LEFT:
            return f"{self.segment}, back {now}"
        head = f"{self.segment} {now}" if self.weeks_in == 1 else lasts
        return f"{head}, was {self.moved_from}"


def pressing(rules: RuleSet) -> list[str]:
    """Segments of the main dimension to act on this week, the most urgent first.

    Those whose playbook is due within a week, by `due`, then in file order; where none is, all with one.
    """
    due = {s.name: due_days(rules.playbooks[s.playbook].due) for s in rules.main.segments if s.playbook}
    soon = {name: days for name, days in due.items() if days <= PRESSING_DAYS} or due
    return sorted(soon, key=soon.__getitem__)


def to_call(worklist: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Rows of the work list to act on in the week to come: open, given a week or less when they opened (where
    none was, all open ones), and with time for them where hours are declared."""
    still = worklist.filter(pl.col("closed").is_null())
    week = pl.col("planned").fill_null(as_of) <= as_of + timedelta(days=WEEK)
    soon = still.filter(given() <= timedelta(days=PRESSING_DAYS))
    return (soon if soon.height else still).filter(week)


def first(
    rules: RuleSet, as_of: date, assignments: pl.DataFrame, moves: pl.DataFrame, soon: pl.DataFrame
) -> tuple[Call, ...]:
    """The first accounts of the work list, each with its first task.

    `moves`: transitions of the main dimension since the last run. `soon`: what `to_call` gives.
    """
    came = moves.filter(pl.col("cause") != "rule_change").select("account_id", "from", "to")
    came = came.unique("account_id", keep="last", maintain_order=True)
    here = assignments.select("account_id", "primary", "weeks_in", now="because")
    tasks = soon.unique("account_id", keep="first", maintain_order=True).head(SHOWN)
    tasks = tasks.join(here, on="account_id", how="left", maintain_order="left")
    tasks = tasks.join(came, on="account_id", how="left", maintain_order="left")
    return tuple(_call(rules, as_of, row) for row in tasks.iter_rows(named=True))


def _call(rules: RuleSet, as_of: date, row: Mapping[str, Any]) -> Call:
    book = rules.playbooks.get(row["playbook"])
    steps = book.steps if book is not None and book.steps else ("",)
    asking = str(row["segments"]).split("; ")
    primary = row["primary"] in asking
    moved = primary and row["to"] == row["primary"]
    since = rules.calendar.index(as_of) - rules.calendar.index(row["opened"]) + 1
    return Call(
        account_id=row["account_id"],
        name=row["name"],
        segment=row["primary"] if primary else asking[0],
        moved_from=row["from"] if moved else None,
        weeks_in=row["weeks_in"] if primary else since,
        arr=row["arr"],
        csm=row["csm"] if row["owner"] == CSM else row["owner"],
        because=(row["now"] if primary else row["because"]) or "",
        step=steps[0],
        moved=moved,
        say=row["say"] or "",
    )


def due_days(text: str) -> int:
    """`2 days` -> 2, `1 week` -> 7; unreadable or empty comes last."""
    days = days_of(text)
    return NEVER if days is None else days
