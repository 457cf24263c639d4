"""Raw ids: one text that names the kind of an id and its value, as `user:7` or `email:x@y.z`."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

MAPPING = {
    "raw_id": pl.String,
    "account_id": pl.String,
    "from_day": pl.Int32,
    "to_day": pl.Int32,
    "evidence": pl.String,
}
"""Which account an id belongs to when; days are inclusive, null is open."""
PREFIX = {"account_id": "account", "alias": "account", "user_id": "user"}
"""Column -> prefix of its raw ids, where it is not the column's own name."""
DOMAIN = r"@([^@]+)$"


def prefixed(column: str) -> pl.Expr:
    """The raw ids of a column, null where it is."""
    return pl.concat_str(pl.lit(f"{PREFIX.get(column, column)}:"), pl.col(column))


def raw_ids(columns: Sequence[str], who: Sequence[str]) -> pl.Expr:
    """The raw id of a row: the first of `who` that it fills in."""
    present = [name for name in who if name in columns]
    if not present:
        return pl.lit(None, pl.String)
    return pl.coalesce(prefixed(name) for name in present)
