"""Declared metrics over every source but usage.

A value that became known after the row's own day (when a ticket was resolved, when a payment came in) is
empty before: where a metric reads one, each period is computed from the rows as they stood at its end.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from segkit.engine.counting.context import Context
from segkit.engine.counting.grid import NEVER, newest, window_distinct, window_sum
from segkit.engine.counting.values import Floats, Ints, Values
from segkit.engine.counting.where import row_filter
from segkit.engine.metrics.ragged import Stretches
from segkit.engine.metrics.rows import (
    FOREVER,
    Rows,
    first_day,
    in_life,
    known_at,
    of_life,
    over,
    rows_of,
    shown,
    unknown,
)
from segkit.engine.metrics.usage import not_before
from segkit.ruleset.expr import Condition, operands
from segkit.ruleset.model import CustomMetric

LATE: Mapping[str, Mapping[str, str]] = {
    "tickets": {"resolved_at": "resolved_at", "satisfaction": "resolved_at"},
    "payments": {"paid_on": "paid_on"},
}
"""Source -> column -> the column that says from which day on it is known."""
READINGS = frozenset({"measures"})
"""Sources whose rows are readings: without one there is no sum, where others have a sum of 0."""
LEVELS = frozenset({"latest", "days_since"})
"""Kinds that look back from a day; their window, if any, is how long a row stays valid."""
ADDITIVE = frozenset({"count", "sum"})
TOTALS = frozenset({"sum", "distinct"})
"""Kinds that are 0 without a value in the column."""


def of_table(ctx: Context, custom: CustomMetric, shift_days: int = 0) -> Values:
    """A declared metric over a source of dated rows; counts and sums are scaled over uncovered periods.

    A sum or a number of different values is unknown until some row fills the column; everything is where the
    export does not have a column that the metric reads.
    """
    source = custom.source or ""
    rows = rows_of(ctx, source)
    if rows is None or not _columns_read(custom) <= set(rows.frame.columns):
        return unknown(ctx)
    rows = of_life(ctx, rows) if custom.kind in LEVELS else rows.where(in_life(ctx, source, rows))
    ends = ctx.ends - shift_days
    if _reads_late(custom):
        each = [_summary(ctx, custom, _stood(rows, custom, int(end)), np.array([end])) for end in ends]
        value = np.concatenate(each, axis=1)
    else:
        value = _summary(ctx, custom, rows, ends)
    return not_before(_valued(ctx, custom, value, shift_days), ctx, _told(rows, custom), shift_days)


def chosen(rows: Rows, where: Condition | None) -> Rows:
    """The rows that a condition means."""
    wanted = row_filter(where, rows.frame.schema)
    if wanted is None:
        return rows
    keep = rows.frame.select(keep=wanted.fill_null(False)).to_series()
    return rows.where(np.broadcast_to(keep.to_numpy(), len(rows.day)))


def _told(rows: Rows, custom: CustomMetric) -> int:
    """The first day with a known value of the column of a total; NEVER where it does not matter."""
    if custom.kind not in TOTALS:
        return NEVER
    by = LATE.get(custom.source or "", {}).get(custom.column or "")
    day = rows.day if by is None else np.maximum(rows.day, rows.days(by, NEVER))
    return first_day(day[rows.column(custom.column or "").is_not_null().to_numpy()])


def _reads_late(custom: CustomMetric) -> bool:
    late = LATE.get(custom.source or "", {})
    return bool(set(late) & _columns_read(custom))


def _columns_read(custom: CustomMetric) -> set[str]:
    """Columns of its source that a declared metric reads."""
    found = {custom.column} if custom.column is not None else set()
    for condition in (custom.where, custom.of):
        if condition is not None:
            found |= {each.key for each in operands(condition) if hasattr(each, "key")}
    return found


def _stood(rows: Rows, custom: CustomMetric, end: int) -> Rows:
    """The rows of the window that ends on a day, as they were known on it."""
    rows = rows.where((rows.day <= end) & (rows.day > end - (custom.window or FOREVER)))
    late = {column: by for column, by in LATE[custom.source or ""].items() if column in rows.frame.columns}
    known = {by: pl.Series(rows.days(by, NEVER) <= end) for by in late.values()}
    hidden = [pl.when(known[by]).then(pl.col(column)).alias(column) for column, by in late.items()]
    return Rows(rows.account, rows.day, rows.frame.with_columns(hidden))


def _summary(ctx: Context, custom: CustomMetric, rows: Rows, ends: Ints) -> Floats:
    """[A, len(ends)] what the rows of each window come to; NaN where there is nothing to tell."""
    accounts, length = ctx.shape[0], custom.window or FOREVER
    kept = chosen(rows, custom.where)
    match custom.kind:
        case "count":
            return _counted(kept, accounts, ends, length)
        case "distinct":
            code = kept.codes(custom.column or "")
            seen = code >= 0
            account, day = kept.account[seen], kept.day[seen]
            return window_distinct(account, code[seen], day, accounts, ends, length).astype(np.float64)
        case "share_of":
            whole = chosen(rows, custom.of)
            part = _counted(chosen(whole, custom.where), accounts, ends, length)
            return share(part, _counted(whole, accounts, ends, length))
        case "days_since":
            last = newest(kept.account, kept.day, kept.day, accounts, ends)
            return since(last, ends, length)
        case _:
            return _of_numbers(custom, kept, accounts, ends)


def _of_numbers(custom: CustomMetric, rows: Rows, accounts: int, ends: Ints) -> Floats:
    number = rows.numbers(custom.column or "")
    found = Stretches.of(rows.account, rows.day, number, accounts, ends, custom.window)
    match custom.kind:
        case "latest":
            return found.newest()[0]
        case "sum" if custom.source not in READINGS:
            return np.nan_to_num(found.summary("sum"))
        case "sum" | "mean" | "median" | "max" | "min":
            return found.summary(custom.kind)
        case kind:
            raise AssertionError(kind)


def share(part: Floats, whole: Floats) -> Floats:
    """part / whole; NaN of nothing."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(whole != 0, part / whole, np.nan)


def since(last: Ints, ends: Ints, length: int) -> Floats:
    """[A, T] days from the newest day until each end; NaN where none lies in the window."""
    inside = last > np.maximum(NEVER, ends - length)[None, :]
    return np.where(inside, (ends[None, :] - last).astype(np.float64), np.nan)


def _counted(rows: Rows, accounts: int, ends: Ints, length: int) -> Floats:
    return window_sum(rows.account, rows.day, None, accounts, ends, length).astype(np.float64)


def _valued(ctx: Context, custom: CustomMetric, value: Floats, shift_days: int) -> Values:
    """What the summary is worth by what the source covers; missing where it covers and there is nothing."""
    source = custom.source or ""
    if custom.kind in LEVELS:
        return shown(value, known_at(ctx, source, shift_days))
    window = ctx.window(source, custom.window or FOREVER, shift_days)
    if custom.kind not in ADDITIVE:
        return over(window, value)
    scaled = window.additive(value)
    return Values(scaled.value, window.enough & np.isnan(value), scaled.gap)
