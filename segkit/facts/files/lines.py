"""Lines of a CSV file -> records of the right shape, and the lines that are none, each with its number."""

from __future__ import annotations

import polars as pl
from msgspec import Struct

LINE = "_line"
"""Physical line of a record's first character, from 1; row number in a Parquet file."""
BAD = {LINE: pl.Int64, "text": pl.String, "code": pl.String, "why": pl.String}
"""Columns of lines that are no row."""
OPEN_LIMIT = 1000
"""A quoted field spanning more lines than this is a stray quote."""
TOTAL = r"(?i)^\W*(grand |sub-?|overall )?totals?\b|^\W*(sum|gesamt|summe|gesamtsumme|insgesamt)\W*$"
"""How the first cell of a row of totals reads."""
TOTALS = "a row of totals"


class Records(Struct, frozen=True):
    """plain: _line, text, fields (a struct of the record's texts): records without a quote, taken apart.

    quoted: _line, text: well-formed records with quotes. bad: see BAD. rest: lines of a record that ends in
    the next batch.
    """

    plain: pl.DataFrame
    quoted: pl.DataFrame
    bad: pl.DataFrame
    rest: pl.DataFrame


def split_records(lines: pl.DataFrame, separator: str, width: int, last: bool) -> Records:
    """Sort lines (columns _line, text) into records of `width` fields, broken ones and an unfinished rest.

    A line break inside quotes belongs to its record. Where quotes would swallow whole rows (each swallowed
    line has the shape of a row itself) every line stands alone, so that one stray quote costs one row.
    """
    text = pl.col("text")
    if (lines["text"] == "").any():
        lines = lines.filter(text != "")
    if not lines["text"].str.contains('["\0\r]').any():
        plain, bad = _apart(lines, separator, width)
        return Records(plain, lines.clear(), bad, lines.clear())
    odd = (lines["text"].str.count_matches('"', literal=True) % 2).cast(pl.Int64)
    before = odd.cum_sum() - odd
    record = ((before % 2) == 0).cast(pl.Int64).cum_sum()
    lines = lines.with_columns(record.alias("record"))
    rest = lines.clear().drop("record")
    if odd.sum() % 2 and not last:
        tail = lines.filter(pl.col("record") == record[-1])
        if tail.height <= OPEN_LIMIT:
            rest, lines = tail.drop("record"), lines.filter(pl.col("record") != record[-1])
    joined = _join(lines, separator, width)
    quoted = joined.filter(text.str.contains('"', literal=True))
    rows = joined.filter(~text.str.contains('"', literal=True))
    odd_bytes = rows.filter(text.str.contains("[\0\r]"))
    plain, bad = _apart(rows.filter(~text.str.contains("[\0\r]")), separator, width)
    judged = _judge(pl.concat([quoted, odd_bytes]), separator, width)
    bad = pl.concat([bad, judged.filter(pl.col("why").is_not_null()).select(*BAD)]).sort(LINE)
    return Records(plain, judged.filter(pl.col("why").is_null()).select(LINE, "text"), bad, rest)


def _apart(lines: pl.DataFrame, separator: str, width: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Records without quotes as plain and bad.

    A field too few leaves the last one null, one too many leaves a separator in it: taking the record apart
    is the check.
    """
    fields = lines["text"].str.splitn(separator, width).alias("fields")
    end = fields.struct.field(f"field_{width - 1}")
    wrong = end.is_null() | end.str.contains(separator, literal=True)
    whole = lines.with_columns(fields)
    if not wrong.any():
        return whole, pl.DataFrame(schema=BAD)
    many = pl.col("text").str.count_matches(separator, literal=True) + 1
    bad = lines.filter(wrong).with_columns(_fault(many, width).alias("why"))
    return whole.filter(~wrong), _coded(bad, separator)


def _join(lines: pl.DataFrame, separator: str, width: int) -> pl.DataFrame:
    """Lines of one record put together, unless a quote swallowed rows."""
    size = pl.len().over("record")
    multi = lines.filter(size > 1)
    if multi.is_empty():
        return lines.drop("record")
    text = pl.col("text")
    cell = text.str.extract(f"^([^{pl.escape_regex(separator)}]*)")
    # A line of a comment begins with words where the record began with one.
    prose = cell.str.contains(r"\S \S") & ~cell.first().over("record").str.contains(r"\S \S")
    inner = multi.with_columns(
        ((text.str.count_matches(separator, literal=True) >= max(width - 1, 1)) & ~prose).alias("rowlike"),
        (text.str.count_matches('"', literal=True) % 2 == 1).alias("odd"),
    )
    swallowed = (
        inner.group_by("record", maintain_order=True)
        .agg((pl.col("rowlike").sum() > 1).alias("rows"), (pl.col("odd").sum() % 2 == 1).alias("open"))
        .filter(pl.col("rows") | pl.col("open"))["record"]
    )
    whole = (
        multi.filter(~pl.col("record").is_in(swallowed.implode()))
        .group_by("record", maintain_order=True)
        .agg(pl.col(LINE).first(), text.str.join("\n"))
    )
    # Two quotes that begin no value hold no line break: each stands in a row of its own.
    torn = _bare(separator).str.contains("\n", literal=True)
    swallowed = pl.concat([swallowed, whole.filter(torn)["record"]])
    whole = whole.filter(~torn)
    alone = lines.filter((size == 1) | pl.col("record").is_in(swallowed.implode()))
    return pl.concat([alone.select(LINE, "text"), whole.select(LINE, "text")]).sort(LINE)


def _judge(records: pl.DataFrame, separator: str, width: int) -> pl.DataFrame:
    """Records with quotes or odd bytes, with code and `why`; null where they are well-formed."""
    mark = pl.escape_regex(separator)
    text = pl.col("text")
    bare = _bare(separator)
    # Pairs of quotes inside a field that does not begin with one are plain characters: 5'11" to 6'2".
    odd = bare.str.count_matches('"', literal=True) % 2 == 1
    why = (
        pl.when(text.str.contains("\0", literal=True))
        .then(pl.lit("a NUL byte in the row"))
        .when(odd | bare.str.contains(f'(^|{mark}|\x01)"'))
        .then(pl.lit("a stray quote"))
        .when(bare.str.contains(f"\x01[^{mark}]"))
        .then(pl.lit("text after a closing quote"))
        .when(bare.str.contains("\r", literal=True))
        .then(pl.lit("a line end within the row (CR alone, an old Mac format)"))
        .otherwise(_fault(bare.str.count_matches(separator, literal=True) + 1, width))
    )
    return _coded(records.with_columns(why.alias("why")), separator)


def _bare(separator: str) -> pl.Expr:
    """The text with one mark for each quoted field, so that what is left shows the bare structure."""
    quoted = f'(^|{pl.escape_regex(separator)})"[^"]*"'
    return pl.col("text").str.replace_all('""', "", literal=True).str.replace_all(quoted, "${1}\x01")


def _fault(fields: pl.Expr, width: int) -> pl.Expr:
    noun = pl.when(fields == 1).then(pl.lit("field")).otherwise(pl.lit("fields"))
    return pl.when(fields != width).then(pl.format("{} {} instead of {}", fields, noun, pl.lit(width)))


def _coded(records: pl.DataFrame, separator: str) -> pl.DataFrame:
    """Adds the code: D208 for a row of totals, D206 for any other broken row."""
    cell = pl.col("text").str.extract(f"^([^{pl.escape_regex(separator)}]*)")
    total = pl.col("why").is_not_null() & cell.str.contains(TOTAL)
    return records.with_columns(
        pl.when(total).then(pl.lit("D208")).otherwise(pl.lit("D206")).alias("code"),
        pl.when(total).then(pl.lit(TOTALS)).otherwise("why").alias("why"),
    ).select(*BAD)
