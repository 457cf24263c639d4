"""Accounts that count as one: from which period on, who is then assigned, and what the family is worth."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from segkit.facts.accounts.ledger import DAY, ID, PRESENT
from segkit.periods import Calendar, epoch_day, from_epoch_day

SUMMED = ("arr", "seats", "plan_limit")
"""Attributes that a family has together; all others are those of its top."""


def aligned(links: pl.DataFrame, calendar: Calendar, grace: int = 0) -> pl.DataFrame:
    """chains.LINKS that begin and end with a period: an account counts whole weeks for one customer.

    A link that begins within a period holds from its start; what a snapshot says, also from the start of a
    period that ended up to `grace` days before.
    """
    if links.is_empty():
        return links

    def opening(day: int) -> int:
        return epoch_day(calendar.start(calendar.index(from_epoch_day(day - grace))))

    days = pl.concat([links["from_day"], links["to_day"] + 1]).drop_nulls().unique()
    starts = pl.Series([opening(day) for day in days], dtype=pl.Int32)

    def moved(column: pl.Expr) -> pl.Expr:
        return column.replace_strict(days, starts, default=None, return_dtype=pl.Int32)

    found = links.with_columns(
        moved(pl.col("from_day")).alias("from_day"), (moved(pl.col("to_day") + 1) - 1).alias("to_day")
    )
    return found.filter((pl.col("from_day") <= pl.col("to_day")).fill_null(True))


def alone(
    chain: pl.DataFrame, accounts: Sequence[str], periods: npt.NDArray[np.int32], calendar: Calendar
) -> npt.NDArray[np.bool_]:
    """[A, T] whether an account counts for itself at the end of a period. chain: chains.CHAIN."""
    ends = np.array([epoch_day(calendar.end(int(period))) for period in periods], np.int64)
    found = np.ones((len(accounts), len(ends)), dtype=bool)
    place = {account: at for at, account in enumerate(accounts)}
    for account, begin, end, into in chain.select("account_id", "from_day", "to_day", "into").iter_rows():
        if into != account and account in place:
            inside = (ends >= (ends[0] if begin is None else begin)) & (
                ends <= (ends[-1] if end is None else end)
            )
            found[place[account], inside] = False
    return found


def mergers_of(chain: pl.DataFrame) -> pl.DataFrame:
    """account_id, into, from_day of accounts that stood alone until they merged. chain: chains.CHAIN."""
    if chain.is_empty():
        return chain.select("account_id", "into", "from_day")
    rows = chain.sort("account_id", "from_day", nulls_last=False)
    alone_before = (pl.col("into").shift(1) == pl.col("account_id")).over("account_id")
    merged = (pl.col("how") == "merged") & (alone_before | pl.col("from_day").is_null())
    return rows.filter(merged).select("account_id", "into", "from_day")


def renamed(versions: pl.DataFrame, chain: pl.DataFrame) -> pl.DataFrame:
    """Versions in which an account whose id was only another name speaks for the right one.

    From the first version of the right one on only that speaks.
    """
    names = chain.filter(
        (pl.col("how") == "merged") & pl.col("from_day").is_null() & pl.col("to_day").is_null()
    )
    if names.is_empty():
        return versions
    own = versions.join(names, on=ID, how="anti")
    first = own.group_by(ID).agg(pl.col(DAY).min().alias("first"))
    other = versions.join(names.select(ID, "into"), on=ID).drop(ID).rename({"into": ID})
    other = other.join(first, on=ID, how="left")
    other = other.filter((pl.col(DAY) < pl.col("first")).fill_null(True)).sort(ID, DAY, PRESENT)
    once = other.unique([ID, DAY], keep="last", maintain_order=True)
    return pl.concat([own, once.select(versions.columns)]).sort(ID, DAY)


def rolled_up(versions: pl.DataFrame, chain: pl.DataFrame) -> pl.DataFrame:
    """Versions in which the top of a family has the SUMMED attributes of all who count for it at the time.

    versions: rows of ledger.Snapshots.versions. A value that nobody in the family has stays empty.
    """
    numbers = [name for name in SUMMED if name in versions.columns]
    below = chain.filter(pl.col("how") == "child").select("account_id", "from_day", "to_day", top="into")
    if below.is_empty() or not numbers:
        return versions
    tops = below.select("top").unique().sort("top")
    itself = tops.select(
        account_id="top", from_day=pl.lit(None, pl.Int32), to_day=pl.lit(None, pl.Int32), top="top"
    )
    family = pl.concat([below, itself])
    days = versions.select(ID, DAY).join(family, on=ID).select("top", DAY).unique()
    grid = days.join(family, on="top").filter(
        (pl.col("from_day") <= pl.col(DAY)).fill_null(True)
        & (pl.col(DAY) <= pl.col("to_day")).fill_null(True)
    )
    held = _held(grid.select("top", ID, DAY), versions).filter(PRESENT)
    sums = (
        held.sort("top", DAY, ID)
        .group_by("top", DAY, maintain_order=True)
        .agg(*(pl.when(pl.col(name).count() > 0).then(pl.col(name).sum()).alias(name) for name in numbers))
    )
    own = _held(days.select(pl.col("top").alias(ID), DAY), versions).drop(numbers)
    whole = own.join(sums, left_on=[ID, DAY], right_on=["top", DAY], how="left")
    others = versions.join(tops, left_on=ID, right_on="top", how="anti")
    return pl.concat([others, whole.select(versions.columns)]).sort(ID, DAY)


def _held(wanted: pl.DataFrame, versions: pl.DataFrame) -> pl.DataFrame:
    """The version of each account in `wanted` that holds on the day; none before its first."""
    found = wanted.sort(DAY, ID).join_asof(
        versions.sort(DAY, ID), on=DAY, by=ID, strategy="backward", check_sortedness=False
    )
    return found.filter(pl.col(PRESENT).is_not_null())
