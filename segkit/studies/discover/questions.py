"""What is asked: do accounts below or above a break leave at another pace, and those without a feature.

Who is asked about was there, had given no notice and is looked at from one day on; all that parts the groups
was known by that day. So nobody had to live long to be in one of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
from msgspec import Struct

from segkit.periods import from_epoch_day
from segkit.studies.discover.breaks import breaks
from segkit.studies.discover.exact import Floats
from segkit.studies.evaluate.history import NEVER, Bools, Ints, Lives
from segkit.studies.evaluate.landmarks import GAP, Rows

Side = Literal["low", "high", "without"]
HALF_YEAR = 182
"""Days after the first ones, and a week, in which it is looked who left."""
KNOWN = 0.5
"""Share of accounts at landmarks that need a value."""
AGES = (90, 365)
"""Days since signing up at which the next stage of life begins."""
STAGES = len(AGES) + 2
"""And one of those of whom nobody knows."""
RARE = 0.05
"""Share of starters that must have, and must not have, taken up a feature."""


class Measure(Struct, frozen=True):
    """One metric as it was known at the end of each period; [A, T], NaN for unknown."""

    value: Floats
    unit: str
    stretched: bool
    """Whether twice as much is as far from once as four times is from twice."""
    behaviour: bool
    """Whether it says what people of the account did lately: groups of behaviour are made of such."""


class Question(Struct, frozen=True):
    """One group against the others. All [N] of accounts of which the answer is known."""

    name: str
    """The metric or the feature."""
    side: Side
    limit: float | None
    inside: Bools
    left: Bools
    stratum: Ints
    """Accounts of one stratum lived at the same time, in the same stage of their lives; STAGES a time."""


def of_metrics(measures: Mapping[str, Measure], rows: Rows, tenure: Ints) -> list[Question]:
    """At most two per metric: are the low ones, are the high ones different.

    tenure [N]: days since signing up, of which the young ones both use less and leave sooner; negative where
    unknown.
    """
    found = []
    stage = np.where(tenure < 0, len(AGES) + 1, np.searchsorted(AGES, tenure, "right"))
    strata = rows.period * STAGES + stage
    for name, measure in measures.items():
        value = measure.value[rows.account, rows.period]
        known = ~np.isnan(value)
        if not len(known) or known.mean() < KNOWN:
            continue
        value, left, stratum = value[known], rows.left[known], strata[known]
        low, high = breaks(value, measure.stretched)
        if low is not None:
            found.append(Question(name, "low", low, value <= low, left, stratum))
        if high is not None:
            found.append(Question(name, "high", high, value >= high, left, stratum))
    return found


class Starters(Struct, frozen=True):
    """Accounts that were there after their first days, all [N]."""

    account: Ints
    day: Ints
    """The last of the first days."""
    left: Bools
    """Within half a year after the week after."""
    quarter: Ints
    """Of signing up."""


def starters(lives: Lives, signup: Ints, seen_from: int, within: int) -> Starters:
    """signup [A]: NEVER where unknown. `seen_from`: the first day of which use is known."""
    account = np.flatnonzero((signup >= seen_from) & (signup < NEVER))
    day = signup[account] + within
    last = day + 7 * GAP + HALF_YEAR
    gone, churn = lives.gone.after(account, signup[account]), lives.churned.after(account, day)
    there = lives.here(account, day) & (lives.notice[account] > day) & (gone > day)
    lost = (churn == NEVER) & (gone <= last)
    kept = there & ~lost & (last <= lives.until) & (churn > day + 7 * GAP)
    account, day, churn, last = account[kept], day[kept], churn[kept], last[kept]
    return Starters(account, day, churn <= last, _quarters(signup[account]))


def _quarters(days: Ints) -> Ints:
    dates = [from_epoch_day(day) for day in days.tolist()]
    return np.array([4 * date.year + (date.month - 1) // 3 for date in dates], np.int64)


def of_features(first: Mapping[str, Ints], those: Starters) -> list[Question]:
    """first: feature -> [A] the day on which it was first used; NEVER where it was not."""
    found = []
    for name, day in first.items():
        without = day[those.account] > those.day
        if not len(without) or not RARE <= without.mean() <= 1 - RARE:
            continue
        found.append(Question(name, "without", None, without, those.left, those.quarter * STAGES))
    return found
