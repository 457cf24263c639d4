"""Usage before an account signed up: told, because it often means a wrong signup date or a reused id."""

from __future__ import annotations

import polars as pl

from segkit.errors import Problem
from segkit.facts.identity.resolve import resolve
from segkit.facts.samples import Samples
from segkit.facts.types import NO_DAY, Roster, RowsByDay


def usage_before_signup(
    by_day: RowsByDay, mapping: pl.DataFrame, roster: Roster, first_seen: pl.DataFrame, samples: Samples
) -> tuple[Problem, ...]:
    """One warning (D111) that counts the rows and the accounts; none where all usage is after signup.

    by_day: all usage that counts; not read where nobody is early.
    first_seen: account_id, day of its first usage row.
    """
    signup = pl.DataFrame(
        {"account_id": roster.accounts, "signup": roster.start},
        schema={"account_id": pl.String, "signup": pl.Int32},
    ).filter(pl.Series(roster.signup_known) & (pl.col("signup") != NO_DAY))
    early = first_seen.join(signup, on="account_id").filter(pl.col("day") < pl.col("signup"))
    if early.is_empty():
        return ()
    ids = mapping.join(early, on="account_id", how="semi").select("raw_id").unique()
    days = by_day().with_columns(pl.col("raw_id").cast(pl.String))
    rows = resolve(days.join(ids, on="raw_id", how="semi"), mapping, "day")
    before = rows.join(signup, on="account_id").filter(pl.col("day") < pl.col("signup"))
    counts = before.group_by("account_id").agg(pl.col("rows").sum())
    if counts.is_empty():
        return ()
    worst = counts.sort(["rows", "account_id"], descending=[True, False])
    account = samples.cell("accounts", "account_id", worst["account_id"][0])
    what = (
        f"{int(counts['rows'].sum()):,} of {int(days['rows'].sum()):,} usage rows lie before the signup of "
        f"their account: {counts.height:,} accounts, most of them {account} "
        f"({worst['rows'][0]:,} rows); windows start at the signup, so these rows count for nothing"
    )
    hint = "check signup_date in accounts, or leave it empty so that the first event counts"
    return (Problem("D111", what, None, hint, "warning"),)
