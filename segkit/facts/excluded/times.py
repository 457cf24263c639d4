"""Rows that are left out for their day: past their retention, before a contract or after it."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from msgspec import Struct

from segkit.facts.accounts.ledger import ID
from segkit.facts.accounts.zones import inside, single_days
from segkit.facts.excluded.left_out import REASON
from segkit.facts.excluding import OLD, Entry

BY_CONTRACT = ("usage", "tickets", "surveys", "touchpoints")
"""Sources of which rows outside the contract may be left out."""


class Times(Struct, frozen=True):
    """since: the first epoch day that is kept. life: account_id, first, last (days, null = open).

    before, after: the reasons of rows outside that life, null where they count.
    """

    since: int | None = None
    life: pl.DataFrame | None = None
    before: str | None = None
    after: str | None = None

    @classmethod
    def of(cls, newest: pl.DataFrame, entries: Sequence[Entry], since: int | None) -> Times:
        """newest: what the newest snapshot of each account says."""
        before = next((entry.reason for entry in entries if entry.before_signup), None)
        after = next((entry.reason for entry in entries if entry.after_churn), None)
        if before is None and after is None:
            return cls(since)
        life = newest.select(
            ID,
            _day(newest, "signup_date" if before is not None else None).alias("first"),
            (_day(newest, "churned_at" if after is not None else None) - 1).alias("last"),
        )
        return cls(
            since, life.filter(pl.any_horizontal(pl.col("first", "last").is_not_null())), before, after
        )

    @property
    def any(self) -> bool:
        return self.since is not None or self.life is not None

    def reasons(self, source: str, rows: pl.DataFrame) -> pl.Series:
        """Why each row (account_id, day) is left out; null where it is not."""
        why = pl.lit(None, pl.String)
        joined = rows
        if self.life is not None and source in BY_CONTRACT:
            joined = rows.join(self.life, on="account_id", how="left", maintain_order="left")
            why = pl.when(pl.col("day") < pl.col("first")).then(pl.lit(self.before))
            why = why.when(pl.col("day") > pl.col("last")).then(pl.lit(self.after))
        if self.since is not None and "day" in rows.columns:
            last = pl.col("day")
            if source == "subscriptions":
                # One that still runs, or ended since, speaks about today.
                last = pl.col("ends_on").to_physical() if "ends_on" in rows.columns else pl.lit(self.since)
            why = pl.when(last < self.since).then(pl.lit(OLD)).otherwise(why)
        return joined.select(
            pl.repeat(None, pl.len(), dtype=pl.String).fill_null(why).alias(REASON)
        ).to_series()

    def by_id(self, mapping: pl.DataFrame) -> pl.DataFrame | None:
        """who, from_day, to_day, first, last: the lives of the accounts that raw ids belong to."""
        if self.life is None:
            return None
        spans = mapping.select(pl.col("raw_id").alias("who"), "account_id", "from_day", "to_day")
        return spans.join(self.life, on="account_id", maintain_order="left_right").drop("account_id")


def _day(newest: pl.DataFrame, column: str | None) -> pl.Expr:
    if column is None or column not in newest.columns:
        return pl.lit(None, pl.Int32)
    return pl.col(column).to_physical().cast(pl.Int32)


def within_lives(rows: pl.DataFrame, lives: pl.DataFrame) -> pl.DataFrame:
    """Rows (raw_id, day, perhaps mask: bit i stands for `day` + i) within the lives of their accounts.

    lives: see `Times.by_id`.
    """
    numbered = rows.with_row_index("_row")
    near = numbered.select("_row", "day", who="raw_id").join(lives, on="who")
    outside = (pl.col("day") < pl.col("first")) | (pl.col("day") + 6 > pl.col("last"))
    touched = near.filter(outside.fill_null(False)).select("_row").unique()
    if touched.is_empty():
        return rows
    still = numbered.join(touched, on="_row", how="anti", maintain_order="left")
    going = single_days(numbered.join(touched, on="_row", how="semi", maintain_order="left"))
    going = going.with_row_index("_each")
    hits = going.select("_each", "day", who="raw_id").join(lives, on="who").filter(inside())
    gone = (pl.col("day") < pl.col("first")) | (pl.col("day") > pl.col("last"))
    lost = hits.filter(gone.fill_null(False)).select("_each").unique()
    left = going.join(lost, on="_each", how="anti", maintain_order="left")
    return pl.concat([still.drop("_row"), left.drop("_row", "_each").select(rows.columns)])
