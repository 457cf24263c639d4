"""Small-sample statistics of counts: intervals, ratios, exact tests. Plain numbers in, plain numbers out.

The formulas are closed or exact: no statistics library is needed to run, and tests hold them against one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

Z95 = 1.959963984540054
FEW = 5
"""Events under which nothing is called a rate."""
ENOUGH_FOR_P = 20
"""Events in all under which no p-value is told."""


def wilson(k: int, n: int, z: float = Z95) -> tuple[float, float]:
    """The Wilson interval of a share of k in n; (0, 1) for n = 0."""
    if n == 0:
        return 0.0, 1.0
    p, square = k / n, z * z
    centre = (p + square / (2 * n)) / (1 + square / n)
    half = z / (1 + square / n) * math.sqrt(p * (1 - p) / n + square / (4 * n * n))
    # At the ends the interval touches them; rounding would leave it 1e-17 short.
    return (0.0 if k == 0 else max(centre - half, 0.0)), (1.0 if k == n else min(centre + half, 1.0))


def rate_ratio(k: int, n: int, other_k: int, other_n: int, z: float = Z95) -> tuple[float, float, float]:
    """(ratio, low, high) of two shares, the interval on the log scale (Katz). All counts are positive."""
    ratio = (k / n) / (other_k / other_n)
    error = z * math.sqrt(1 / k - 1 / n + 1 / other_k - 1 / other_n)
    return ratio, ratio * math.exp(-error), ratio * math.exp(error)


def fisher(k: int, n: int, other_k: int, other_n: int) -> float:
    """Two-sided exact p that two shares are one: all tables no likelier than this one."""
    whole, events = n + other_n, k + other_k
    low, high = max(0, events - other_n), min(events, n)
    logs = [_log_choose(n, i) + _log_choose(other_n, events - i) for i in range(low, high + 1)]
    all_ways = _log_choose(whole, events)
    seen = logs[k - low]
    # A table just as likely may differ in the last digits of its logarithm.
    return min(math.fsum(math.exp(log - all_ways) for log in logs if log <= seen + 1e-7), 1.0)


def holm(p: Sequence[float]) -> list[float]:
    """Adjusted p values (Holm): what they are when all are looked at together, in the given order."""
    found, worst = [0.0] * len(p), 0.0
    for rank, place in enumerate(sorted(range(len(p)), key=lambda place: p[place])):
        worst = max(worst, min((len(p) - rank) * p[place], 1.0))
        found[place] = worst
    return found


def chi2_above(x: float, df: int) -> float:
    """P(chi-square with `df` degrees of freedom > x), by its finite sum for whole degrees."""
    if x <= 0:
        return 1.0
    half = x / 2
    if df % 2 == 0:
        term, total = 1.0, 1.0
        for i in range(1, df // 2):
            term *= half / i
            total += term
        return min(math.exp(-half) * total, 1.0)
    term, total = math.sqrt(half) / math.gamma(1.5), 0.0
    for i in range((df - 1) // 2):
        total += term
        term *= half / (i + 1.5)
    return min(math.erfc(math.sqrt(half)) + math.exp(-half) * total, 1.0)


def chi2_critical(df: int, above: float = 0.05) -> float:
    """The value that chi-square with `df` degrees of freedom exceeds with probability `above`."""
    low, high = 0.0, 10.0 * df + 100.0
    for _ in range(200):
        middle = (low + high) / 2
        if chi2_above(middle, df) > above:
            low = middle
        else:
            high = middle
    return high


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
