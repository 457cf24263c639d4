"""Accounts that earlier periods decided and today's files no longer name: off the roster, not forgotten."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from segkit.engine.results import State
from segkit.facts.types import NO_DAY, Facts, Roster


def with_vanished(facts: Facts, state: State) -> Facts:
    """Facts whose account axis also holds every account of the state, so that those that are gone leave."""
    roster = facts.roster
    gone = set(state.primaries["account_id"].unique().to_list()) - set(roster.accounts)
    if not gone:
        return facts
    accounts = tuple(sorted(gone | set(roster.accounts)))
    place = {account: at for at, account in enumerate(accounts)}
    rows = np.array([place[account] for account in roster.accounts], dtype=np.int64)

    def wide(values: npt.NDArray[Any], empty: int | bool) -> npt.NDArray[Any]:
        whole = np.full((len(accounts), *values.shape[1:]), empty, dtype=values.dtype)
        whole[rows] = values
        return whole

    wider = Roster(
        accounts,
        wide(roster.on, False),
        wide(roster.start, NO_DAY),
        wide(roster.signup_known, False),
        roster.snapshots,
        wide(roster.snapshot, -1),
    )
    return replace(facts, roster=wider)
