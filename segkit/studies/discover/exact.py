"""Two groups within strata: an exact test, a common ratio, and what is left when many are tried at once.

Strata are landmarks or quarters of signing up: who is compared with whom lived at the same time. Plain
arrays in, plain numbers out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from segkit.studies.evaluate.history import Ints
from segkit.studies.evaluate.numbers import Z95

Floats = npt.NDArray[np.float64]


def exact_p(k: Ints, n: Ints, events: Ints, every: Ints) -> float:
    """Two-sided p that in no stratum the group differs: of `n` of `every` accounts `k` of `events` left.

    All [strata]. Given these sums, every way to spread the events is as likely; all numbers of events in the
    group that are no likelier than the one seen are added up. One stratum: Fisher's exact test.
    """
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, int(every.max(initial=0)) + 1)))])
    ways, low = np.ones(1), 0
    for size, ended, whole in zip(n.tolist(), events.tolist(), every.tolist(), strict=True):
        first, last = max(0, ended - (whole - size)), min(ended, size)
        inside = np.arange(first, last + 1)
        chance = (
            _choose(logs, size, inside)
            + _choose(logs, whole - size, ended - inside)
            - _choose(logs, whole, np.array([ended]))
        )
        ways, low = np.convolve(ways, np.exp(chance)), low + first
    seen = ways[int(k.sum()) - low]
    # One just as likely may differ in the last digits.
    return float(min(ways[ways <= seen * (1 + 1e-7)].sum() / ways.sum(), 1.0))


def _choose(logs: Floats, n: int, k: Ints) -> Floats:
    return np.asarray(logs[n] - logs[k] - logs[n - k])


def common_ratio(k: Ints, n: Ints, events: Ints, every: Ints) -> tuple[float, float, float] | None:
    """(ratio, low, high) of the shares that left, in the group over outside it (Mantel-Haenszel, 95 %).

    All [strata]. None where one of both has nobody who left, or no stratum has both.
    """
    whole = np.maximum(every, 1).astype(np.float64)
    other, rest = every - n, events - k
    mine, theirs = float((k * other / whole).sum()), float((rest * n / whole).sum())
    if mine <= 0 or theirs <= 0:
        return None
    spread = ((events * n * other - k * rest * every) / whole**2).sum() / (mine * theirs)
    error = Z95 * math.sqrt(max(float(spread), 0.0))
    ratio = mine / theirs
    return ratio, ratio * math.exp(-error), ratio * math.exp(error)


def among_many(p: Sequence[float]) -> list[float]:
    """Each p as it is among all that were tried (Benjamini-Hochberg), in the given order."""
    found, least = [1.0] * len(p), 1.0
    order = sorted(range(len(p)), key=lambda place: p[place])
    for rank in range(len(p), 0, -1):
        place = order[rank - 1]
        least = min(least, p[place] * len(p) / rank)
        found[place] = least
    return found
