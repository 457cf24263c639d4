"""Batches of a file as a preset means them: looked up, without the rows that do not count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl
from msgspec import Struct

from segkit.errors import InputError, Problem
from segkit.facts.files.cells import listed
from segkit.facts.files.lines import LINE
from segkit.facts.files.read import NO_BAD, Batch, batches, open_file
from segkit.facts.files.reading import Reading
from segkit.facts.presets.forms import Beside, Form, beside_headers
from segkit.facts.presets.model import PresetFile, Table
from segkit.facts.rows import parse
from segkit.facts.rows.dropping import DROPPED, NO_DROPPED

FOOTER, OLDER = "footer", "older version"


class Sifted(Struct, frozen=True):
    """dropped: see dropping.DROPPED; what is no row of the source though it stands in the file."""

    batch: Batch
    dropped: pl.DataFrame


def rows_of(reading: Reading) -> Iterator[Sifted]:
    """Batches for `accept`. Raises InputError D104, and D206 where a table looked up in is broken."""
    form = reading.form
    if form is None:
        for batch in batches(reading.opened, reading.wanted, reading.written):
            yield Sifted(batch, NO_DROPPED)
        return
    tables = [(one, _looked_up(form, one, reading.zone)) for one in form.beside]
    whole: list[Batch] = []
    for batch in batches(reading.opened, reading.wanted, reading.written):
        if form.table.newest is not None:
            whole.append(batch)
        else:
            yield _sifted(form, batch, tables, reading.zone)
    if whole:
        yield _sifted(form, _one(whole), tables, reading.zone)


def _sifted(form: Form, batch: Batch, tables: Sequence[tuple[Beside, pl.DataFrame]], zone: str) -> Sifted:
    batch, ends = _without_footer(form.preset, batch)
    rows = batch.rows
    each = form.table.each_of
    if each is not None:
        # A row that lists nobody goes with its reason: the table says which.
        parts = pl.col(each.header).str.split(each.between).fill_null([None])
        rows = rows.with_columns(parts).explode(each.header)
    for one, table in tables:
        keys = listed(one.look_up.here)
        rows = rows.join(
            table,
            left_on=keys,
            right_on=_names(one, listed(one.look_up.there)),
            how="left",
            maintain_order="left",
            coalesce=False,
        )
    kept, others = sift(form.table, rows, form.config.timezone or zone)
    return Sifted(Batch(kept, batch.bad, batch.text), pl.concat([ends, others]))


def sift(table: Table, rows: pl.DataFrame, zone: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows that count, and of those that do not: see dropping.DROPPED."""
    counts: list[tuple[str, int]] = []
    for rule in table.leave_out:
        if rule.header not in rows.columns:
            continue
        value = pl.col(rule.header).cast(pl.String).str.strip_chars().str.to_lowercase().fill_null("")
        words = [word.lower() for word in rule.values or rule.but or ()]
        hit = value.is_in(words)
        kept = rows.filter(~hit if rule.values is not None else hit)
        counts.append((rule.because, rows.height - kept.height))
        rows = kept
    if table.newest is not None and {*listed(table.newest.of), table.newest.by} <= set(rows.columns):
        kept = _newest(table, rows, zone)
        counts.append((OLDER, rows.height - kept.height))
        rows = kept
    return rows, _told(counts)


def _newest(table: Table, rows: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Of the versions of a record the one with the latest date; of those of one date the last in the order of
    all their values, so that the order of the file decides nothing."""
    assert table.newest is not None
    keys, by = listed(table.newest.of), table.newest.by
    formats = table.dates if isinstance(table.dates, str | list) else (table.dates or {}).get(by)
    written = parse.text(rows[by]) if rows[by].dtype == pl.String else rows[by]
    when = parse.moment(written, tuple(listed(formats)) if formats else (), zone, zone)
    values = [name for name in rows.columns if name != LINE]
    ordered = rows.with_columns(when.alias("_when")).sort("_when", *values, LINE, nulls_last=False)
    # Empty text is no name either, whatever the shape of the file made of it.
    unnamed = pl.any_horizontal(pl.lit(parse.text(ordered[key]).is_null()) for key in keys)
    last = pl.struct(keys).is_last_distinct()
    return ordered.filter(last | unnamed).drop("_when").sort(LINE)


def _looked_up(form: Form, one: Beside, zone: str) -> pl.DataFrame:
    """Its columns as table.header, one row for each key."""
    wanted = beside_headers(form, one)
    frames: list[pl.DataFrame] = []
    for file in one.files:
        opened = open_file(file, header_rows=one.table.header_rows, **one.config.dialect)
        present = tuple(name for name in wanted if name in opened.header)
        for batch in batches(opened, present):
            batch, _ = _without_footer(form.preset, batch)
            if batch.bad.height:
                line, text, why = batch.bad.select(LINE, "text", "why").row(0)
                what = f"{batch.bad.height:,} broken rows in a table that is looked up in, the first: {why}"
                raise InputError(Problem("D206", what, file.place(line, None, text)))
            frames.append(batch.rows.with_columns(parse.text(batch.rows[name]) for name in present))
    rows, _ = sift(
        one.table,
        pl.concat(frames, how="diagonal").with_columns(
            pl.lit(None, pl.String).alias(name) for name in wanted if name not in frames[0].columns
        ),
        zone,
    )
    keys = listed(one.look_up.there)
    values = [name for name in wanted if name not in keys]
    rows = rows.drop_nulls(keys).select(*keys, *values).unique().sort(*keys, *values, nulls_last=True)
    if one.look_up.all:
        each = [pl.col(name).drop_nulls().unique(maintain_order=True).str.join("|") for name in values]
        rows = rows.group_by(keys, maintain_order=True).agg(each)
    else:
        rows = rows.unique(keys, keep="first", maintain_order=True)
    return rows.rename({name: f"{one.name}.{name}" for name in rows.columns})


def _names(one: Beside, headers: Sequence[str]) -> list[str]:
    return [f"{one.name}.{header}" for header in headers]


def _without_footer(preset: PresetFile, batch: Batch) -> tuple[Batch, pl.DataFrame]:
    """The batch without the lines that close the file: totals, copyright, and what stands among them."""
    text = batch.lines() if preset.footer else None
    if text is None:
        return batch, NO_DROPPED
    pattern = "|".join(f"(?:{part})" for part in preset.footer)
    ends = pl.col("text").str.contains(pattern)
    closing = text.filter(ends)[LINE]
    rows = batch.rows.filter(~pl.col(LINE).is_in(closing.implode())) if len(closing) else batch.rows
    bad = batch.bad.filter(~ends)
    last = rows[LINE].max()
    if bad.height < batch.bad.height or len(closing):
        # The report's and the company's name stand there too, each alone in its line.
        bad = bad.filter(pl.col(LINE) < (last if isinstance(last, int) else 0))
    gone = batch.bad.height - bad.height + batch.rows.height - rows.height
    return Batch(rows, bad, text), _told([(FOOTER, gone)])


def _told(counts: Sequence[tuple[str, int]]) -> pl.DataFrame:
    rows = [(reason, None, number) for reason, number in counts if number]
    return pl.DataFrame(rows, schema=DROPPED, orient="row")


def _one(whole: Sequence[Batch]) -> Batch:
    texts = [text for batch in whole if (text := batch.lines()) is not None]
    return Batch(
        pl.concat([batch.rows for batch in whole]),
        pl.concat([NO_BAD, *(batch.bad for batch in whole)]),
        pl.concat(texts) if texts else None,
    )
