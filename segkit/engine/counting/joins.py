"""Raw ids to accounts, user keys to people: joins that keep the order of the rows."""

from __future__ import annotations

import numpy as np
import polars as pl


def resolve(rows: pl.DataFrame, mapping: pl.DataFrame, accounts: pl.DataFrame) -> pl.DataFrame:
    """Rows (raw_id, day, perhaps mask) with `account` (Int32) instead of raw_id; others left out.

    Bit i of `mask` stands for `day` + i: a row whose days belong to different accounts is split between them.
    """
    spans = mapping.select("raw_id", "account_id", "from_day", "to_day").join(
        accounts, on="account_id", how="inner", maintain_order="left"
    )
    spans = spans.select(pl.col("raw_id").cast(pl.Categorical), "account", "from_day", "to_day")
    plain = pl.col("from_day").is_null() & pl.col("to_day").is_null() & pl.col("raw_id").is_unique()
    rows = rows.with_columns(pl.col("raw_id").cast(pl.Categorical))
    found = [_always(rows, spans.filter(plain))]
    if not spans.select(plain.all()).item():
        found.append(_dated(rows, spans.filter(~plain)))
    return pl.concat(found)


def _always(rows: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """Ids that belong to one account for ever: looked up by category, not joined by text."""
    ids = rows["raw_id"].to_physical().to_numpy()
    known = spans["raw_id"].to_physical().to_numpy()
    size = int(max(ids.max(initial=0), known.max(initial=0))) + 1
    account = np.full(size, -1, dtype=np.int32)
    account[known] = spans["account"].to_numpy()
    whose = account[ids]
    found = rows.drop("raw_id").with_columns(account=pl.Series(whose))
    return found if bool((whose >= 0).all()) else found.filter(pl.col("account") >= 0)


def _dated(rows: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    spans = spans.with_columns(pl.col("account").cast(pl.Int32))
    columns = [name for name in rows.columns if name != "raw_id"]
    found = rows.join(spans, on="raw_id", how="inner", maintain_order="left_right")
    if "mask" not in rows.columns:
        inside = pl.col("day").is_between(
            pl.col("from_day").fill_null(pl.col("day")), pl.col("to_day").fill_null(pl.col("day"))
        )
        return found.filter(inside).select(*columns, "account")
    skip = (pl.col("from_day") - pl.col("day")).fill_null(0).clip(0, 7)
    keep = (pl.col("to_day") - pl.col("day") + 1).fill_null(7).clip(0, 7)
    bits = bits_between(skip, keep)
    trimmed = found.with_columns(pl.col("mask").cast(pl.Int64).and_(bits).cast(rows.schema["mask"]))
    return trimmed.filter(pl.col("mask") > 0).select(*columns, "account")


def bits_between(skip: pl.Expr, keep: pl.Expr) -> pl.Expr:
    """Mask of the bits skip <= i < keep of a week, both in 0..7."""
    powers = pl.Series([2**i for i in range(8)], dtype=pl.Int64)
    low = skip.replace_strict(list(range(8)), powers, return_dtype=pl.Int64) - 1
    high = keep.replace_strict(list(range(8)), powers, return_dtype=pl.Int64) - 1
    return high - high.and_(low)


def people_labels(rows: pl.DataFrame, people: pl.DataFrame, label: str) -> pl.Series:
    """The person, department or other `label` of the user key of each row (key, day).

    An unknown key is its own person, and so is one before the first day on which its person is known.
    """
    dated = people.filter(pl.col("from_day").is_not_null())
    found = _labels(rows["key"], people.filter(pl.col("from_day").is_null()), label)
    if label != "person" or dated.is_empty():
        return found
    of_day = rows.select(pl.col("key").cast(pl.String), "day").with_row_index("at")
    of_day = of_day.join(dated.select("user_key", "from_day", "person"), left_on="key", right_on="user_key")
    of_day = of_day.filter(pl.col("from_day") <= pl.col("day")).sort("at", "from_day")
    newest = of_day.unique("at", keep="last", maintain_order=True)
    return found.cast(pl.String).scatter(newest["at"], newest["person"]).cast(pl.Categorical)


def _labels(keys: pl.Series, people: pl.DataFrame, label: str) -> pl.Series:
    keys = keys.cast(pl.Categorical)
    different = keys.unique()
    known = people.unique("user_key", keep="first", maintain_order=True)
    found = pl.DataFrame({"user_key": different.cast(pl.String)}).join(
        known, on="user_key", how="left", maintain_order="left"
    )
    found = found.with_columns(pl.col("person").fill_null(pl.col("user_key")))
    codes = different.to_physical().to_numpy()
    place = np.zeros(int(codes.max(initial=0)) + 1, dtype=np.int64)
    place[codes] = np.arange(len(different))
    return found[label].cast(pl.Categorical).gather(place[keys.to_physical().to_numpy()])
