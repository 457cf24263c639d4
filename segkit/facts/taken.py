"""Every declared source read: the first step of `load`, and the one where most of a user's mistakes show."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import polars as pl
from msgspec import Struct
from msgspec.structs import replace

from segkit.columns import SOURCES
from segkit.errors import InputError, Problem
from segkit.facts.accounts.zones import declared_zones
from segkit.facts.excluded.consent import LIST, unclear
from segkit.facts.files.hashes import Hashes
from segkit.facts.mapping import SourceConfig
from segkit.facts.presets.forms import source_files
from segkit.facts.rows.accept import UNCLEAR
from segkit.facts.tables import Table, take_table
from segkit.facts.taking.gather import Gathered, gather
from segkit.facts.taking.intake import ROWS
from segkit.facts.taking.store import FILE
from segkit.facts.terms import Terms
from segkit.facts.types import Fold
from segkit.facts.usage import Usage, take_usage
from segkit.periods import epoch_day


class Taken(Struct, frozen=True):
    """What the files of each source left."""

    accounts: Gathered | None
    usage: Usage | None
    tables: Mapping[str, Table]
    lists: Mapping[str, Table]
    """Those that people keep by hand."""
    terms: Terms
    warnings: tuple[Problem, ...] = ()

    @property
    def dropped(self) -> Mapping[str, int]:
        """Pattern of an event -> usage rows that were left out by it."""
        if self.usage is None:
            return {}
        by_pattern = self.usage.gathered.dropped.drop_nulls("pattern").group_by("pattern")
        return dict(by_pattern.agg(pl.col("rows").sum()).iter_rows())

    def every_contact(self) -> pl.DataFrame | None:
        """Rows of all lists of contacts, with LIST."""
        table = self.tables.get("contacts")
        if table is None:
            return None
        dates = [epoch_day(file.dated) if file.dated else 0 for file in table.gathered.files]
        numbers = pl.DataFrame(
            {FILE: range(len(dates)), LIST: dates}, schema={FILE: pl.UInt32, LIST: pl.Int64}
        )
        return table.rows.join(numbers, on=FILE, how="left", maintain_order="left")

    @property
    def small(self) -> Mapping[str, Table]:
        """The sources whose rows are held."""
        return {**self.tables, **self.lists}

    @property
    def all(self) -> Mapping[str, Gathered]:
        found = {name: table.gathered for name, table in self.small.items()}
        if self.accounts is not None:
            found["accounts"] = self.accounts
        if self.usage is not None:
            found["usage"] = self.usage.gathered
        return {name: found[name] for name in SOURCES if name in found}

    def by(self, day: date) -> Taken:
        """What was known on a day, of sources whose files are whole lists."""
        tables = {name: table.by(day) for name, table in self.tables.items()}
        return replace(self, tables=tables, lists={name: table.by(day) for name, table in self.lists.items()})

    def excluded(self, source: str) -> int:
        """Rows that another file replaced."""
        if source == "usage" and self.usage is not None:
            return self.usage.excluded
        return self.small[source].excluded if source in self.small else 0

    def columns(self) -> Mapping[str, list[str]]:
        """Columns that the rows of each source may have beside its fixed ones, or may lack, in no order."""
        found = {name: table.rows.columns for name, table in self.small.items()}
        if self.usage is not None:
            config = self.usage.gathered.config
            found["usage"] = [*config.attributes, *config.keys]
        return found

    def receipts(self, seen: Mapping[str, pl.DataFrame]) -> Mapping[str, pl.DataFrame]:
        """Source -> day, rows, lo, hi of the rows that count; of the small sources those in `seen`."""
        found = {name: replace(self.small[name], rows=rows).receipts for name, rows in seen.items()}
        return found if self.usage is None else {**found, "usage": self.usage.receipts}


def take(
    sources: Mapping[str, SourceConfig],
    exports: Path,
    terms: Terms,
    cache: Path | None,
    fold: Fold | None,
    ledger: pl.DataFrame | None,
) -> Taken:
    """Read every source; the problems of all of them are raised together."""
    problems: dict[str, list[Problem]] = {}
    warnings: list[Problem] = []
    accounts: Gathered | None = None
    usage: Usage | None = None
    tables: dict[str, Table] = {}
    lists: dict[str, Table] = {}
    hashes = Hashes(None if cache is None else cache / "hashes.json")
    # How the rows of usage are kept hangs on what the others say, and theirs on the zones of accounts.
    for source in sorted(sources, key=lambda name: (name == "usage", name != "accounts")):
        config = sources[source]
        files, faults = source_files(source, config, exports, hashes)
        problems[source] = faults
        if not files:
            continue
        if source == "usage":
            usage, faults = take_usage(config, files, terms, cache, fold)
        elif source == "accounts":
            accounts, faults = gather(source, config, files, terms, cache)
            faults = faults + (_doubled_accounts(accounts) if accounts else [])
            if accounts is not None and not faults:
                rows = accounts.table(ROWS)
                zones, odd = declared_zones(accounts, rows, ledger, terms.zone)
                terms = replace(terms, zones=zones)
                warnings += [*unclear(accounts, rows), *odd]
        else:
            table, faults = take_table(source, config, files, terms, cache)
            if table is not None:
                warnings += unclear(table.gathered, table.rows)
                held = lists if SOURCES[source].kept else tables
                held[source] = replace(table, rows=table.rows.drop(UNCLEAR, strict=False))
                if source == "contacts" and "consent" in table.rows.columns:
                    terms = replace(terms, by_person=True)
        problems[source] += faults
    hashes.keep()
    if any(problems.values()):
        raise InputError([problem for source in sources for problem in problems[source]])
    return Taken(accounts, usage, tables, lists, terms, tuple(warnings))


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
