"""Settings whose worth is known: counted by hand, and worlds with nothing, or something, to find."""

from __future__ import annotations

import numpy as np
import pytest

from segkit.studies.evaluate import Dated, History, Lives
from segkit.studies.evaluate.history import NEVER
from segkit.studies.tune import Ground, Tally, Tuning, tune
from segkit.studies.tune.choose import CHOOSE, JUDGE, best, front, knee
from segkit.studies.tune.tally import Figures, figures, later

LABELS = ("at_risk", "active")
FIRST = 20_006
WEEKS = 104
ENDS = FIRST + 7 * np.arange(WEEKS)


def lives(churned: np.ndarray) -> Lives:
    left = np.flatnonzero(churned <= ENDS[-1])
    return Lives(int(ENDS[-1]), Dated.of(left, churned[left]), np.full(len(churned), NEVER))


def tallied(codes: list[np.ndarray], churned: np.ndarray) -> tuple[Ground, list[Tally]]:
    """codes: per setting [A, T]; who has left is outside."""
    kept = [np.where(churned[:, None] > ENDS, code, -3).astype(np.int16) for code in codes]
    ground = Ground.of(History(ENDS, LABELS, kept[0]), lives(churned), 4)
    found = []
    for code in kept:
        tally = Tally.empty(ground)
        half = len(code) // 2
        tally.add(ground, 0, half, code[:half], [0])
        tally.add(ground, half, len(code), code[half:], [0])
        found.append(tally)
    return ground, found


def chosen(codes: list[np.ndarray], churned: np.ndarray, capacity: float | None = None) -> Tuning:
    ground, tallies = tallied(codes, churned)
    names = [(str(place),) for place in range(len(codes))]
    return tune(ground, ["number"], names, tallies, 0, 4, capacity)


def test_what_is_counted_where_settings_are_chosen_and_where_they_are_judged() -> None:
    """Chosen on weeks 0 to 61, judged on weeks 76 to 103; four accounts, two of them gone."""
    code = np.ones((4, WEEKS), int)
    code[0, 30:40] = 0  # gone in week 40: ten weeks before
    code[1, 88:90] = 0  # gone in week 90: two weeks before, which is too late
    code[2, [10, 11, 50, 70, 80]] = 0  # a false alarm in weeks 10 and 50, one within the embargo, one later
    code[3, 60:90] = 0  # an alarm in week 60, and one that stands as judging begins
    churned = np.array([ENDS[40] - 3, ENDS[90] - 3, NEVER, NEVER])
    ground, (tally,) = tallied([code], churned)
    assert (ground.choose.stop, ground.judge.first) == (62, 76)
    one, other = (figures(ground, tally, side, tally.first) for side in (CHOOSE, JUDGE))
    assert (one.ends, one.caught, one.alarms, one.at_least) == (1, 1, 4, ((4, 1), (8, 1), (12, 0)))
    assert (other.ends, other.caught, other.alarms) == (1, 0, 3)
    assert one.per_week == pytest.approx(4 / 52), "from the first alarm, in week 10, on"
    assert (one.right, one.known) == (1, 2), "half a year after weeks 50 and 60 is not over in week 61"
    assert one.by_chance == pytest.approx(1 / 4), (
        "of four accounts alive in week 39 one was in risk for so long"
    )


def test_alarms_that_come_later_are_told_on_ends_that_both_saw() -> None:
    churned = np.where(np.arange(20) < 10, ENDS[40], NEVER)
    early, late = np.ones((2, 20, WEEKS), int)
    early[:10, 25:] = 0
    late[:8, 28:] = 0
    ground, (one, other) = tallied([early, late], churned)
    assert later(ground, other, one, CHOOSE) == 3


def of(per_week: float, caught: int) -> Figures:
    return Figures(100, caught, 0.0, (), None, int(per_week * 10), per_week, 0, 0, 1.0)


def test_the_front_and_its_knee() -> None:
    found = [of(1, 10), of(2, 40), of(2, 30), of(4, 50), of(8, 55), of(9, 55)]
    on = front(found)
    assert on.tolist() == [True, True, False, True, True, False]
    assert knee(found, on) == 1


def test_alarms_that_nobody_answers_catch_nobody() -> None:
    """Ten a week can be answered: of 20 alarms half, so that 60 ends count as 30."""
    found = [of(10, 35), of(20, 60)]
    assert best(found, 10, [0, 1]) == 0
    assert best(found, 20, [0, 1]) == 1


def spells(rng: np.random.Generator, accounts: int, share: float, length: int) -> np.ndarray:
    drawn = rng.random((accounts, WEEKS // length + 1)) < share
    return 1 - np.repeat(drawn, length, axis=1)[:, :WEEKS].astype(int)


def test_nothing_is_suggested_where_nothing_foretells_the_end() -> None:
    made = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        churned = ENDS[0] + np.ceil(rng.exponential(7 / 0.004, 400)).astype(int)
        codes = [spells(rng, 400, rng.uniform(0.05, 0.25), int(rng.integers(4, 14))) for _ in range(12)]
        made += chosen(codes, churned).verdict == "suggested"
    assert made <= 2


def falling(rng: np.random.Generator, accounts: int) -> tuple[np.ndarray, np.ndarray]:
    """(ends, a setting that sees three in four of them ten weeks before, and few others)."""
    churned = ENDS[0] + np.ceil(rng.exponential(7 / 0.006, accounts)).astype(int)
    sees = rng.random(accounts) < 0.75
    soon = (churned[:, None] - 70 <= ENDS) & sees[:, None]
    return churned, np.where(soon, 0, spells(rng, accounts, 0.03, 4))


def test_a_setting_that_sees_the_end_coming_is_suggested_over_one_that_does_not() -> None:
    rng = np.random.default_rng(1)
    churned, sharp = falling(rng, 300)
    found = chosen([spells(rng, 300, 0.15, 6), sharp], churned)
    assert found.verdict == "suggested"
    assert found.judged is not None
    assert found.judged.gate.low > 0
    assert found.judged.best.caught > found.judged.current.caught


def test_under_thirty_ends_nothing_is_suggested() -> None:
    rng = np.random.default_rng(1)
    churned, sharp = falling(rng, 60)
    found = chosen([spells(rng, 60, 0.15, 6), sharp], churned)
    assert found.settings[0].found.ends < 30
    assert (found.verdict, found.best, found.judged) == ("too few", 1, None)


def test_more_time_in_risk_is_no_insight() -> None:
    """The other setting catches more, as it holds everybody far longer: by lot one would catch as many."""
    rng = np.random.default_rng(2)
    churned = ENDS[0] + np.ceil(rng.exponential(7 / 0.006, 600)).astype(int)
    short = spells(rng, 600, 0.1, 5)
    long = spells(rng, 600, 0.35, 13)
    found = chosen([short, long], churned, capacity=1000.0)
    assert found.best == 1
    assert found.judged is not None
    assert found.judged.gate.low > 0
    assert found.verdict == "not confirmed"
