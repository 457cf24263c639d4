"""The primary segment of a dimension: the first that an account is a member of, and how long it has been."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from segkit.engine.members.membership import Bools, Tri
from segkit.engine.results import OUTSIDE, UNKNOWN, Codes
from segkit.ruleset.model import Dimension

Counts = npt.NDArray[np.int32]


class Standing(Struct):
    """Where each account stands in one dimension, [A] each: what the next period needs."""

    code: Codes
    """OUTSIDE while not on the roster."""
    weeks: Counts
    previous: Codes
    """The primary before the current one; OUTSIDE for none."""
    known: Bools
    """Something about this dimension has been known since the account joined."""
    dark: Counts
    """Unpaused periods in a row in which nothing that reads events was known."""
    seen: Bools
    """The account has been on the roster before."""

    @classmethod
    def outside(cls, accounts: int) -> Standing:
        """Nobody has been seen, as before the panel starts."""
        return cls(
            np.full(accounts, OUTSIDE, np.int16),
            np.zeros(accounts, np.int32),
            np.full(accounts, OUTSIDE, np.int16),
            np.zeros(accounts, bool),
            np.zeros(accounts, np.int32),
            np.zeros(accounts, bool),
        )


class Said(Struct, frozen=True):
    """What overrides make of a dimension."""

    member: list[Bools]
    """[A, T] effective membership per segment."""
    put: Codes
    """[A, T] place of the segment that an account was put into; -1 for none."""


class Primary(Struct, frozen=True):
    """One dimension over the decided periods, [A, T]."""

    code: Codes
    weeks: Counts
    stale: Bools
    returned: Bools
    """First period on the roster after having been off it."""
    ruled: Codes
    """[A] what the primary of the last period would be without overrides of that period."""
    after: Standing


def primary(
    dimension: Dimension,
    latches: list[Bools],
    enter: list[Tri],
    lit: Bools,
    on: Bools,
    paused: Bools | None,
    said: Said | None,
    before: Standing,
) -> Primary:
    """`latches` and `enter` per segment of the dimension, `lit` where something that reads events is known,
    `said` what overrides make of it.

    A dimension is stale after the longest `max_gap` of its segments in the dark, not counting `paused`.
    """
    accounts, periods = on.shape
    ruled = first_of(latches)
    told = np.zeros((accounts, periods), dtype=bool)
    for place in range(len(dimension.segments)):
        told |= latches[place] | (enter[place] >= 0)
    fits = ruled if said is None else first_of(said.member)
    patience = max((segment.max_gap for segment in dimension.segments), default=4)
    now = before
    code, weeks = np.empty_like(fits), np.empty(on.shape, dtype=np.int32)
    stale, returned = np.zeros_like(on), np.zeros_like(on)
    for t in range(periods):
        here = on[:, t]
        known = here & (now.known | told[:, t])
        code[:, t] = np.where(known, fits[:, t], np.where(here, UNKNOWN, OUTSIDE))
        if said is not None:
            code[:, t] = np.where(here & (said.put[:, t] >= 0), said.put[:, t], code[:, t])
        same = here & (code[:, t] == now.code)
        weeks[:, t] = np.where(same, now.weeks + 1, here)
        returned[:, t] = here & (now.code == OUTSIDE) & now.seen
        more = 1 if paused is None else ~paused[:, t]
        dark = np.where(here & ~lit[:, t], now.dark + more, 0)
        stale[:, t] = dark >= patience
        previous = np.where(same, now.previous, np.where(here, now.code, OUTSIDE))
        now = Standing(code[:, t], weeks[:, t], previous, known, dark, now.seen | here)
    ruled_now = np.where(now.known, ruled[:, -1], UNKNOWN).astype(np.int16)
    return Primary(code, weeks, stale, returned, ruled_now, now)


def first_of(member: list[Bools]) -> Codes:
    """[A, T] place of the first segment with a member; one behind the last for none."""
    fits = np.full(member[0].shape, len(member), dtype=np.int16)
    for place in reversed(range(len(member))):
        fits[member[place]] = place
    return fits
