"""What happens to whole groups: their change now, in the same weeks of past years, and the alarm.

Peers excuse what all of them do, so a group that really declines must be told apart: it is compared with
itself in past years (as outbreak detection does: Farrington 1996, Noufaily 2012), also while it rises, for it
may have risen more every year.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from segkit.engine.baselines.fit import Environment, Level
from segkit.engine.baselines.rolling import joined, newest, trailing_mean
from segkit.engine.baselines.settings import NOISE_WEEKS, Settings
from segkit.engine.counting.values import Floats

VERDICTS = ("unknown", "normal", "seasonal", "unusual")
SCALE = 1.2533
"""Mean absolute deviation to standard deviation, for normal noise."""
ALARM, ALARM_Z = math.log(0.85), -2.0
ALARM_Z_ADDITIVE = -3.0
"""In a metric's own unit no fall is big as such: only the noise tells."""
CLEAR, CLEAR_Z = math.log(0.80), -4.0
"""A fall so big beside past years and the noise is announced, whatever happened within weeks of then."""
LEAST_SIGMA, MOST_STEP = 0.05, 0.15
WANDER_WEEKS = 3
"""Easter and Lunar New Year come up to three weeks sooner or later than in the year before."""
DOWN, AS_BEFORE = math.log(0.90), math.log(0.95)


class GroupView(Struct, frozen=True):
    """One level of groups, [G, n] each; changes in logarithms (own unit in the additive mode)."""

    labels: tuple[str, ...]
    change: Floats
    """M now."""
    last_years: Floats
    """Median of M in the same weeks of three years: an odd one does not spoil it; NaN without any."""
    surprise: Floats
    """X = change - last_years."""
    lowest: Floats
    """Median of the lowest M within three weeks of then: the same holiday may have been sooner or later."""
    sigma: Floats
    """What X usually amounts to, and how far the years disagree; NaN while it is not known."""
    size: Floats
    verdict: npt.NDArray[np.int8]
    """Positions in VERDICTS."""


class GroupPast(Struct, frozen=True):
    """What the next period needs of a level, [G, h]."""

    labels: tuple[str, ...]
    change: Floats
    surprise: Floats

    def of(self, level: Level, above: GroupPast) -> GroupPast:
        """The same for the groups of a level today.

        One not seen before had nobody in it, so that its past is that of the group above.
        """
        if level.labels == self.labels:
            return self
        at = {label: row for row, label in enumerate(self.labels)}
        rows = np.array([at.get(label, -1) for label in level.labels], dtype=np.int64)
        seen = (rows >= 0)[:, None]
        return GroupPast(
            level.labels,
            np.where(seen, self.change[rows], above.change[level.parent]),
            np.where(seen, self.surprise[rows], above.surprise[level.parent]),
        )

    def back(self, periods: int) -> GroupPast:
        """Without the newest periods."""
        stop = self.change.shape[1] - periods
        return GroupPast(self.labels, self.change[:, :stop], self.surprise[:, :stop])


def today(pasts: tuple[GroupPast, ...], levels: tuple[Level, ...]) -> tuple[GroupPast | None, ...]:
    """The pasts for the groups that there are today, all accounts first; None before the first period."""
    if not pasts:
        return (None,) * (len(levels) + 1)
    found = [pasts[0]]
    for level, past in zip(levels, pasts[1:], strict=True):
        found.append(past.of(level, found[-1]))
    return tuple(found)


def group_view(
    room: Environment, labels: tuple[str, ...], past: GroupPast | None, settings: Settings
) -> tuple[GroupView, GroupPast]:
    """The view of the newest periods, and the past including them."""
    columns = room.change.shape[1]
    history = joined(None if past is None else past.change, np.where(room.left_out, np.nan, room.change))
    then = np.stack([newest(history, columns, lag) for lag in settings.lags])
    near = np.stack([_lowest(history, columns, lag, settings.halo) for lag in settings.lags])
    years = 0.5 * (then + near)  # halfway to the lowest within a week: seasons do not keep to the week
    last_years = _median(years)
    surprise = room.change - last_years
    wander = settings.weeks(WANDER_WEEKS)
    lowest = _median(np.stack([_lowest(history, columns, lag, wander) for lag in settings.lags]))
    surprises = joined(None if past is None else past.surprise, np.where(room.left_out, np.nan, surprise))
    size = np.abs(surprises) if settings.mode == "additive" else np.minimum(np.abs(surprises), MOST_STEP)
    weeks = settings.weeks(NOISE_WEEKS)
    mean, _ = trailing_mean(size, columns, weeks, least=weeks / 4, shift=settings.weeks(8))
    sigma = np.sqrt((SCALE * mean) ** 2 + _disagreement(years))
    view = GroupView(
        labels=labels,
        change=room.change,
        last_years=last_years,
        surprise=surprise,
        lowest=lowest,
        sigma=sigma,
        size=room.size,
        verdict=_verdict(room.change, surprise, lowest, sigma, settings),
    )
    return view, GroupPast(labels, history, surprises)


def _lowest(history: Floats, columns: int, lag: int, halo: int) -> Floats:
    """[G, columns] the lowest M within `halo` periods of a year ago."""
    low = newest(history, columns, lag)
    for away in range(-halo, halo + 1):
        low = np.fmin(low, newest(history, columns, lag + away))
    return low


def _median(years: Floats) -> Floats:
    """[G, n] median of the known among the three years; NaN without one."""
    ordered = np.sort(years, axis=0)
    number = (~np.isnan(ordered)).sum(axis=0)
    low, high = np.maximum(number - 1, 0) // 2, np.minimum(number // 2, len(years) - 1)
    pair = np.take_along_axis(ordered, np.stack([low, high]), axis=0)
    return np.asarray((pair[0] + pair[1]) / 2)


def _disagreement(years: Floats) -> Floats:
    """[G, n] squared standard error of the mean of the known years; 0 with one."""
    known = ~np.isnan(years)
    number = np.maximum(known.sum(axis=0), 1)
    middle = np.nan_to_num(years).sum(axis=0) / number
    return np.asarray((np.where(known, years - middle, 0.0) ** 2).sum(axis=0) / number**2)


def _verdict(
    change: Floats, surprise: Floats, lowest: Floats, sigma: Floats, settings: Settings
) -> npt.NDArray[np.int8]:
    """Unusual is big beside past years and beside the noise, and deeper than anything near then.

    The last is waived where the fall is clear: a group with a steep yearly fall has something deep near then
    for weeks on end, and would hide in it.
    """
    deeper = change - lowest
    if settings.mode == "additive":
        low = change <= -2 * sigma
        unusual = (surprise <= ALARM_Z_ADDITIVE * sigma) & (deeper < 0)
        seasonal = low & (surprise > -sigma)
    else:
        low = change <= DOWN
        told = np.maximum(np.nan_to_num(sigma), LEAST_SIGMA)
        clear = (surprise <= CLEAR) & (surprise <= CLEAR_Z * told)
        unusual = (surprise <= ALARM) & (surprise <= ALARM_Z * told) & (clear | (deeper <= DOWN))
        seasonal = low & (surprise > AS_BEFORE)
    untold = np.isnan(change) | (low & np.isnan(surprise))
    return np.select([unusual, seasonal | low & (deeper >= 0), untold], [3, 2, 0], 1).astype(np.int8)


def excused(view: GroupView, settings: Settings) -> Floats:
    """[G, n] how much of the group's change excuses its accounts, NaN where nothing is known.

    `seasonal_only` excuses no more than the group did in the same weeks of past years, without them all.
    """
    if settings.peer_excuse == "off":
        return np.full(view.change.shape, np.nan)
    if settings.peer_excuse == "always":
        return view.change
    low, high = np.minimum(view.last_years, 0), np.maximum(view.last_years, 0)
    return np.where(np.isnan(view.last_years), view.change, np.clip(view.change, low, high))
