"""Small panels by hand: counts per week in, four-week values and one attribute beside them."""

from __future__ import annotations

import numpy as np

from benchmarks.baselines.world import values_of
from segkit.engine.baselines import Level, Panel, levels_of
from segkit.engine.counting.values import Bools, Floats


def flat(accounts: int, weeks: int, level: float = 100.0) -> Floats:
    return np.full((accounts, weeks), level)


def panel(counts: Floats, industry: list[int] | None = None, excluded: Bools | None = None) -> Panel:
    """Industry codes 0 = A and 1 = B per account; without them all accounts are one group."""
    levels: tuple[Level, ...] = ()
    if industry is not None:
        codes = np.repeat(np.array(industry, dtype=np.int32)[:, None], counts.shape[1], axis=1)
        levels = levels_of(("industry",), (codes,), (("A", "B"),))
    return Panel(values_of(counts, ~np.isnan(counts) | True), counts, levels, excluded)
