"""What the data speak about, and so the last period that can be decided."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from segkit.errors import InputError, Place, Problem
from segkit.facts.types import Coverage
from segkit.periods import Calendar, epoch_day, from_epoch_day


class Span(Struct, frozen=True):
    """First and last covered day of a source, and how the last one is known."""

    first: date
    last: date
    why: str
    other: date | None = None
    """The last day by the rows alone, where another rule decided."""


class AsOf(Struct, frozen=True):
    """The period to decide, and why it is that one."""

    period: int
    first: int
    """First complete period of coverage: where the panel starts."""
    why: str


def usage_span(days: npt.NDArray[np.int32], through: date | None, named: bool, quiet_days: int) -> Span:
    """days: epoch days with rows, not empty. `through` is what was declared, or stands in the file name."""
    first, last = from_epoch_day(int(days.min())), from_epoch_day(int(days.max()))
    if through is not None:
        return Span(first, through, "date in the file name" if named else "through", last)
    quiet = last + timedelta(days=quiet_days)
    return Span(first, quiet, f"last event {last} + {quiet_days} quiet days", last)


def choose_as_of(
    span: Span,
    rows_in: npt.NDArray[np.int32] | None,
    calendar: Calendar,
    asked: date | None,
    today: date,
    place: Place | None,
) -> AsOf:
    """rows_in: sorted indices of the periods that hold a row of the deciding source; None: all are covered.

    Raises InputError D106 where the period asked for, or any at all, is not covered.
    """
    first = calendar.index(span.first)
    first = first if calendar.start(first) == span.first else first + 1
    newest = calendar.last_complete(min(span.last, today))
    if rows_in is not None and len(rows_in) and span.why != "through" and "name" not in span.why:
        newest = min(newest, int(rows_in[-1]))
    if asked is not None:
        return AsOf(_asked(asked, first, newest, rows_in, calendar, today, span, place), first, "as asked")
    if newest < first:
        unit = calendar.unit
        what = f"no complete {unit} is covered: rows from {span.first} to {span.last} ({span.why})"
        raise InputError(Problem("D106", what, place, f"a {unit} is decided once it is over"))
    if rows_in is not None and newest not in rows_in:
        raise InputError(_silent(newest, rows_in, calendar, span, place))
    return AsOf(newest, first, _why(span, newest, first, calendar, today))


def _asked(
    asked: date,
    first: int,
    newest: int,
    rows_in: npt.NDArray[np.int32] | None,
    calendar: Calendar,
    today: date,
    span: Span,
    place: Place | None,
) -> int:
    period = calendar.index(asked)
    if asked > today:
        what, hint = f"{asked} lies in the future (today is {today})", None
        raise InputError(Problem("D106", what, place, hint))
    if calendar.end(period) != asked:
        before, after = calendar.end(period - 1), calendar.end(period)
        what = f"{asked} is not the last day of a {calendar.unit}"
        raise InputError(Problem("D106", what, None, f"write {before} or {after}"))
    last = f"the last covered {calendar.unit} ends {calendar.end(newest)}"
    if newest < first:
        last = f"rows reach from {span.first} to {span.last}, no complete {calendar.unit}"
    if period > newest:
        what = f"the export does not cover the {calendar.unit} that ends {asked}: it reaches to {span.last}"
        raise InputError(Problem("D106", f"{what} ({span.why})", place, last))
    if period < first:
        what = f"the {calendar.unit} that ends {asked} lies before the first complete one"
        raise InputError(Problem("D106", what, place, f"the first covered ends {calendar.end(first)}"))
    if rows_in is not None and period not in rows_in:
        raise InputError(_silent(period, rows_in, calendar, span, place))
    return period


def _silent(
    period: int, rows_in: npt.NDArray[np.int32], calendar: Calendar, span: Span, place: Place | None
) -> Problem:
    earlier = rows_in[rows_in < period]
    what = f"no usage row lies in the {calendar.unit} that ends {calendar.end(period)}"
    hint = "export that time again"
    if len(earlier):
        hint = f"the last {calendar.unit} with rows ends {calendar.end(int(earlier[-1]))}; {hint}"
    hint += f", or if nothing happened then, write no_outage: [{calendar.end(period)}] under usage"
    return Problem("D106", f"{what}, though the export is said to reach to {span.last}", place, hint)


def _why(span: Span, newest: int, first: int, calendar: Calendar, today: date) -> str:
    why = f"covered to {span.last} ({span.why})"
    if span.last > today:
        why = f"today is {today}; the export reaches to {span.last} ({span.why})"
    if span.other is not None:
        other = calendar.last_complete(min(span.other, today))
        if other != newest:
            why += f"; by the last event, {span.other}, it would be {calendar.end(max(other, first - 1))}"
    return why


def usage_coverage(
    span: Span,
    periods: npt.NDArray[np.int32],
    rows_in: npt.NDArray[np.int32],
    no_outage: npt.NDArray[np.int32],
) -> Coverage:
    """A period without a single usage row is not covered: an export that lacks it says nothing about it, but
    where it is declared that nothing happened. `no_outage`: indices of those periods.
    """
    declared = np.isin(periods, no_outage)
    covered = np.isin(periods, rows_in) | declared
    return Coverage("usage", span.first, span.last, span.why, covered, declared if declared.any() else None)


def row_coverage(
    source: str,
    days: npt.NDArray[np.int32],
    cadence: int | None,
    through: date | None,
    periods: npt.NDArray[np.int32],
    calendar: Calendar,
) -> Coverage:
    """From the first row to the last row and `cadence` days on (None: to as_of).

    A period is judged by the rows up to its end, plus the cadence: later rows change no earlier period.
    """
    as_of = calendar.end(int(periods[-1]))
    starts = np.array([epoch_day(calendar.start(int(p))) for p in periods], np.int64)
    ends = np.array([epoch_day(calendar.end(int(p))) for p in periods], np.int64)
    known = np.sort(days[days <= ends[-1]])
    if not len(known):
        return Coverage(source, as_of, as_of, "no row up to then", np.zeros(len(periods), np.bool_))
    first, last = from_epoch_day(int(known[0])), from_epoch_day(int(known[-1]))
    covered = starts >= known[0]
    if through is not None:
        covered &= ends <= epoch_day(through)
        return Coverage(source, first, through, "through", covered)
    if cadence is None:
        return Coverage(source, first, as_of, "to the end", covered)
    newest = known[np.maximum(np.searchsorted(known, ends, "right") - 1, 0)]
    covered &= newest + cadence >= ends
    return Coverage(source, first, last + timedelta(days=cadence), f"last row + {cadence} days", covered)
