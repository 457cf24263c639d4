"""How many tasks a work list holds, period by period."""

from __future__ import annotations

import numpy as np

from segkit.engine.members.membership import Bools, Ints
from segkit.engine.tasks.stays import BEFORE, Stays


def no_load(periods: int) -> Ints:
    """[2, periods] no task at all."""
    return np.zeros((2, periods), dtype=np.int64)


def load_of(found: Stays, closes: Ints, done: Bools, periods: int) -> Ints:
    """[2, periods] tasks that open in each period, and those open at its end.

    [stays] `closes`: place in which the task closes, `periods` for never; `done`: it had closed before.
    """
    opened = np.bincount(found.start[found.start != BEFORE], minlength=periods)
    begun = np.bincount(np.maximum(found.start, 0)[~done], minlength=periods + 1)
    over = np.bincount(closes[~done], minlength=periods + 1)
    return np.stack([opened, np.cumsum(begun - over)[:periods]]).astype(np.int64)
