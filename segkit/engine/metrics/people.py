"""Metrics of contacts and of the contact with them: key people who left, touchpoints held and missed."""

from __future__ import annotations

import numpy as np
import polars as pl

from segkit.engine.counting.context import Context
from segkit.engine.counting.grid import NEVER, newest, window_sum
from segkit.engine.counting.values import Ints, Values
from segkit.engine.metrics.rows import (
    FOREVER,
    between,
    counted,
    first_day,
    known_at,
    of_life,
    rows_of,
    shown,
    unknown,
)
from segkit.engine.metrics.usage import not_before
from segkit.ruleset.expr import Metric

CONTACTS = "contacts"
TOUCHPOINTS = "touchpoints"
RECENT = 90
"""Days looked back on, unless the metric says otherwise."""
FAILED = ("missed", "no_answer")


def key_users_left(ctx: Context, metric: Metric, shift_days: int = 0) -> Values:
    """Key people deactivated within the window; missing for an account without contacts.

    Unknown until some contact is marked as key.

    A person known by several ids counts once, from the newest deactivation of a key id.
    """
    people = contact_people(ctx)
    if people is None:
        return unknown(ctx)
    key = people.filter("is_key")
    left = key.filter(pl.col("until") < FOREVER).unique("code", maintain_order=True)
    account, day = _ints(left, "account"), _ints(left, "until")
    keep = day >= ctx.start[account]
    total = window_sum(
        account[keep], day[keep], None, ctx.shape[0], ctx.ends - shift_days, metric.window or RECENT
    )
    since = _ints(people, "since")
    met = between(ctx, _ints(people, "account"), since, np.full_like(since, FOREVER), shift_days) > 0
    values = shown(total.astype(np.float64), known_at(ctx, CONTACTS, shift_days), met)
    return not_before(values, ctx, first_day(_ints(key, "since")), shift_days)


def days_since_touchpoint(ctx: Context, metric: Metric, shift_days: int = 0) -> Values:
    """Days since the last touchpoint that was held; missing when there was none. No status means held."""
    rows = rows_of(ctx, TOUCHPOINTS)
    if rows is None:
        return unknown(ctx)
    rows = of_life(ctx, rows)
    held = rows.where((rows.words("status").fill_null("held") == "held").to_numpy())
    ends = ctx.ends - shift_days
    last = newest(held.account, held.day, held.day, ctx.shape[0], ends)
    since = np.where(last > NEVER, (ends[None, :] - last).astype(np.float64), np.nan)
    return shown(since, known_at(ctx, TOUCHPOINTS, shift_days))


def missed_touchpoints(ctx: Context, metric: Metric, shift_days: int = 0) -> Values:
    """Touchpoints in the window that were missed or not answered."""
    rows = rows_of(ctx, TOUCHPOINTS)
    if rows is None:
        return unknown(ctx)
    missed = rows.where(rows.words("status").is_in(FAILED).fill_null(False).to_numpy())
    return counted(ctx, TOUCHPOINTS, missed, metric.window or RECENT, shift_days)


def user_keys(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with the key of their user: `user:7`, else `email:x@y.z`, else null."""
    return rows.with_columns(user_key=pl.coalesce(_user(rows), _email(rows)))


def contact_people(ctx: Context) -> pl.DataFrame | None:
    """The people of each account, one line per id and address: account, user_key, code, since, until, is_key.

    code tells people of an account apart; since and until (Int64 epoch days, until exclusive) and is_key are
    those of the person: there as long as one of the ids is. None without contacts.
    """
    rows = rows_of(ctx, CONTACTS)
    if rows is None:
        return None
    known = ctx.facts.people.select("user_key", "person").unique(
        "user_key", keep="first", maintain_order=True
    )
    contacts = user_keys(rows.frame).filter(pl.col("user_key").is_not_null())
    contacts = contacts.join(known, on="user_key", how="left", maintain_order="left")
    contacts = contacts.with_columns(pl.col("person").fill_null(pl.col("user_key")))
    lines = pl.concat([contacts.with_columns(user_key=key(contacts)) for key in (_user, _email)])
    lines = lines.filter(pl.col("user_key").is_not_null()).select(
        "account",
        "user_key",
        "person",
        since=_day(lines, "created_at", NEVER),
        until=_day(lines, "deactivated_at", FOREVER),
        is_key=pl.col("is_key").cast(pl.Boolean).fill_null(False) if "is_key" in lines.columns else False,
    )
    whose = ("account", "person")
    return lines.with_columns(
        code=pl.struct(whose).rank("dense").cast(pl.Int64),
        since=pl.col("since").min().over(whose),
        until=pl.col("until").max().over(whose),
        is_key=pl.col("is_key").any().over(whose),
    ).unique(["account", "user_key"], keep="first", maintain_order=True)


def contacts_at(ctx: Context, people: pl.DataFrame, shift_days: int = 0) -> Ints:
    """[A, T] people of each account who are known and active on the day."""
    each = people.unique("code", maintain_order=True)
    return between(ctx, _ints(each, "account"), _ints(each, "since"), _ints(each, "until"), shift_days)


def _user(rows: pl.DataFrame) -> pl.Expr:
    present = "user_id" in rows.columns
    return "user:" + pl.col("user_id").cast(pl.String) if present else pl.lit(None, dtype=pl.String)


def _email(rows: pl.DataFrame) -> pl.Expr:
    if "email" not in rows.columns:
        return pl.lit(None, dtype=pl.String)
    return "email:" + pl.col("email").cast(pl.String).str.strip_chars().str.to_lowercase()


def _day(lines: pl.DataFrame, name: str, otherwise: int) -> pl.Expr:
    if name not in lines.columns:
        return pl.lit(otherwise, dtype=pl.Int64)
    return pl.col(name).cast(pl.Date).to_physical().cast(pl.Int64).fill_null(otherwise)


def _ints(frame: pl.DataFrame, name: str) -> Ints:
    return frame[name].to_numpy().astype(np.int64)
