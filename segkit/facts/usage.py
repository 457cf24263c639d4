"""Usage files -> small tables, each day from the file that speaks for it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
from msgspec import Struct

from segkit.errors import InputError, Problem
from segkit.facts.excluded.sieve import Sieve
from segkit.facts.files.found import ExportFile
from segkit.facts.mapping import SourceConfig
from segkit.facts.presence import presence_of
from segkit.facts.rawids import both_in, parts_of
from segkit.facts.rows.marks import FURTHEST
from segkit.facts.taking.delivery import newest_first, overlap, overlap_problem, owned_days
from segkit.facts.taking.events import merged_sha, take_in_merged
from segkit.facts.taking.gather import Gathered, gather
from segkit.facts.taking.intake import DAYS, LOOK, NAMES, RECEIPT, Wanted, receipt
from segkit.facts.taking.store import FILE
from segkit.facts.terms import Terms
from segkit.facts.types import Fold, RowsByDay, UsageFacts


class Usage(Struct, frozen=True):
    """Gathered usage and who speaks for which day.

    owned: FILE, day; None where every row of every file counts. merged: the files, newest first, whose events
    are counted once; empty otherwise. receipts: day, rows, lo, hi of what counts, one line per day. excluded:
    rows that another file replaced or repeated.
    """

    gathered: Gathered
    owned: pl.DataFrame | None
    merged: tuple[int, ...]
    receipts: pl.DataFrame
    excluded: int
    daily: bool
    fold: Fold | None

    def days(self, since: int | None = None) -> pl.DataFrame:
        """FILE, raw_id as kept, day, rows, n, ms, timed of rows whose file speaks for their day.

        `since`: those of earlier days may be left out.
        """
        return self._own(self._table(DAYS, None, since))

    def presence(self, until: int) -> pl.DataFrame:
        """presence.presence_of of the same rows up to a day."""
        if self.owned is None and not self.merged:
            return self.gathered.brief(DAYS, until)
        return presence_of(self.days().filter(pl.col("day") <= until))

    def names(self) -> pl.DataFrame:
        """identity.names.NAMES with the id as kept, of rows whose file speaks for their day."""
        return self._own(self._table(NAMES, None)).drop(FILE)

    def parts(self, days: pl.DataFrame) -> pl.DataFrame | None:
        """What ids of `days()` consist of (rawids.parts_of); None where they only say whose the rows are."""
        told = self.gathered.table(LOOK).filter(pl.col("what") == "from")["column"]
        finer = self.gathered.terms.finer or both_in(set(told))
        return parts_of(days["raw_id"]) if finer else None

    def folded(self, key: str, since: int | None = None) -> pl.DataFrame:
        """FILE and a table of the fold, of rows whose file speaks for their day; KeyError if it is none."""
        if self.fold is None or key not in self.fold.keys:
            raise KeyError(key)
        wanted = Wanted(self.fold, (key,), self.daily)
        return self._own(self._table(wanted.name(key), wanted, since))

    def facts(self, days: SiftedDays) -> UsageFacts:
        """What the engine may see: of every table what passes the sieve."""
        sieve = days.sieve

        def table(key: str, since: int | None = None) -> pl.DataFrame:
            return sieve.of(self.folded(key, _moved(since))).drop(FILE)

        def presence() -> pl.DataFrame:
            if sieve.keeps_days:
                return sieve.of(self.presence(sieve.until)).drop(FILE, "rows")
            return presence_of(sieve.of(self.days())).drop(FILE, "rows")

        return UsageFacts(days, cache(presence), table, days.meant, lambda: self._receipts(days, sieve))

    def _receipts(self, days: RowsByDay, sieve: Sieve) -> pl.DataFrame:
        """Of accepted rows; where some are left out or lie on other days, of what is left beside it."""
        known = self.receipts.with_columns(pl.col("day") - sieve.ahead)
        known = known.filter(pl.col("day") <= sieve.until)
        if not sieve.changes:
            return known
        left = days().group_by("raw_id", "day").agg(pl.col("rows", "n").sum())
        both = pl.concat([known, receipt(left, "day")], how="vertical_relaxed")
        return both.group_by("day").agg(pl.col("rows", "lo", "hi").sum()).sort("day")

    def _table(self, key: str, wanted: Wanted | None, since: int | None = None) -> pl.DataFrame:
        return (
            merged_table(self.gathered, self.merged, key, wanted)
            if self.merged
            else self.gathered.table(key, wanted, since)
        )

    def _own(self, table: pl.DataFrame) -> pl.DataFrame:
        if self.owned is None or self.merged:
            return table
        if self.daily:
            return table.join(self.owned, on=[FILE, "day"], how="semi", maintain_order="left")
        return table.filter(pl.col(FILE).is_in(self.owned[FILE].unique().implode()))


class SiftedDays:
    """Usage by day that passes a sieve (facts.types.RowsByDay).

    Read when it is asked for; what was read serves whoever asks for later days.
    """

    def __init__(self, usage: Usage, sieve: Sieve) -> None:
        self._usage, self.sieve = usage, sieve
        self._held: dict[int | None, _Sifted] = {}

    def __call__(self, since: int | None = None) -> pl.DataFrame:
        return self._since(since)[1].rows

    def meant(self, key: str, since: int | None = None) -> pl.DataFrame:
        """rows, n, ms, timed of a fold, line by line as the rows by day. Raises KeyError, InputError."""
        first, sifted = self._since(since)
        table, lines = self._usage.folded(key, _moved(first)), sifted.lines
        if _order(table) != sifted.order:
            what = "usage: what is kept of its files does not fit together"
            raise InputError(Problem("D104", what, None, "delete state/cache: the files are then read anew"))
        sums = table.drop(FILE, "day")
        return sums if lines is None else sums[lines]

    def _since(self, since: int | None) -> tuple[int | None, _Sifted]:
        """What was read from the latest day that is early enough, else read now; and that day."""
        early = [each for each in self._held if each is not None and since is not None and each <= since]
        first = max(early) if early else None if None in self._held else since
        if first not in self._held:
            self._held[first] = self._sift(first)
        return first, self._held[first]

    def _sift(self, since: int | None) -> _Sifted:
        kept = self._usage.days(_moved(since))
        rows = self.sieve.of(kept.with_row_index(_LINE))
        lines = rows[_LINE]
        whole = len(lines) == kept.height and lines.is_sorted()
        return _Sifted(rows.drop(FILE, _LINE), None if whole else lines, _order(kept))


class _Sifted(NamedTuple):
    rows: pl.DataFrame
    lines: pl.Series | None
    """Which lines of those kept they are; None: all, as they lie."""
    order: tuple[int, int]
    """Of those kept."""


_LINE = "_line"


def _order(kept: pl.DataFrame) -> tuple[int, int]:
    """How many rows there are, and a number that says in which order their days are."""
    days = kept["day"].cast(pl.Int64).to_numpy()
    return len(days), int(np.dot(days, np.arange(len(days))))


def _moved(since: int | None) -> int | None:
    """The day of a row may still move by the zone of its account."""
    return None if since is None else since - FURTHEST


def take_usage(
    config: SourceConfig, files: Sequence[ExportFile], terms: Terms, kept: Path | None, fold: Fold | None
) -> tuple[Usage | None, list[Problem]]:
    """Undeclared files with common days are refused (D105), unless event_id tells their events apart."""
    daily = config.delivery == "window" and len(files) > 1
    by_event = config.delivery in (None, "append") and len(files) > 1 and _has_events(config, files)
    gathered, problems = gather("usage", config, files, terms, kept, None if by_event else fold, daily)
    if gathered is None or problems:
        return None, problems
    shared = overlap(gathered.receipts)
    if by_event and shared.height:
        return _by_event(gathered, fold), []
    if config.delivery is None and shared.height:
        return None, [overlap_problem("usage", shared, gathered.files, gathered.receipts)]
    owned = owned_days(gathered.receipts, gathered.files, config.delivery)
    own = gathered.receipts.join(owned, on=[FILE, "day"], how="semi", maintain_order="left")
    excluded = int(gathered.receipts["rows"].sum()) - int(own["rows"].sum())
    receipts = own.group_by("day").agg(pl.col("rows", "lo", "hi").sum()).sort("day")
    return Usage(gathered, owned if excluded else None, (), receipts, excluded, daily, fold), []


def merged_table(gathered: Gathered, order: tuple[int, ...], key: str, wanted: Wanted | None) -> pl.DataFrame:
    """Rows of `key` over all files with every event once; from the store where it holds them."""
    sha = merged_sha(gathered.files, order)
    table, missing = gathered.store.read(key, [sha])
    if missing:
        files = [gathered.files[index] for index in order]
        gathered.store.put(sha, take_in_merged(files, gathered.config, gathered.terms, wanted))
        gathered.store.flush()
        table, missing = gathered.store.read(key, [sha])
    if table is None or missing:
        raise InputError(Problem("D104", "usage: files changed while they were read"))
    return table


def _by_event(gathered: Gathered, fold: Fold | None) -> Usage:
    order = tuple(newest_first(gathered.receipts))
    wanted = Wanted(fold, fold.keys, False) if fold is not None else None
    receipts = merged_table(gathered, order, RECEIPT, wanted).drop(FILE).sort("day")
    excluded = int(gathered.receipts["rows"].sum()) - int(receipts["rows"].sum())
    return Usage(gathered, None, order, receipts, excluded, False, fold)


def _has_events(config: SourceConfig, files: Sequence[ExportFile]) -> bool:
    said = (file.form.config if file.form is not None else config for file in files)
    return all("event_id" in one.columns for one in said)
