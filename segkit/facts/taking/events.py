"""Usage files that repeat events: every event_id counts once over all of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import polars as pl

from segkit.facts.coded import CodedRows
from segkit.facts.files.found import ExportFile
from segkit.facts.files.reading import read_as
from segkit.facts.mapping import SourceConfig
from segkit.facts.presets.sift import rows_of
from segkit.facts.rows.accept import accept
from segkit.facts.rows.doubles import once_each
from segkit.facts.taking.intake import RECEIPT, Wanted, as_kept, fold_rows, joined, receipts, usage_rows
from segkit.facts.terms import Terms


def merged_sha(files: Sequence[ExportFile], newest_first: Sequence[int]) -> str:
    """Names what these files say together; their order decides which of two different rows is kept."""
    told = "\n".join(files[index].sha256 for index in newest_first)
    return hashlib.sha256(f"merged\n{told}".encode()).hexdigest()


def take_in_merged(
    files: Sequence[ExportFile], config: SourceConfig, terms: Terms, wanted: Wanted | None
) -> Mapping[str, pl.DataFrame]:
    """files: newest first; of an event in several of them the newest file's row counts. Raises InputError.

    Gives RECEIPT (day, rows, lo, hi), DAYS and the tables of the fold, of what is left.
    """
    seen = pl.DataFrame(schema={"event_id": pl.String})
    told: list[pl.DataFrame] = []
    tables: dict[str, list[pl.DataFrame]] = {}
    latest = config.duplicates == "latest"
    for file in files:
        reading = read_as(file, config, terms)
        taken = [accept(reading, sifted.batch, seconds=latest).rows for sifted in rows_of(reading)]
        if not taken:
            continue
        rows = once_each(pl.concat(taken), ("event_id",), reading, latest=latest).rows
        fresh = rows.join(seen, on="event_id", how="anti", maintain_order="left")
        seen = pl.concat([seen, fresh.select("event_id").drop_nulls()])
        accepted = CodedRows(fresh)
        usage = usage_rows(reading, accepted)
        told.append(receipts(usage.column("day"), usage.hashes()))
        for key, table in fold_rows(as_kept(reading, accepted, usage), wanted).items():
            tables.setdefault(key, []).append(table)
    whole = pl.concat(told).group_by("day").agg(pl.col("rows", "lo", "hi").sum()).sort("day")
    return {RECEIPT: whole, **joined(tables)}
