"""Each formula equals that of a statistics library, on random numbers with ties and censoring."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
import scipy

from segkit.studies.evaluate.association import chi_square, cramers_v, psi, psi_limit
from segkit.studies.evaluate.numbers import chi2_above, chi2_critical, fisher, holm, rate_ratio, wilson
from segkit.studies.evaluate.survival import kaplan_meier, log_rank

SEEDS = range(12)


def sample(seed: int, n: int = 60) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """time with many ties, event, group of three, stratum of two."""
    rng = np.random.default_rng(seed)
    group = rng.integers(0, 3, n)
    return rng.integers(1, 15, n) + group, rng.random(n) < 0.6, group, rng.integers(0, 2, n)


def test_wilson_is_scipys() -> None:
    for k, n in ((0, 1), (0, 40), (3, 17), (17, 17), (250, 900)):
        theirs = scipy.stats.binomtest(k, n).proportion_ci(method="wilson")
        assert wilson(k, n) == pytest.approx((theirs.low, theirs.high), abs=1e-9)
    assert wilson(0, 0) == (0.0, 1.0)


def test_the_ratio_is_scipys() -> None:
    for k, n, other_k, other_n in ((5, 30, 12, 200), (40, 60, 7, 61)):
        theirs = scipy.stats.contingency.relative_risk(k, n, other_k, other_n)
        limits = theirs.confidence_interval(0.95)
        ours = rate_ratio(k, n, other_k, other_n)
        assert ours == pytest.approx((theirs.relative_risk, limits.low, limits.high), rel=1e-9)


def test_fishers_p_is_scipys() -> None:
    rng = np.random.default_rng(1)
    for _ in range(40):
        n, other_n = rng.integers(5, 200, 2)
        k, other_k = int(rng.integers(0, n + 1)), int(rng.integers(0, other_n + 1))
        theirs = scipy.stats.fisher_exact([[k, n - k], [other_k, other_n - other_k]]).pvalue
        assert fisher(k, int(n), other_k, int(other_n)) == pytest.approx(theirs, abs=1e-9)


def test_chi_square_is_scipys() -> None:
    for df, x in product((1, 2, 3, 4, 7, 10, 31), (0.01, 0.5, 3.84, 17.0, 90.0)):
        assert chi2_above(x, df) == pytest.approx(scipy.stats.chi2.sf(x, df), abs=1e-12, rel=1e-9)
        assert chi2_critical(df) == pytest.approx(scipy.stats.chi2.isf(0.05, df), abs=1e-9)
    table = np.array([[12, 3], [40, 2], [7, 9], [30, 1]])
    ours, theirs = chi_square(table), scipy.stats.chi2_contingency(table, correction=False)
    assert ours == pytest.approx((theirs.statistic, theirs.dof, theirs.expected_freq.min()), abs=1e-9)


def test_cramers_v_is_bergsmas() -> None:
    table = np.array([[12, 3], [40, 2], [7, 9], [30, 1]])
    plain = scipy.stats.contingency.association(table, correction=False, method="cramer") ** 2
    n = table.sum()
    corrected = max(0.0, plain - 3 / (n - 1)) / (2 - 1 / (n - 1) - 1)
    assert cramers_v(table) == pytest.approx(math.sqrt(corrected), abs=1e-9)
    assert cramers_v(np.array([[10, 10], [30, 30]])) == 0.0


def test_psi_is_the_sum_of_both_entropies_and_knows_the_size() -> None:
    before, now = np.array([40, 30, 20, 10]), np.array([25, 35, 20, 20])
    assert psi(before, now) == pytest.approx(
        scipy.stats.entropy(now, before) + scipy.stats.entropy(before, now), abs=1e-9
    )
    assert psi_limit(50, 50, 10) == pytest.approx(scipy.stats.chi2.isf(0.05, 9) / 25, abs=1e-9)
    assert psi_limit(100_000, 100_000, 5) == 0.1


@pytest.mark.filterwarnings("ignore:The confidence interval is undefined")
@pytest.mark.parametrize("seed", SEEDS)
def test_kaplan_meier_is_scipys(seed: int) -> None:
    time, event, _, _ = sample(seed)
    data = scipy.stats.CensoredData(uncensored=time[event], right=time[~event])
    theirs = scipy.stats.ecdf(data).sf
    limits = theirs.confidence_interval(method="log-log")
    curve = kaplan_meier(time, event)
    inside = curve.survival > 0
    assert curve.survival == pytest.approx(theirs.evaluate(curve.time), abs=1e-9)
    assert curve.low[inside] == pytest.approx(limits.low.evaluate(curve.time[inside]), abs=1e-9)
    assert curve.high[inside] == pytest.approx(limits.high.evaluate(curve.time[inside]), abs=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_log_rank_of_two_is_scipys(seed: int) -> None:
    time, event, group, _ = sample(seed)
    one, other = (
        scipy.stats.CensoredData(uncensored=time[at & event], right=time[at & ~event])
        for at in (group == 0, group == 1)
    )
    two = group < 2
    ours, theirs = log_rank(time[two], event[two], group[two]), scipy.stats.logrank(one, other)
    assert ours is not None
    assert (ours.statistic, ours.p) == pytest.approx((theirs.statistic**2, theirs.pvalue), abs=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_log_rank_of_three_within_strata_is_the_sum_over_tables(seed: int) -> None:
    """Every moment of every stratum is one hypergeometric draw."""
    time, event, group, stratum = sample(seed)
    excess, spread = np.zeros(3), np.zeros((3, 3))
    for one, moment in product((0, 1), range(1, 20)):
        there = (stratum == one) & (time >= moment)
        left = there & event & (time == moment)
        sizes = [int((there & (group == g)).sum()) for g in range(3)]
        if left.any():
            draw = scipy.stats.multivariate_hypergeom(sizes, int(left.sum()))
            excess += [int((left & (group == g)).sum()) for g in range(3)] - draw.mean()
            spread += draw.cov() if sum(sizes) > 1 else 0
    statistic = excess[:2] @ np.linalg.inv(spread[:2, :2]) @ excess[:2]
    ours = log_rank(time, event, group, stratum)
    assert ours is not None
    assert (ours.statistic, ours.df) == (pytest.approx(statistic, abs=1e-9), 2)
    assert ours.p == pytest.approx(scipy.stats.chi2.sf(statistic, 2), abs=1e-9)


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []
