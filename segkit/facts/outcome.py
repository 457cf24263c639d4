"""What is said about the files after they were read: counts, refused rows, one digest of it all."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from msgspec import Struct

from segkit.facts.accounts.ledger import DAY
from segkit.facts.excluding import REPLACED, SAME_FILE
from segkit.facts.taking.gather import Gathered, reasons
from segkit.facts.taking.store import FILE
from segkit.facts.types import Coverage, SourceCount
from segkit.periods import epoch_day


class InputFile(Struct, frozen=True):
    """A file that was read."""

    source: str
    name: str
    sha256: str
    bytes: int
    rows: int


def input_files(gathered: Gathered) -> list[InputFile]:
    own = [
        InputFile(f.source, f.name, f.sha256, f.bytes, gathered.rows_read[i])
        for i, f in enumerate(gathered.files)
    ]
    twins = [InputFile(f.source, f.name, f.sha256, f.bytes, gathered.rows_read[i]) for f, i in gathered.twins]
    return sorted([*own, *twins], key=lambda file: file.name)


def count(gathered: Gathered, replaced: int, left_out: Mapping[str, int]) -> SourceCount:
    """rows read = accepted + rejected + excluded; a file brought twice is excluded the second time.

    left_out: reason -> rows that were accepted and are left out all the same.
    """
    repeated = sum(gathered.rows_read[index] for _, index in gathered.twins)
    whole, refused = int(gathered.receipts["rows"].sum()), gathered.refused.height
    dropped = dict(gathered.dropped.group_by("reason").agg(pl.col("rows").sum()).iter_rows())
    excluded = Counter(dropped) + Counter(left_out) + Counter({REPLACED: replaced, SAME_FILE: repeated})
    inside = sum(left_out.values()) + replaced
    return SourceCount(
        source=gathered.source,
        files=len(gathered.files) + len(gathered.twins),
        read=whole + refused + repeated + sum(dropped.values()),
        accepted=whole - inside,
        rejected=refused,
        excluded=excluded.total(),
        reasons={**reasons(gathered.refused), **{why: excluded[why] for why in sorted(excluded)}},
    )


def refused_rows(gathered: Gathered) -> pl.DataFrame:
    """file, line, column, code, reason, raw, sorted by file and line."""
    names = pl.DataFrame(
        {FILE: range(len(gathered.files)), "file": [file.name for file in gathered.files]},
        schema={FILE: pl.UInt32, "file": pl.String},
    )
    joined = gathered.refused.join(names, on=FILE, how="left", maintain_order="left")
    return joined.select("file", "line", "column", "code", "reason", "raw")


def repeated_files(gathered: Gathered) -> list[str]:
    return [
        f"{file.name} is the same file as {gathered.files[index].name} and counts once"
        for file, index in gathered.twins
    ]


def digest(
    receipts: Mapping[str, pl.DataFrame],
    refused: Mapping[str, pl.DataFrame],
    versions: pl.DataFrame,
    mapping: pl.DataFrame,
    people: pl.DataFrame,
    coverage: Mapping[str, Coverage],
    columns: Mapping[str, Sequence[str]],
    until: int,
) -> str:
    """receipts: source -> day, rows, lo, hi of the days that count; only those up to `until` (or undated) do.
    mapping: whose the ids are that occur in them. people: who is left out of them.
    columns: what the values of each source mean.

    Sums over rows, so that the order of rows and how they are split over files play no part.
    """
    told: dict[str, list[int] | list[str]] = {}
    for source, frame in receipts.items():
        known = frame.filter(pl.col("day").is_null() | (pl.col("day") <= until))
        told[source] = [int(known[column].sum()) for column in ("rows", "lo", "hi")]
    for source, frame in refused.items():
        told[f"{source} refused"] = _sums(frame.select("column", "code", "raw"))
    told["snapshots"] = _sums(versions.select(DAY, *sorted(set(versions.columns) - {DAY})))
    told["ids"] = _sums(mapping)
    if people.height:
        told["left out"] = _sums(people)
    for source, names in {**columns, "accounts": versions.columns}.items():
        told[f"{source} columns"] = sorted(names)
    for source, span in coverage.items():
        last = min(epoch_day(span.last), until)
        told[f"{source} coverage"] = [epoch_day(span.first), last, *np.flatnonzero(~span.covered).tolist()]
        if span.no_outage is not None:
            told[f"{source} no outage"] = np.flatnonzero(span.no_outage).tolist()
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _sums(frame: pl.DataFrame) -> list[int]:
    hashes = frame.hash_rows(seed=17) if frame.height and frame.width else pl.Series([], dtype=pl.UInt64)
    return [
        frame.height,
        int((hashes & 0xFFFFFFFF).cast(pl.Int64).sum()),
        int((hashes // 2**32).cast(pl.Int64).sum()),
    ]
