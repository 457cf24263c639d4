"""The small sources: every file's rows put together, by the day they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from msgspec import Struct
from msgspec.structs import replace

from segkit.columns import SOURCES
from segkit.errors import Problem
from segkit.facts.files.found import ExportFile
from segkit.facts.files.lines import LINE
from segkit.facts.identity.ids import raw_ids
from segkit.facts.mapping import SourceConfig
from segkit.facts.taking.delivery import overlap, overlap_problem, owned_days
from segkit.facts.taking.gather import Gathered, gather
from segkit.facts.taking.intake import ROWS, receipt
from segkit.facts.taking.store import FILE
from segkit.facts.terms import Terms


class Table(Struct, frozen=True):
    """rows: the contract's columns, FILE, _line, raw_id and, in a dated source, day (Int32)."""

    gathered: Gathered
    rows: pl.DataFrame
    excluded: int

    def by(self, day: date) -> Table:
        """Of dated lists (contacts) the newest that is not after `day`, else the earliest."""
        if not _lists(self.gathered):
            return self
        dated = sorted((file.dated or date.min, at) for at, file in enumerate(self.gathered.files))
        chosen = max((one for one in dated if one[0] <= day), default=dated[0])[1]
        rows = self.rows.filter(pl.col(FILE) == chosen)
        return replace(self, rows=rows, excluded=self.rows.height - rows.height)

    @property
    def receipts(self) -> pl.DataFrame:
        """day, rows, lo, hi of the rows that count."""
        return receipt(self.rows.select(self.written), SOURCES[self.gathered.source].when)

    @property
    def written(self) -> list[str]:
        """The columns that stand in the files."""
        return [name for name in self.rows.columns if name not in (FILE, LINE, "raw_id", "day")]


def take_table(
    source: str, config: SourceConfig, files: Sequence[ExportFile], terms: Terms, cache: Path | None
) -> tuple[Table | None, list[Problem]]:
    """Undeclared files with common days are refused (D105)."""
    gathered, problems = gather(source, config, files, terms, cache)
    if gathered is None or problems:
        return None, problems
    contract = SOURCES[source]
    if contract.when and config.delivery is None:
        shared = overlap(gathered.receipts)
        if shared.height:
            return None, [overlap_problem(source, shared, gathered.files, gathered.receipts)]
    rows = gathered.table(ROWS)
    read = rows.height
    if contract.when:
        rows = rows.with_columns(pl.col(contract.when).to_physical().cast(pl.Int32).alias("day"))
        owned = owned_days(gathered.receipts, gathered.files, config.delivery)
        if owned.height < gathered.receipts.height:
            rows = rows.join(owned, on=[FILE, "day"], how="semi", maintain_order="left")
    if not _lists(gathered):
        rows = _once(rows, contract.key, gathered.files)
    who = tuple(dict.fromkeys(("account_id", *config.keys, "user_id", "email")))
    return Table(
        gathered, rows.with_columns(raw_ids(rows.columns, who).alias("raw_id")), read - rows.height
    ), []


def _lists(gathered: Gathered) -> bool:
    """Whether each file is a whole list of its date, of which one speaks at a time."""
    undated = SOURCES[gathered.source].when is None
    return undated and len(gathered.files) > 1 and all(file.dated for file in gathered.files)


def _once(rows: pl.DataFrame, key: tuple[str, ...], files: Sequence[ExportFile]) -> pl.DataFrame:
    """Of rows with one key in several files the newest file's: the latest state of a ticket, say."""
    present = [name for name in key if name in rows.columns]
    if not key or key[0] not in present or len(files) < 2:
        return rows
    # What has another hash is another one: as a rule no key need be looked at.
    hashes = np.sort(rows.select(present).drop_nulls().hash_rows().to_numpy())
    if (hashes[1:] != hashes[:-1]).all():
        return _in_order(rows)
    whole = pl.all_horizontal(pl.col(present).is_not_null())
    last = (pl.col("day") if "day" in rows.columns else pl.lit(0)).max().over(FILE)
    ordered = rows.with_columns(last.alias("_last")).sort("_last", FILE, descending=True, maintain_order=True)
    kept = ordered.filter(_one(present).is_first_distinct() | ~whole)
    return _in_order(kept.drop("_last"))


def _in_order(rows: pl.DataFrame) -> pl.DataFrame:
    """By file and line, as they lie in the store already."""
    file, line = rows[FILE].to_numpy(), rows[LINE].to_numpy()
    later = (file[1:] > file[:-1]) | ((file[1:] == file[:-1]) & (line[1:] > line[:-1]))
    return rows if later.all() else rows.sort(FILE, LINE)


def _one(names: Sequence[str]) -> pl.Expr:
    """Columns as one; a single one by itself, which takes a fifth of the memory."""
    return pl.col(names[0]) if len(names) == 1 else pl.struct(names)
