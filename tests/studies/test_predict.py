"""A model is used where it is better, and only there: worlds with something to learn, or nothing."""

from __future__ import annotations

import numpy as np
import pytest

from segkit.studies.evaluate import Dated, History, Lives
from segkit.studies.evaluate.history import NEVER
from segkit.studies.evaluate.numbers import wilson
from segkit.studies.predict import Foretold, predict
from segkit.studies.predict.baseline import cells, learn, onward
from segkit.studies.predict.examples import Examples, Scale, examples

pytest.importorskip("sklearn", reason="scikit-learn is installed with segkit[predict]")

LABELS = ("at_risk", "active")
WEEKS = 104
ENDS = 20_006 + 7 * np.arange(WEEKS)


def test_examples_lie_four_weeks_apart_and_their_future_is_known() -> None:
    code = np.ones((3, 30), np.int16)
    ended = Dated.of(np.array([0]), np.array([ENDS[20] + 24]))
    lives = Lives(int(ENDS[29]), ended, np.array([NEVER, NEVER, int(ENDS[10])]))
    found = examples(History(ENDS[:30], LABELS, code), lives, ended, 30)
    assert np.unique(found.period).tolist() == [0, 4, 8, 12, 16, 20, 24]
    assert found.account[found.period == 8].tolist() == [0, 1, 2]
    assert found.account[found.period == 12].tolist() == [0, 1], "the third has given notice"
    assert found.account[found.period == 24].tolist() == [1]
    assert found.period[found.happened].tolist() == [20], "24 days before; from week 16 it is 31 days"


def test_the_baseline_draws_few_towards_their_segment() -> None:
    code = np.repeat(np.array([[0], [0], [1], [1]], np.int16), 20, axis=1)
    cell = cells(History(ENDS[:20], LABELS, code))
    assert cell[0].tolist() == [0] * 4 + [1] * 9 + [2] * 7
    rows = Examples(np.array([0, 1, 2, 3]), np.array([1, 1, 1, 1]), np.array([True, True, False, False]))
    found = learn(cell, rows, 2)
    segment = (2 + 20 * 0.5) / 22
    assert found.rate[0] == pytest.approx((2 + 20 * segment) / 22)
    assert found.rate[1] == pytest.approx(segment), "nobody was in it for so long"
    assert found.said(0, LABELS) == "at_risk for 1 to 4: 2/2"


def test_where_accounts_go_is_counted_by_segment_and_stage() -> None:
    code = np.array([[0, 0, 1, 1], [0, 1, 1, 1]], np.int16)
    made = History(ENDS[:4], LABELS, code)
    shares = onward(cells(made), code.astype(np.int64), 1, 2)
    assert shares[0].tolist() == [2 / 4, 2 / 4], "1 of 3 stayed, and one more for staying put"
    assert shares.sum(axis=1) == pytest.approx(np.ones(6))


def test_values_become_columns_of_one_size_and_the_unknown_lie_in_the_middle() -> None:
    values = {"a": np.array([0.0, 10.0, 20.0, np.nan]), "same": np.full(4, 3.0)}
    scale = Scale.of(values)
    assert scale.columns == ("a", "a is unknown")
    found = scale(values)
    assert found[1].tolist() == [0.0, 0.0]
    assert found[3].tolist() == [0.0, 1.0]
    assert found[0, 0] == -found[2, 0]


def world(rng: np.random.Generator, accounts: int, told: float) -> Foretold:
    """Ends at a pace that a value (times `told`) foretells, which changes every quarter; another is noise."""
    value = np.repeat(rng.normal(size=(accounts, WEEKS // 13)), 13, axis=1)
    ends = rng.random((accounts, WEEKS)) < 0.004 * np.exp(told * value)
    week = np.where(ends.any(axis=1), ends.argmax(axis=1), WEEKS)
    churned = np.where(week < WEEKS, ENDS[0] + 7 * week + 3, NEVER)
    code = np.where(churned[:, None] > ENDS, 1, -3).astype(np.int16)
    left = np.flatnonzero(churned <= ENDS[-1])
    event = Dated.of(left, churned[left])
    lives = Lives(int(ENDS[-1]), event, np.full(accounts, NEVER))
    values = {"told": value, "noise": rng.normal(size=(accounts, WEEKS))}
    return predict(History(ENDS, LABELS, code), lives, event, values, 30, 20)


def test_a_value_that_foretells_is_used_with_its_name() -> None:
    found = world(np.random.default_rng(1), 600, 1.2)
    assert found.method == "model"
    assert found.judged.skill is not None
    assert found.judged.skill > 0.02
    assert found.judged.skill_low is not None
    assert found.judged.skill_low > 0
    bands = [wilson(each.happened.k, each.happened.n, 1.645) for each in found.judged.bins]
    held = [low <= each.foretold <= high for each, (low, high) in zip(found.judged.bins, bands, strict=True)]
    assert sum(held) >= 4, found.judged.bins
    likely = int(np.nanargmax(found.probability))
    assert found.reasons[likely].startswith("told ")
    assert found.judged.called.k / found.judged.called.n > 2 * found.judged.events / found.judged.examples


def test_where_nothing_foretells_the_baseline_is_used() -> None:
    used = [world(np.random.default_rng(seed), 300, 0.0).method for seed in range(10)]
    assert used.count("model") <= 1


def test_with_few_events_no_model_is_tried() -> None:
    found = world(np.random.default_rng(1), 40, 1.2)
    assert (found.method, found.judged.model) == ("baseline", None)
    assert "a model needs 30" in found.why
