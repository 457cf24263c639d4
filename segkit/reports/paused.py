"""Who is paused and so not judged: one line per pause, the widest first."""

from __future__ import annotations

from datetime import date

import polars as pl
from msgspec import Struct

from segkit.engine.results import Decisions
from segkit.reports.words import day, listed, plural


class Paused(Struct, frozen=True):
    """Accounts that one pause holds at as_of."""

    names: tuple[str, ...]
    """Largest ARR first."""
    until: date
    reason: str
    metrics: str
    """The only ones that are paused; empty for all that read events."""
    everybody: bool

    def said(self, names: tuple[str, ...], at_most: int) -> str:
        """`2 accounts are paused until 31 Dec 2026 (freeze): A, B`; `names` as they are to be shown."""
        verb = "is" if len(names) == 1 else "are"
        what = f" for {self.metrics}" if self.metrics else ""
        why = f" ({self.reason})" if self.reason else ""
        who = "All accounts are" if self.everybody else f"{plural(len(names), 'account')} {verb}"
        rest = "" if self.everybody else f": {listed(list(names), at_most)}"
        return f"{who} paused{what} until {day(self.until)}{why}{rest}"


def paused(decisions: Decisions, assignments: pl.DataFrame) -> tuple[Paused, ...]:
    """The pauses of those assigned, as `Decisions.paused` has them."""
    if decisions.paused is None:
        return ()
    rows = (
        decisions.paused.join(assignments.select("account_id", "name", "arr"), on="account_id")
        .sort(-pl.col("arr").fill_null(0), "account_id")
        .group_by("until", "reason", "metrics", maintain_order=True)
        .agg("name")
        .sort(pl.col("name").list.len(), "until", "reason", "metrics", descending=[True] + [False] * 3)
    )
    return tuple(
        Paused(tuple(names), until, reason, metrics, len(names) == assignments.height)
        for until, reason, metrics, names in rows.iter_rows()
    )
