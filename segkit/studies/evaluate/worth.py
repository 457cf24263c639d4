"""The same in money, and whether rates of yesterday foretell those of today."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from segkit.studies.evaluate.history import Lives
from segkit.studies.evaluate.landmarks import Rows
from segkit.studies.evaluate.numbers import FEW
from segkit.studies.evaluate.rates import Share


class Money(Struct, frozen=True):
    """ARR at landmarks, as it was known then; no interval: few large accounts carry most of it."""

    marked: float
    """Of accounts in risk."""
    right: float
    """Of those of them that left."""
    left: float
    """Of all accounts that left."""
    unknown: int
    """Accounts at landmarks without a known ARR; not among these amounts."""


def money(rows: Rows, lives: Lives, risk: Sequence[int]) -> Money | None:
    """None where no ARR is known."""
    if lives.arr is None or not len(rows.left):
        return None
    arr = lives.arr[rows.account, rows.period]
    known = ~np.isnan(arr)
    if not known.any():
        return None
    marked = np.isin(rows.segment, np.asarray(risk)) & known
    sums = [float(arr[here].sum()) for here in (marked, marked & rows.left, rows.left & known)]
    return Money(sums[0], sums[1], sums[2], int((~known).sum()))


class Held(Struct, frozen=True):
    segment: str
    before: Share
    now: Share


class Calibration(Struct, frozen=True):
    """The rate of each segment in the earlier half of the landmarks beside that in the later half."""

    segments: tuple[Held, ...]
    brier: float
    """Mean squared error of foretelling the later half by each segment's earlier rate."""
    brier_of_one_rate: float
    """The same by the earlier rate of all."""

    @property
    def skill(self) -> float:
        """Share of the error that segments save; under 0: worse than one rate for all."""
        return 1 - self.brier / self.brier_of_one_rate


def calibration(rows: Rows, labels: Sequence[str]) -> Calibration | None:
    """None under two landmarks, or with under five ends in either half."""
    periods = np.unique(rows.period)
    if len(periods) < 2:
        return None
    early = rows.period < periods[len(periods) // 2]
    one, other = rows.within(early), rows.within(~early)
    if min(int(one.left.sum()), int(other.left.sum())) < FEW:
        return None
    (left, every), (later_left, later) = (each.counts(len(labels)) for each in (one, other))
    whole = left.sum() / every.sum()
    # A segment that nobody was in before is foretold by the rate of all.
    rates = np.where(every > 0, left / np.maximum(every, 1), whole)
    errors = [
        float(((chance - other.left) ** 2).mean())
        for chance in (rates[other.segment], np.full(len(other.left), whole))
    ]
    return Calibration(
        tuple(
            Held(name, Share.of(int(left[at]), int(every[at])), Share.of(int(later_left[at]), int(later[at])))
            for at, name in enumerate(labels)
            if every[at] or later[at]
        ),
        errors[0],
        errors[1],
    )
