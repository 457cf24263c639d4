"""How long accounts stay: Kaplan-Meier with Greenwood's log-log interval, and the stratified log-rank."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from segkit.studies.evaluate.numbers import Z95, chi2_above

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

ENOUGH = 10
"""Accounts at risk under which a curve is not shown."""


class Curve(Struct, frozen=True):
    """One step per time at which somebody left, ascending."""

    time: Ints
    at_risk: Ints
    events: Ints
    survival: Floats
    low: Floats
    high: Floats

    def at(self, time: int) -> tuple[float, float | None, float | None]:
        """(share still there, low, high) at a time; no interval before anybody left or after all have."""
        place = int(np.searchsorted(self.time, time, "right")) - 1
        if place < 0:
            return 1.0, None, None
        share = float(self.survival[place])
        return (share, float(self.low[place]), float(self.high[place])) if share > 0 else (0.0, None, None)

    def until(self, at_risk: int = ENOUGH) -> Curve:
        """The same, as long as so many are at risk."""
        keep = self.at_risk >= at_risk
        parts = (self.time, self.at_risk, self.events, self.survival, self.low, self.high)
        return Curve(*(part[keep] for part in parts))  # type: ignore[arg-type]

    def median(self) -> int | None:
        """The first time at which half or fewer are left; None where it does not come to that."""
        place = np.flatnonzero(self.survival <= 0.5)
        return int(self.time[place[0]]) if len(place) else None


def kaplan_meier(time: Ints, event: Bools) -> Curve:
    """time [N]: until the event or until nobody looked any more; event [N]: which of both."""
    times = np.unique(time[event])
    ordered, left = np.sort(time), np.sort(time[event])
    at_risk = len(time) - np.searchsorted(ordered, times, "left")
    events = np.searchsorted(left, times, "right") - np.searchsorted(left, times, "left")
    survival: Floats = np.cumprod(1 - events / np.maximum(at_risk, 1)).astype(np.float64)
    rest = at_risk - events
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.sqrt(np.cumsum(np.where(rest > 0, events / (at_risk * rest), np.inf)))
        error = Z95 * spread / np.abs(np.log(survival))
        low, high = survival ** np.exp(error), survival ** np.exp(-error)
    gone = survival <= 0
    return Curve(
        times,
        at_risk.astype(np.int64),
        events.astype(np.int64),
        survival,
        np.where(gone, 0.0, low).astype(np.float64),
        np.where(gone, 0.0, high).astype(np.float64),
    )


class LogRank(Struct, frozen=True):
    statistic: float
    df: int
    p: float


def log_rank(time: Ints, event: Bools, group: Ints, stratum: Ints | None = None) -> LogRank | None:
    """Whether groups leave at one pace, compared within each stratum. All [N].

    None where there is but one group with anybody at risk, or nobody left.
    """
    groups = np.unique(group)
    strata = np.zeros(len(time), np.int64) if stratum is None else stratum
    size = len(groups)
    excess, variance = np.zeros(size), np.zeros((size, size))
    for one in np.unique(strata):
        here = strata == one
        member = group[here][None, :] == groups[:, None]
        when, left = time[here], event[here]
        for moment in np.unique(when[left]):
            there = (member & (when >= moment)).sum(axis=1)
            gone = int((left & (when == moment)).sum())
            seen = (member & (left & (when == moment))).sum(axis=1)
            n = int(there.sum())
            excess += seen - gone * there / n
            if n > 1:
                share = there / n
                scale = gone * (n - gone) / (n - 1)
                variance += scale * (np.diag(share) - np.outer(share, share))
    moving = np.diag(variance) > 0
    if moving.sum() < 2:
        return None
    kept = np.flatnonzero(moving)[:-1]
    statistic = float(excess[kept] @ np.linalg.pinv(variance[np.ix_(kept, kept)]) @ excess[kept])
    df = int(np.linalg.matrix_rank(variance[np.ix_(kept, kept)]))
    return LogRank(statistic, df, chi2_above(statistic, df) if not math.isnan(statistic) else 1.0)
