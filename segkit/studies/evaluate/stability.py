"""How often accounts move, how often they bounce, how long they stay; whether the mix has shifted."""

from __future__ import annotations

from datetime import date

import numpy as np
from msgspec import Struct

from segkit.periods import from_epoch_day
from segkit.studies.evaluate.association import psi, psi_limit
from segkit.studies.evaluate.history import Bools, History, Ints
from segkit.studies.evaluate.survival import kaplan_meier

YEAR = 365.25
BOUNCE = 28
"""Days within which a second move makes a bounce."""
OFTEN = 4
"""Moves a year over which an account moves too often."""
APART = 364
"""Days between the two mixes that are compared, where history is so long."""
APART_AT_LEAST = 91


class Stay(Struct, frozen=True):
    segment: str
    spells: int
    median_periods: int | None
    """Kaplan-Meier over spells that began within the history, running ones censored; None: not reached."""


class Stability(Struct, frozen=True):
    account_years: float
    moves: int
    bounces: int
    restless: int
    """Accounts with more than four moves a year."""
    accounts: int
    unknown: float
    """Share of rostered account-periods of which nothing was known."""
    matrix: tuple[tuple[int, ...], ...]
    """[from][to] counts of account-periods, one period to the next."""
    stays: tuple[Stay, ...]

    @property
    def moves_a_year(self) -> float | None:
        return self.moves / self.account_years if self.account_years else None

    @property
    def bounces_a_year(self) -> float | None:
        return self.bounces / self.account_years if self.account_years else None


def stability(history: History, rostered: Bools) -> Stability:
    """rostered [A, T]: on the roster, known or not."""
    code, size = history.code, len(history.labels)
    both = (code[:, 1:] >= 0) & (code[:, :-1] >= 0)
    moved = both & (code[:, 1:] != code[:, :-1])
    days = np.diff(history.ends)
    years = (both * days[None, :]).sum(axis=1) / YEAR
    pairs = code[:, :-1][both].astype(np.int64) * size + code[:, 1:][both]
    matrix = np.bincount(pairs, minlength=size * size).reshape(size, size)
    moves = moved.sum(axis=1)
    return Stability(
        account_years=float(years.sum()),
        moves=int(moves.sum()),
        bounces=_bounces(moved, history.ends),
        restless=int((moves > OFTEN * np.maximum(years, 1)).sum()),
        accounts=int((code >= 0).any(axis=1).sum()),
        unknown=float((code[rostered] < 0).mean()) if rostered.any() else 0.0,
        matrix=tuple(tuple(int(n) for n in line) for line in matrix),
        stays=tuple(_stay(history, place) for place in range(size)),
    )


def _bounces(moved: Bools, ends: Ints) -> int:
    account, place = np.nonzero(moved)
    day = ends[place + 1]
    return int(((np.diff(account) == 0) & (np.diff(day) <= BOUNCE)).sum())


def _stay(history: History, segment: int) -> Stay:
    inside = np.pad(history.code == segment, ((0, 0), (1, 1))).astype(np.int8)
    step = np.diff(inside, axis=1)
    # Row by row, every start has its end; the one in the first period began at a time that nobody knows.
    account, start = np.nonzero(step == 1)
    end = np.nonzero(step == -1)[1]
    account, start, end = (part[start > 0] for part in (account, start, end))
    # Who leaves the roster, or of whom nothing is known any more, has not left the segment.
    after = np.pad(history.code, ((0, 0), (0, 1)), constant_values=-1)[account, end]
    curve = kaplan_meier((end - start).astype(np.int64), after >= 0)
    return Stay(history.labels[segment], len(start), curve.median())


class Drift(Struct, frozen=True):
    """The mix of segments then and at the end."""

    before: date
    now: date
    mix_before: tuple[int, ...]
    mix_now: tuple[int, ...]
    psi: float
    limit: float
    """What no shift at all exceeds once in twenty with so few accounts, never under 0.1."""

    @property
    def shifted(self) -> bool:
        return self.psi > self.limit


def drift(history: History) -> Drift | None:
    """Against a year before, or the first period where history is shorter; None under 13 weeks."""
    earlier = history.ends <= history.ends[-1] - APART_AT_LEAST
    if not earlier.any():
        return None
    place = int(np.searchsorted(history.ends, history.ends[-1] - APART, "right")) - 1
    place = max(place, 0)
    size = len(history.labels)
    before, now = (_mix(history.code[:, at], size) for at in (place, -1))
    used = (before + now) > 0
    if not before.sum() or not now.sum() or used.sum() < 2:
        return None
    found = psi(before[used], now[used])
    limit = psi_limit(int(before.sum()), int(now.sum()), int(used.sum()))
    return Drift(
        from_epoch_day(int(history.ends[place])),
        from_epoch_day(int(history.ends[-1])),
        tuple(before.tolist()),
        tuple(now.tolist()),
        found,
        limit,
    )


def _mix(code: np.ndarray, size: int) -> Ints:
    return np.bincount(code[code >= 0].astype(np.int64), minlength=size).astype(np.int64)
