"""One file -> what is kept of it: a receipt, its refused rows, and its rows (usage: the small tables) ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from segkit.columns import SOURCES
from segkit.errors import InputError, Problem
from segkit.facts.files.ahead import ahead
from segkit.facts.files.found import ExportFile
from segkit.facts.files.lines import LINE
from segkit.facts.files.reading import Reading, read_as
from segkit.facts.identity.ids import prefixed
from segkit.facts.identity.names import name_table
from segkit.facts.mapping import SourceConfig
from segkit.facts.presets.sift import rows_of
from segkit.facts.rawids import PEOPLE, both_in, first_of, kept_under
from segkit.facts.rows.accept import NO_REJECTED, accept
from segkit.facts.rows.doubles import key_of, once_each
from segkit.facts.rows.dropping import NO_DROPPED
from segkit.facts.rows.marks import MARK
from segkit.facts.taking.profile import heading, merged, profile
from segkit.facts.terms import Terms
from segkit.facts.types import Fold
from segkit.grouping import Groups, codes

RECEIPT, REFUSED, ROWS, DAYS, NAMES = "receipt", "refused", "rows", "days", "names"
DROPS, LOOK = "drops", "look"
"""Keys of what every file leaves; usage leaves DAYS, NAMES and the tables of the fold instead of ROWS,
and DROPS is there where the terms or a preset drop rows."""

USAGE_TEXT = ("event", "feature", "session_id")
USER_NAME = "user_name"
MOST_REFUSED = 1_000_000
"""Refused rows of one file, where they are most of it: each of them is kept with its text."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The tables of a fold that a file is still to be folded to."""

    fold: Fold
    keys: tuple[str, ...]
    daily: bool

    def name(self, key: str) -> str:
        return f"{key}|daily" if self.daily else key


def take_in(
    file: ExportFile, config: SourceConfig, terms: Terms, wanted: Wanted | None = None
) -> Mapping[str, pl.DataFrame]:
    """Read, accept and fold a file. Raises InputError.

    RECEIPT: day (Int32, null where undated), rows, lo, hi: the halves of an order-free digest of its rows.
    REFUSED: see accept.REJECTED. DROPS: see dropping.DROPPED. LOOK: see profile.PROFILE. NAMES: see
    identity.names. DAYS: raw_id, day, rows, count, seconds.
    """
    reading = read_as(file, config, terms)
    usage = file.source == "usage"
    rows: list[pl.DataFrame] = []
    refused: list[pl.DataFrame] = []
    dropped: list[pl.DataFrame] = []
    profiles: list[pl.DataFrame] = []
    receipts: list[pl.DataFrame] = []
    tables: dict[str, list[pl.DataFrame]] = {}
    hold = not usage or "event_id" in reading.headers
    latest = config.duplicates == "latest"
    types: dict[str, pl.DataType] = {}
    count = 0
    for sifted in ahead(rows_of(reading)):
        taken = accept(reading, sifted.batch, seconds=not usage or latest)
        refused.append(taken.rejected)
        count += taken.rows.height
        _not_most_refused(file, refused, count)
        dropped += [sifted.dropped, taken.dropped]
        profiles.append(profile(reading, taken.rows))
        types.update(sifted.batch.rows.schema)
        if hold:
            rows.append(taken.rows)
        else:
            _fold(reading, taken.rows, wanted, receipts, tables)
    if hold:
        whole = pl.concat(rows) if rows else _no_rows(reading)
        once = once_each(whole, key_of(reading), reading, latest=latest)
        whole = once.rows
        refused.append(once.refused)
        dropped.append(once.older)
        if usage:
            _fold(reading, whole, wanted, receipts, tables)
        else:
            receipts.append(receipt(whole, SOURCES[file.source].when))
            tables[ROWS] = [whole.sort(LINE)]
    days = pl.concat(receipts).group_by("day").agg(pl.col("rows", "lo", "hi").sum()).sort("day")
    kept = {key: pl.concat(parts) for key, parts in tables.items()}
    if drops(config, terms, file.source):
        told = pl.concat([NO_DROPPED, *dropped]).group_by("reason", "pattern").agg(pl.col("rows").sum())
        kept[DROPS] = told.sort("reason", "pattern")
    kept[REFUSED] = pl.concat([NO_REJECTED, *refused]).sort("line")
    kept[LOOK] = merged([*profiles, heading(reading, types)])
    return {RECEIPT: days, **kept}


def _not_most_refused(file: ExportFile, refused: Sequence[pl.DataFrame], accepted: int) -> None:
    """Raises InputError D104 for a file that is no export: most of very many rows are refused."""
    many = sum(rows.height for rows in refused)
    if many > max(MOST_REFUSED, accepted):
        why = refused[-1]["reason"].mode().sort()[0]
        what = f"{many:,} of its first {many + accepted:,} rows are refused, most of them for: {why}"
        raise InputError(Problem("D104", what, file.place(), "say in segkit.yaml how it is written"))


def drops(config: SourceConfig, terms: Terms, source: str) -> bool:
    """Whether a file of this source leaves DROPS."""
    return terms.drops(source) or config.duplicates == "latest" or config.preset is not None


def usage_rows(reading: Reading, rows: pl.DataFrame) -> pl.DataFrame:
    """Accepted rows as `Fold` sees them (facts.types.UsageFacts)."""
    users = [prefixed(name) for name in PEOPLE if name in rows.columns]
    extra = [name for name in rows.columns if name in reading.config.attributes]
    extra += [key for key in reading.config.keys if key not in extra]
    extra += [USER_NAME] if USER_NAME in rows.columns else []
    extra += [MARK] if MARK in rows.columns else []
    texts = [
        pl.col(name) if name in rows.columns else pl.lit(None, pl.String).alias(name) for name in USAGE_TEXT
    ]
    count = pl.col("count").fill_null(1) if "count" in rows.columns else pl.lit(1, pl.Int64)
    seconds = pl.col("seconds") if "seconds" in rows.columns else pl.lit(None, pl.Float64)
    whose = first_of(reading.who)
    if both_in(rows.columns):
        whose = kept_under(whose, rows.columns, None, by_person=False)
    return rows.select(
        whose.alias("raw_id"),
        (pl.coalesce(users) if users else pl.lit(None, pl.String)).alias("user_key"),
        pl.col("at").to_physical().cast(pl.Int32).alias("day"),
        *texts,
        count.alias("count"),
        seconds.alias("seconds"),
        *extra,
    )


def receipt(rows: pl.DataFrame, when: str | None, *by: pl.Expr) -> pl.DataFrame:
    """day, rows, lo, hi: sums of the halves of a hash of each row, so that order plays no part.

    With `by` (columns of the same height) a receipt for each of their values.
    """
    hashes = rows.drop(LINE, strict=False).hash_rows(seed=17)
    day = pl.col(when).to_physical().cast(pl.Int32) if when else pl.lit(None, pl.Int32)
    return (
        rows.select(
            day.alias("day"),
            (pl.lit(hashes) & 0xFFFFFFFF).cast(pl.Int64).alias("lo"),
            (pl.lit(hashes) // 2**32).cast(pl.Int64).alias("hi"),
            *by,
        )
        .group_by(*(expression.meta.output_name() for expression in by), "day")
        .agg(pl.len().cast(pl.Int64).alias("rows"), pl.col("lo", "hi").sum())
        .sort("day")
    )


def days_table(rows: pl.DataFrame) -> pl.DataFrame:
    """raw_id, day, rows, count, seconds of usage rows, whose raw_id is a category.

    Sums of whole milliseconds do not depend on the order of the rows; sums of floats would.
    """
    place, labels = codes(rows["raw_id"])
    groups = Groups.of(place, rows["day"].to_numpy())
    ms = rows.select((pl.col("seconds") * 1000).round().cast(pl.Int64).fill_null(0)).to_series()
    who, day = groups.columns
    return pl.DataFrame(
        {
            "raw_id": labels.cast(pl.Categorical).gather(who),
            "day": pl.Series(day, dtype=pl.Int32),
            "rows": groups.rows,
            "count": groups.sum(rows["count"].to_numpy()),
            "seconds": groups.sum(ms.to_numpy()) / 1000,
        }
    )


def as_kept(reading: Reading, accepted: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """`usage_rows` of accepted rows under the ids by which their tables are kept."""
    if not reading.terms.finer:
        return rows
    mark = MARK if MARK in accepted.columns else None
    kept = kept_under(first_of(reading.who), accepted.columns, mark, by_person=reading.terms.by_person)
    return rows.with_columns(accepted.select(kept.alias("raw_id")).to_series())


def fold_rows(rows: pl.DataFrame, wanted: Wanted | None) -> dict[str, pl.DataFrame]:
    """DAYS, NAMES and the wanted tables of usage rows; raw_id is a category, but in NAMES."""
    # Grouping, sorting and storing a category costs a third of what a text does.
    coded = rows.with_columns(pl.col("raw_id").cast(pl.Categorical))
    tables = {DAYS: days_table(coded)}
    if wanted is not None and wanted.keys:
        folded = wanted.fold(coded, wanted.keys, wanted.daily)
        tables.update({wanted.name(key): table for key, table in folded.items()})
    return {**tables, NAMES: name_table(rows)}


def _fold(
    reading: Reading,
    accepted: pl.DataFrame,
    wanted: Wanted | None,
    receipts: list[pl.DataFrame],
    tables: dict[str, list[pl.DataFrame]],
) -> None:
    rows = usage_rows(reading, accepted)
    receipts.append(receipt(rows, "day"))
    for key, table in fold_rows(as_kept(reading, accepted, rows), wanted).items():
        tables.setdefault(key, []).append(table)


def _no_rows(reading: Reading) -> pl.DataFrame:
    from segkit.facts.files.read import NO_BAD, Batch

    schema = {LINE: pl.Int64, **dict.fromkeys((*reading.wanted, *reading.headers.values()), pl.String)}
    return accept(reading, Batch(pl.DataFrame(schema=schema), NO_BAD)).rows
