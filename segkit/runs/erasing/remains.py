"""Which files still hold somebody: exports are not ours to rewrite, so they are named."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from pathlib import Path

import polars as pl
from msgspec import Struct

from segkit.errors import InputError
from segkit.facts.files.found import ExportFile
from segkit.facts.files.read import FAULTS, batches
from segkit.facts.files.reading import read_as
from segkit.facts.mapping import SourceConfig
from segkit.facts.presets.forms import source_files
from segkit.facts.rows.erased import ids_of, kinds_of
from segkit.facts.terms import Terms
from segkit.runs.erasing.gone import Gone
from segkit.runs.folders.history import COMPARISONS, PREVIEW
from segkit.workspace import Workspace

OURS = ("runs", "replays", "latest", COMPARISONS, PREVIEW)
"""Below `out`: what an erasure rewrites or removes itself."""


class Holder(Struct, frozen=True):
    """A file and how many of its rows or lines hold them; `ids`: which, with their kind."""

    path: Path
    rows: int
    ids: frozenset[str] = frozenset()


def remains(workspace: Workspace, gone: Gone) -> list[Holder]:
    """Every file below the exports and beside the runs that still holds them, by path."""
    found = {holder.path: holder for holder in holders(workspace, gone.ids, gone.unmistakable)}
    known = {file.path for file, _ in sources_of(workspace)}
    for path in _others(workspace):
        rows = 0 if path in known else _lines(path, gone)
        if rows:
            found[path] = Holder(path, rows)
    return [found[path] for path in sorted(found)]


def holders(workspace: Workspace, ids: frozenset[str], words: frozenset[str] = frozenset()) -> list[Holder]:
    """Export files of the sources with rows that name one of the ids, under a column of its kind.

    Also with rows, broken ones too, in which one of the words stands anywhere.
    """
    found = []
    for file, config in sources_of(workspace):
        try:
            rows, seen = _named(file, config, ids, sorted(words))
        except InputError:
            continue
        if rows:
            found.append(Holder(file.path, rows, frozenset(seen)))
    return found


def sources_of(workspace: Workspace) -> Iterator[tuple[ExportFile, SourceConfig]]:
    """Every export file that a source names."""
    for source, config in workspace.sources.items():
        files, _ = source_files(source, config, workspace.exports)
        yield from ((file, config) for file in files)


def _named(
    file: ExportFile, config: SourceConfig, ids: frozenset[str], words: list[str]
) -> tuple[int, set[str]]:
    """Raises: InputError for a file that cannot be read as declared."""
    reading = read_as(file, config, Terms("UTC"))
    kinds = kinds_of(reading)
    # An id that was looked up in another file stands in that file.
    own = {name for name, cell in reading.cells.items() if set(cell.headers) <= set(reading.opened.header)}
    columns = [column for column in reading.columns if column.name in kinds and column.name in own]
    rows, seen = 0, set[str]()
    for batch in batches(reading.opened, reading.wanted, reading.written):
        hit = pl.repeat(False, batch.rows.height, eager=True)
        for column in columns:
            for values in ids_of(reading, batch, column, kinds[column.name]):
                here = values.is_in(sorted(ids)).fill_null(False)
                seen.update(values.filter(here).unique())
                hit |= here
        if words:
            for texts in batch.rows.select(pl.col(pl.String)):
                hit |= _said(texts, words)
            rows += int(_said(batch.bad["text"], words).sum())
        rows += int(hit.sum())
    return rows, seen


def _said(texts: pl.Series, words: list[str]) -> pl.Series:
    return texts.str.contains_any(words, ascii_case_insensitive=True).fill_null(False)


def _others(workspace: Workspace) -> Iterator[Path]:
    for folder, ours in ((workspace.exports, ()), (workspace.out, OURS)):
        if folder.is_dir():
            for path in sorted(folder.rglob("*")):
                if path.is_file() and path.relative_to(folder).parts[0] not in ours:
                    yield path


def _lines(path: Path, gone: Gone) -> int:
    """Lines of a file that no source names in which one of the words stands."""
    if path.suffix == ".parquet":
        return _cells(path, gone)
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rb") as file:
            text = io.TextIOWrapper(file, encoding="utf-8", errors="replace", newline="\n")
            return sum(gone.out_of(line) != line for line in text)
    except (OSError, EOFError):
        return 0


def _cells(path: Path, gone: Gone) -> int:
    try:
        table = pl.read_parquet(path, glob=False, hive_partitioning=False).select(pl.col(pl.String))
    except FAULTS:
        return 0
    return sum(any(text and gone.out_of(text) != text for text in row) for row in table.iter_rows())
