"""On what a row rests: nothing but levels, the window before, or what was expected of the account."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import polars as pl
from msgspec import Struct

from segkit.engine.baselines.apply import BASES, FIRST_PEERS
from segkit.engine.baselines.standing import Standing
from segkit.engine.conditions.because import Because
from segkit.engine.conditions.reads import columns_of
from segkit.engine.members.membership import Bools, Ints
from segkit.ruleset import expr as x
from segkit.ruleset.catalogue import BASELINE_VIEWS

BEFORE = frozenset({"change", "previous", "delta"})
"""Views against the window before."""
NONE, PREVIOUS = BASES.index("none"), BASES.index("previous")
FIRST_SEASON = "first_season"
"""No year of its own tells yet what is usual for the account."""


class Compared(Struct, frozen=True):
    """[rows] each."""

    basis: npt.NDArray[np.int8]
    """Positions in BASES."""
    young: Bools
    peers: npt.NDArray[np.object_]
    """The peers that were asked and how many they are; None where none were."""

    @classmethod
    def nothing(cls, rows: int) -> Compared:
        return cls(
            np.full(rows, NONE, dtype=np.int8), np.zeros(rows, dtype=bool), np.full(rows, None, dtype=object)
        )

    def put(self, rows: Ints, found: Compared) -> None:
        """Writes what was found about some rows."""
        self.basis[rows], self.young[rows], self.peers[rows] = found.basis, found.young, found.peers

    def columns(self) -> dict[str, pl.Series]:
        """basis, confidence, peers."""
        basis = pl.Series([BASES[code] for code in self.basis], dtype=pl.String)
        confidence = pl.Series([FIRST_SEASON if young else None for young in self.young], dtype=pl.String)
        return {
            "basis": basis,
            "confidence": confidence,
            "peers": pl.Series(self.peers.tolist(), dtype=pl.String),
        }


def compared(found: Because, standings: Mapping[str, Standing], account: Ints) -> Compared:
    """Of the first condition that decided by a baseline; else whether one read the window before."""
    result = Compared.nothing(len(account))
    free = np.ones(len(account), dtype=bool)
    for leaf, where in found.decided:
        for column in columns_of(leaf):
            if not isinstance(column, x.Metric):
                continue
            if column.view in BEFORE:
                result.basis[where & free] = PREVIOUS
            if column.view in BASELINE_VIEWS and column.base in standings:
                at = np.flatnonzero(where & free)
                result.put(at, _standing(standings[column.base], account[at]))
                free &= ~where
    return result


def _standing(standing: Standing, account: Ints) -> Compared:
    basis = standing.basis[account]
    peers = [
        f"{group} ({size})" if code >= FIRST_PEERS else None
        for group, size, code in zip(standing.group[account], standing.peers[account], basis, strict=True)
    ]
    told = np.empty(len(account), dtype=object)
    told[:] = peers
    return Compared(basis, standing.first_season[account], told)
