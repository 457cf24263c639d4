"""Rows to accounts by the dated mapping."""

from __future__ import annotations

import polars as pl


def resolve(frame: pl.DataFrame, mapping: pl.DataFrame, day: str | None) -> pl.DataFrame:
    """Add account_id (null = orphan) to rows with raw_id, by the day in column `day`; the order stays.

    raw_id may be a category and is text afterwards. Rows without a day get the newest account.
    """
    rows = frame.drop("account_id", strict=False).with_row_index("_row")
    rows = rows.with_columns(pl.col("raw_id").cast(pl.String))
    open_only = mapping.filter(pl.col("from_day").is_null() & pl.col("to_day").is_null())
    found = rows.join(
        open_only.select("raw_id", "account_id"), on="raw_id", how="left", maintain_order="left"
    )
    dated = mapping.filter(pl.col("from_day").is_not_null() | pl.col("to_day").is_not_null())
    if dated.height and rows.height:
        on = pl.col(day) if day is not None else pl.lit(2**31 - 1, pl.Int32)
        hits = (
            rows.select("_row", "raw_id", on.alias("_on"))
            .join(
                dated.select("raw_id", pl.col("account_id").alias("_account"), "from_day", "to_day"),
                on="raw_id",
            )
            .filter(
                (pl.col("_on") >= pl.col("from_day")).fill_null(True)
                & (pl.col("_on") <= pl.col("to_day")).fill_null(True)
            )
            .select("_row", pl.col("_account").alias("dated"))
            .unique("_row", keep="any")
        )
        found = found.join(hits, on="_row", how="left", maintain_order="left")
        found = found.with_columns(pl.coalesce("account_id", "dated").alias("account_id")).drop("dated")
    return found.drop("_row")


def not_dated(mapping: pl.DataFrame) -> bool:
    """Whether every id belongs to one account for ever, so that the day of a row does not matter."""
    return mapping["from_day"].null_count() == mapping["to_day"].null_count() == mapping.height
