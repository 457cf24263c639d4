"""Every declared source read: the first step of `load`, and the one where most of a user's mistakes show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import polars as pl

from segkit.columns import SOURCES
from segkit.errors import InputError, Problem
from segkit.facts.files import find_files
from segkit.facts.gather import Gathered, gather
from segkit.facts.mapping import SourceConfig
from segkit.facts.store import FILE
from segkit.facts.tables import Table, take_table
from segkit.facts.terms import Terms
from segkit.facts.types import Fold
from segkit.facts.usage import Usage, take_usage


@dataclass(frozen=True, slots=True)
class Taken:
    """What the files of each source left."""

    accounts: Gathered | None
    usage: Usage | None
    tables: Mapping[str, Table]

    @property
    def all(self) -> Mapping[str, Gathered]:
        found = {name: table.gathered for name, table in self.tables.items()}
        if self.accounts is not None:
            found["accounts"] = self.accounts
        if self.usage is not None:
            found["usage"] = self.usage.gathered
        return {name: found[name] for name in SOURCES if name in found}

    def by(self, day: date) -> Taken:
        """What was known on a day, of sources whose files are whole lists."""
        return replace(self, tables={name: table.by(day) for name, table in self.tables.items()})

    def excluded(self, source: str) -> int:
        """Rows that another file replaced."""
        if source == "usage" and self.usage is not None:
            return self.usage.excluded
        return self.tables[source].excluded if source in self.tables else 0

    def columns(self) -> Mapping[str, list[str]]:
        """Columns that the rows of each source may have beside its fixed ones, or may lack, in no order."""
        found = {name: table.rows.columns for name, table in self.tables.items()}
        if self.usage is not None:
            config = self.usage.gathered.config
            found["usage"] = [*config.attributes, *config.keys]
        return found

    def receipts(self, seen: Mapping[str, pl.DataFrame]) -> Mapping[str, pl.DataFrame]:
        """Source -> day, rows, lo, hi of the rows that count; of the small sources those in `seen`."""
        found = {name: replace(self.tables[name], rows=rows).receipts for name, rows in seen.items()}
        return found if self.usage is None else {**found, "usage": self.usage.receipts}


def take(
    sources: Mapping[str, SourceConfig], exports: Path, terms: Terms, cache: Path | None, fold: Fold | None
) -> Taken:
    """Read every source; the problems of all of them are raised together."""
    problems: list[Problem] = []
    accounts: Gathered | None = None
    usage: Usage | None = None
    tables: dict[str, Table] = {}
    for source, config in sources.items():
        files, faults = find_files(source, config, exports)
        problems += faults
        if not files:
            continue
        if source == "usage":
            usage, faults = take_usage(config, files, terms, cache, fold)
        elif source == "accounts":
            accounts, faults = gather(source, config, files, terms, cache)
            faults = faults + (_doubled_accounts(accounts) if accounts else [])
        else:
            table, faults = take_table(source, config, files, terms, cache)
            if table is not None:
                tables[source] = table
        problems += faults
    if problems:
        raise InputError(problems)
    return Taken(accounts, usage, tables)


def _doubled_accounts(accounts: Gathered) -> list[Problem]:
    """D203 as an error: which of two different rows of one account holds, nobody can say."""
    doubled = accounts.refused.filter(
        (pl.col("code") == "D203") & pl.col("reason").str.contains("other values")
    )
    hint = "remove the wrong row, or map snapshot_at if the rows are of different days"
    return [
        Problem("D203", row["reason"], accounts.files[row[FILE]].place(row["line"], None, row["raw"]), hint)
        for row in doubled.head(20).iter_rows(named=True)
    ]
