"""What was decided, as values: per account and period, and the state the next run starts from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl
from msgspec import Struct, field

from segkit.engine.baselines.standing import Drawn
from segkit.engine.tasks.carried import TASKS

Bools = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int16]

OUTSIDE: Final = -3
"""Not yet, or no longer, on the roster."""
UNKNOWN: Final = -1
"""On the roster, but nothing is known yet."""
# Codes 0..n-1 are the dimension's segments in order; n is its `otherwise`.

CAUSES: Final = ("roster", "first_seen", "override", "rule_change", "data", "timer", "behaviour")


HELD: Mapping[str, Any] = {
    "account_id": pl.String,
    "segment": pl.String,
    "said": pl.Int8,
    "weeks": pl.Int64,
    "who": pl.String,
}
"""`said`: 1 in, -1 out, 0 nothing any more. `weeks`: periods of membership so far, 0 while out. `who`: by
whom and until when; empty where nothing is said."""
ENDED: Mapping[str, Any] = {
    "account_id": pl.String,
    "segment": pl.String,
    "inside": pl.Boolean,
    "first": pl.Int32,
    "until": pl.String,
}


class DimensionResult(Struct, frozen=True):
    """Primary of one dimension, [A, T] over the decided periods."""

    name: str
    labels: tuple[str, ...]
    """Code -> segment name; the last one is `otherwise`."""
    primary: Codes
    weeks_in: npt.NDArray[np.int32]
    """Periods the current primary has lasted, 1 in its first."""
    stale: Bools

    def label(self, code: int) -> str | None:
        """Segment name; `unknown` for UNKNOWN, None for OUTSIDE."""
        return "unknown" if code == UNKNOWN else None if code == OUTSIDE else self.labels[code]


class State(Struct, frozen=True):
    """Everything the next period needs from the past: ints, booleans and texts, written without loss.

    latches: one row per account and segment or flag. primaries: one row per account and dimension. held: one
    row per account and segment where what holds is not what the latch says, or somebody said so: columns
    HELD. ended: overrides that their condition has ended: columns ENDED. tasks: columns TASKS.
    """

    as_of: date
    logic: str
    latches: pl.DataFrame
    primaries: pl.DataFrame
    held: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=HELD))
    ended: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=ENDED))
    tasks: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=TASKS))


class Outage(Struct, frozen=True):
    """A week in which so many accounts fell silent at once that the export is suspected, not they."""

    week: date
    """Its last day."""
    silent: int
    steady: int
    """Accounts with use in each of their last eight known weeks; `silent` of them have no row."""
    limit: float
    """The share of them that would have been believed."""


class Decisions(Struct, frozen=True):
    """The decided periods, the last of them as_of.

    assignments: one row per account on the roster at as_of, the columns of design §9 that come from deciding.
    transitions: account_id, as_of, dimension (`flags` for flags), from, to, cause, because; sorted.
    """

    accounts: tuple[str, ...]
    as_of: tuple[date, ...]
    """[T] last day of each decided period."""
    dimensions: Mapping[str, DimensionResult]
    member: Mapping[str, Bools]
    """Segment or flag -> [A, T] effective membership."""
    on_roster: Bools
    assignments: pl.DataFrame
    transitions: pl.DataFrame
    state: State
    off: Mapping[str, str]
    """Segment -> why it is off (`no surveys`), for segments that hang on a source never given."""
    notes: tuple[str, ...] = ()
    outages: tuple[Outage, ...] = ()
    """Suspected ones of all known weeks, oldest first; what is zero there is read as unknown."""
    came: npt.NDArray[np.int64] | None = None
    """[P] accounts with use in each period of the facts; None where nobody counted."""
    metrics_unknown: Mapping[str, float] | None = None
    """Metric key -> share of rostered accounts without a value at as_of."""
    dipped: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Metric -> accounts that fell at as_of, and no further than was expected of them."""
    paused: pl.DataFrame | None = None
    """Accounts paused at as_of: account_id, until, reason, metrics (empty: all that read events); None where
    no list of pauses was given."""
    overridden: pl.DataFrame | None = None
    """Overrides at as_of: columns `overridden.OVERRIDDEN`; None where no list of overrides was given."""
    drawn: Drawn | None = None
    """The metric that the main dimension compares with what was expected; None where it compares with nothing
    expected."""
    groups: pl.DataFrame | None = None
    """Peer groups at as_of: as_of, metric, level, group, accounts, unit, change, last_years, verdict; changes
    are shares or in the metric's `own` unit. None where the rules compare with nothing expected."""
    trials: tuple[str, ...] = ()
    """Segments and flags on trial; `member` has them, too."""
    load: npt.NDArray[np.int64] | None = None
    """[2, T] tasks that open in each period, and those open at its end; None where nobody counted."""
