"""Usage metrics without a window of their own: over twelve weeks, since the last use, since signup."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from segkit.engine.counting.context import Context
from segkit.engine.counting.grid import NEVER, newest
from segkit.engine.counting.needs import activity
from segkit.engine.counting.presence import MANY_ENDS
from segkit.engine.counting.values import Bools, Ints, Values
from segkit.engine.counting.windows import nowhere
from segkit.engine.metrics.usage_rows import NO_ROWS, USAGE, WEEK, Days, days_of, sightings_of
from segkit.facts.types import EARLY_PERIODS, NO_DAY
from segkit.periods import epoch_day
from segkit.ruleset.expr import Metric

WEEKS = 12


def variation_12w(ctx: Context, metric: Metric, shift: int) -> Values:
    """Standard deviation (over 12, not 11) of the sums of twelve 7-day blocks, relative to their mean."""
    days = days_of(ctx, activity(ctx.rules), reach=WEEKS * WEEK + shift)
    first = np.zeros(ctx.shape, dtype=np.int64)
    second = np.zeros(ctx.shape, dtype=np.int64)
    for block in _blocks(ctx, days, days.n, shift):
        first += block
        second += block * block
    # In whole numbers up to here: 12 * S2 - S1**2 is exact, and 0 for a constant.
    spread = np.sqrt((WEEKS * second - first * first).astype(np.float64))
    window = ctx.window(USAGE, WEEKS * WEEK, shift)
    whole = window.life & (window.known == WEEKS * WEEK)
    young = ctx.life & ~ctx.on_roster(WEEKS * WEEK, shift)
    value = np.where(whole & (first > 0), spread / np.maximum(first, 1), np.nan)
    return Values(value, young | (whole & (first == 0)))


def active_weeks_12w(ctx: Context, metric: Metric, shift: int) -> Values:
    """How many of the last twelve 7-day blocks saw activity."""
    days = days_of(ctx, activity(ctx.rules), reach=WEEKS * WEEK + shift)
    active = np.zeros(ctx.shape, dtype=np.int64)
    for block in _blocks(ctx, days, None, shift):
        active += block > 0
    return ctx.window(USAGE, WEEKS * WEEK, shift).distinct(active)


def _blocks(ctx: Context, days: Days, weight: Ints | None, shift: int) -> Iterator[Ints]:
    """[A, T] sums of the twelve 7-day blocks up to each shifted end, newest first."""
    ends = [ctx.ends - shift - week * WEEK for week in range(WEEKS)]
    different = np.unique(np.concatenate(ends))
    sums = days.sum_at(weight, ctx.shape[0], different, WEEK)
    for each in ends:
        yield sums[:, np.searchsorted(different, each)]


def weeks_since_active(ctx: Context, metric: Metric, shift: int) -> Values:
    """Whole known weeks since the last activity, or since the later of signup and the panel's start."""
    ends, known = ctx.ends - shift, ctx.known(USAGE)
    last = _last_use(ctx, ends)
    never = last == NEVER
    begin = np.maximum(ctx.start, ctx.starts[0] - 1)[:, None]
    since = np.where(never, begin, last)
    quiet = known.days_before(ends[None, :] + 1) - known.days_before(since + 1)
    opening = known.edges[known.period(ends)]
    speaks = known.mask[:, known.period(ends)] & (ends >= known.edges[0])[None, :]
    shown = ctx.life & (speaks | (last >= opening[None, :]))
    older = never & ctx.cut[:, None]
    shown &= ~(older & _first_periods(ctx, ends))
    value = np.where(shown, np.maximum(quiet, 0) // WEEK, np.nan)
    return Values(value, nowhere(ctx.shape), at_least=older & shown)


def _last_use(ctx: Context, ends: Ints) -> Ints:
    """[A, T] last day of activity within the account's life up to each end; NEVER without one."""
    used = activity(ctx.rules)
    if used is None and len(ends) <= MANY_ENDS:
        return ctx.presence.newest(ctx.start, ends)
    days = days_of(ctx, used)
    return newest(days.account, days.day, days.day, ctx.shape[0], ends)


def _first_periods(ctx: Context, ends: Ints) -> Bools:
    """[A, T] whether each end lies in the first periods in which the account was on the roster."""
    entered = np.argmax(ctx.facts.roster.on, axis=1)
    column = np.searchsorted(ctx.all_ends, ends, side="left")
    return np.asarray(column[None, :] < entered[:, None] + EARLY_PERIODS)


def days_to_feature(ctx: Context, metric: Metric, shift: int) -> Values:
    """Days from signup to the first use; missing while never used, and where signup lies before the data."""
    seen = sightings_of(ctx, "feature", activity(ctx.rules)).only([metric.argument or ""])
    first = np.full(ctx.shape[0], NO_ROWS, dtype=np.int64)
    np.minimum.at(first, seen.account, seen.first_days())
    coverage = ctx.facts.coverage.get(USAGE)
    begin = epoch_day(coverage.first) if coverage is not None else int(ctx.starts[0])
    ends, start = (ctx.ends - shift)[None, :], ctx.start[:, None]
    used = (first[:, None] <= ends) & (start >= begin)
    known = ctx.known(USAGE)
    seen_days = known.days_before(ends + 1) - known.days_before(np.maximum(start, begin))
    whole = seen_days == ends + 1 - np.maximum(start, begin)
    never = ctx.life & ~used & (whole | (start < begin))
    value = np.where(ctx.life & used, first[:, None] - start, np.nan)
    return Values(value.astype(np.float64), never)


def tenure_days(ctx: Context, metric: Metric, shift: int = 0) -> Values:
    """Days since signup; since the first day seen, and therefore at least, where the signup is not known."""
    roster = ctx.facts.roster
    start = roster.start.astype(np.int64)[:, None]
    days = (ctx.ends - shift)[None, :] - start
    exists = ctx.life & (start != NO_DAY) & (days >= 0)
    at_least = exists & ~roster.signup_known[:, None]
    return Values(np.where(exists, days, np.nan).astype(np.float64), ctx.life & ~exists, at_least=at_least)
