"""What of a usage table counts: not after as_of, and nothing of who is left out."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, slots=True)
class Sieve:
    """`until`: the last epoch day that is known.

    parts: see rawids.parts_of; None where rows are kept under the ids that say whose they are. gone: ids, as
    kept, of rows that are left out.
    """

    until: int
    parts: pl.DataFrame | None = None
    gone: pl.Series | None = None

    @property
    def holds_back(self) -> bool:
        """Whether known rows may be left out."""
        return self.gone is not None and len(self.gone) > 0

    def of(self, table: pl.DataFrame) -> pl.DataFrame:
        """Rows (raw_id, day and more) that count, under the ids that say whose they are; the order stays."""
        newest = table["day"].max()
        rows = table
        if isinstance(newest, int) and newest > self.until:
            rows = rows.filter(pl.col("day") <= self.until)
        if self.gone is not None and len(self.gone):
            rows = rows.filter(~pl.col("raw_id").is_in(self.gone.implode()))
        if self.parts is not None:
            who = pl.col("raw_id").replace_strict(
                self.parts["raw_id"], self.parts["who"], default=pl.col("raw_id"), return_dtype=pl.String
            )
            rows = rows.with_columns(who)
        return rows
