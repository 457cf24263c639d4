"""The rows of the exports behind what an account did, with file and line; read anew from the files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl
from msgspec import Struct

from segkit.facts.coded import CodedRows
from segkit.facts.excluded.sieve import Sieve
from segkit.facts.files.found import ExportFile
from segkit.facts.files.lines import LINE
from segkit.facts.files.reading import read_as
from segkit.facts.identity.resolve import resolve
from segkit.facts.presets.sift import rows_of
from segkit.facts.rows.accept import accept
from segkit.facts.rows.doubles import key_of, once_each
from segkit.facts.rows.marks import FURTHEST
from segkit.facts.taking.intake import as_kept, usage_rows
from segkit.facts.taking.store import FILE
from segkit.facts.usage import Usage

USAGE = "usage"
PLACE = "place"
"""The file and line of a row."""


class Behind(Struct, frozen=True):
    """Of one account. tables: rows of every other source with account_id, FILE and LINE."""

    usage: Usage | None
    sieve: Sieve
    mapping: pl.DataFrame
    tables: Mapping[str, pl.DataFrame]
    files: Mapping[str, tuple[ExportFile, ...]]

    def rows(self, source: str, account: str, first: int, last: int) -> pl.DataFrame | None:
        """Rows of these days with PLACE and FILE, by day, then as the files have them; of usage the columns
        that a Fold sees, of other sources those of the contract.

        None where nobody can tell which row of which file counts: one event may stand in several files.
        Raises: InputError.
        """
        if source != USAGE:
            rows = self.tables[source].filter(account_id=account)
            rows = rows.filter(pl.col("day").is_between(first, last))
        elif self.usage is None or self.usage.merged:
            return None
        else:
            rows = self._usage(self.usage, account, first, last)
        names = dict(enumerate(file.name for file in self.files[source]))
        name = pl.col(FILE).replace_strict(names, return_dtype=pl.String)
        placed = rows.with_columns(pl.format("{}:{}", name, LINE).alias(PLACE))
        return placed.sort("day", FILE, LINE, maintain_order=True)

    def shas(self, source: str, rows: pl.DataFrame) -> frozenset[str]:
        """The content hashes of the files that rows stand in."""
        return frozenset(self.files[source][at].sha256 for at in rows[FILE].unique())

    def _usage(self, usage: Usage, account: str, first: int, last: int) -> pl.DataFrame:
        gathered = usage.gathered
        # By the zone of its account a row may lie on another day than its file says.
        near = pl.col("day").is_between(first - FURTHEST, last + FURTHEST)
        found = []
        for at in sorted(gathered.receipts.filter(near)[FILE].unique()):
            rows = pl.concat(_accepted(usage, at), how="diagonal").filter(near)
            rows = rows.with_columns(pl.lit(at, pl.UInt32).alias(FILE))
            if usage.owned is not None:
                rows = rows.join(usage.owned, on=[FILE, "day"], how="semi", maintain_order="left")
            found.append(resolve(self.sieve.of(rows), self.mapping, "day").filter(account_id=account))
        if not found:
            schema = {"day": pl.Int32, "count": pl.Int64, FILE: pl.UInt32, LINE: pl.Int64}
            return pl.DataFrame(schema=schema)
        return pl.concat(found, how="diagonal").filter(pl.col("day").is_between(first, last))


def _accepted(usage: Usage, at: int) -> Iterator[pl.DataFrame]:
    """Usage rows of one file with LINE, as they were taken in."""
    gathered = usage.gathered
    reading = read_as(gathered.files[at], gathered.config, gathered.terms)
    latest = gathered.config.duplicates == "latest"
    parts: Iterator[pl.DataFrame] = (
        accept(reading, sifted.batch, seconds=latest).rows for sifted in rows_of(reading)
    )
    if "event_id" in reading.headers:
        # Which of two rows of one event counts is told from all of them.
        parts = iter([once_each(pl.concat(parts), key_of(reading), reading, latest=latest).rows])
    for rows in parts:
        accepted = CodedRows(rows)
        kept = as_kept(reading, accepted, usage_rows(reading, accepted))
        yield kept.frame().with_columns(rows[LINE])
