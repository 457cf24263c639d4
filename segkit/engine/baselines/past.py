"""What a period needs of those before it, so that one more week costs one week."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from segkit.engine.baselines.groups import GroupPast
from segkit.engine.baselines.rolling import joined, kept, picked, without
from segkit.engine.baselines.settings import CAP_WEEKS, NOISE_WEEKS, Settings
from segkit.engine.values import Bools, Floats


@dataclass(frozen=True, slots=True)
class Past:
    """The newest columns of what was computed, [A, h], each with an h of its own; NaN: unknown, left out."""

    counts: Floats
    """Counts per period as they came."""
    values: Floats
    """Values of the window, outliers capped."""
    beside_recent: Floats
    beside_usual: Floats
    """P against either reference."""
    lr: Floats
    groups_recent: tuple[GroupPast | None, ...]
    groups_usual: tuple[GroupPast | None, ...]
    """One per level, all accounts first; None before the first period."""

    @classmethod
    def empty(cls, accounts: int, levels: int) -> Past:
        nothing = np.zeros((accounts, 0))
        return cls(nothing, nothing, nothing, nothing, nothing, (None,) * levels, (None,) * levels)

    def of(self, rows: npt.NDArray[np.int64]) -> Past:
        """The past on another account axis: each account's old position, -1 for one not seen before."""
        return replace(
            self,
            counts=picked(self.counts, rows),
            values=picked(self.values, rows),
            beside_recent=picked(self.beside_recent, rows),
            beside_usual=picked(self.beside_usual, rows),
            lr=picked(self.lr, rows),
        )

    def with_groups(self, recent: tuple[GroupPast, ...], usual: tuple[GroupPast, ...]) -> Past:
        return replace(self, groups_recent=recent, groups_usual=usual)


def keep(
    past: Past,
    counts: Floats | None,
    told: tuple[Floats, Floats, Floats, Floats],
    excluded: Bools | None,
    settings: Settings,
) -> Past:
    """Past and new columns, as many of each as the next period can reach.

    `told`: values, P against the recent and the usual reference, LR; what is excluded becomes NaN here.
    """

    def both(before: Floats, now: Floats, columns: int) -> Floats:
        first = max(now.shape[1] - columns, 0)
        mask = None if excluded is None else excluded[:, first:]
        return kept(joined(before, without(now[:, first:], mask)), columns)

    values, beside_recent, beside_usual, lr = told
    years = settings.lags[-1] + settings.halo
    cap = settings.weeks(CAP_WEEKS) + settings.step - 1
    return replace(
        past,
        counts=past.counts if counts is None else kept(joined(past.counts, counts[:, -cap:]), cap),
        values=both(past.values, values, settings.step * settings.usual),
        beside_recent=both(past.beside_recent, beside_recent, years),
        beside_usual=both(past.beside_usual, beside_usual, years),
        lr=both(past.lr, lr, settings.weeks(NOISE_WEEKS) + settings.noise_lag - 1),
    )
