"""Who is paused in the last period, until when and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from segkit.engine.counting.values import Bools
from segkit.engine.pauses import Pauses

PAUSED = {"account_id": pl.String, "until": pl.Date, "reason": pl.String, "metrics": pl.String}
"""`metrics`: the only ones that are paused; empty for all that read events."""


def paused_now(pauses: Pauses | None, here: Bools) -> pl.DataFrame:
    """One row per paused account among those `here` [A], sorted by account; columns PAUSED.

    Of several pauses that of all metrics speaks, then the one that lasts longest, then the account's own.
    """
    if pauses is None:
        return pl.DataFrame(schema=PAUSED)
    schema = {**PAUSED, "until": pl.Int32, "rank": pl.Int8}
    told = pl.DataFrame(list(_told(pauses, here)), schema=schema, orient="row")
    order = ("account_id", pl.col("metrics") != "", -pl.col("until"), "rank", "reason", "metrics")
    first = told.sort(*order).unique("account_id", keep="first", maintain_order=True)
    return first.select(pl.col(name).cast(kind) for name, kind in PAUSED.items())


def _told(pauses: Pauses, here: Bools) -> Iterator[tuple[Any, ...]]:
    accounts = pauses.facts.roster.accounts
    for row, places in pauses.now():
        rank = 0 if row["account_id"] is not None else 1 if row["attribute"] is not None else 2
        # A reason is one part of a list whose parts are told apart by semicolons.
        reason = " ".join((row["reason"] or "").replace(";", ",").split())
        for place in places[here[places]].tolist():
            yield accounts[place], row["last"], reason, ", ".join(row["metrics"]), rank


def saying(metrics: pl.Expr, until: pl.Expr, reason: pl.Expr) -> pl.Expr:
    """`until 2026-12-31: freeze`, `for tickets until 2026-12-31`."""
    what = pl.when(metrics != "").then("for " + metrics + " ").otherwise(pl.lit(""))
    why = pl.when(reason != "").then(": " + reason).otherwise(pl.lit(""))
    return what + "until " + until.dt.to_string("%Y-%m-%d") + why
