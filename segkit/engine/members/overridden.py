"""Who is where somebody said in the last period, and what the rules say about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import polars as pl
from msgspec import Struct

from segkit.engine.members.overrides import NO_ROW, Overrides
from segkit.engine.members.primary import Primary
from segkit.engine.members.transitions import Scanned
from segkit.engine.state import labels
from segkit.ruleset.model import FLAGS, RuleSet

OVERRIDDEN: Mapping[str, Any] = {
    "account_id": pl.String,
    "acts": pl.Boolean,
    "dimension": pl.String,
    "segment": pl.String,
    "inside": pl.Boolean,
    "who": pl.String,
    "reason": pl.String,
    "rules": pl.String,
    "agree": pl.Boolean,
    "last": pl.Int32,
    "waits": pl.Boolean,
}
"""`acts`: false for one that has ended in the last period. `dimension`: `flags` for flags. `who`: by whom and
until when. `rules`: what the rules say instead; `agree`: they say the same.
`last`: the last day; `waits`: for a condition."""


def overridden(
    overrides: Overrides | None,
    rules: RuleSet,
    ids: pl.Series,
    scanned: Mapping[str, Scanned],
    primaries: Mapping[str, Primary],
) -> pl.DataFrame:
    """One row per override of an account of the block that acts, or has ended, in the last period; columns
    OVERRIDDEN."""
    rows = [] if overrides is None else list(_rows(overrides, rules, ids, scanned, primaries))
    return pl.DataFrame(rows, schema=OVERRIDDEN, orient="row")


def _rows(
    overrides: Overrides,
    rules: RuleSet,
    ids: pl.Series,
    scanned: Mapping[str, Scanned],
    primaries: Mapping[str, Primary],
) -> Iterator[tuple[Any, ...]]:
    for dimension in rules.dimensions:
        ruled = labels(dimension, primaries[dimension.name].ruled)
        for segment in dimension.segments:
            for account, row, latched, acts in _told(overrides, ids, scanned[segment.name]):
                said = _Said(overrides, row, acts)
                says = segment.name if latched and not said.inside else str(ruled[account])
                agree = says == segment.name if said.inside else not latched
                yield said.of(ids[account], dimension.name, says, agree)
    for flag in rules.flags:
        for account, row, latched, acts in _told(overrides, ids, scanned[flag.name]):
            said = _Said(overrides, row, acts)
            yield said.of(
                ids[account], FLAGS, flag.name if latched else f"not {flag.name}", said.inside == latched
            )


def _told(overrides: Overrides, ids: pl.Series, latch: Scanned) -> Iterator[tuple[int, int, bool, bool]]:
    """Account, override, what the latch says, and whether the override acts, in the last period."""
    over = latch.over
    if over is None:
        return
    latched = latch.scan.member[:, -1]
    for account in np.flatnonzero(over.row[:, -1] != NO_ROW).tolist():
        yield account, int(over.row[account, -1]), bool(latched[account]), True
    for row in over.stopped:
        account = int(ids.index_of(overrides.rows["account_id"][row]) or 0)
        yield account, row, bool(latched[account]), False


class _Said(Struct, frozen=True):
    overrides: Overrides
    row: int
    acts: bool

    @property
    def inside(self) -> bool:
        return bool(self.overrides.rows["inside"][self.row])

    def of(self, account: str, dimension: str, says: str, agree: bool) -> tuple[Any, ...]:
        segment, last, until = self.overrides.rows.select("segment", "last", "until").row(self.row)
        who, why = self.overrides.who(self.row), self.overrides.why(self.row)
        return (
            account,
            self.acts,
            dimension,
            segment,
            self.inside,
            who,
            why,
            says,
            agree,
            last,
            until is not None,
        )


def saying(place: pl.Expr) -> pl.Expr:
    """`by Ann until 2026-12-31 (rules say steady): reason`, `place` put before `(`."""
    says = pl.when("agree").then(pl.lit("rules agree")).otherwise("rules say " + pl.col("rules"))
    return pl.col("who") + place + " (" + says + "): " + pl.col("reason")
