"""What is learned from and judged on: accounts at landmarks, what was known of them, what happened next."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from segkit.studies.evaluate.history import NEVER, Bools, Dated, History, Ints, Lives

Floats = npt.NDArray[np.float64]
EVERY = 28
"""Days between landmarks."""
CLIP = 3.0
RARE = 0.01
"""Share of known or unknown values under which it is not worth a column of its own that they are unknown."""


class Examples(Struct, frozen=True):
    """Accounts at landmarks, all [N], by period and account."""

    account: Ints
    period: Ints
    happened: Bools
    """Within the horizon after the landmark."""

    def within(self, mask: Bools) -> Examples:
        return Examples(self.account[mask], self.period[mask], self.happened[mask])


def examples(history: History, lives: Lives, event: Dated, days: int) -> Examples:
    """Every account alive and without notice at a landmark whose next `days` days are known."""
    parts = []
    latest = lives.until - days
    for period in range(len(history.ends) - 1, -1, -1):
        end = int(history.ends[period])
        if end > latest:
            continue
        latest = end - EVERY
        account = np.flatnonzero(lives.alive(history, period))
        day = np.full(len(account), end)
        lost = (lives.churned.after(account, day) == NEVER) & (lives.gone.after(account, day) <= end + days)
        account, day = account[~lost], day[~lost]
        parts.append((account, np.full(len(account), period), event.after(account, day) <= end + days))
    found = [np.concatenate([part[at] for part in reversed(parts)] or [np.zeros(0, int)]) for at in range(3)]
    return Examples(found[0].astype(np.int64), found[1].astype(np.int64), found[2].astype(bool))


class Scale(Struct, frozen=True):
    """How values become columns of about the same size; learned from some examples, used on all."""

    names: tuple[str, ...]
    middle: Floats
    width: Floats
    unknown: tuple[int, ...]
    """Places of the names for which being unknown has a column of its own."""

    @classmethod
    def of(cls, values: Mapping[str, Floats]) -> Scale:
        """values: name -> [N], NaN for unknown. What never varies is left out."""
        names: list[str] = []
        middles: list[float] = []
        widths: list[float] = []
        unknown: list[int] = []
        for name, column in values.items():
            known = column[~np.isnan(column)]
            if not len(known) or known.min() == known.max():
                continue
            low, middle, high = np.quantile(known, [0.1, 0.5, 0.9])
            width = (high - low) / 2.56 if high > low else float(known.std())
            if RARE < 1 - len(known) / len(column) < 1 - RARE:
                unknown.append(len(names))
            names.append(name)
            middles.append(float(middle))
            widths.append(float(width))
        return cls(tuple(names), np.array(middles), np.array(widths), tuple(unknown))

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.names, *(f"{self.names[at]} is unknown" for at in self.unknown))

    def __call__(self, values: Mapping[str, Floats]) -> Floats:
        """[N, columns]; an unknown value counts as one in the middle."""
        if not self.names:
            return np.zeros((len(next(iter(values.values()), [])), 0))
        raw = np.stack([values[name] for name in self.names], axis=1)
        scaled = np.clip((raw - self.middle) / self.width, -CLIP, CLIP)
        gaps = np.isnan(raw[:, list(self.unknown)]).astype(np.float64)
        return np.concatenate([np.nan_to_num(scaled), gaps], axis=1)
