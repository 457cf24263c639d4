"""Whether segments and leaving go together, and whether the mix of segments has shifted."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from segkit.studies.evaluate.numbers import FEW, chi2_above, chi2_critical

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
SHUFFLES = 1999
NOTABLE = 0.1
"""The customary limit of PSI, kept as a floor under the one that knows the size."""


def chi_square(table: Ints) -> tuple[float, int, float]:
    """(statistic, degrees of freedom, smallest expected count) of a table of counts without empty lines."""
    whole = table.sum()
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / whole
    df = (table.shape[0] - 1) * (table.shape[1] - 1)
    return float(((table - expected) ** 2 / expected).sum()), df, float(expected.min())


def cramers_v(table: Ints) -> float:
    """Bias-corrected (Bergsma): 0 no association, 1 full; 0 for a table of one line."""
    rows, columns = table.shape
    n = int(table.sum())
    if min(rows, columns) < 2 or n < 2:
        return 0.0
    phi = max(0.0, chi_square(table)[0] / n - (rows - 1) * (columns - 1) / (n - 1))
    least = min(rows - (rows - 1) ** 2 / (n - 1), columns - (columns - 1) ** 2 / (n - 1)) - 1
    return math.sqrt(phi / least) if least > 0 else 0.0


def association_p(group: Ints, event: npt.NDArray[np.bool_]) -> float:
    """P of a chi-square no smaller by chance; by shuffling where a cell would hold too few.

    group, event [N]. The shuffles are always the same.
    """
    table = counts(group, event)
    if min(table.shape) < 2:
        return 1.0
    seen, df, least = chi_square(table)
    if least >= FEW:
        return chi2_above(seen, df)
    rng = np.random.Generator(np.random.PCG64(8))
    code = np.unique(group, return_inverse=True)[1]
    sizes, n, k = np.bincount(code), len(event), int(event.sum())
    expected = np.stack([sizes * (1 - k / n), sizes * (k / n)], axis=1)
    worse = 0
    for _ in range(SHUFFLES):
        left = np.bincount(code[rng.choice(n, k, replace=False)], minlength=len(sizes))
        shuffled = np.stack([sizes - left, left], axis=1)
        worse += float(((shuffled - expected) ** 2 / expected).sum()) >= seen - 1e-9
    return (1 + worse) / (1 + SHUFFLES)


def counts(group: Ints, event: npt.NDArray[np.bool_]) -> Ints:
    """[groups seen, 2 or 1]: who stayed and who left, without a column that is empty."""
    code = np.unique(group, return_inverse=True)[1]
    sizes = np.bincount(code)
    left = np.bincount(code[event], minlength=len(sizes))
    table = np.stack([sizes - left, left], axis=1).astype(np.int64)
    return table[:, table.sum(axis=0) > 0]


def psi(before: Ints, now: Ints) -> float:
    """Population stability index of two counts over the same bins; each gets half a count where one is 0."""
    add = 0.5 if (before == 0).any() or (now == 0).any() else 0.0
    p, q = before + add, now + add
    p, q = p / p.sum(), q / q.sum()
    return float(((q - p) * np.log(q / p)).sum())


def psi_limit(before: int, now: int, bins: int) -> float:
    """What PSI of so many accounts exceeds once in twenty though nothing has shifted, and never under 0.1."""
    if bins < 2:
        return NOTABLE
    return max(NOTABLE, chi2_critical(bins - 1) * (1 / before + 1 / now))
