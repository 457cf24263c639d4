"""Columns of the accounts source and traits, as they were known at the end of each period."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from segkit.engine.counting.context import Context
from segkit.engine.counting.values import Ints, Texts, Values
from segkit.engine.counting.windows import nowhere
from segkit.engine.metrics.ragged import Stretches
from segkit.engine.metrics.rows import known_at, numbers_of, rows_of, unknown
from segkit.ruleset.expr import Attribute, Trait

TRAITS = "traits"


def attribute_column(ctx: Context, wanted: Attribute, shift_days: int = 0) -> Values | Texts:
    """The attribute in the snapshot that held on the day `shift_days` before each period's end.

    Flags are 1 and 0, dates epoch days, texts codes. Missing where the snapshot leaves it empty; unknown
    where no snapshot holds, before the first period and for a column that the accounts do not have.
    """
    column = _column(ctx, wanted.name)
    if wanted.kind == "text" and (column is None or column.dtype == pl.String):
        return text_attribute(ctx, wanted.name, shift_days)
    return number_attribute(ctx, wanted.name, shift_days)


def number_attribute(ctx: Context, name: str, shift_days: int = 0) -> Values:
    """A number, date or flag of the accounts source."""
    column = _column(ctx, name)
    if column is None:
        return unknown(ctx)
    if column.dtype == pl.String:
        column = column.cast(pl.Float64, strict=False)
    row = snapshot_rows(ctx, shift_days)
    held = row >= 0
    # A NaN behind the last row is what row -1 reads.
    value = np.append(numbers_of(column), np.nan)[row]
    return Values(np.where(held, value, np.nan), held & np.isnan(value))


def text_attribute(ctx: Context, name: str, shift_days: int = 0) -> Texts:
    """A text of the accounts source."""
    column = _column(ctx, name)
    if column is None:
        return Texts(np.full(ctx.shape, -1, dtype=np.int32), (), nowhere(ctx.shape))
    codes, labels = _coded(column)
    row = snapshot_rows(ctx, shift_days)
    found = np.append(codes, np.int32(-1))[row]
    return Texts(found, labels, (row >= 0) & (found < 0))


def trait_column(ctx: Context, wanted: Trait, shift_days: int = 0) -> Texts:
    """The newest value observed by the day; of several on that day the last in alphabetical order.

    Missing where the traits cover the day and none of that name was ever observed.
    """
    rows = rows_of(ctx, TRAITS)
    if rows is None:
        return Texts(np.full(ctx.shape, -1, dtype=np.int32), (), nowhere(ctx.shape))
    named = rows.words("trait") == wanted.name.strip().lower()
    rows = rows.where((named & rows.column("value").is_not_null()).fill_null(False).to_numpy())
    codes, labels = _coded(rows.column("value"))
    ends = ctx.ends - shift_days
    found = Stretches.of(rows.account, rows.day, codes.astype(np.float64), ctx.shape[0], ends, None)
    newest = found.last()
    known = known_at(ctx, TRAITS, shift_days)
    seen = ~np.isnan(newest)
    return Texts(np.where(known & seen, newest, -1.0).astype(np.int32), labels, known & ~seen)


def snapshot_rows(ctx: Context, shift_days: int = 0) -> Ints:
    """[A, T] row of `roster.snapshots` that held when the last period up to the day ended; -1 for none."""
    at = np.searchsorted(ctx.all_ends, ctx.ends - shift_days, side="right") - 1
    held = ctx.facts.roster.snapshot
    whole = len(at) > 0 and bool(at[0] >= 0) and bool((np.diff(at) == 1).all())
    row = held[:, at[0] : at[-1] + 1] if whole else held[:, np.maximum(at, 0)]
    return np.where(ctx.life & (at >= 0)[None, :], row, np.int32(-1))


def _column(ctx: Context, name: str) -> pl.Series | None:
    snapshots = ctx.facts.roster.snapshots
    return snapshots[name] if name in snapshots.columns else None


def _coded(column: pl.Series) -> tuple[npt.NDArray[np.int32], tuple[str, ...]]:
    """Codes into the different texts of a column in alphabetical order; -1 for null."""
    texts = column.cast(pl.String)
    labels = texts.drop_nulls().unique().sort()
    table = pl.DataFrame({"text": labels, "code": np.arange(len(labels), dtype=np.int32)})
    joined = texts.alias("text").to_frame().join(table, on="text", how="left", maintain_order="left")
    return joined["code"].fill_null(-1).to_numpy().astype(np.int32), tuple(labels.to_list())
