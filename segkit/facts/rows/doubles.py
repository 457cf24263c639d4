"""Rows of one key: one of them is kept, the others are refused, or stand aside for a later one."""

from __future__ import annotations

import polars as pl
from msgspec import Struct

from segkit.facts.excluding import OLDER
from segkit.facts.files.lines import LINE
from segkit.facts.files.reading import Reading
from segkit.facts.rows.accept import NO_REJECTED
from segkit.facts.rows.dropping import DROPPED, NO_DROPPED


class Once(Struct, frozen=True):
    """rows: each key once. refused: see accept.REJECTED (D203). older: see dropping.DROPPED."""

    rows: pl.DataFrame
    refused: pl.DataFrame
    older: pl.DataFrame


def key_of(reading: Reading) -> tuple[str, ...]:
    """The columns of the file that make its rows unique; none where it lacks the one that counts."""
    present = reading.headers
    if reading.source.name == "usage":
        return ("event_id",) if "event_id" in present else ()
    key = reading.source.key
    return tuple(name for name in key if name in present) if key and key[0] in present else ()


def once_each(rows: pl.DataFrame, key: tuple[str, ...], reading: Reading, *, latest: bool = False) -> Once:
    """Rows with different keys, and what becomes of the others.

    Of rows that differ under one key the first in the order of all their values is kept, so that the order of
    the file decides nothing; of identical rows the first line. With `latest` the one with the latest times
    is kept and the earlier ones are left out, not refused; rows that no time tells apart are refused all the
    same.
    """
    if not key:
        return Once(rows, NO_REJECTED, NO_DROPPED)
    double = rows.filter(pl.struct(key).is_duplicated() & pl.all_horizontal(pl.col(key).is_not_null()))
    if double.is_empty():
        return Once(rows, NO_REJECTED, NO_DROPPED)
    older = _older(double, key) if latest else double.select(LINE).clear()
    told = NO_DROPPED
    if older.height:
        said = {"reason": [OLDER], "pattern": [", ".join(key)], "rows": [older.height]}
        told = pl.DataFrame(said, schema=DROPPED)
        double = double.join(older, on=LINE, how="anti", maintain_order="left")
    refused = _refused(double, key, reading)
    gone = pl.concat([older, refused.select(pl.col("line").alias(LINE))])
    return Once(rows.join(gone, on=LINE, how="anti", maintain_order="left"), refused, told)


def _older(double: pl.DataFrame, key: tuple[str, ...]) -> pl.DataFrame:
    """_line of the rows for which there is one of the same key with later times.

    Times are compared in the order of their columns, `arrived_at` first: it says when a row was written.
    """
    names = [name for name, kind in double.schema.items() if kind == pl.Date and name not in key]
    names.sort(key=lambda name: name != "arrived_at")
    if not names:
        return double.select(LINE).clear()
    time = pl.struct(_seconds(name, double.columns).alias(name) for name in names)
    dated = double.select(LINE, *key, time.alias("time"))
    newest = dated.sort("time", LINE, descending=[True, False]).unique(key, keep="first", maintain_order=True)
    both = dated.join(newest.select(*key, pl.col("time").alias("best")), on=list(key), maintain_order="left")
    return both.filter(pl.col("time") != pl.col("best")).select(LINE)


def _seconds(name: str, columns: list[str]) -> pl.Expr:
    """A time as a number; none at all comes before every time."""
    exact = f"{name}_seconds"
    time = pl.col(exact) if exact in columns else pl.col(name).to_physical().cast(pl.Int64)
    return time.fill_null(-(2**62))


def _refused(double: pl.DataFrame, key: tuple[str, ...], reading: Reading) -> pl.DataFrame:
    values = [name for name in double.columns if name != LINE]
    ordered = double.sort([*key, *values, LINE], nulls_last=True)
    dropped = ordered.filter(~pl.struct(key).is_first_distinct())
    first = ordered.unique(key, keep="first", maintain_order=True)
    same = dropped.join(first.select(values), on=values, how="semi", nulls_equal=True)[LINE]
    source, samples = reading.source.name, reading.terms.samples
    told = dropped.select(samples.cells(source, name, dropped[name]).alias(name) for name in key)
    shown = told.select(pl.concat_str(pl.all(), separator=", ", ignore_nulls=True)).to_series()
    return dropped.join(
        first.select(*key, pl.col(LINE).alias("kept")), on=list(key), how="left", maintain_order="left"
    ).select(
        pl.col(LINE).alias("line"),
        pl.lit(key[0]).alias("column"),
        pl.lit("D203").alias("code"),
        pl.when(pl.col(LINE).is_in(same.implode()))
        .then(pl.format("{} {} again; the same row as line {}", pl.lit(key[0]), shown, "kept"))
        .otherwise(pl.format("{} {} again with other values; line {} is kept", pl.lit(key[0]), shown, "kept"))
        .alias("reason"),
        pl.concat_str([pl.col(name).cast(pl.String).fill_null("") for name in values], separator=",").alias(
            "raw"
        ),
    )
