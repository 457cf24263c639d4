"""Rows that count and rows that are left out, told apart after it is known whose they are."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from msgspec import Struct

from segkit.facts.excluded.left_out import REASON, LeftOut
from segkit.facts.identity.resolve import not_dated, resolve
from segkit.facts.taken import Taken
from segkit.facts.taking.intake import ROWS


class Kept(Struct, frozen=True):
    """tables: rows of the small sources that count. counts: source -> reason -> rows left out.

    gone: ids, as kept, of usage rows of people and accounts that are left out.
    """

    tables: Mapping[str, pl.DataFrame]
    gone: pl.Series
    counts: Mapping[str, Mapping[str, int]]


def keep(
    taken: Taken, usage: pl.DataFrame | None, parts: pl.DataFrame | None, mapping: pl.DataFrame, left: LeftOut
) -> Kept:
    """usage: raw_id as kept, day, rows of every day. parts: see rawids.parts_of."""
    tables = {name: table.rows for name, table in taken.tables.items()}
    none = pl.Series("raw_id", [], dtype=pl.String)
    if left.nobody:
        return Kept(tables, none, {})
    counts: dict[str, Mapping[str, int]] = {}
    for name, rows in tables.items():
        why = left.reasons(resolve(rows, mapping, "day" if "day" in rows.columns else None))
        counts[name] = dict(why.drop_nulls().value_counts().iter_rows())
        tables[name] = rows.filter(why.is_null())
    if taken.accounts is not None:
        named = taken.accounts.table(ROWS).select("account_id")
        by_account = named.join(left.accounts, on="account_id")[REASON]
        counts["accounts"] = dict(by_account.value_counts().iter_rows())
    if usage is None:
        return Kept(tables, none, counts)
    rows = _by_owner(usage, parts, mapping)
    told = rows.with_columns(left.reasons(rows)).filter(pl.col(REASON).is_not_null())
    counts["usage"] = dict(told.group_by(REASON).agg(pl.col("rows").sum()).iter_rows())
    return Kept(tables, _gone(usage, parts, mapping, left), counts)


def _by_owner(usage: pl.DataFrame, parts: pl.DataFrame | None, mapping: pl.DataFrame) -> pl.DataFrame:
    """raw_id (whose), account_id, rows, perhaps people: usage by id, and by day where ids change hands."""
    by = ["raw_id"] if not_dated(mapping) else ["raw_id", "day"]
    rows = usage.group_by(by).agg(pl.col("rows").sum(), *([] if "day" in by else [pl.col("day").min()]))
    rows = rows.with_columns(pl.col("raw_id").cast(pl.String))
    if parts is not None:
        rows = rows.join(parts, on="raw_id", maintain_order="left").drop("raw_id").rename({"who": "raw_id"})
    return resolve(rows, mapping, "day")


def _gone(usage: pl.DataFrame, parts: pl.DataFrame | None, mapping: pl.DataFrame, left: LeftOut) -> pl.Series:
    """An id that changed hands stays: the mapping has its other days."""
    if parts is None:
        ids = usage.select(pl.col("raw_id").unique().cast(pl.String))
        parts = ids.with_columns(who="raw_id", people=pl.lit([], pl.List(pl.String)))
    kept = left.without_accounts(mapping)
    lost = mapping.join(kept, on="raw_id", how="anti", maintain_order="left")
    owners = lost.select("raw_id", "account_id").unique("raw_id", keep="first", maintain_order=True)
    rows = parts.select("raw_id", "people", "who").join(
        owners.rename({"raw_id": "who"}), on="who", how="left", maintain_order="left"
    )
    whose = rows.select("people", "account_id", raw_id="who")
    return rows.filter(left.reasons(whose).is_not_null())["raw_id"].sort()
