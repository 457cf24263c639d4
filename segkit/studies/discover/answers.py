"""What the answers are, all of them together: the more is asked, the clearer each must be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from msgspec import Struct
from msgspec.structs import replace

from segkit.studies.discover.exact import Floats, among_many, common_ratio, exact_p
from segkit.studies.discover.questions import KNOWN, STAGES, Measure, Question, Side
from segkit.studies.evaluate.history import Bools, Ints
from segkit.studies.evaluate.landmarks import Rows
from segkit.studies.evaluate.numbers import ENOUGH_FOR_P, FEW
from segkit.studies.evaluate.rates import LEVEL, Ratio, Share

SAME = 0.9
"""Rank correlation from which on two metrics say the same."""
ROWS = 20_000
"""Accounts at landmarks, or a few more, over which metrics are ranked."""


class Answer(Struct, frozen=True):
    """`share` left of the group, `rest` of the others."""

    name: str
    side: Side
    limit: float | None
    share: Share
    rest: Share
    ratio: Ratio | None
    """Within strata; None where fewer than five of either left."""
    p: float
    among_many: float
    """p as it is among all that were asked."""
    found: bool
    earlier: tuple[Share, Share]
    """The same in the earlier half of the landmarks or quarters, and in the later one."""
    later: tuple[Share, Share]


def answers(questions: Sequence[Question]) -> tuple[tuple[Answer, ...], int]:
    """(the clearest first, how many were not asked as too few left)."""
    asked = [each for each in questions if int(each.left.sum()) >= ENOUGH_FOR_P]
    told = [_answer(each) for each in asked]
    corrected = among_many([each.p for each in told])
    judged = [
        replace(each, among_many=p, found=p < LEVEL and _shown(each.ratio))
        for each, p in zip(told, corrected, strict=True)
    ]
    ordered = sorted(judged, key=lambda each: (not each.found, each.p, each.name, each.side))
    return tuple(ordered), len(questions) - len(asked)


def _shown(ratio: Ratio | None) -> bool:
    """Too few of one group may have left for a ratio: then the counts alone speak."""
    return ratio is None or not ratio.low <= 1 <= ratio.high


def _answer(each: Question) -> Answer:
    strata, place = np.unique(each.stratum, return_inverse=True)
    sums = _sums(each, place.reshape(-1), len(strata))
    k, n, events, every = sums
    share, rest = _shares(sums)
    ratio = common_ratio(*sums) if min(share.k, rest.k) >= FEW else None
    times, when = np.unique(strata // STAGES, return_inverse=True)
    half = when.reshape(-1) < len(times) / 2
    return Answer(
        each.name,
        each.side,
        each.limit,
        share,
        rest,
        None if ratio is None else Ratio(*ratio),
        exact_p(k, n, events, every),
        1.0,
        False,
        _shares([part[half] for part in sums]),
        _shares([part[~half] for part in sums]),
    )


def _sums(each: Question, place: Ints, strata: int) -> list[Ints]:
    """[strata] each: left in the group, the group, left in all, all."""
    masks: list[Bools] = [each.left & each.inside, each.inside, each.left, np.ones(len(place), bool)]
    return [np.bincount(place[mask], minlength=strata).astype(np.int64) for mask in masks]


def _shares(sums: Sequence[Ints]) -> tuple[Share, Share]:
    k, n, events, every = (int(part.sum()) for part in sums)
    return Share.of(k, n), Share.of(events - k, every - n)


class Alike(Struct, frozen=True):
    """Metrics that order accounts as another one does, each with its rank correlation."""

    name: str
    others: tuple[tuple[str, float], ...]


def alike(measures: Mapping[str, Measure], rows: Rows, order: Sequence[str]) -> tuple[Alike, ...]:
    """`order`: who speaks for the others, the first first; metrics that are not in it come after."""
    names = [*dict.fromkeys(name for name in order if name in measures)]
    names += [name for name in measures if name not in names]
    some = slice(None, None, 1 + len(rows.left) // ROWS)
    account, period = rows.account[some], rows.period[some]
    columns = {name: measures[name].value[account, period] for name in names}
    names = [name for name in names if len(account) and (~np.isnan(columns[name])).mean() >= KNOWN]
    taken: set[str] = set()
    found = []
    for place, name in enumerate(names):
        if name in taken:
            continue
        others = []
        for other in names[place + 1 :]:
            if other not in taken:
                together = ranked(columns[name], columns[other])
                if abs(together) >= SAME:
                    taken.add(other)
                    others.append((other, together))
        if others:
            found.append(Alike(name, tuple(others)))
    return tuple(found)


def ranked(one: Floats, other: Floats) -> float:
    """Spearman's rank correlation over the accounts of which both are known; 0 where one never varies."""
    known = ~np.isnan(one) & ~np.isnan(other)
    if known.sum() < 20:
        return 0.0
    ranks = [pl.Series(each[known]).rank("average").to_numpy() for each in (one, other)]
    spreads = [float(each.std()) for each in ranks]
    if min(spreads) == 0:
        return 0.0
    x, y = (each - each.mean() for each in ranks)
    return float((x * y).mean() / (spreads[0] * spreads[1]))
