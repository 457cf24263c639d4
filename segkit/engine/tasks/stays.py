"""Runs of periods in which something holds, the first period from a place on, the last one up to a place."""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from segkit.engine.members.membership import Bools, Ints

BEFORE = -1
"""Where a stay began that was under way before the first period."""


class Stays(Struct, frozen=True):
    """[stays] each, by account, then time."""

    account: Ints
    start: Ints
    """Place of the first period; BEFORE for one that goes on."""
    stop: Ints
    """Place of the first period after it; the number of periods for one that still lasts."""

    def at(self, where: Ints) -> Stays:
        return Stays(self.account[where], self.start[where], self.stop[where])


def stays(inside: Bools, before: Bools) -> Stays:
    """`inside` [A, T]; `before` [A]: it held in the period before the first, too."""
    edge = np.zeros((len(before), 1), dtype=np.int8)
    steps = np.diff(np.concatenate([edge, before[:, None], inside, edge], axis=1).astype(np.int8), axis=1)
    account, begun = np.nonzero(steps > 0)
    _, ended = np.nonzero(steps < 0)
    return Stays(account, begun + BEFORE, ended + BEFORE)


def first_from(mask: Bools, account: Ints, place: Ints) -> Ints:
    """[account] the first period at `place` or later in which `mask` [A, T] is true; T for none."""
    periods = mask.shape[1]
    places = np.where(mask, np.arange(periods), periods)
    following = np.minimum.accumulate(places[:, ::-1], axis=1)[:, ::-1]
    padded = np.concatenate([following, np.full((len(mask), 1), periods)], axis=1)
    found: Ints = padded[account, np.minimum(place, periods)]
    return found


def last_until(mask: Bools, account: Ints, place: Ints) -> Ints:
    """[account] the last period up to and with `place` in which `mask` [A, T] is true; BEFORE for none."""
    places = np.where(mask, np.arange(mask.shape[1]), BEFORE)
    found: Ints = np.maximum.accumulate(places, axis=1)[account, place]
    return found
