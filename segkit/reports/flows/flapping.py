"""Accounts that go back and forth, by the flap index of monitoring systems over the last twelve periods."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
from msgspec import Struct

from segkit.engine.flows import NO_MOVES, subject
from segkit.engine.results import Bools
from segkit.engine.state import LEFT
from segkit.periods import Calendar
from segkit.reports.flows.matrix import UNSET
from segkit.ruleset.model import MAIN

STEPS = 11
"""From each of twelve periods to the next."""
OLDEST, NEWEST = 0.75, 1.25
"""Weight of a step: the newest count most."""
BEGINS, ENDS = 0.30, 0.20
"""Shares of changed steps, weighted, from which on an account flaps, and under which it does no more."""
_RULES = "rule_change"


class Flapping(Struct, frozen=True):
    account_id: str
    name: str
    what: str
    """The dimension, or the flag that is set and cleared."""
    share: float
    moves: int
    """Within twelve periods."""
    path: tuple[str, ...]
    """Where it was, the oldest first."""


def flapping(
    transitions: pl.DataFrame, calendar: Calendar, last: date, dimension: str = MAIN
) -> tuple[Flapping, ...]:
    """Who flaps at `last`, the worst first. `transitions`: every published one from the beginning.

    Only moves count: neither joining and leaving the list nor a change of the rules.
    """
    rows = transitions.filter((pl.col("dimension") == dimension) & (pl.col("as_of") <= last))
    rows = subject(rows).rename({"subject": "what"})
    own = rows.filter(~pl.col("cause").is_in([*NO_MOVES, _RULES]))
    if own.is_empty():
        return ()
    who = own.select("account_id", "what").unique().sort("account_id", "what").with_row_index("row")
    own = own.join(who, on=["account_id", "what"])
    start = calendar.index(own["as_of"].min())  # type: ignore[arg-type]
    places = [calendar.index(day) - start for day in own["as_of"]]
    turned = np.zeros((who.height, calendar.index(last) - start + 1), dtype=bool)
    turned[own["row"].to_numpy(), places] = True
    flaps, share = _index(turned)
    ends = rows.group_by("account_id").agg(pl.col("to").last())
    gone = set(ends.filter(pl.col("to") == LEFT)["account_id"])
    recent = own.filter(pl.col("as_of") > calendar.end(calendar.index(last) - STEPS))
    found = []
    for row, account, what in who.filter(pl.Series(flaps)).iter_rows():
        mine = recent.filter(pl.col("row") == row)
        if account not in gone and mine.height:
            path = tuple(each or UNSET for each in [mine["from"][0], *mine["to"]])
            found.append(Flapping(account, mine["name"][-1], what, float(share[row]), mine.height, path))
    return tuple(sorted(found, key=lambda each: (-each.share, each.account_id, each.what)))


def _index(turned: Bools) -> tuple[Bools, np.ndarray]:
    """[rows] who flaps in the last period, and its weighted share of changed steps."""
    weights = np.linspace(OLDEST, NEWEST, STEPS) / STEPS
    padded = np.pad(turned, ((0, 0), (STEPS - 1, 0)))
    flaps = np.zeros(len(turned), dtype=bool)
    share = np.zeros(len(turned))
    for place in range(turned.shape[1]):
        share = padded[:, place : place + STEPS] @ weights
        flaps = (share >= BEGINS) | (flaps & (share > ENDS))
    return flaps, share
