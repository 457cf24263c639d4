"""A logistic regression over the values that rules read, its probabilities corrected on later weeks.

The only place that imports scikit-learn. What it gives is plain numbers: whoever reads them needs no library.
"""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from segkit.studies.evaluate.history import Bools
from segkit.studies.predict.examples import Floats, Scale

STRENGTH = 0.02
"""Inverse of how strongly coefficients are drawn to nothing."""
ENOUGH = 10
"""Events to correct on, under which only the level is corrected, not the slope."""


class Model(Struct, frozen=True):
    scale: Scale
    weights: Floats
    """[columns]"""
    level: float
    slope: float
    shift: float
    """p = expit(slope * (level + x @ weights) + shift)."""

    def __call__(self, x: Floats) -> Floats:
        """Probabilities [N] of columns as `scale` gives them."""
        return expit(self.slope * (self.level + x @ self.weights) + self.shift)


def fit(scale: Scale, x: Floats, happened: Bools) -> Model:
    """Not yet corrected. x [N, columns]; something must have happened, and something not."""
    from sklearn.linear_model import LogisticRegression

    found = LogisticRegression(C=STRENGTH, max_iter=2000).fit(x, happened)
    return Model(scale, found.coef_[0].astype(np.float64), float(found.intercept_[0]), 1.0, 0.0)


def corrected(model: Model, x: Floats, happened: Bools) -> Model:
    """The same with level and slope that fit these later examples."""
    from sklearn.linear_model import LogisticRegression

    events = int(happened.sum())
    if not events or events == len(happened):
        return model
    score = model.level + x @ model.weights
    if events < ENOUGH:
        return Model(model.scale, model.weights, model.level, 1.0, _shift(score, happened))
    found = LogisticRegression(C=10.0).fit(score[:, None], happened)
    slope = float(np.clip(found.coef_[0, 0], 0.2, 2.0))
    return Model(model.scale, model.weights, model.level, slope, _shift(slope * score, happened))


def _shift(score: Floats, happened: Bools) -> float:
    """What makes as many happen as did."""
    low, high = -10.0, 10.0
    for _ in range(60):
        middle = (low + high) / 2
        if expit(score + middle).sum() < happened.sum():
            low = middle
        else:
            high = middle
    return (low + high) / 2


def expit(x: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -30, 30))))
