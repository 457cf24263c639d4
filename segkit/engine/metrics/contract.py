"""Metrics of the contract: renewal, notice, seats, plan limit, revenue, payments.

What the accounts source says wins; where it leaves revenue or seats empty, the subscriptions that run on the
day tell them. A subscription runs from starts_on to ends_on, both included.
"""

from __future__ import annotations

import numpy as np

from segkit.engine.counting.context import Context
from segkit.engine.counting.needs import EVENTS_28D, USERS_28D
from segkit.engine.counting.values import Floats, Values
from segkit.engine.counting.windows import nowhere
from segkit.engine.metrics.attributes import number_attribute, snapshot_rows
from segkit.engine.metrics.rows import FOREVER, between, first_day, known_at, rows_of, shown, unknown
from segkit.engine.metrics.usage import not_before
from segkit.ruleset.expr import Metric

SUBSCRIPTIONS = "subscriptions"
PAYMENTS = "payments"
YEAR = 364
"""Days over which revenue is compared, unless the metric says otherwise."""
FINEST = 10_000
"""Parts of a unit of money that sums keep, so that they are whole numbers."""


def days_to_renewal(ctx: Context, metric: Metric, shift_days: int = 0) -> Values:
    """Days until the renewal date, negative once it has passed; missing without one."""
    renewal = number_attribute(ctx, "renewal_date", shift_days)
    return Values(renewal.value - (ctx.ends - shift_days)[None, :], renewal.missing)


def notice_given(ctx: Context, metric: Metric, shift_days: int = 0) -> Values:
    """1 from the notice date on, 0 before it and without one; unknown where no snapshot holds."""
    notice = number_attribute(ctx, "notice_date", shift_days)
    given = notice.value <= (ctx.ends - shift_days)[None, :]
    known = snapshot_rows(ctx, shift_days) >= 0
    return Values(np.where(known, given.astype(np.float64), np.nan), nowhere(ctx.shape))


def seats_used(ctx: Context, metric: Metric, shift_days: int = 0) -> Values:
    """People active in 28 days per seat; over 1 when more than are paid for."""
    seats = _first(number_attribute(ctx, "seats", shift_days), _running(ctx, "seats", shift_days))
    return quotient(ctx.measure(USERS_28D, shift_days), seats)


def plan_limit_used(ctx: Context, metric: Metric, shift_days: int = 0) -> Values:
    """Events of 28 days per plan limit, which is read as events of 28 days."""
    return quotient(ctx.measure(EVENTS_28D, shift_days), number_attribute(ctx, "plan_limit", shift_days))


def arr(ctx: Context, metric: Metric, shift_days: int = 0) -> Values:
    """Yearly recurring revenue as the accounts say, else twelve times the mrr of the running subscriptions.

    0 where every subscription of the account has ended; missing where there never was one.
    """
    monthly = _running(ctx, "mrr", shift_days)
    return _first(number_attribute(ctx, "arr", shift_days), Values(monthly.value * 12.0, monthly.missing))


def arr_change(ctx: Context, metric: Metric, shift_days: int = 0) -> Values:
    """ARR on the day against that at the start of the window, minus 1; missing over none or 0."""
    now = arr(ctx, metric, shift_days)
    base = arr(ctx, metric, shift_days + (metric.window or YEAR))
    return quotient(now, base, less=1.0)


def payments_overdue(ctx: Context, metric: Metric, shift_days: int = 0) -> Values:
    """Payments whose due day has passed and that are not paid by the day.

    Unknown until the data tell of any payment that was made.
    """
    rows = rows_of(ctx, PAYMENTS)
    if rows is None:
        return unknown(ctx)
    paid = rows.days("paid_on", FOREVER)
    total = between(ctx, rows.account, rows.day + 1, paid, shift_days)
    values = shown(total.astype(np.float64), known_at(ctx, PAYMENTS, shift_days))
    return not_before(values, ctx, first_day(np.maximum(paid, rows.day)), shift_days)


def quotient(part: Values, whole: Values, less: float = 0.0) -> Values:
    """part / whole - less; missing where one of them is missing or the whole is 0."""
    empty = part.missing | whole.missing | (whole.value == 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(whole.value == 0, np.nan, part.value / whole.value - less)
    return Values(value, empty & np.isnan(value), gap=part.gap, at_least=part.at_least)


def _first(said: Values, counted: Values) -> Values:
    """The first of two values that is there; missing where one is missing and the other not there either."""
    value = np.where(np.isnan(said.value), counted.value, said.value)
    return Values(value, np.isnan(value) & (said.missing | counted.missing))


def _running(ctx: Context, column: str, shift_days: int) -> Values:
    """Sum of a column over the subscriptions that run on the day; missing where none has begun."""
    rows = rows_of(ctx, SUBSCRIPTIONS)
    if rows is None or column not in rows.frame.columns:
        return unknown(ctx)
    rows = rows.where(~np.isnan(rows.numbers(column)))
    parts = np.rint(rows.numbers(column) * FINEST).astype(np.int64)
    until = rows.days("ends_on", FOREVER - 1) + 1
    total: Floats = between(ctx, rows.account, rows.day, until, shift_days, parts) / FINEST
    begun = between(ctx, rows.account, rows.day, np.full(len(until), FOREVER), shift_days)
    return shown(total, known_at(ctx, SUBSCRIPTIONS, shift_days), begun > 0)
