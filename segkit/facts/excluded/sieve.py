"""What of a usage table counts: not after as_of, and nothing of who is left out."""

from __future__ import annotations

import polars as pl
from msgspec import Struct

from segkit.facts.accounts.zones import shifted
from segkit.facts.excluded.times import within_lives
from segkit.facts.rows.marks import days_back


class Sieve(Struct, frozen=True):
    """`until`: the last epoch day that is known.

    parts: see rawids.parts_of; None where rows are kept under the ids that say whose they are. gone: ids, as
    kept, of rows that are left out. zones: see AccountZones.by_id. since: the first day that is kept, which
    begins a period. lives: see Times.by_id.
    """

    until: int
    parts: pl.DataFrame | None = None
    gone: pl.Series | None = None
    zones: pl.DataFrame | None = None
    since: int | None = None
    lives: pl.DataFrame | None = None

    @property
    def changes(self) -> bool:
        """Whether known rows may be left out, or lie on other days."""
        found = (self.zones, self.since, self.lives)
        return (self.gone is not None and len(self.gone) > 0) or any(each is not None for each in found)

    @property
    def keeps_days(self) -> bool:
        """Whether rows are left out by their id alone, and after `until`, and stay on their days."""
        return self.zones is None and self.since is None and self.lives is None

    @property
    def ahead(self) -> int:
        """By how many days a row may lie before the day of the workspace's zone."""
        return 0 if self.parts is None or self.zones is None else days_back(self.parts["mark"])

    def of(self, table: pl.DataFrame) -> pl.DataFrame:
        """Rows (raw_id, day and more) that count, under the ids that say whose they are.

        raw_id is text, or still a category where all ids and days stay as they are.
        """
        newest = table["day"].max()
        rows, last = table, self.until + self.ahead
        if isinstance(newest, int) and newest > last:
            rows = rows.filter(pl.col("day") <= last)
        if not self.changes and self.parts is None:
            return rows
        rows = rows.with_columns(pl.col("raw_id").cast(pl.String))
        if self.gone is not None and len(self.gone):
            rows = rows.filter(~pl.col("raw_id").is_in(self.gone.implode()))
        if self.parts is not None and self.zones is not None:
            marked = self.parts.select("raw_id", "who", "mark").drop_nulls("mark")
            rows = shifted(rows, marked, self.zones).filter(pl.col("day") <= self.until)
        if self.parts is not None:
            who = pl.col("raw_id").replace_strict(
                self.parts["raw_id"], self.parts["who"], default=pl.col("raw_id"), return_dtype=pl.String
            )
            rows = rows.with_columns(who)
        if self.since is not None:
            rows = rows.filter(pl.col("day") >= self.since)
        return rows if self.lives is None else within_lives(rows, self.lives)
