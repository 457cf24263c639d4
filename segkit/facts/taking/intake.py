"""One file -> what is kept of it: a receipt, its refused rows, and its rows (usage: the small tables) ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl
from msgspec import Struct

from segkit.columns import SOURCES
from segkit.errors import InputError, Problem
from segkit.facts.coded import CodedRows, UsageRows, by_the_line
from segkit.facts.files.ahead import ahead
from segkit.facts.files.found import ExportFile
from segkit.facts.files.lines import LINE
from segkit.facts.files.reading import Reading, read_as
from segkit.facts.identity.ids import prefixed
from segkit.facts.identity.names import NO_NAMES, name_table
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
from segkit.grouping import Groups, categories, codes

RECEIPT, REFUSED, ROWS, DAYS, NAMES = "receipt", "refused", "rows", "days", "names"
DROPS, LOOK = "drops", "look"
"""Keys of what every file leaves; usage leaves DAYS, NAMES and the tables of the fold instead of ROWS,
and DROPS is there where the terms or a preset drop rows."""

USAGE_TEXT = ("event", "feature", "session_id")
CODED = ("event", "feature")
"""Those of them that repeat."""
USER_NAME = "user_name"
NAMED = ("raw_id", "user_key", USER_NAME, "day")
MOST_REFUSED = 1_000_000
"""Refused rows of one file, where they are most of it: each of them is kept with its text."""


class Wanted(Struct, frozen=True):
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
    identity.names. DAYS: raw_id, day, rows, n, ms, timed (UsageRows.sums).
    """
    reading = read_as(file, config, terms)
    usage = file.source == "usage"
    rows: list[pl.DataFrame] = []
    refused: list[pl.DataFrame] = []
    dropped: list[pl.DataFrame] = []
    profiles: list[pl.DataFrame] = []
    told: list[pl.DataFrame] = []
    tables: dict[str, list[pl.DataFrame]] = {}
    hold = not usage or "event_id" in reading.headers
    latest = config.duplicates == "latest"
    types: dict[str, pl.DataType] = {}
    count = 0
    for sifted in ahead(rows_of(reading)):
        taken = accept(reading, sifted.batch, seconds=not usage or latest, coded=not hold)
        refused.append(taken.rejected)
        count += taken.rows.height
        _not_most_refused(file, refused, count)
        dropped += [sifted.dropped, taken.dropped]
        profiles.append(profile(reading, taken.coded))
        types.update(sifted.batch.rows.schema)
        if hold:
            rows.append(taken.rows)
        else:
            _fold(reading, taken.coded, wanted, told, tables)
    if hold:
        whole = pl.concat(rows) if rows else _no_rows(reading)
        once = once_each(whole, key_of(reading), reading, latest=latest)
        whole = once.rows
        refused.append(once.refused)
        dropped.append(once.older)
        if usage:
            _fold(reading, CodedRows(whole), wanted, told, tables)
        else:
            told.append(receipt(whole, SOURCES[file.source].when))
            tables[ROWS] = [whole.sort(LINE)]
    days = pl.concat(told).group_by("day").agg(pl.col("rows", "lo", "hi").sum()).sort("day")
    kept = joined(tables)
    if drops(config, terms, file.source):
        gone = pl.concat([NO_DROPPED, *dropped]).group_by("reason", "pattern").agg(pl.col("rows").sum())
        kept[DROPS] = gone.sort("reason", "pattern")
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


def usage_rows(reading: Reading, rows: CodedRows) -> UsageRows:
    """Accepted rows as `Fold` sees them."""
    extra = [name for name in rows.columns if name in reading.config.attributes]
    extra += [key for key in reading.config.keys if key not in extra]
    extra += [USER_NAME] if USER_NAME in rows.columns else []
    extra += [MARK] if MARK in rows.columns else []
    users = [name for name in PEOPLE if name in rows.columns]
    texts = [
        pl.col(name) if name in rows.columns else pl.lit(None, pl.String).alias(name) for name in USAGE_TEXT
    ]
    count = pl.col("count").fill_null(1) if "count" in rows.columns else pl.lit(1, pl.Int64)
    seconds = pl.col("seconds") if "seconds" in rows.columns else pl.lit(None, pl.Float64)
    frame = rows.frame().select(
        pl.col("at").to_physical().cast(pl.Int32).alias("day"),
        *texts,
        count.alias("count"),
        seconds.alias("seconds"),
        *extra,
    )
    whose, names = first_of(reading.who), reading.who
    if both_in(rows.columns):
        whose, names = kept_under(whose, rows.columns, None, by_person=False), (*names, *PEOPLE)
    elif names and not rows.column(names[0]).has_nulls():
        names = names[:1]
        whose = first_of(names)
    user = pl.coalesce(prefixed(name) for name in users) if users else pl.lit(None, pl.String)
    coded = {"raw_id": rows.made(whose, names), "user_key": rows.made(user, users)}
    coded |= {name: rows.codes(name) for name in CODED}
    return UsageRows(frame, coded)


def receipt(rows: pl.DataFrame, when: str | None) -> pl.DataFrame:
    """RECEIPT of rows that are dated by the column `when`; None: by none."""
    undated = pl.repeat(None, rows.height, dtype=pl.Int32, eager=True)
    day = rows[when].to_physical().cast(pl.Int32) if when else undated
    hashes = rows.drop(LINE, strict=False).hash_rows(seed=17).to_numpy()
    return receipts(day.rename("day"), hashes)


def receipts(day: pl.Series, hashes: npt.NDArray[np.uint64], by: pl.Series | None = None) -> pl.DataFrame:
    """day, rows, lo, hi: sums of the halves of a hash of each row, so that order plays no part.

    With `by` a receipt for each of its values, under its name.
    """
    halves = {"lo": hashes & np.uint64(0xFFFFFFFF), "hi": hashes >> np.uint64(32)}
    beside = [] if by is None else [by]
    told = pl.DataFrame(
        [*beside, day, *(pl.Series(name, half.view(np.int64)) for name, half in halves.items())]
    )
    names = told.columns[:-2]
    counted = told.group_by(names).agg(pl.len().cast(pl.Int64).alias("rows"), pl.col("lo", "hi").sum())
    return counted.sort("day")


def days_table(rows: UsageRows) -> pl.DataFrame:
    """raw_id, day, rows, n, ms, timed of usage rows; raw_id is a category."""
    who = rows.labels("raw_id").gather(rows.by_day.columns[0])
    return rows.counted().insert_column(0, who.rename("raw_id"))


def as_kept(reading: Reading, accepted: CodedRows, rows: UsageRows) -> UsageRows:
    """`usage_rows` of accepted rows under the ids by which their tables are kept."""
    if not reading.terms.finer:
        return rows
    mark = MARK if MARK in accepted.columns else None
    kept = kept_under(first_of(reading.who), accepted.columns, mark, by_person=reading.terms.by_person)
    people = [name for name in PEOPLE if name in accepted.columns]
    names = (*reading.who, *people, *([mark] if mark else []))
    return rows.under(accepted.made(kept, names))


def joined(tables: Mapping[str, Sequence[pl.DataFrame]]) -> dict[str, pl.DataFrame]:
    """Tables of several batches as one each; DAYS and what lies beside it with one line of an id and day.

    So the lines of a file are the same however it was cut into batches, and tables can lie beside each other.
    """
    whole = {key: pl.concat(parts, how="vertical_relaxed") for key, parts in tables.items()}
    if len(tables.get(DAYS, ())) < 2:
        return whole
    days = whole[DAYS]
    ids = codes(days["raw_id"])
    groups = Groups.of(ids.numbers, days["day"].cast(pl.Int64).to_numpy())
    who, day = groups.columns
    lines = {"raw_id": categories(ids.values).gather(who), "day": pl.Series(day, dtype=pl.Int32)}
    for key, table in whole.items():
        if key == DAYS or "raw_id" not in table.columns:
            sums = {name: groups.sum(table[name].to_numpy()) for name in table.columns if name not in lines}
            whole[key] = by_the_line(lines, sums).select(table.columns)
    return whole


def fold_rows(rows: UsageRows, wanted: Wanted | None) -> dict[str, pl.DataFrame]:
    """DAYS, NAMES and the wanted tables of usage rows; raw_id is a category, but in NAMES.

    A table without raw_id says something about the lines of DAYS.
    """
    tables = {DAYS: days_table(rows)}
    if wanted is not None and wanted.keys:
        folded = wanted.fold(rows, wanted.keys, wanted.daily)
        tables.update({wanted.name(key): table for key, table in folded.items()})
    named = USER_NAME in rows.columns
    return {**tables, NAMES: name_table(rows.frame(*NAMED)) if named else NO_NAMES}


def _fold(
    reading: Reading,
    accepted: CodedRows,
    wanted: Wanted | None,
    told: list[pl.DataFrame],
    tables: dict[str, list[pl.DataFrame]],
) -> None:
    rows = usage_rows(reading, accepted)
    told.append(receipts(rows.column("day"), rows.hashes()))
    for key, table in fold_rows(as_kept(reading, accepted, rows), wanted).items():
        tables.setdefault(key, []).append(table)


def _no_rows(reading: Reading) -> pl.DataFrame:
    from segkit.facts.files.read import NO_BAD, Batch

    schema = {LINE: pl.Int64, **dict.fromkeys((*reading.wanted, *reading.headers.values()), pl.String)}
    return accept(reading, Batch(pl.DataFrame(schema=schema), NO_BAD)).rows
