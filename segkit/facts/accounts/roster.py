"""Who is an account when: from the snapshots, else from being seen."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from segkit.facts.accounts.ledger import DAY, ID, PRESENT
from segkit.facts.types import EARLY_PERIODS, NO_DAY, Roster
from segkit.periods import Calendar, epoch_day

_NONE = np.int32(NO_DAY)


def roster_from(
    versions: pl.DataFrame,
    first_seen: pl.DataFrame,
    periods: npt.NDArray[np.int32],
    calendar: Calendar,
    grace: int,
) -> Roster:
    """versions: account rows of the ledger. first_seen: account_id, day of the first usage row.

    A snapshot holds from its date on, from a period's end on when dated up to `grace` days after it; the
    earliest also before its date. Without a signup date a life begins at the first event, or with the period
    from which the first snapshot that names the account holds, if that is earlier.
    """
    ends = np.array([epoch_day(calendar.end(int(p))) for p in periods], np.int64)
    known = (pl.col(DAY) <= int(ends[-1]) + grace) | (pl.col(DAY) == pl.col(DAY).min())
    rows = versions.filter(known).sort(ID, DAY)
    accounts = rows[ID].unique().sort()
    held, snapshots = _held(rows, accounts, ends + grace)
    named = _days(rows.filter(pl.col(PRESENT)).group_by(ID).agg(pl.col(DAY).min()), accounts, DAY)
    first_named = _from_period_end(named, ends, grace)
    seen = _days(first_seen, accounts, "day")
    fallback = np.minimum(np.where(seen == NO_DAY, np.iinfo(np.int32).max, seen), first_named)
    signup, churned = _column(snapshots, "signup_date"), _column(snapshots, "churned_at")
    there, days = held >= 0, ends.astype(np.int32)
    # Row -1, no snapshot, reads the last one.
    own = np.append(signup, _NONE)[held]
    on = there & (np.where(own == NO_DAY, fallback[:, None], own) <= days)
    if (churned != NO_DAY).any():
        left = np.append(churned, _NONE)[held]
        on &= (left == NO_DAY) | (left > days)
    last = _last_known(own, there)
    start = np.where(last == NO_DAY, fallback, last).astype(np.int32)
    stated = (last != NO_DAY) | (start > _early(ends))
    return Roster(tuple(accounts.to_list()), on, start, stated, snapshots, held)


def roster_of_seen(first_seen: pl.DataFrame, periods: npt.NDArray[np.int32], calendar: Calendar) -> Roster:
    """Without an accounts source: every account seen, from its first event on."""
    ends = np.array([epoch_day(calendar.end(int(p))) for p in periods], np.int64)
    seen = first_seen.filter(pl.col("day") <= int(ends[-1])).sort("account_id")
    start = seen["day"].to_numpy().astype(np.int32)
    on = start[:, None] <= ends
    empty = pl.DataFrame(schema={DAY: pl.Int32, ID: pl.String})
    none = np.full(on.shape, -1, np.int32)
    return Roster(tuple(seen["account_id"]), on, start, start > _early(ends), empty, none)


def _from_period_end(
    named: npt.NDArray[np.int32], ends: npt.NDArray[np.int64], grace: int
) -> npt.NDArray[np.int32]:
    """[A] days of snapshots; one up to `grace` days after a period's end speaks for that end already."""
    place = np.searchsorted(ends + grace, named, "left")
    end = np.append(ends, np.iinfo(np.int32).max)[place]
    begin: npt.NDArray[np.int32] = np.minimum(named, end).astype(np.int32)
    return begin


def _early(ends: npt.NDArray[np.int64]) -> int:
    return int(ends[min(EARLY_PERIODS, len(ends)) - 1])


def _held(
    rows: pl.DataFrame, accounts: pl.Series, limits: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int32], pl.DataFrame]:
    """[A, T] row of the returned snapshots that holds; -1 for none or for an account no longer named."""
    shape = (len(accounts), len(limits))
    index = np.full(shape, -1, np.int32)
    if rows.is_empty():
        return index, rows.drop(PRESENT)
    which = accounts.search_sorted(rows[ID]).to_numpy().astype(np.int64)
    day = rows[DAY].to_numpy()
    period = np.where(day == day.min(), 0, np.searchsorted(limits, day, "left"))
    inside = period < shape[1]
    # Rows are sorted by account and day, so that the highest row number of a cell is its newest version.
    np.maximum.at(index, (which[inside], period[inside]), np.flatnonzero(inside).astype(np.int32))
    np.maximum.accumulate(index, axis=1, out=index)
    present = rows[PRESENT].to_numpy()
    # Row -1, none yet, reads the last one.
    number = np.append(np.where(present, np.cumsum(present) - 1, -1), -1).astype(np.int32)
    return number[index], rows.filter(pl.col(PRESENT)).drop(PRESENT)


def _days(frame: pl.DataFrame, accounts: pl.Series, column: str) -> npt.NDArray[np.int32]:
    whole = pl.DataFrame({ID: accounts}).join(
        frame.select(ID, pl.col(column).cast(pl.Int32)), on=ID, how="left", maintain_order="left"
    )
    return whole[column].fill_null(NO_DAY).to_numpy().astype(np.int32)


def _column(snapshots: pl.DataFrame, name: str) -> npt.NDArray[np.int32]:
    if name not in snapshots.columns:
        return np.full(snapshots.height, NO_DAY, np.int32)
    return snapshots[name].to_physical().cast(pl.Int32).fill_null(NO_DAY).to_numpy().astype(np.int32)


def _last_known(own: npt.NDArray[np.int32], there: npt.NDArray[np.bool_]) -> npt.NDArray[np.int32]:
    """[A] the signup of the newest snapshot that names the account."""
    newest = there.shape[1] - 1 - np.argmax(there[:, ::-1], axis=1)
    picked: npt.NDArray[np.int32] = own[np.arange(len(own)), newest]
    return np.where(there.any(axis=1), picked, NO_DAY)
