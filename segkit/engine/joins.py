"""Raw ids to accounts, user keys to people: joins that keep the order of the rows."""

from __future__ import annotations

import polars as pl

WEEK_MASK = 0x7F


def resolve(rows: pl.DataFrame, mapping: pl.DataFrame, accounts: pl.DataFrame) -> pl.DataFrame:
    """Rows (raw_id, day, perhaps mask) joined with the dated mapping; adds `account`, drops what has none.

    Bit i of `mask` stands for `day` + i: a row whose days belong to different accounts is split between them.
    """
    spans = mapping.select("raw_id", "account_id", "from_day", "to_day").join(
        accounts, on="account_id", how="inner", maintain_order="left"
    )
    spans = spans.drop("account_id").with_columns(pl.col("raw_id").cast(pl.String))
    rows = rows.with_columns(pl.col("raw_id").cast(pl.String))
    always = spans.select((pl.col("from_day").is_null() & pl.col("to_day").is_null()).all()).item()
    if always and spans["raw_id"].is_unique().all():
        plain = spans.select("raw_id", "account")
        return rows.join(plain, on="raw_id", how="inner", maintain_order="left")
    found = rows.join(spans, on="raw_id", how="inner", maintain_order="left_right")
    if "mask" not in rows.columns:
        inside = pl.col("day").is_between(
            pl.col("from_day").fill_null(pl.col("day")), pl.col("to_day").fill_null(pl.col("day"))
        )
        return found.filter(inside).drop("from_day", "to_day")
    skip = (pl.col("from_day") - pl.col("day")).fill_null(0).clip(0, 7)
    keep = (pl.col("to_day") - pl.col("day") + 1).fill_null(7).clip(0, 7)
    bits = bits_between(skip, keep)
    trimmed = found.with_columns(pl.col("mask").cast(pl.Int64).and_(bits).cast(pl.UInt8))
    return trimmed.filter(pl.col("mask") > 0).drop("from_day", "to_day")


def bits_between(skip: pl.Expr, keep: pl.Expr) -> pl.Expr:
    """Mask of the bits skip <= i < keep of a week, both in 0..7."""
    powers = pl.Series([2**i for i in range(8)], dtype=pl.Int64)
    low = skip.replace_strict(list(range(8)), powers, return_dtype=pl.Int64) - 1
    high = keep.replace_strict(list(range(8)), powers, return_dtype=pl.Int64) - 1
    return high - high.and_(low)


def join_people(rows: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """Adds person, department, is_key, deactivated_day by user_key; an unknown key is a person of its own."""
    known = people.unique("user_key", keep="first", maintain_order=True).drop("account_id")
    joined = rows.join(known, on="user_key", how="left", maintain_order="left")
    return joined.with_columns(pl.col("person").fill_null(pl.col("user_key")))
