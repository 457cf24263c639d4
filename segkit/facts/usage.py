"""Usage files -> small tables, each day from the file that speaks for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from segkit.errors import Problem
from segkit.facts.delivery import overlap, overlap_problem, owned_days
from segkit.facts.files import ExportFile
from segkit.facts.gather import Gathered, gather
from segkit.facts.intake import DAYS, Wanted
from segkit.facts.mapping import SourceConfig
from segkit.facts.store import FILE
from segkit.facts.types import Fold, UsageFacts


@dataclass(frozen=True, slots=True)
class Usage:
    """Gathered usage and who owns which day.

    owned: FILE, day. receipts: day, rows, lo, hi of the owned days, one line per day. excluded: rows of days that
    another file replaced, and of files brought twice.
    """

    gathered: Gathered
    owned: pl.DataFrame
    receipts: pl.DataFrame
    excluded: int
    daily: bool
    fold: Fold | None

    def facts(self, until: int) -> UsageFacts:
        """What the engine may see: nothing after the epoch day `until`."""

        def table(key: str) -> pl.DataFrame:
            if self.fold is None or key not in self.fold.keys:
                raise KeyError(key)
            wanted = Wanted(self.fold, (key,), self.daily)
            return self._own(self.gathered.table(wanted.name(key), wanted), until)

        return UsageFacts(self._own(self.gathered.table(DAYS), until), table)

    def _own(self, table: pl.DataFrame, until: int) -> pl.DataFrame:
        seen = table.filter(pl.col("day") <= until)
        if self.excluded:
            whole = self.gathered.receipts.filter(pl.col("day").is_not_null()).height == self.owned.height
            if not whole and self.daily:
                seen = seen.join(self.owned, on=[FILE, "day"], how="semi", maintain_order="left")
            elif not whole:
                seen = seen.filter(pl.col(FILE).is_in(self.owned[FILE].unique().implode()))
        return seen.drop(FILE)


def take_usage(
    config: SourceConfig, files: Sequence[ExportFile], zone: str, cache: Path | None, fold: Fold | None
) -> tuple[Usage | None, list[Problem]]:
    """Undeclared files with common days are refused (D105)."""
    daily = config.delivery == "window" and len(files) > 1
    gathered, problems = gather("usage", config, files, zone, cache, fold, daily)
    if gathered is None or problems:
        return None, problems
    if config.delivery is None:
        shared = overlap(gathered.receipts)
        if shared.height:
            return None, [overlap_problem("usage", shared, gathered.files, gathered.receipts)]
    owned = owned_days(gathered.receipts, gathered.files, config.delivery)
    kept = gathered.receipts.join(owned, on=[FILE, "day"], how="semi", maintain_order="left")
    excluded = int(gathered.receipts["rows"].sum()) - int(kept["rows"].sum())
    receipts = kept.group_by("day").agg(pl.col("rows", "lo", "hi").sum()).sort("day")
    return Usage(gathered, owned, receipts, excluded, daily, fold), []
