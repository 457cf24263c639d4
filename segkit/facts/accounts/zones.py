"""Accounts with a time zone of their own: a row belongs to the day that it was at the account."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl
from msgspec import Struct

from segkit.columns import SOURCES
from segkit.errors import Problem
from segkit.facts.accounts.ledger import DAY, ID, PRESENT
from segkit.facts.rows.marks import FURTHEST, SAME, timed_name
from segkit.facts.taking.gather import Gathered


def declared_zones(
    accounts: Gathered, rows: pl.DataFrame, ledger: pl.DataFrame | None, home: str
) -> tuple[tuple[str, ...], list[Problem]]:
    """The zones that accounts name, but the workspace's own; and D114 for words that name none."""
    named = [
        frame["timezone"] for frame in (rows, ledger) if frame is not None and "timezone" in frame.columns
    ]
    words = pl.concat(named).drop_nulls().unique().sort().to_list() if named else []
    zones = tuple(word for word in words if word != home and is_zone(word))
    odd = [word for word in words if not is_zone(word)]
    if not odd or "timezone" not in rows.columns:
        return zones, []
    hit = rows.filter(pl.col("timezone").is_in(odd)).head(1)
    samples = accounts.terms.samples
    some = ", ".join(f"'{samples.cell('accounts', 'timezone', word)}'" for word in odd[:3]) + (
        f" and {len(odd) - 3} more" if len(odd) > 3 else ""
    )
    what = (
        f"accounts: {some} {'is' if len(odd) == 1 else 'are'} no time zone; the workspace's, {home}, is used"
    )
    place = accounts.files[hit["_file"][0]].place(hit["_line"][0]) if hit.height else None
    return zones, [Problem("D114", what, place, "write e.g. Europe/Berlin", "warning")]


def is_zone(word: str) -> bool:
    """Whether both the standard library and the dataframe library know it."""
    try:
        ZoneInfo(word)
        pl.Series([0]).cast(pl.Datetime("us", "UTC")).dt.convert_time_zone(word)
    except (ZoneInfoNotFoundError, ValueError, OSError, pl.exceptions.PolarsError):
        return False
    return True


class AccountZones(Struct, frozen=True):
    """spans: account_id, zone (position in `zones`), from_day, to_day (null = open), of who has one."""

    zones: tuple[str, ...]
    spans: pl.DataFrame

    @classmethod
    def of(cls, versions: pl.DataFrame, zones: tuple[str, ...]) -> AccountZones | None:
        """A zone holds from the day of the snapshot that names it; the first also before."""
        if not zones:
            return None
        places = {zone: at for at, zone in enumerate(zones)}
        place = pl.col("timezone").replace_strict(places, default=None, return_dtype=pl.Int32)
        rows = versions.filter(pl.col(PRESENT)).sort(ID, DAY).select(ID, DAY, place.alias("zone"))
        changed = (pl.col("zone").ne_missing(pl.col("zone").shift(1).over(ID))) | (
            pl.col(ID) != pl.col(ID).shift(1)
        )
        rows = rows.filter(changed.fill_null(True))
        first = pl.col(ID).is_first_distinct()
        spans = rows.with_columns(
            pl.when(first).then(None).otherwise(pl.col(DAY)).alias("from_day"),
            (pl.col(DAY).shift(-1).over(ID) - 1).alias("to_day"),
        )
        return cls(zones, spans.drop_nulls("zone").select("account_id", "zone", "from_day", "to_day"))

    def by_id(self, mapping: pl.DataFrame) -> pl.DataFrame:
        """who, zone, from_day, to_day: the zones of the accounts that raw ids belong to."""
        both = mapping.select("raw_id", "account_id", "from_day", "to_day").join(
            self.spans, on="account_id", suffix="_zone", maintain_order="left_right"
        )
        begin = pl.max_horizontal("from_day", "from_day_zone").alias("from_day")
        end = pl.min_horizontal("to_day", "to_day_zone").alias("to_day")
        return both.select(pl.col("raw_id").alias("who"), "zone", begin, end)

    def localized(self, source: str, attributes: Sequence[str], rows: pl.DataFrame) -> pl.DataFrame:
        """Rows with account_id and day, each moment on the day it was at the account."""
        moments = [column.name for column in SOURCES[source].columns if column.kind == "moment"]
        wanted = [name for name in (*moments, *attributes) if timed_name(name) in rows.columns]
        if not wanted:
            return rows
        numbered = rows.with_row_index("_row")
        hits = numbered.select("_row", "account_id", "day").join(self.spans, on="account_id").filter(inside())
        placed = numbered.join(hits.select("_row", "zone"), on="_row", how="left", maintain_order="left")
        for name in wanted:
            placed = placed.with_columns(self._day_of(placed, name))
        when = SOURCES[source].when
        if when in wanted:
            placed = placed.with_columns(pl.col(when).to_physical().cast(pl.Int32).alias("day"))
        return placed.drop("_row", "zone", *map(timed_name, wanted))

    def _day_of(self, rows: pl.DataFrame, name: str) -> pl.Expr:
        utc = pl.from_epoch(pl.col(f"{name}_seconds"), "s").dt.replace_time_zone("UTC")
        day = pl.col(name)
        for place in rows["zone"].drop_nulls().unique().sort():
            there = utc.dt.convert_time_zone(self.zones[place]).dt.date()
            day = pl.when((pl.col("zone") == place) & pl.col(timed_name(name))).then(there).otherwise(day)
        return day.alias(name)


def inside() -> pl.Expr:
    """Whether `day` lies between from_day and to_day, null for open."""
    return (pl.col("day") >= pl.col("from_day")).fill_null(True) & (
        pl.col("day") <= pl.col("to_day")
    ).fill_null(True)


def shifted(rows: pl.DataFrame, marked: pl.DataFrame, zones: pl.DataFrame) -> pl.DataFrame:
    """Rows (raw_id, day, perhaps mask) on the days of their accounts.

    marked: raw_id, who, mark of the ids that have a mark. zones: see `AccountZones.by_id`. Bit i of a mask
    stands for `day` + i; a row that moves is split into single days, so that none reaches into another week.
    """
    numbered = rows.with_row_index("_row")
    hits = numbered.select("_row", "raw_id", "day").join(marked, on="raw_id").join(zones, on="who")
    signs = hits.filter(inside()).with_columns(pl.col("mark").str.slice(pl.col("zone"), 1).alias("sign"))
    steps = {chr(SAME + step): step for step in range(-FURTHEST, FURTHEST + 1)}
    moved = signs.select("_row", pl.col("sign").replace_strict(steps, return_dtype=pl.Int32).alias("step"))
    moved = moved.filter(pl.col("step") != 0)
    if moved.is_empty():
        return rows
    still = numbered.join(moved, on="_row", how="anti", maintain_order="left").drop("_row")
    going = single_days(numbered.join(moved, on="_row", maintain_order="left"))
    there = going.with_columns(pl.col("day") + pl.col("step")).select(still.columns)
    return pl.concat([still, there])


def single_days(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows whose mask has several bits, one for each of them with its own day and the mask 1."""
    if "mask" not in rows.columns:
        return rows
    bits = pl.concat_list(
        [(pl.col("mask").cast(pl.Int64) // 2**i % 2 * (i + 1)).cast(pl.Int32) for i in range(7)]
    )
    each = rows.with_columns(bits.alias("_bit")).explode("_bit").filter(pl.col("_bit") > 0)
    return each.with_columns(
        pl.col("day") + pl.col("_bit") - 1, pl.lit(1, rows.schema["mask"]).alias("mask")
    ).drop("_bit")
