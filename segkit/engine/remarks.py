"""What people said about accounts, in the words of assignments: pauses and overrides."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from msgspec import Struct

from segkit.engine.members.membership import Bools, Ints
from segkit.engine.members.overridden import saying as overriding
from segkit.engine.paused import saying as pausing
from segkit.periods import Calendar, from_epoch_day
from segkit.ruleset.model import MAIN

BY_OVERRIDE = ""
"""Stands for a reason that only an override gives."""


class Remarked(Struct, frozen=True):
    """because: [rows]. columns: what was said, by itself."""

    because: pl.Series
    columns: dict[str, pl.Series]


def remarked(
    ids: pl.Series,
    primary: pl.Series,
    text: pl.Series,
    pauses: pl.DataFrame | None,
    over: pl.DataFrame | None,
) -> Remarked:
    """The reasons of accounts with what was said of them; None where there is no such list."""
    rows = pl.DataFrame({"account_id": ids, "primary": primary, "because": text})
    columns: dict[str, pl.Series] = {}
    if pauses is not None:
        said = pauses.select("account_id", paused=pausing(*map(pl.col, ("metrics", "until", "reason"))))
        rows = _beside(rows, said)
        columns["paused"] = rows["paused"]
        rows = _and(rows, "paused " + pl.col("paused"))
    if over is not None:
        rows = _beside(rows, _by_account(over, ids, primary))
        columns["override"] = rows["override"]
        rows = _and(rows, pl.col("main"))
    return Remarked(rows["because"], columns)


def _beside(rows: pl.DataFrame, said: pl.DataFrame) -> pl.DataFrame:
    return rows.join(said, on="account_id", how="left", maintain_order="left")


def _and(rows: pl.DataFrame, more: pl.Expr) -> pl.DataFrame:
    whole = pl.concat_str(
        pl.col("because").replace(BY_OVERRIDE, None), more, separator="; ", ignore_nulls=True
    )
    return rows.with_columns(because=whole)


def _by_account(over: pl.DataFrame, ids: pl.Series, primary: pl.Series) -> pl.DataFrame:
    """account_id; override: all that is said; main: what is said of the main dimension."""
    own = over.filter("acts").join(pl.DataFrame({"account_id": ids, "primary": primary}), on="account_id")
    way = pl.when("inside").then(pl.lit("in ")).otherwise(pl.lit("out of ")) + pl.col("segment")
    there = pl.col("inside") & (pl.col("segment") == pl.col("primary"))
    place = pl.when(there).then(pl.lit("")).otherwise(", " + way)
    said = own.sort("account_id", ~there, "dimension", "segment").select(
        "account_id",
        override=way + " " + overriding(pl.lit("")),
        main=pl.when(pl.col("dimension") == MAIN).then("override " + overriding(place)),
    )
    return said.group_by("account_id", maintain_order=True).agg(
        pl.col("override").str.join("; "), pl.col("main").drop_nulls().str.join("; ").replace("", None)
    )


def held_until(
    over: pl.DataFrame, ids: pl.Series, primary: pl.Series, exits: Ints, calendar: Calendar, index: int
) -> tuple[Ints, Bools]:
    """Periods until each account can be left at the earliest, and where nobody can say.

    exits: the same by the timers. index: of the last period.
    """
    own = over.filter("acts", "inside", pl.col("dimension") == MAIN)
    found = pl.DataFrame({"account_id": ids, "segment": primary}).join(
        own, on=["account_id", "segment"], how="left", maintain_order="left"
    )
    last = found["last"].to_list()
    periods = [1 if d is None else calendar.last_complete(from_epoch_day(d)) + 1 - index for d in last]
    never = found["inside"].is_not_null() & found["last"].is_null() & ~found["waits"].fill_null(False)
    return np.maximum(exits, np.array(_at_least(periods), dtype=np.int64)), never.to_numpy()


def _at_least(periods: Sequence[int]) -> list[int]:
    return [max(number, 1) for number in periods]
