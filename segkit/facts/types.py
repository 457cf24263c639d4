"""What happened, as the engine receives it: accepted rows only, every gap and refusal stated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Protocol

import numpy as np
import numpy.typing as npt
import polars as pl
from msgspec import Struct, field

from segkit.facts.coded import UsageRows
from segkit.periods import Calendar

Bools = npt.NDArray[np.bool_]
Days = npt.NDArray[np.int32]
"""Epoch days; NO_DAY where there is none."""
NO_DAY = np.iinfo(np.int32).min
EARLY_PERIODS = 4
"""First periods of the panel in which an account of unknown signup counts as older than the data."""


class Fold(Protocol):
    """What the engine wants kept of the usage rows of one file: small tables, each under its own key.

    The key names everything that shapes a table, so a table stored under it can be read instead of folded. A
    table without raw_id says something about the groups of `rows.by_day`, line by line.
    """

    @property
    def keys(self) -> tuple[str, ...]: ...

    def __call__(self, rows: UsageRows, keys: tuple[str, ...], daily: bool) -> Mapping[str, pl.DataFrame]:
        """Tables for `keys` from accepted usage rows (columns: see `UsageFacts`).

        With `daily` every row of a table lies within one day (its mask has one bit), so that single days of
        a file can be dropped later.
        """
        ...


class FoldedTable(Protocol):
    """Key of a fold -> its tables of all files, one below the other, not yet merged; days that another file
    replaced are dropped. Has raw_id (text) and day (Int32).
    """

    def __call__(self, key: str, since: int | None = None) -> pl.DataFrame:
        """`since`: rows of earlier days may be left out."""
        ...


class RowsByDay(Protocol):
    """raw_id, day, rows, n, ms, timed: every accepted row of usage, one line per id, day and file.

    n is the sum of `count`, ms that of the milliseconds, timed how many rows say how long they took.
    """

    def __call__(self, since: int | None = None) -> pl.DataFrame:
        """`since`: rows of earlier days may be left out."""
        ...


class Words(Protocol):
    """What the rules know by name, for lists that speak of it; each says what is wrong, None for nothing."""

    @property
    def renamed(self) -> Mapping[str, str]:
        """Old names of segments and flags -> those of today."""
        ...

    def metric(self, word: str) -> str | None:
        """A metric without its view, or an event source."""
        ...

    def segment(self, word: str) -> str | None:
        """A segment or flag."""
        ...

    def condition(self, text: str) -> str | None:
        """A condition without segments in it."""
        ...


class SourceCount(Struct, frozen=True):
    """rows read = accepted + rejected + excluded."""

    source: str
    files: int
    read: int
    accepted: int
    rejected: int
    excluded: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    """Code -> rows, for rejected and excluded rows."""


class Coverage(Struct, frozen=True):
    """What a source speaks about: from its first to its last covered day, without the uncovered periods."""

    source: str
    first: date
    last: date
    why: str
    """`through`, `file name`, `last event − 2 quiet days`, `last row + 28 days` …"""
    covered: Bools
    """[T] per period of the panel."""
    no_outage: Bools | None = None
    """[T] periods of which it is declared that who has no row did nothing; None: of none."""


class UsageFacts(Struct, frozen=True):
    """Usage folded to small tables; raw rows are never held.

    Accepted usage rows, as `Fold` sees them: raw_id (`account:A1`, `user:7`, `email:x@y.z`,
    `subscription_id:S1`; text or a category of it, opaque to a fold), user_key (`user:7`, `email:x@y.z` or
    null), day (Int32 epoch day in the workspace's zone), event, feature, session_id (text), count (Int64, 1
    where not given), seconds (Float64 or null), further declared columns.
    """

    days: RowsByDay
    presence: Callable[[], pl.DataFrame]
    """raw_id, day, mask (UInt64): bit i says that the id has accepted rows on `day` + i (facts.presence);
    several lines of an id may be of the same days."""
    table: FoldedTable
    meant: FoldedTable
    """Key of a fold that counts by day -> rows, n, ms, timed of the rows that it means, line by line as
    `days` (0 where it means none)."""
    receipts: Callable[[], pl.DataFrame] | None = None
    """day, rows, lo, hi: an order-free digest of all that the accepted rows of a day say.

    None: nobody made it, so that nothing can be kept from run to run."""


class Roster(Struct, frozen=True):
    """Who is an account when. Account axis A is sorted by id; period axis T is `Facts.periods`."""

    accounts: tuple[str, ...]
    on: Bools
    """[A, T] on the roster at the end of the period."""
    start: Days
    """[A] first day of the account's life: signup, else first event, else first snapshot."""
    signup_known: Bools
    """[A] whether `start` is a stated signup date (or a first event the panel could see begin)."""
    snapshots: pl.DataFrame
    """Account snapshots with the attributes as canonical columns (dates as Date, numbers as Float64)."""
    snapshot: npt.NDArray[np.int32]
    """[A, T] row of `snapshots` that holds at the end of the period; -1 for none."""


class Facts(Struct, frozen=True):
    """Everything known by the end of `periods[-1]`; the engine never looks behind it."""

    calendar: Calendar
    periods: npt.NDArray[np.int32]
    """[T] consecutive period indices of the panel; the last one ends on as_of."""
    roster: Roster
    coverage: Mapping[str, Coverage]
    """By source; a source never given is absent."""
    mapping: pl.DataFrame
    """raw_id, account_id, from_day, to_day (Int32, inclusive, null = open), evidence."""
    people: pl.DataFrame
    """user_key, person, from_day, department, is_key, deactivated_day (Int32), account_id: one line per user
    key. One that is found to be somebody has a line from each from_day on instead, and is itself before."""
    tables: Mapping[str, pl.DataFrame]
    """Accepted rows of every source but usage and accounts, account_id resolved (null = orphan), columns of
    kind date or moment as Date plus `day` (Int32) for the source's dating column; beside a moment stands
    `<column>_seconds` (Int64, since 1970 in UTC; midnight where no time was given). Absent = never given."""
    usage: UsageFacts | None
    counts: tuple[SourceCount, ...] = ()
    mergers: pl.DataFrame | None = None
    """account_id, into, from_day (Int32, the first day of a period; null = it always was another name)."""
    pauses: pl.DataFrame | None = None
    """Pauses begun by the end, sorted: account_id, or attribute and value, or none of them for everybody;
    first, last (Int32, inclusive), reason, metrics (names of metrics and sources; empty: every event source).
    None = no such list."""
    overrides: pl.DataFrame | None = None
    """Overrides begun by the end, sorted so that of two of one account and segment the later row wins:
    account_id, segment, inside, first, last (Int32, inclusive; null = open), until (the text of a condition),
    by, reason. None = no such list."""

    @property
    def as_of(self) -> date:
        return self.calendar.end(int(self.periods[-1]))
