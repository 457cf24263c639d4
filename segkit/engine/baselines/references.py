"""What the value of a window is compared with: windows before it, outliers capped.

The reference is a mean, not a median: the median of an intermittent account is 0. Past incidents can be left
out of it, as outbreak detection does (Farrington 1996, Noufaily 2012).
"""

from __future__ import annotations

import math

import numpy as np
from msgspec import Struct

from segkit.engine.baselines.rolling import newest, trailing_mean, trailing_sum
from segkit.engine.baselines.settings import CAP_WEEKS, LEVEL_WEEKS, Settings
from segkit.engine.counting.values import Floats

FLOOR = math.log(0.05)
"""A fall to nothing counts as one by 95 %."""
CAP_LEAST = 6
"""Weeks with use under which nothing is capped."""


class Change(Struct, frozen=True):
    """A value against the mean of the windows before it, [A, n] each."""

    reference: Floats
    """Mean of the reference windows in the unit of the metric; NaN with fewer than half of them known."""
    change: Floats
    """D: ln(value / reference), at least ln 0.05; a plain difference in the additive mode; NaN is unknown."""


def capped(counts: Floats, columns: int, settings: Settings) -> Floats:
    """[A, columns] the newest counts per period, outliers cut to max(3 m, m + 3 + 3 sqrt(max(m, 1)), l).

    m is the median of the weeks with use among the previous 26, at least six of them: with the weeks of zeros
    in it the busy weeks of an intermittent account would be cut to next to nothing. l is what one week with
    use in ten of the previous 52 exceeded: a return to a former level is no outlier, or who recovers from a
    long fall would stay down by the cap for another 13 weeks. The limit is only worked out where a count can
    exceed it: where half of the counts that m is taken of are under a third of it.
    """
    now = newest(counts, columns)
    span = settings.weeks(CAP_WEEKS)
    third = now / 3
    known = np.zeros(now.shape, dtype=np.int16)
    below = np.zeros(now.shape, dtype=np.int16)
    for back in range(1, span + 1):
        before = newest(counts, columns, back)
        busy = before > 0
        known += busy
        below += busy & (before < third)
    row, column = np.nonzero((known >= CAP_LEAST) & (2 * below >= known) & (now > 6))
    result = now.copy()
    if len(row):
        year = settings.weeks(LEVEL_WEEKS)
        padded = newest(counts, columns + year)
        past = padded[row[:, None], column[:, None] + np.arange(year)]
        used = np.where(past > 0, past, np.nan)
        middle = _median(used[:, -span:])
        limit = np.maximum(3 * middle, middle + 3 + 3 * np.sqrt(np.maximum(middle, 1)))
        limit = np.maximum(limit, _ninth_tenth(used))
        result[row, column] = np.minimum(now[row, column], limit)
    return result


def _median(rows: Floats) -> Floats:
    """Median of the known values of each row; every row has one."""
    ordered = np.sort(rows, axis=1)
    number = (~np.isnan(ordered)).sum(axis=1)
    at = np.arange(len(ordered))
    low, high = ordered[at, (number - 1) // 2], ordered[at, number // 2]
    return np.asarray((low + high) / 2)


def _ninth_tenth(rows: Floats) -> Floats:
    """The known value of each row that nine in ten do not exceed; every row has one."""
    ordered = np.sort(rows, axis=1)
    number = (~np.isnan(ordered)).sum(axis=1)
    return np.asarray(ordered[np.arange(len(ordered)), 9 * (number - 1) // 10])


def cap_values(values: Floats, counts: Floats, settings: Settings) -> Floats:
    """[A, n] values of the window with the outliers of its periods cut off.

    `counts` [A, H + n] are the counts per period that a value sums up. The value is scaled by the share of
    its counts that is left after the cap, so that a value scaled for unknown days keeps its scale.
    """
    columns = values.shape[1]
    wide = columns + settings.step - 1
    now = newest(counts, wide)
    cut = newest(capped(counts, min(wide, counts.shape[1]), settings), wide)
    total = trailing_sum(np.nan_to_num(now), columns, settings.step)
    left = trailing_sum(np.nan_to_num(cut), columns, settings.step)
    return values * np.divide(left, total, out=np.ones_like(values), where=total > 0)


def compare(values: Floats, history: Floats, windows: int, settings: Settings) -> Change:
    """Values [A, n] against the mean of the `windows` windows before each, half of them known.

    `history` [A, H + n] are the same values with what is left out of history as NaN.
    """
    columns = values.shape[1]
    step = settings.step
    reference, _ = trailing_mean(history, columns, windows, least=windows / 2, step=step, shift=step)
    if settings.mode == "additive":
        return Change(reference, values - reference)
    usable = reference > 0
    share = np.divide(values, reference, out=np.full(values.shape, np.nan), where=usable)
    with np.errstate(divide="ignore", invalid="ignore"):
        return Change(reference, np.maximum(np.log(share), FLOOR))
