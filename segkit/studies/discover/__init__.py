"""Which metrics and first features tell who leaves, which say the same, and are there natural groups.

Everything is counted from landmarks: known by then, left strictly later. Who left is not looked at to choose
a threshold, and what is claimed holds against all that was asked together.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

import numpy as np
from msgspec import Struct

from segkit.periods import from_epoch_day
from segkit.studies.discover.answers import Alike, Answer, alike, answers
from segkit.studies.discover.groups import Group, Grouping, Limit, grouping
from segkit.studies.discover.questions import Measure, of_features, of_metrics, starters
from segkit.studies.evaluate.history import NEVER, History, Ints, Lives
from segkit.studies.evaluate.landmarks import landmarks, look_ahead
from segkit.studies.evaluate.rates import Share
from segkit.studies.evaluate.result import Refusal

__all__ = ["Answer", "Discovery", "Group", "Grouping", "Limit", "Measure", "discover"]

Verdict = Literal["found", "nothing shown", "too few", "refused"]


class Discovery(Struct, frozen=True):
    verdict: Verdict
    refused: Refusal | None
    """Nothing is said of who leaves then."""
    landmarks: tuple[date, ...]
    left: Share
    """Of all accounts at landmarks."""
    within_days: int
    starters: Share
    """Of accounts that are seen from their first day on: left in the half year after their first days."""
    metrics: int
    features: int
    asked: int
    """Questions, all of them together."""
    too_few: int
    """Questions of which fewer than twenty accounts left: not asked."""
    answers: tuple[Answer, ...]
    alike: tuple[Alike, ...]
    grouping: Grouping | None
    """None: not looked for."""


def discover(
    history: History,
    lives: Lives,
    measures: Mapping[str, Measure],
    first: Mapping[str, Ints],
    signup: Ints,
    *,
    seen_from: int,
    within: int,
    refused: Refusal | None = None,
    groups: bool = True,
) -> Discovery:
    """first: feature -> [A] day of its first use; signup [A]: stated days, NEVER for none.

    `seen_from`: the first day of which use is known. `groups`: natural groups are looked for (scikit-learn).
    """
    places = landmarks(history.ends, lives.until)
    rows = look_ahead(history, lives, places)
    those = starters(lives, signup, seen_from, within)
    begun = signup[rows.account]
    tenure = np.where(begun < NEVER, history.ends[rows.period] - begun, -1)
    about_metrics, about_features = of_metrics(measures, rows, tenure), of_features(first, those)
    told, too_few = ((), 0) if refused else answers([*about_metrics, *about_features])
    same = alike(measures, rows, [each.name for each in told])
    behind = {other for each in same for other, _ in each.others}
    apart = [name for name in measures if name not in behind]
    last = len(history.ends) - 1
    return Discovery(
        _verdict(told, refused),
        refused,
        tuple(from_epoch_day(int(history.ends[place])) for place in places),
        Share.of(int(rows.left.sum()), len(rows.left)),
        within,
        Share.of(int(those.left.sum()), len(those.left)),
        len({each.name for each in about_metrics}),
        len({each.name for each in about_features}),
        len(told),
        too_few,
        told,
        same,
        grouping(measures, lives.alive(history, last), apart) if groups else None,
    )


def _verdict(told: tuple[Answer, ...], refused: Refusal | None) -> Verdict:
    if refused:
        return "refused"
    if not told:
        return "too few"
    return "found" if any(each.found for each in told) else "nothing shown"
