"""Metrics of survey answers; an answer acts from the day it was given."""

from __future__ import annotations

import numpy as np

from segkit.engine.counting.context import Context
from segkit.engine.counting.grid import window_distinct
from segkit.engine.counting.values import Values
from segkit.engine.metrics.people import contact_people, contacts_at, user_keys
from segkit.engine.metrics.ragged import Stretches
from segkit.engine.metrics.rows import (
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
from segkit.ruleset.expr import Metric

SOURCE = "surveys"
VALID = 180
"""Days an answer is worth something, unless the metric says otherwise."""


def nps_latest(ctx: Context, metric: Metric, shift_days: int = 0) -> Values:
    """The newest answer to an NPS survey within the window; several on that day: their mean.

    Any instrument whose name holds "nps". Missing when none was given within the window.
    """
    rows = _answers(ctx, "nps", _length(metric) + shift_days)
    if rows is None:
        return unknown(ctx)
    rows = of_life(ctx, rows)
    found = Stretches.of(
        rows.account, rows.day, rows.numbers("score"), ctx.shape[0], ctx.ends - shift_days, _length(metric)
    )
    return shown(found.newest()[0], known_at(ctx, SOURCE, shift_days))


def csat_mean(ctx: Context, metric: Metric, shift_days: int = 0) -> Values:
    """Mean score of the answers to CSAT surveys (instruments whose name holds "csat") in the window."""
    rows = _answers(ctx, "csat", _length(metric) + shift_days)
    if rows is None:
        return unknown(ctx)
    rows, length = rows.where(in_life(ctx, SOURCE, rows)), _length(metric)
    found = Stretches.of(
        rows.account, rows.day, rows.numbers("score"), ctx.shape[0], ctx.ends - shift_days, length
    )
    return over(ctx.window(SOURCE, length, shift_days), found.summary("mean"))


def response_rate(ctx: Context, metric: Metric, shift_days: int = 0) -> Values:
    """Known people of the account who answered any survey in the window, per known person at its end.

    How many were asked is not in the data. Answers that name nobody, or nobody among the contacts, do not
    count. Missing for an account without contacts; unknown until some answer names its respondent.
    """
    rows, people = rows_of(ctx, SOURCE), contact_people(ctx)
    if rows is None or people is None:
        return unknown(ctx)
    length, ends = _length(metric), ctx.ends - shift_days
    answered = user_keys(rows.frame).join(
        people.select("account", "user_key", "code"),
        on=["account", "user_key"],
        how="left",
        maintain_order="left",
    )
    told = first_day(rows.day[answered["user_key"].is_not_null().to_numpy()])
    code = answered["code"].fill_null(-1).to_numpy().astype(np.int64)
    keep = in_life(ctx, SOURCE, rows) & (code >= 0)
    heard = window_distinct(rows.account[keep], code[keep], rows.day[keep], ctx.shape[0], ends, length)
    whole = contacts_at(ctx, people, shift_days)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(whole > 0, np.minimum(heard / whole, 1.0), np.nan)
    return not_before(over(ctx.window(SOURCE, length, shift_days), share), ctx, told, shift_days)


def _length(metric: Metric) -> int:
    return metric.window or VALID


def _answers(ctx: Context, instrument: str, reach: int) -> Rows | None:
    rows = rows_of(ctx, SOURCE, reach)
    if rows is None:
        return None
    named = rows.words("instrument").str.contains(instrument, literal=True).fill_null(False)
    return rows.where(named.to_numpy())
