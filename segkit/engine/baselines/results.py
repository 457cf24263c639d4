"""What goes into a baseline, and what comes out of it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from segkit.engine.baselines.fit import Level
from segkit.engine.baselines.groups import GroupView
from segkit.engine.counting.values import Bools, Floats


class Panel(Struct, frozen=True):
    """One metric over n periods of A accounts."""

    values: Floats
    """[A, n] value of the window; NaN: unknown, or the window is not wholly in the account's life."""
    counts: Floats | None = None
    """[A, n] the counts per period that the values sum up, for the cap; None: nothing to cap."""
    levels: tuple[Level, ...] = ()
    excluded: Bools | None = None
    """[A, n] the window holds days that are to be left out of history (a known incident)."""
    paused: Bools | None = None
    """[A, n] nothing is to be said of the period; the value, of the days outside, is for later ones only."""


class Baseline(Struct, frozen=True):
    """What was expected, [A, n] each."""

    vs_expected: Floats
    expected: Floats
    z_score: Floats
    vs_usual: Floats
    usual_is_expected: Bools
    """`vs_usual` had too little of its own reference and repeats `vs_expected`."""
    basis: npt.NDArray[np.int8]
    """Positions in `apply.BASES`."""
    first_season: Bools
    """No year of its own to look at yet."""
    peers: npt.NDArray[np.int32]
    """Accounts with a change in the deepest group of the account; 0 with fewer than ten in the panel."""
    sigma: Floats
    """What a deviation usually amounts to: a logarithm, or in the metric's own unit."""
    reference: Floats
    """Mean of the recent reference windows."""
    change: Floats
    """D: the value against it, ln or in the metric's own unit."""
    groups: tuple[GroupView, ...]
    """All accounts first, then each level."""
