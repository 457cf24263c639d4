"""Which file speaks for which day, when the files of an event source overlap."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from segkit.errors import Problem
from segkit.facts.files.found import ExportFile
from segkit.facts.mapping import Delivery
from segkit.facts.taking.store import FILE
from segkit.periods import from_epoch_day


def owned_days(
    receipts: pl.DataFrame, files: Sequence[ExportFile], delivery: Delivery | None
) -> pl.DataFrame:
    """FILE, day: the days on which each file's rows count. Files are sorted by name.

    whole: the newest file alone. window: a day goes to the newest file that covers it and does not begin on
    it, else to the newest that covers it. Newest is the latest last day, then the name.
    """
    days = receipts.filter(pl.col("day").is_not_null()).select(FILE, "day")
    if delivery in (None, "append") or len(files) < 2 or days.is_empty():
        return days
    spans = _spans(days)
    if delivery == "whole":
        return days.filter(pl.col(FILE) == spans[FILE][-1])
    covered = spans.select(
        FILE, "rank", "first", pl.int_ranges("first", pl.col("last") + 1, dtype=pl.Int32).alias("day")
    ).explode("day")
    best = (
        covered.with_columns((pl.col("day") != pl.col("first")).alias("inside"))
        .sort("day", "inside", "rank")
        .unique("day", keep="last", maintain_order=True)
        .select(FILE, "day")
    )
    return days.join(best, on=[FILE, "day"], how="semi", maintain_order="left")


def _spans(days: pl.DataFrame) -> pl.DataFrame:
    """FILE, first, last, rank: oldest file first."""
    return (
        days.group_by(FILE)
        .agg(pl.col("day").min().alias("first"), pl.col("day").max().alias("last"))
        .sort("last", FILE)
        .with_row_index("rank")
    )


def newest_first(receipts: pl.DataFrame) -> list[int]:
    """Files (FILE) with dated rows, the one with the latest last day first, then by name from the end."""
    spans = _spans(receipts.filter(pl.col("day").is_not_null()))
    return [int(index) for index in spans[FILE].reverse()]


def overlap(receipts: pl.DataFrame) -> pl.DataFrame:
    """day, files (list of FILE): days of which several files hold rows."""
    dated = receipts.filter(pl.col("day").is_not_null())
    both = dated.group_by("day").agg(pl.col(FILE).sort().alias("files"))
    return both.filter(pl.col("files").list.len() > 1).sort("day")


def overlap_problem(
    source: str, shared: pl.DataFrame, files: Sequence[ExportFile], receipts: pl.DataFrame
) -> Problem:
    """D105 with the first overlapping pair, its days and its rows."""
    first, second = shared["files"][0].to_list()[:2]
    pair = [first, second]
    common = shared.filter(pl.col("files").list.contains(first) & pl.col("files").list.contains(second))[
        "day"
    ]
    rows = [
        int(receipts.filter((pl.col(FILE) == at) & pl.col("day").is_in(common.implode()))["rows"].sum())
        for at in pair
    ]
    start, end = from_epoch_day(common[0]), from_epoch_day(common[-1])
    span = f"{start}" if start == end else f"{start} to {end} ({len(common)} days)"
    what = (
        f"{source}: {files[first].name} and {files[second].name} both hold rows of {span}: "
        f"{rows[0]:,} and {rows[1]:,} rows"
    )
    hint = (
        "say how the files relate: delivery: window (a newer file replaces the days it covers), whole "
        "(the newest replaces all) or append (they complete each other)"
    )
    if source == "usage":
        hint += "; or map event_id, so that every event counts once"
    return Problem("D105", what, files[second].place(), hint)
