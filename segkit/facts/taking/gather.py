"""All files of one source, each taken from the store or taken in anew, with every problem of every file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import polars as pl
from msgspec import Struct

from segkit.columns import SOURCES
from segkit.errors import InputError, Problem
from segkit.facts.excluding import ERASED
from segkit.facts.files.found import ExportFile
from segkit.facts.mapping import SourceConfig
from segkit.facts.presence import presence_of
from segkit.facts.rows.accept import NO_REJECTED
from segkit.facts.rows.dropping import NO_DROPPED
from segkit.facts.taking.intake import (
    DAYS,
    DROPS,
    LOOK,
    NAMES,
    RECEIPT,
    REFUSED,
    ROWS,
    Wanted,
    drops,
    take_in,
)
from segkit.facts.taking.store import FILE, Store, store_for
from segkit.facts.taking.together import take_in_all
from segkit.facts.terms import Terms
from segkit.facts.types import Fold
from segkit.progress import tell

SEMANTICS = 8
"""Raised whenever the same file would be accepted or folded differently."""
_CONTENT = (
    "columns",
    "dates",
    "timezone",
    "decimal",
    "thousands",
    "separator",
    "encoding",
    "sheet",
    "attributes",
    "keys",
    "duplicates",
)
"""The settings that shape what a file's rows become; the others say how files relate."""


class Gathered(Struct, frozen=True, dict=True):
    """What the files of one source left; FILE counts in `files`.

    receipts: FILE, day, rows, lo, hi. refused: FILE and accept.REJECTED. dropped: FILE and dropping.DROPPED.
    `twins`: files whose content another file already brought, with that file's index.
    """

    source: str
    config: SourceConfig
    terms: Terms
    files: tuple[ExportFile, ...]
    twins: tuple[tuple[ExportFile, int], ...]
    receipts: pl.DataFrame
    refused: pl.DataFrame
    dropped: pl.DataFrame
    store: Store

    @cached_property
    def rows_read(self) -> Mapping[int, int]:
        """Index of a file -> its rows: accepted, refused and left out."""
        accepted = self.receipts.group_by(FILE).agg(pl.col("rows").sum())
        refused = self.refused.group_by(FILE).agg(pl.len().cast(pl.Int64).alias("rows"))
        dropped = self.dropped.group_by(FILE).agg(pl.col("rows").sum())
        counts = pl.concat([accepted, refused, dropped]).group_by(FILE).agg(pl.col("rows").sum())
        return dict.fromkeys(range(len(self.files)), 0) | dict(counts.iter_rows())

    def table(self, key: str, wanted: Wanted | None = None, since: int | None = None) -> pl.DataFrame:
        """Rows of `key` over all files; what the store has lost is taken in again. Raises InputError.

        `since`: only those of this day or later.
        """
        shas = [file.sha256 for file in self.files]
        table, missing = self.store.read(key, shas, since)
        if missing:
            self._take_in(missing, wanted)
            table, missing = self.store.read(key, shas, since)
        if table is None or missing:
            raise self._changed()
        return table

    def brief(self, key: str, until: int) -> pl.DataFrame:
        """What the rows of `key` up to a day come to in brief (Store.brief); several rows may be of one id.

        Raises InputError.
        """
        shas = [file.sha256 for file in self.files]
        parts, missing = self.store.brief(key, shas, until)
        if missing:
            self._take_in(missing, None)
            parts, missing = self.store.brief(key, shas, until)
        if not parts or missing:
            raise self._changed()
        return pl.concat(parts)

    def _take_in(self, missing: Collection[str], wanted: Wanted | None) -> None:
        for file in self.files:
            if file.sha256 in missing:
                self.store.put(file.sha256, take_in(file, self.config, self.terms, wanted))

    def _changed(self) -> InputError:
        return InputError(Problem("D104", f"{self.source}: files changed while they were read"))


def gather(
    source: str,
    config: SourceConfig,
    files: Sequence[ExportFile],
    terms: Terms,
    cache: Path | None,
    fold: Fold | None = None,
    daily: bool = False,
) -> tuple[Gathered | None, list[Problem]]:
    """None and the problems where a file is refused; the other files are read all the same."""
    briefs = {DAYS: presence_of} if source == "usage" else {}
    store = store_for(cache, source, fingerprint(source, config, terms, files), briefs)
    own, twins = _twins(files)
    problems: list[Problem] = []
    base = (
        RECEIPT,
        REFUSED,
        LOOK,
        *((DAYS, NAMES) if source == "usage" else (ROWS,)),
        *([DROPS] if drops(config, terms, source) else []),
    )
    work: list[tuple[ExportFile, Wanted | None]] = []
    tell(f"Reading and checking {source}", 0, len(own))
    for file in own:
        folded = _missing(store, file.sha256, fold, daily)
        if (folded is not None and folded.keys) or not all(store.has(file.sha256, key) for key in base):
            work.append((file, folded))
    for done, (file, taken) in enumerate(take_in_all(work, config, terms)):
        tell(f"Reading and checking {source}", done + 1, len(work))
        if isinstance(taken, InputError):
            problems += taken.problems
            continue
        fresh = {key: table for key, table in taken.items() if not store.has(file.sha256, key)}
        store.put(file.sha256, fresh)
    if problems:
        return None, problems
    shas = [file.sha256 for file in own]
    store.flush(keep=shas)
    none = NO_DROPPED.with_columns(pl.lit(0, pl.UInt32).alias(FILE))
    empty = Gathered(source, config, terms, own, twins, pl.DataFrame(), pl.DataFrame(), none, store)
    receipts, refused = empty.table(RECEIPT), empty.table(REFUSED)
    refused = refused.select(FILE, *NO_REJECTED.columns).sort(FILE, "line", maintain_order=True)
    dropped = empty.table(DROPS) if drops(config, terms, source) else none
    gathered = Gathered(
        source, config, terms, own, twins, receipts.sort(FILE, "day"), refused, dropped, store
    )
    return gathered, _emptiness(gathered)


def fingerprint(source: str, config: SourceConfig, terms: Terms, files: Sequence[ExportFile] = ()) -> str:
    """Names everything but a file's content that shapes its rows; `files` for what presets say of them."""
    written = config.model_dump(mode="json")
    told = {name: written[name] for name in _CONTENT}
    # A set: one more file of a known form must not make all others be read anew.
    forms = sorted({file.form.told for file in files if file.form is not None})
    text = json.dumps([SEMANTICS, pl.__version__, source, terms.told(source), told, forms], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _missing(store: Store, sha: str, fold: Fold | None, daily: bool) -> Wanted | None:
    if fold is None:
        return None
    every = Wanted(fold, fold.keys, daily)
    return Wanted(fold, tuple(key for key in fold.keys if not store.has(sha, every.name(key))), daily)


def _twins(
    files: Sequence[ExportFile],
) -> tuple[tuple[ExportFile, ...], tuple[tuple[ExportFile, int], ...]]:
    own: list[ExportFile] = []
    seen: dict[str, int] = {}
    twins: list[tuple[ExportFile, int]] = []
    for file in files:
        if file.sha256 in seen:
            twins.append((file, seen[file.sha256]))
        else:
            seen[file.sha256] = len(own)
            own.append(file)
    return tuple(own), tuple(twins)


def _emptiness(gathered: Gathered) -> list[Problem]:
    """D103 where no file holds a row, or every row was refused. A list kept by hand may hold none."""
    accepted = int(gathered.receipts["rows"].sum())
    if accepted or not gathered.files:
        return []
    place = gathered.files[0].place(1)
    refused = gathered.refused
    small = gathered.source not in ("usage", "accounts")
    if small and set(gathered.dropped["reason"]) == {ERASED} and refused.is_empty():
        return []
    if refused.is_empty() and gathered.dropped.height:
        why = ", ".join(gathered.dropped["reason"].unique().sort())
        hint = "see exclude: and the preset in segkit.yaml, or export again with the rows that count"
        return [Problem("D103", f"{gathered.source}: every row is left out: {why}", place, hint)]
    if refused.is_empty():
        if SOURCES[gathered.source].kept:
            return []
        what = f"{gathered.source}: the export holds a header and no rows"
        return [Problem("D103", what, place, "was it taken too early, or filtered down to nothing?")]
    line = refused.row(0, named=True)
    where = gathered.files[line[FILE]].place(line["line"], None, line["raw"])
    first = f"{line['code']} {line['reason']}"
    many = f"all {refused.height} rows are refused; the first"
    said = many if refused.height > 1 else "its only row is refused"
    what = f"{gathered.source}: {said}: {first}"
    return [Problem("D103", what, where, _reasons(refused))]


def _reasons(refused: pl.DataFrame) -> str:
    counts = (
        refused.group_by("code", "column")
        .len()
        .sort("len", "code", "column", descending=[True, False, False])
    )
    return ", ".join(
        f"{n} × {code} {column or 'structure'}" for code, column, n in counts.head(5).iter_rows()
    )


def reasons(refused: pl.DataFrame) -> Mapping[str, int]:
    """Code -> refused rows."""
    return dict(refused.group_by("code").len().sort("code").iter_rows())
