"""What an evaluation must not find, and what it must: worlds whose truth is known."""

from __future__ import annotations

import numpy as np

from segkit.simulator import Shares, simulate
from segkit.studies.evaluate import Dated, Evaluation, History, Lives, evaluate, once
from segkit.studies.evaluate.history import NEVER
from segkit.studies.evaluate.landmarks import landmarks, look_ahead
from segkit.studies.evaluate.numbers import rate_ratio, wilson

ENDS = np.arange(104) * 7 + 20_006
LABELS = ("at_risk", "power", "active", "other")
AT_RISK, ACTIVE = 0, 2
REPLICATES = 40


def lives(churn: np.ndarray) -> Lives:
    """churn [A]: epoch days; NEVER for who stays."""
    left = np.flatnonzero(churn <= ENDS[-1])
    return Lives(int(ENDS[-1]), once(left, churn[left]), np.full(len(churn), NEVER))


def history(code: np.ndarray, churn: np.ndarray) -> History:
    return History(ENDS, LABELS, np.where(churn[:, None] > ENDS[None, :], code, -3).astype(np.int16))


def judged(code: np.ndarray, churn: np.ndarray) -> Evaluation:
    made = history(code, churn)
    return evaluate(made, lives(churn), made.code >= 0, ["at_risk"])


def ends_at_random(rng: np.random.Generator, accounts: int, weekly: float) -> np.ndarray:
    return ENDS[0] + np.ceil(rng.exponential(7 / weekly, accounts)).astype(np.int64)


def spells(rng: np.random.Generator, accounts: int, weeks: int = 9) -> np.ndarray:
    """[A, T] segments drawn anew every so many weeks, by nothing."""
    drawn = rng.choice(4, (accounts, len(ENDS) // weeks + 1), p=[0.15, 0.25, 0.5, 0.1])
    return np.repeat(drawn, weeks, axis=1)[:, : len(ENDS)]


def test_a_flag_by_chance_singles_nobody_out() -> None:
    claims = advice = 0
    for seed in range(REPLICATES):
        rng = np.random.default_rng(seed)
        found = judged(spells(rng, 250), ends_at_random(rng, 250, 0.006))
        told = found.windows[0].segments
        claims += any(each.verdict in ("higher", "lower") for each in told)
        advice += any(each.kind in ("keep", "split") for each in found.advice)
    assert claims <= 4
    assert advice <= 4


def test_a_useless_flag_does_not_look_protective() -> None:
    """Who leaves early had no time to be flagged: ever against never says 0.5, landmarks say 1."""
    ratios, ever = [], []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        churn = ends_at_random(rng, 800, 0.01)
        code = np.where(rng.random((800, len(ENDS))) < 0.03, AT_RISK, ACTIVE)
        for week in range(1, len(ENDS)):
            code[:, week] = np.where(code[:, week - 1] == AT_RISK, AT_RISK, code[:, week])
        risk = judged(code, churn).windows[0].risk
        assert risk is not None
        assert risk.ratio is not None
        ratios.append(np.log(risk.ratio.ratio))
        flagged, gone = (history(code, churn).code == AT_RISK).any(axis=1), churn <= ENDS[-1]
        ever.append(gone[flagged].mean() / gone[~flagged].mean())
    assert 0.9 <= np.exp(np.mean(ratios)) <= 1.1
    assert np.mean(ever) < 0.8, "the world shows what the comparison of ever and never makes of it"


def test_wilson_on_landmarks_holds_the_truth() -> None:
    """1,000 teams of 120 accounts; the chance to leave in a window is known: 1 - exp(-13 * rate)."""
    rng = np.random.default_rng(1)
    teams, size, weekly = 1000, 120, 0.006
    churn = ends_at_random(rng, teams * size, weekly)
    made = history(np.full((1, 1), ACTIVE), churn)
    rows = look_ahead(made, lives(churn), landmarks(ENDS, int(ENDS[-1])))
    every = np.bincount(rows.account // size, minlength=teams)
    left = np.bincount(rows.account[rows.left] // size, minlength=teams)
    truth = 1 - np.exp(-13 * weekly)
    held = 0
    for k, n in zip(left.tolist(), every.tolist(), strict=True):
        low, high = wilson(k, n)
        held += low <= truth <= high
    assert 0.92 <= held / teams <= 0.97


def test_the_known_lift_of_true_declines_is_found() -> None:
    """A perfect eye for decline on 40 parts of one simulated world; the whole world gives the truth."""
    world = simulate(accounts=40 * 250, weeks=104, seed=5, shares=Shares(declining=0.5, recovering=0.3))
    # The lives alone: what happens to an account from its decline on, as the simulator has it.
    ends = world.starts + 6
    left = np.flatnonzero(world.churned <= ends[-1])
    on = (world.signup[:, None] <= ends) & (world.churned[:, None] > ends)
    code = np.where(on, np.where(world.health < 0.75, AT_RISK, ACTIVE), -3).astype(np.int16)
    whole = History(ends, LABELS, code)
    told = Lives(int(ends[-1]), once(left, world.churned[left]), np.minimum(world.notice, NEVER))
    rows = look_ahead(whole, told, landmarks(ends, int(ends[-1])))
    at_risk = rows.segment == AT_RISK
    truth = rows.left[at_risk].mean() / rows.left[~at_risk].mean()
    held = higher = 0
    for part in range(REPLICATES):
        here = (rows.account % REPLICATES) == part
        k, n = int(rows.left[here & at_risk].sum()), int((here & at_risk).sum())
        other_k, other_n = int(rows.left[here & ~at_risk].sum()), int((here & ~at_risk).sum())
        _, low, high = rate_ratio(k, n, other_k, other_n)
        held += low <= truth <= high
        higher += low > 1
    assert truth > 3
    assert held >= 36
    assert higher >= 36


def test_shuffled_outcomes_lose_the_lift() -> None:
    rng = np.random.default_rng(3)
    falls = rng.random(300) < 0.3
    churn = np.where(falls, ENDS[0] + rng.integers(150, 700, 300), NEVER)
    code = np.where(ENDS[None, :] >= churn[:, None] - 70, AT_RISK, ACTIVE)
    risk = judged(code, churn).windows[0].risk
    assert risk is not None
    assert risk.verdict == "higher"
    claims = 0
    for _ in range(40):
        shuffled = judged(code, rng.permutation(churn)).windows[0].risk
        assert shuffled is not None
        claims += shuffled.verdict == "higher"
    assert claims <= 4


def test_dates_of_leaving_before_the_period_decided_count_for_nothing() -> None:
    """Left on the very last day of the period, and one day after the gap."""
    ends = ENDS[:40]
    made = History(ends, LABELS, np.full((2, 40), ACTIVE, np.int16))
    place = 10
    ended = Dated.of(np.array([0, 1]), np.array([ends[place], ends[place] + 8]))
    found = Lives(int(ends[-1]), ended, np.full(2, NEVER))
    rows = look_ahead(made, found, [place])
    assert (rows.account.tolist(), rows.left.tolist()) == ([1], [True])
