"""What people said against the rules, and what of it has ended: one line each, the largest ARR first."""

from __future__ import annotations

import polars as pl
from msgspec import Struct

from segkit.engine.results import Decisions
from segkit.reports.words import days_in_words


class Overridden(Struct, frozen=True):
    """An override that the rules disagree with, or one that has ended."""

    name: str
    segment: str
    inside: bool
    who: str
    """`by Ann until 2026-12-31`"""
    reason: str
    rules: str
    """What the rules say."""
    ended: bool

    def said(self, name: str) -> str:
        """`Acme is in active by Ann until 31 Dec 2026 (rules say at_risk): reason`; `name` as it is shown."""
        place = f"{'in' if self.inside else 'out of'} {self.segment}"
        if self.ended:
            return days_in_words(f"{name}: the override {place} {self.who} has ended: rules say {self.rules}")
        return days_in_words(f"{name} is {place} {self.who} (rules say {self.rules}): {self.reason}")


def overridden(decisions: Decisions, assignments: pl.DataFrame) -> tuple[Overridden, ...]:
    """Of the accounts that are assigned; what has ended comes last."""
    if decisions.overridden is None:
        return ()
    rows = (
        decisions.overridden.filter(~(pl.col("acts") & pl.col("agree")))
        .join(assignments.select("account_id", "name", "arr"), on="account_id")
        .sort(~pl.col("acts"), -pl.col("arr").fill_null(0), "account_id", "dimension", "segment", "who")
    )
    columns = ("name", "segment", "inside", "who", "reason", "rules")
    told = rows.select(*columns, ended=~pl.col("acts"))
    return tuple(Overridden(**row) for row in told.iter_rows(named=True))
