"""What tells who leaves: the formulas against scipy, and worlds with nothing, or something, to find."""

from __future__ import annotations

import numpy as np
import pytest
import scipy

from segkit.studies.discover import Discovery, Measure, discover
from segkit.studies.discover.breaks import breaks
from segkit.studies.discover.exact import among_many, common_ratio, exact_p
from segkit.studies.discover.groups import grouping
from segkit.studies.evaluate import History, Lives, once
from segkit.studies.evaluate.history import NEVER
from segkit.studies.evaluate.numbers import rate_ratio

ENDS = np.arange(80) * 7 + 20_006


def arrays(*columns: list[int]) -> tuple[np.ndarray, ...]:
    return tuple(np.array(column) for column in columns)


def test_one_stratum_is_fishers_test_and_two_are_all_their_tables() -> None:
    rng = np.random.default_rng(1)
    for _ in range(60):
        every, n = 40, int(rng.integers(1, 39))
        events = int(rng.integers(1, 39))
        k = int(rng.integers(max(0, events - (every - n)), min(events, n) + 1))
        table = [[k, n - k], [events - k, every - n - (events - k)]]
        found = exact_p(*arrays([k], [n], [events], [every]))
        assert found == pytest.approx(scipy.stats.fisher_exact(table).pvalue, abs=1e-9)
    # 2 of 3 left in each of two strata of 3 + 3, of which 2 left: every table by hand.
    one = scipy.stats.hypergeom(6, 2, 3).pmf(np.arange(3))
    both = np.convolve(one, one)
    told = exact_p(*arrays([2, 2], [3, 3], [2, 2], [6, 6]))
    assert told == pytest.approx(both[both <= both[4] * (1 + 1e-9)].sum(), abs=1e-12)


def test_the_common_ratio_of_one_stratum_is_the_ratio_and_none_where_nobody_left() -> None:
    found = common_ratio(*arrays([12], [60], [30], [200]))
    assert found == pytest.approx(rate_ratio(12, 60, 18, 140), abs=1e-12)
    assert common_ratio(*arrays([0], [60], [18], [200])) is None


def test_many_at_once_are_corrected_as_scipy_does() -> None:
    p = np.random.default_rng(2).random(30) ** 3
    assert among_many(p.tolist()) == pytest.approx(scipy.stats.false_discovery_control(p).tolist(), abs=1e-12)


def test_breaks_lie_where_values_part() -> None:
    values = np.array([0.0] * 30 + [10, 11, 12] * 20 + [99, 101] * 15)
    assert breaks(values, stretched=False) == (0.0, 90.0 + 9)
    assert breaks(np.array([1.0] * 50 + [2.0] * 50), stretched=True) == (1.0, None)
    # Two of a hundred are no part of their own.
    assert breaks(np.array([1.0] * 98 + [9.0] * 2), stretched=False) == (None, None)


def lives(churn: np.ndarray) -> Lives:
    left = np.flatnonzero(churn <= ENDS[-1])
    return Lives(int(ENDS[-1]), once(left, churn[left]), np.full(len(churn), NEVER))


def found_in(
    values: dict[str, np.ndarray],
    churn: np.ndarray,
    first: dict[str, np.ndarray] | None = None,
    signup: np.ndarray | None = None,
) -> Discovery:
    code = np.where(churn[:, None] > ENDS, 0, -1).astype(np.int16)
    measures = {name: Measure(value, "count", True, True) for name, value in values.items()}
    begun = np.full(len(churn), NEVER) if signup is None else signup
    history = History(ENDS, ("account",), code)
    return discover(
        history, lives(churn), measures, first or {}, begun, seen_from=int(ENDS[0]), within=30, groups=False
    )


def by_lot(rng: np.random.Generator, accounts: int, weekly: float) -> np.ndarray:
    return ENDS[0] + np.ceil(rng.exponential(7 / weekly, accounts)).astype(np.int64)


def test_of_forty_teams_whose_ends_are_drawn_by_lot_hardly_one_has_a_finding() -> None:
    claims = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        usual = rng.lognormal(3, 1, (100, 1))
        values = {f"metric {n}": rng.poisson(usual, (100, 80)).astype(float) for n in range(3)}
        signup = ENDS[0] + rng.integers(1, 200, 100)
        first = {f"feature {n}": signup + rng.integers(0, 60, 100) for n in range(2)}
        found = found_in(values, by_lot(rng, 100, 0.015), first, signup)
        assert found.asked >= 6
        claims += found.verdict == "found"
    assert claims <= 4


def test_a_decline_before_the_end_is_found_and_shuffled_ends_lose_it() -> None:
    rng = np.random.default_rng(5)
    churn = np.where(rng.random(250) < 0.35, ENDS[0] + rng.integers(150, 500, 250), NEVER)
    falls = churn[:, None] - 90 <= ENDS
    values = {
        "events": rng.poisson(np.where(falls, 3, 20)).astype(float),
        "noise": rng.poisson(5, (250, 80)) * 1.0,
    }
    told = found_in(values, churn)
    assert (told.verdict, told.answers[0].name, told.answers[0].side) == ("found", "events", "low")
    assert told.answers[0].ratio is not None
    assert told.answers[0].ratio.low > 2
    assert all(each.name == "events" for each in told.answers if each.found)
    shuffled = [found_in(values, rng.permutation(churn)).verdict for _ in range(10)]
    assert shuffled.count("found") <= 1


def test_what_grew_while_fewer_left_is_not_taken_for_a_reason() -> None:
    """Use grows and leaving fades, both for everybody: within a landmark nothing tells."""
    rng = np.random.default_rng(7)
    churn = by_lot(rng, 500, 0.02)
    churn = np.where(churn > ENDS[40], by_lot(rng, 500, 0.002) + 40 * 7, churn)
    values = {"events": rng.poisson(np.linspace(2, 30, 80), (500, 80)).astype(float)}
    told = found_in(values, churn)
    assert told.verdict == "nothing shown"
    pooled = [
        scipy.stats.fisher_exact([[one.k, one.n - one.k], [other.k, other.n - other.k]])
        for one, other in ((each.share, each.rest) for each in told.answers)
    ]
    assert min(each.pvalue for each in pooled) < 1e-4, "pooled over time, it would be"


def test_who_left_before_the_first_days_were_over_says_nothing_of_features() -> None:
    """Nobody of those had time to take the feature up; ever against never would make it protective."""
    rng = np.random.default_rng(9)
    signup = ENDS[0] + rng.integers(1, 250, 400)
    churn = signup + np.ceil(rng.exponential(90, 400)).astype(np.int64)
    wanted = signup + rng.integers(0, 60, 400)
    first = np.where(wanted < churn, wanted, NEVER)
    told = found_in({"events": np.ones((400, 80))}, churn, {"api": first}, signup)
    assert (told.features, told.verdict) == (1, "nothing shown")
    used, left = first < NEVER, churn <= signup + 120
    assert left[used].mean() < 0.8 * left[~used].mean()


def test_what_says_the_same_stands_behind_the_clearer_one() -> None:
    rng = np.random.default_rng(11)
    churn = by_lot(rng, 150, 0.01)
    events = rng.poisson(rng.lognormal(3, 1, (150, 1)), (150, 80)).astype(float)
    values = {"events": events, "minutes": events * 3, "tickets": rng.poisson(2, (150, 80)) * 1.0}
    (same,) = found_in(values, churn).alike
    assert {same.name, *(name for name, _ in same.others)} == {"events", "minutes"}
    assert same.others[0][1] == pytest.approx(1.0)


def test_groups_are_told_where_there_are_some_and_not_in_one_cloud() -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is installed with segkit[discover]")
    rng = np.random.default_rng(13)
    here = np.ones(150, bool)
    many = rng.random(150) < 0.4
    kind = rng.random(150) < 0.5
    columns = {
        "api": np.where(many, 200, 4),
        "reports": np.where(many ^ kind, 5, 90),
        "seats": np.where(kind, 3, 60),
    }
    apart = {
        name: Measure(rng.poisson(level)[:, None] * 1.0, "count", True, True)
        for name, level in columns.items()
    }
    found = grouping(apart, here, list(apart))
    sizes = np.bincount(2 * many + kind)
    assert [each.accounts for each in found.groups] == sorted(sizes.tolist(), reverse=True)
    assert all(each.both >= 0.9 * max(each.accounts, each.met) for each in found.groups)
    usual = rng.lognormal(3, 1, (150, 1))
    cloud = {
        name: Measure(rng.poisson(usual * noise).astype(float), "count", True, True)
        for name, noise in zip("abc", rng.lognormal(0, 1, (3, 150, 1)), strict=True)
    }
    assert grouping(cloud, here, list(cloud)).groups == ()
