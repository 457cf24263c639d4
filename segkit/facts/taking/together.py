"""Many small Parquet files of usage taken in as one batch: a query per batch instead of one per file."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import polars as pl

from segkit.errors import InputError
from segkit.facts.coded import CodedRows
from segkit.facts.files.found import ExportFile
from segkit.facts.files.lines import LINE
from segkit.facts.files.quiet import no_panic_text
from segkit.facts.files.read import FAULTS, NO_BAD, Batch, open_file
from segkit.facts.files.reading import Reading, plan_reading
from segkit.facts.mapping import SourceConfig
from segkit.facts.rows.accept import accept
from segkit.facts.taking.intake import (
    DAYS,
    LOOK,
    RECEIPT,
    REFUSED,
    Wanted,
    as_kept,
    fold_rows,
    receipts,
    take_in,
    usage_rows,
)
from segkit.facts.taking.profile import heading, merged, profile
from segkit.facts.terms import Terms
from segkit.grouping import Codes, worked_out

_BATCH_BYTES = 4_000_000
_BATCH_FILES = 24
AT_ONCE = 2
"""Batches in work at a time; each holds up to a million rows."""
_TAG = 4
"""Characters that tell the file apart at the front of a raw id while a batch is folded."""

REFUSED_ALONE: tuple[type[BaseException], ...] = (*FAULTS, InputError)
Taken = tuple[ExportFile, Mapping[str, pl.DataFrame] | InputError]


def take_in_all(
    work: Sequence[tuple[ExportFile, Wanted | None]], config: SourceConfig, terms: Terms
) -> Iterator[Taken]:
    """Each file with its tables, or with why it is refused; the order is that of `work`.

    Several batches are worked on at once: much of a fold is done by one core alone.
    """

    def take(batch: Sequence[ExportFile], wanted: Wanted | None) -> list[Taken]:
        found = _together(batch, wanted, config, terms) if len(batch) > 1 else None
        if found is not None:
            return list(zip(batch, found, strict=True))
        return [(file, _alone(file, wanted, config, terms)) for file in batch]

    with ThreadPoolExecutor(AT_ONCE) as pool:
        coming: deque[Future[list[Taken]]] = deque()
        try:
            for batch, wanted in _batches(work, config, terms):
                coming.append(pool.submit(take, batch, wanted))
                if len(coming) > AT_ONCE:
                    yield from coming.popleft().result()
            while coming:
                yield from coming.popleft().result()
        finally:
            for each in coming:
                each.cancel()


def _alone(
    file: ExportFile, wanted: Wanted | None, config: SourceConfig, terms: Terms
) -> Mapping[str, pl.DataFrame] | InputError:
    try:
        return take_in(file, config, terms, wanted)
    except InputError as error:
        return error


def _batches(
    work: Sequence[tuple[ExportFile, Wanted | None]], config: SourceConfig, terms: Terms
) -> Iterator[tuple[list[ExportFile], Wanted | None]]:
    batch: list[ExportFile] = []
    last: Wanted | None = None
    for file, wanted in work:
        plain = file.format == "parquet" and file.form is None and "event_id" not in config.columns
        small = plain and file.source == "usage"
        small = small and not terms.drops("usage")
        full = sum(f.bytes for f in batch) + file.bytes > _BATCH_BYTES or len(batch) >= _BATCH_FILES
        if batch and (not small or full or wanted != last):
            yield batch, last
            batch = []
        if small:
            batch.append(file)
            last = wanted
        else:
            yield [file], wanted
    if batch:
        yield batch, last


def _together(
    files: Sequence[ExportFile], wanted: Wanted | None, config: SourceConfig, terms: Terms
) -> list[Mapping[str, pl.DataFrame]] | None:
    """None where the files are not alike, or anything is wrong with one: then each is looked at alone."""
    try:
        with no_panic_text():
            schemas = [pl.read_parquet_schema(file.path) for file in files]
        reading = plan_reading(open_file(files[0]), config, terms)
        if any(schema != schemas[0] for schema in schemas) or not _plain(reading, schemas[0]):
            return None
        headers = list(reading.headers.values())
        lazy = pl.scan_parquet(
            [file.path for file in files], glob=False, hive_partitioning=False, include_file_paths="_path"
        )
        with no_panic_text():
            rows = lazy.select(*headers, "_path").collect()
        numbers = pl.int_range(0, rows.height, dtype=pl.Int64, eager=True).alias(LINE)
        starts = _starts(rows["_path"], files)
        batch = Batch(rows.drop("_path").with_columns(numbers), NO_BAD)
        taken = accept(reading, batch, seconds=False, coded=True)
    except REFUSED_ALONE:
        return None
    which, usage = _which(taken.rows[LINE], starts), usage_rows(reading, taken.coded)
    told = _by_number(receipts(usage.column("day"), usage.hashes(), which), len(files))
    kept = as_kept(reading, taken.coded, usage)
    tables = fold_rows(kept.under(_tagged(kept.codes("raw_id"), which)), wanted)
    ids = tables[DAYS]["raw_id"]
    per_file = [_untagged(table, ids, len(files)) for table in tables.values()]
    at = _which(taken.rejected["line"], starts)
    line = taken.rejected["line"] - pl.Series(starts, dtype=pl.Int64).gather(at.cast(pl.UInt32)) + 1
    refused = _by_number(taken.rejected.with_columns(line.alias("line"), at.alias("_at")), len(files))
    own = taken.rows[LINE] - pl.Series(starts, dtype=pl.Int64).gather(which) + 1
    there = CodedRows(taken.rows.with_columns(own.alias(LINE)), taken.numbers)
    looks = _by_number(profile(reading, there, which), len(files))
    head = heading(reading, schemas[0])
    return [
        {
            RECEIPT: told[i],
            REFUSED: refused[i],
            LOOK: merged([looks[i], head]),
            **{k: t[i] for k, t in zip(tables, per_file, strict=True)},
        }
        for i in range(len(files))
    ]


def _plain(reading: Reading, schema: Mapping[str, pl.DataType]) -> bool:
    """Typed dates only: whether written dates are as declared is a question to each file."""
    dated = [column.name for column in reading.columns if column.kind in ("date", "moment")]
    typed = all(schema[reading.headers[name]].is_temporal() for name in dated)
    return typed and "event_id" not in reading.headers and "_path" not in schema


def _starts(paths: pl.Series, files: Sequence[ExportFile]) -> list[int]:
    """Number of the first row of each file; one without rows starts where the next does."""
    runs = paths.rle().struct.unnest()
    lengths = dict(zip(runs["value"].to_list(), runs["len"].to_list(), strict=True))
    sizes = [lengths.get(str(file.path), 0) for file in files]
    if sum(sizes) != len(paths):
        raise ValueError("rows of a file are not told apart")
    return [0, *np.cumsum(sizes)[:-1].tolist()] if sizes else []


def _which(lines: pl.Series, starts: Sequence[int]) -> pl.Series:
    found = np.searchsorted(np.array(starts), lines.to_numpy(), "right") - 1
    return pl.Series("_at", found, dtype=pl.UInt32)


def _tagged(ids: Codes, which: pl.Series) -> Codes:
    """The ids with the number of their file before them."""
    files = Codes(which.cast(pl.Int64).to_numpy(), pl.int_range(_BATCH_FILES, eager=True))
    tagged = pl.col("at").str.zfill(_TAG) + pl.col("id")
    return worked_out({"at": files, "id": ids}, tagged)


def _untagged(table: pl.DataFrame, ids: pl.Series, files: int) -> list[pl.DataFrame]:
    """The table of each file. ids: of the lines beside which a table without raw_id lies."""
    alone = "raw_id" in table.columns
    tagged = (table["raw_id"] if alone else ids).cast(pl.String)
    marked = table.with_columns(tagged.str.head(_TAG).cast(pl.UInt32).alias("_at"))
    if alone:
        bare = tagged.str.slice(_TAG).cast(table["raw_id"].dtype)
        marked = marked.with_columns(bare.alias("raw_id"))
    return _by_number(marked, files)


def _by_number(table: pl.DataFrame, files: int) -> list[pl.DataFrame]:
    ordered = table.sort("_at", maintain_order=True)
    edges = np.searchsorted(ordered["_at"].to_numpy(), np.arange(files + 1)).tolist()
    bare = ordered.drop("_at")
    return [bare.slice(start, end - start) for start, end in pairwise(edges)]
