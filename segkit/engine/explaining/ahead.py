"""When a latch turns at the earliest: the one scan there is, run ahead on answers that ask for it."""

from __future__ import annotations

import numpy as np

from segkit.engine.members.membership import Answers, Ground, Latches, scan
from segkit.ruleset.model import Segment


def turns(segment: Segment, latch: Latches, period: int) -> int:
    """Periods after `period` until the latch of one account turns, if every answer to come asks for it."""
    inside = bool(latch.inside[0])
    into, out = segment.enter_after, segment.exit_after
    length = max(segment.min_stay, segment.cooldown, into.of, out.of) + 1
    shape = (1, length)
    enter = np.full(shape, not inside, dtype=np.int8)
    leave = None if segment.exit is None else np.full(shape, inside, dtype=np.int8)
    off = np.zeros((length, 1), dtype=bool)
    periods = np.arange(period + 1, period + 1 + length, dtype=np.int32)
    found = scan(segment, Answers(enter, leave), Ground(~off, off, off, periods), latch)
    return 1 + int(np.argmax(found.member[0] != inside))
