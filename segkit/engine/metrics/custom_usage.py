"""Declared metrics over usage, from the small tables that are kept of its rows.

A number per row (seconds, a declared column) is kept as how many rows of a day say which value, so that a
median needs no raw rows; a sum of `count` or of `seconds` and every count come from the table by day.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from msgspec import Struct

from segkit.engine.counting.context import Context
from segkit.engine.counting.grid import NEVER, newest, window_sum
from segkit.engine.counting.needs import counts_table, set_table, value_table
from segkit.engine.counting.specs import PartialSpec
from segkit.engine.counting.values import Floats, Ints, Values
from segkit.engine.metrics.custom_tables import ADDITIVE, LEVELS, share, since
from segkit.engine.metrics.ragged import Stretches
from segkit.engine.metrics.rows import FOREVER, first_day, known_at, over, shown, unknown
from segkit.engine.metrics.usage import not_before
from segkit.engine.metrics.usage_rows import days_of, first_timed, sightings_of, usage_table
from segkit.ruleset.expr import All, Condition
from segkit.ruleset.model import CustomMetric, RuleSet

USAGE = "usage"
PEOPLE = {"user_id": "user_key", "email": "user_key"}
"""Columns of a row that say who it was; people with several addresses count once."""
MS = 1000.0
COUNT, SECONDS = "count", "seconds"


def tables_of(custom: CustomMetric, rules: RuleSet) -> tuple[PartialSpec, ...]:
    """The tables of usage that the metric reads."""
    column, where = _column(custom), custom.where
    match custom.kind:
        case "count" | "days_since":
            return counts_table(where)
        case "share_of":
            return (*counts_table(both(custom)), *counts_table(custom.of))
        case "distinct":
            return (set_table(rules, column, where),)
        case "sum" if column == COUNT:
            return counts_table(where)
        case "sum" | "mean" if column == SECONDS:
            return counts_table(where)
        case "formula":
            return ()
        case _:
            return (value_table(column, where),)


def of_usage(ctx: Context, custom: CustomMetric, shift_days: int = 0) -> Values:
    """A declared metric over usage: a row counts as often as its `count` says.

    A sum or a number of different values is unknown until some row that is meant fills the column.
    """
    if ctx.facts.usage is None:
        return unknown(ctx)
    value = _summary(ctx, custom, shift_days)
    if custom.kind in LEVELS:
        return shown(value, known_at(ctx, USAGE, shift_days))
    window = ctx.window(USAGE, _length(custom), shift_days)
    values = window.additive(value) if custom.kind in ADDITIVE else over(window, value)
    return not_before(values, ctx, _told(ctx, custom), shift_days)


def _told(ctx: Context, custom: CustomMetric) -> int:
    """The first day with a value of the column of a total; NEVER where it does not matter."""
    column, where = _column(custom), custom.where
    if custom.kind == "distinct":
        return sightings_of(ctx, column, where).first
    if custom.kind != "sum" or column == COUNT:
        return NEVER
    if column == SECONDS:
        return first_timed(days_of(ctx, where, timed=True))
    return first_day(numbers_of_rows(ctx, column, where).day)


def both(custom: CustomMetric) -> Condition | None:
    """The rows of the part: those of the whole that fit `where` as well."""
    if custom.of is None or custom.where is None:
        return custom.of or custom.where
    return All((custom.of, custom.where))


def _column(custom: CustomMetric) -> str:
    name = custom.column or ""
    return PEOPLE.get(name, name)


def _length(custom: CustomMetric) -> int:
    return custom.window or FOREVER


def _summary(ctx: Context, custom: CustomMetric, shift_days: int) -> Floats:
    """[A, T] what the known days of each window come to; NaN where there is nothing to tell."""
    column, where, length = _column(custom), custom.where, _length(custom)
    match custom.kind:
        case "count":
            return _total(ctx, COUNT, where, length, shift_days)
        case "sum":
            return np.nan_to_num(_total(ctx, column, where, length, shift_days))
        case "distinct":
            return sightings_of(ctx, column, where).distinct(ctx, length, shift_days).astype(np.float64)
        case "share_of":
            part = _total(ctx, COUNT, both(custom), length, shift_days)
            return share(part, _total(ctx, COUNT, custom.of, length, shift_days))
        case "days_since":
            days, ends = days_of(ctx, where), ctx.ends - shift_days
            return since(newest(days.account, days.day, days.day, ctx.shape[0], ends), ends, length)
        case "mean":
            total = _total(ctx, column, where, length, shift_days)
            return share(total, _rows(ctx, column, where, length, shift_days))
        case _:
            numbers = numbers_of_rows(ctx, column, where)
            ends = ctx.ends - shift_days
            return _of_numbers(custom, numbers, ctx.shape[0], ends)


def _of_numbers(custom: CustomMetric, numbers: Numbers, accounts: int, ends: Ints) -> Floats:
    # The largest and the smallest are the same however often a number is said.
    if custom.kind in ("median", "latest"):
        numbers = numbers.repeated()
    found = numbers.stretches(accounts, ends, custom.window)
    match custom.kind:
        case "latest":
            return found.newest()[0]
        case "median" | "max" | "min":
            return found.summary(custom.kind)
        case kind:
            raise AssertionError(kind)


def _total(ctx: Context, column: str, where: Condition | None, length: int, shift_days: int) -> Floats:
    """[A, T] sum of a column over the known days of each window; NaN or 0 without a row."""
    if column == COUNT:
        days = days_of(ctx, where)
        return days.sum(ctx, days.n, length, shift_days).astype(np.float64)
    if column == SECONDS:
        days = days_of(ctx, where, timed=True)
        return days.sum(ctx, days.ms, length, shift_days) / MS
    numbers = numbers_of_rows(ctx, column, where).weighed()
    return numbers.stretches(ctx.shape[0], ctx.ends - shift_days, length).summary("sum")


def _rows(ctx: Context, column: str, where: Condition | None, length: int, shift_days: int) -> Floats:
    """[A, T] rows that fill a column on the known days of each window."""
    if column == SECONDS:
        days = days_of(ctx, where, timed=True)
        return days.sum(ctx, days.timed, length, shift_days).astype(np.float64)
    numbers, ends = numbers_of_rows(ctx, column, where), ctx.ends - shift_days
    rows = window_sum(numbers.account, numbers.day, numbers.rows, ctx.shape[0], ends, length)
    return rows.astype(np.float64)


class Numbers(Struct, frozen=True):
    """How many rows of a known day of an account say which number."""

    account: Ints
    day: Ints
    number: Floats
    rows: Ints

    def weighed(self) -> Numbers:
        """Every number times the rows that say it."""
        return Numbers(self.account, self.day, self.number * self.rows, np.ones_like(self.rows))

    def repeated(self) -> Numbers:
        """Every number as often as rows say it."""
        day = np.repeat(self.day, self.rows)
        number = np.repeat(self.number, self.rows)
        return Numbers(np.repeat(self.account, self.rows), day, number, np.ones_like(day))

    def stretches(self, accounts: int, ends: Ints, length: int | None) -> Stretches:
        return Stretches.of(self.account, self.day, self.number, accounts, ends, length)


def numbers_of_rows(ctx: Context, column: str, where: Condition | None) -> Numbers:
    """The numbers that the rows meant say in a column, on known days of the life of their account."""
    table = usage_table(ctx, value_table(column, where))
    number = table["key"].cast(pl.Float64, strict=False).fill_null(float("nan")).to_numpy()
    account, day, rows = (
        table[name].cast(pl.Int64).to_numpy().astype(np.int64) for name in ("account", "day", "rows")
    )
    keep = (day >= ctx.start[account]) & ctx.known(USAGE).holds(account, day) & ~np.isnan(number)
    return Numbers(account[keep], day[keep], number[keep].astype(np.float64), rows[keep])
