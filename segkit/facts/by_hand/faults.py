"""What is wrong with a row of a list that only the other files and the rules can tell."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import polars as pl
from msgspec import Struct
from msgspec.structs import replace

from segkit.columns import SOURCES
from segkit.facts.files.lines import LINE
from segkit.facts.rows.accept import NO_REJECTED, REJECTED
from segkit.facts.rows.contracts import DTYPES
from segkit.facts.samples import Samples
from segkit.facts.tables import Table
from segkit.facts.taking.store import FILE
from segkit.facts.types import Roster


class Fault(Struct, frozen=True):
    """Why a row of a list is refused."""

    column: str
    code: str
    reason: str


def whole(table: Table) -> Table:
    """The list with every column of its contract; those that the files lack are null."""
    columns = SOURCES[table.gathered.source].columns
    absent = [column for column in columns if column.name not in table.rows.columns]
    added = [pl.lit(None, DTYPES[column.kind]).alias(column.name) for column in absent]
    return replace(table, rows=table.rows.with_columns(added))


def begun(rows: pl.DataFrame, until: int) -> pl.DataFrame:
    """Rows that have begun by the epoch day `until`: what is announced for later is not known yet."""
    return rows.filter(pl.col("from").to_physical() <= until)


def refuse(table: Table, faults: Callable[[Mapping[str, Any]], Iterator[Fault]]) -> Table:
    """The list without the rows that have a fault, which are counted as refused for the first one."""
    samples = table.gathered.terms.samples
    found = [next(faults(row), None) for row in table.rows.iter_rows(named=True)]
    keep = pl.Series([fault is None for fault in found], dtype=pl.Boolean)
    wrong = [fault for fault in found if fault is not None]
    if not wrong:
        return table
    rows = table.rows.filter(~keep)
    values = [pl.col(name).cast(pl.String).fill_null("") for name in table.written]
    late = pl.DataFrame(
        {
            FILE: rows[FILE],
            "line": rows[LINE],
            "column": [fault.column for fault in wrong],
            "code": [fault.code for fault in wrong],
            "reason": [
                # An id of an account is told as it may be; whatever else is quoted may hold anything.
                fault.reason if fault.code == "D221" else samples.text(fault.reason)
                for fault in wrong
            ],
            "raw": rows.select(raw=pl.concat_str(values, separator=","))["raw"],
        },
        schema={FILE: pl.UInt32, **REJECTED},
    )
    gathered = table.gathered
    refused = pl.concat([gathered.refused.select(FILE, *NO_REJECTED.columns), late])
    fewer = late.group_by(FILE).agg(pl.len().cast(pl.Int64).alias("late"))
    receipts = gathered.receipts.join(fewer, on=FILE, how="left", maintain_order="left").select(
        FILE, "day", pl.col("rows") - pl.col("late").fill_null(0), "lo", "hi"
    )
    ordered = refused.sort(FILE, "line", maintain_order=True)
    return replace(
        table,
        gathered=replace(gathered, refused=ordered, receipts=receipts),
        rows=table.rows.filter(keep),
    )


class Known(Struct, frozen=True):
    """The accounts there are, and the id that somebody may have meant."""

    ids: frozenset[str]
    alike: Mapping[str, str]
    """Id or name in lower case -> id."""
    source: str
    """The list that is held against them."""
    samples: Samples

    @classmethod
    def of(cls, roster: Roster, table: Table) -> Known:
        alike = {account.lower(): account for account in reversed(roster.accounts)}
        if "name" in roster.snapshots.columns:
            named = roster.snapshots.select(pl.col("name").str.to_lowercase(), "account_id").drop_nulls()
            alike = dict(named.sort("account_id", descending=True).iter_rows()) | alike
        return cls(frozenset(roster.accounts), alike, table.gathered.source, table.gathered.terms.samples)

    def faults(self, account: str) -> Iterator[Fault]:
        """D221 for an id that no account has."""
        if account not in self.ids:
            hint = self.alike.get(account.lower())
            said = f"no account has the id '{self._shown(account)}'"
            said += f": did you mean {self._shown(hint)}?" if hint else ""
            yield Fault("account_id", "D221", said)

    def _shown(self, account: str) -> str:
        return self.samples.cell(self.source, "account_id", account)


def meant(word: str, known: Iterable[str]) -> str:
    """`: did you mean 'Retail'?`; empty where no known word is close."""
    lowered = {name.lower(): name for name in sorted(known, reverse=True)}
    close = difflib.get_close_matches(word.lower(), sorted(lowered), n=1, cutoff=0.6)
    return f": did you mean '{lowered[close[0]]}'?" if close else ""
