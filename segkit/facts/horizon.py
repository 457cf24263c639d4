"""Up to when the sources speak, and so which period is decided."""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt

from segkit.errors import InputError, Problem
from segkit.facts.coverage import AsOf, Span, choose_as_of, usage_span
from segkit.facts.mapping import DATE_MARK
from segkit.facts.taken import Taken
from segkit.facts.taking.gather import Gathered
from segkit.facts.taking.intake import ROWS
from segkit.periods import EPOCH, Calendar, epoch_day, from_epoch_day


def choose(
    taken: Taken,
    calendar: Calendar,
    asked: date | None,
    today: date,
    quiet_days: int,
) -> tuple[AsOf, Span]:
    """By usage; without it by measures, else by the snapshots of accounts, else by whatever has dates."""
    horizon = epoch_day(today)
    if taken.usage is not None:
        receipts, files = taken.usage.receipts, taken.usage.gathered.files
        days = receipts["day"].drop_nulls().to_numpy()
        days = days[days <= horizon] if (days <= horizon).any() else days
        through, named = through_of(taken.usage.gathered)
        span = usage_span(days, through, named, quiet_days)
        rows_in = periods_of(days, calendar)
        declared = no_outage(taken.usage.gathered, calendar)
        # Without a declared end the rows say up to when the export speaks.
        told = declared if through is not None else declared[declared < rows_in[-1]]
        rows_in = np.union1d(rows_in, told)
        return choose_as_of(span, rows_in, calendar, asked, today, files[-1].place()), span
    name, days = _other_days(taken)
    first, last = from_epoch_day(int(days.min())), from_epoch_day(int(days.max()))
    if name == "accounts":
        period = calendar.last_complete(last)
        span = Span(calendar.start(period), calendar.end(period), f"snapshot of {last}")
    else:
        span = Span(first, last, f"last row of {name}")
    place = taken.all[name].files[-1].place()
    return choose_as_of(span, None, calendar, asked, today, place), span


def through_of(gathered: Gathered) -> tuple[date | None, bool]:
    """The declared end of a source; the newest date in its file names where that is declared."""
    declared = gathered.config.through
    if declared == DATE_MARK:
        dates = [file.dated for file in gathered.files if file.dated is not None]
        return max(dates, default=None), True
    return (declared if isinstance(declared, date) else None), False


def no_outage(gathered: Gathered, calendar: Calendar) -> npt.NDArray[np.int32]:
    """Sorted indices of the periods in which who has no row is declared to have done nothing."""
    return np.unique(np.array([calendar.index(day) for day in gathered.config.no_outage], np.int32))


def periods_of(days: npt.NDArray[np.int32], calendar: Calendar) -> npt.NDArray[np.int32]:
    """Sorted indices of the periods that hold any of these epoch days."""
    return np.unique(period_of(np.unique(days), calendar)).astype(np.int32)


def period_of(days: npt.NDArray[np.int32], calendar: Calendar) -> npt.NDArray[np.int64]:
    """The period of each of these epoch days."""
    if calendar.unit == "month":
        return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + 12 * EPOCH.year
    since = days.astype(np.int64)
    return since if calendar.unit == "day" else (since - epoch_day(calendar.start(0))) // 7


def _other_days(taken: Taken) -> tuple[str, npt.NDArray[np.int32]]:
    """The source that dates a workspace without usage, and the days of its rows."""
    dated = [name for name in ("measures", *taken.tables) if name in taken.tables]
    for name in dated:
        rows = taken.tables[name].rows
        if "day" in rows.columns and rows.height:
            return name, rows["day"].drop_nulls().to_numpy()
    days = _snapshot_days(taken.accounts) if taken.accounts is not None else np.array([], np.int32)
    if not days.size:
        hint = "add usage or measures, or date the accounts: accounts_{date}.csv"
        raise InputError(Problem("D106", "no source says when anything happened", None, hint))
    return "accounts", days


def _snapshot_days(accounts: Gathered) -> npt.NDArray[np.int32]:
    stated = [epoch_day(file.dated) for file in accounts.files if file.dated is not None]
    rows = accounts.table(ROWS)
    if "snapshot_at" in rows.columns:
        stated += rows["snapshot_at"].drop_nulls().to_physical().to_list()
    return np.array(stated, np.int32)
