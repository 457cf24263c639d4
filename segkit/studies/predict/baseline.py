"""The transparent guess: how often it happened to accounts of the same segment and the same time in it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from segkit.studies.evaluate.history import History, Ints
from segkit.studies.predict.examples import Examples, Floats

AGES = (5, 14)
"""Periods in a segment at which its next stage begins."""
STAGES = ("1 to 4", "5 to 13", "14 and more")
PRIOR = 20.0
"""Accounts that a segment's own rate counts for where a stage has few."""


def cells(history: History) -> Ints:
    """[A, T] place of segment and stage; negative where nothing is known."""
    stage = np.searchsorted(AGES, history.run_length(), "right")
    code = history.code.astype(np.int64)
    return np.where(code < 0, -1, code * len(STAGES) + stage)


class Baseline(Struct, frozen=True):
    """By cell: k of n, and the rate that is foretold: drawn towards that of the segment, and that to all."""

    happened: Ints
    every: Ints
    rate: Floats

    def said(self, cell: int, labels: Sequence[str]) -> str:
        """active for 5 to 13 weeks: 3/120"""
        segment, stage = divmod(cell, len(STAGES))
        return f"{labels[segment]} for {STAGES[stage]}: {self.happened[cell]}/{self.every[cell]}"


def learn(cell: Ints, known: Examples, labels: int) -> Baseline:
    """cell [A, T]"""
    size = labels * len(STAGES)
    here = cell[known.account, known.period]
    every = np.bincount(here, minlength=size)
    happened = np.bincount(here[known.happened], minlength=size)
    whole = happened.sum() / max(every.sum(), 1)
    by_segment = [each.reshape(labels, -1).sum(axis=1) for each in (happened, every)]
    segment = (by_segment[0] + PRIOR * whole) / (by_segment[1] + PRIOR)
    rate = (happened + PRIOR * np.repeat(segment, len(STAGES))) / (every + PRIOR)
    return Baseline(happened, every, rate)


def onward(cell: Ints, code: Ints, periods: int, labels: int) -> Floats:
    """[cells, labels] where accounts of a cell are `periods` later, as shares; drawn towards staying put.

    cell, code [A, T]. Who is not on the roster any more by then is left out.
    """
    now, then = cell[:, : -periods or None], code[:, periods:]
    both = (now >= 0) & (then >= 0)
    size = labels * len(STAGES)
    moves = np.bincount(now[both] * labels + then[both], minlength=size * labels)
    counts: Floats = moves.reshape(size, labels).astype(np.float64)
    counts[np.arange(size), np.arange(size) // len(STAGES)] += 1.0
    return np.asarray(counts / counts.sum(axis=1, keepdims=True))
