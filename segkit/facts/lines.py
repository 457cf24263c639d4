"""Lines of a CSV file -> records of the right shape, and the lines that are none, each with its number."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

LINE = "_line"
"""Physical line of a record's first character, from 1; row number in a Parquet file."""
OPEN_LIMIT = 1000
"""A quoted field spanning more lines than this is a stray quote."""


@dataclass(frozen=True, slots=True)
class Records:
    """good: _line, text. bad: _line, text, why. rest: lines of a record that ends in the next batch."""

    good: pl.DataFrame
    bad: pl.DataFrame
    rest: pl.DataFrame


def split_records(lines: pl.DataFrame, separator: str, width: int, last: bool) -> Records:
    """Sort lines (columns _line, text) into records of `width` fields, broken ones and an unfinished rest.

    A line break inside quotes belongs to its record. Where quotes would swallow whole rows (each swallowed
    line has the shape of a row itself) every line stands alone, so that one stray quote costs one row.
    """
    lines = lines.filter(pl.col("text") != "")
    quoted = lines["text"].str.contains('"', literal=True)
    if not quoted.any():
        return _judge(lines, separator, width, lines.clear())
    odd = (lines["text"].str.count_matches('"', literal=True) % 2).cast(pl.Int64)
    before = odd.cum_sum() - odd
    record = ((before % 2) == 0).cast(pl.Int64).cum_sum()
    unfinished = bool(odd.sum() % 2)
    lines = lines.with_columns(record.alias("record"))
    rest = lines.clear().drop("record")
    if unfinished and not last:
        tail = lines.filter(pl.col("record") == record[-1])
        if tail.height <= OPEN_LIMIT:
            rest, lines = tail.drop("record"), lines.filter(pl.col("record") != record[-1])
    return _judge(_join(lines, separator, width), separator, width, rest)


def _join(lines: pl.DataFrame, separator: str, width: int) -> pl.DataFrame:
    """Lines of one record put together, unless a quote swallowed rows."""
    size = pl.len().over("record")
    multi = lines.filter(size > 1)
    if multi.is_empty():
        return lines.drop("record")
    inner = multi.with_columns(
        (pl.col("text").str.count_matches(separator, literal=True) >= max(width - 1, 1)).alias("rowlike"),
        (pl.col("text").str.count_matches('"', literal=True) % 2 == 1).alias("odd"),
    )
    swallowed = (
        inner.group_by("record", maintain_order=True)
        .agg((pl.col("rowlike").sum() > 1).alias("rows"), (pl.col("odd").sum() % 2 == 1).alias("open"))
        .filter(pl.col("rows") | pl.col("open"))["record"]
    )
    whole = (
        multi.filter(~pl.col("record").is_in(swallowed.implode()))
        .group_by("record", maintain_order=True)
        .agg(pl.col(LINE).first(), pl.col("text").str.join("\n"))
    )
    alone = lines.filter((size == 1) | pl.col("record").is_in(swallowed.implode()))
    return pl.concat([alone.select(LINE, "text"), whole.select(LINE, "text")]).sort(LINE)


def _judge(records: pl.DataFrame, separator: str, width: int, rest: pl.DataFrame) -> Records:
    mark = "\\" + separator if separator in "|.;^$" else separator
    text = pl.col("text")
    # Quoted fields become one mark each, so that what is left shows the bare structure.
    bare = (
        pl.when(text.str.contains('"', literal=True))
        .then(text.str.replace_all('""', "", literal=True).str.replace_all(f'(^|{mark})"[^"]*"', "${1}\x01"))
        .otherwise(text)
    )
    fields = bare.str.count_matches(separator, literal=True) + 1
    why = (
        pl.when(bare.str.contains('"', literal=True))
        .then(pl.lit("a stray quote"))
        .when(bare.str.contains(f"\x01[^{mark}]"))
        .then(pl.lit("text after a closing quote"))
        .when(fields < width)
        .then(pl.format("{} fields instead of {}", fields, pl.lit(width)))
        .when(fields > width)
        .then(pl.format("{} fields instead of {}", fields, pl.lit(width)))
    )
    judged = records.with_columns(why.alias("why"))
    return Records(
        judged.filter(pl.col("why").is_null()).drop("why"), judged.filter(pl.col("why").is_not_null()), rest
    )
