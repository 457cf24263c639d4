"""Durations of rules: timers in whole periods, windows in days."""

from __future__ import annotations

import math
import re

from segkit.periods import Calendar
from segkit.ruleset.model import Times
from segkit.ruleset.parse import split_duration

_SPAN = re.compile(r"\d+(\.\d+)?\s*[A-Za-z]+")
_SHARE = re.compile(r"(\d+)\s+of\s+(\d+)\s*([A-Za-z]*)")
_DAYS = {"days": 1, "weeks": 7}
_CALENDAR_DAYS = {"minutes": 0, "hours": 0, "days": 1, "weeks": 7, "months": 30}
_MINUTES = {"minutes": 1, "hours": 60, "days": 480}
_LONGEST = 10_000
REMEMBERED = 30
"""Periods of which a segment that counts `2 of 3` remembers the answers one by one."""

TimerFault = tuple[str, str]
"""What is wrong, and a hint."""


def periods(written: int | str, calendar: Calendar) -> int | TimerFault:
    """Whole periods of a timer: 2, "2 weeks", "14 days" in a weekly workspace."""
    if isinstance(written, int):
        return _whole(float(written), str(written), calendar)
    text = written.strip()
    if not _SPAN.fullmatch(text):
        return f"'{written}' is no time", f"write for example: 2 {calendar.unit}s"
    value, unit = split_duration(text)
    size = _in_periods(unit, calendar)
    if size is None:
        known = unit in ("days", "weeks", "months")
        what = (
            f"'{written}' is no whole number of {calendar.unit}s" if known else f"'{unit}' is no unit of time"
        )
        return what, f"this workspace counts in {calendar.unit}s: write for example 2 {calendar.unit}s"
    return _whole(round(value * size, 9), written, calendar)


def times(written: int | str, calendar: Calendar) -> Times | TimerFault:
    """How often a condition must hold: "2 weeks" is (2, 2), "2 of 3 weeks" is (2, 3)."""
    share = _SHARE.fullmatch(written.strip()) if isinstance(written, str) else None
    if share is None:
        count = periods(written, calendar)
        if isinstance(count, tuple):
            return count
        return Times(count, count) if count else ("it must hold at least once", f"write 1 {calendar.unit}")
    need, of = int(share[1][:6]), periods(f"{share[2]} {share[3] or calendar.unit}", calendar)
    if isinstance(of, tuple):
        return of
    if share[3] and _in_periods(split_duration(f"1 {share[3]}")[1], calendar) != 1:
        shown = _as_often(need / int(share[2]), of, calendar)
        hint = f"this workspace counts in {calendar.unit}s: write for example {shown}"
        return f"'{written}' does not count {calendar.unit}s", hint
    if not 1 <= need <= of:
        return f"'{written}' can never hold", "the first number must be from 1 to the second"
    return Times(need, of)


def window_days(written: int | str) -> int | TimerFault:
    """Days of a window: 28, "28d", "4 weeks"."""
    text = f"{written} days" if isinstance(written, int) else written.strip()
    if _SPAN.fullmatch(text):
        value, unit = split_duration(text)
        days = value * _DAYS.get(unit, 0)
        if days == int(days) and 1 <= days <= _LONGEST:
            return int(days)
    return f"'{written}' is no window", "write whole days: 28d"


def minutes_of(written: str) -> int | None:
    """Minutes of an effort: "90 minutes", "2 hours", "1 day" of eight hours; None for what is none."""
    if not _SPAN.fullmatch(written.strip()):
        return None
    value, unit = split_duration(written.strip())
    size = _MINUTES.get(unit)
    return None if size is None or value > _LONGEST else round(value * size)


def days_of(written: str) -> int | None:
    """Calendar days of a span of a playbook: "2 days", "6 weeks"; 0 for hours, None for what is no span."""
    if not _SPAN.fullmatch(written.strip()):
        return None
    value, unit = split_duration(written.strip())
    size = _CALENDAR_DAYS.get(unit)
    return None if size is None or value > _LONGEST else math.floor(value * size)


def _as_often(share: float, of: int, calendar: Calendar) -> str:
    """The share in periods of the workspace: of as many as `of` are, or as are remembered."""
    of = min(of, REMEMBERED)
    need = round(share * of)
    return f"{need} of {of} {calendar.unit}s" if 1 <= need < of else f"2 of 3 {calendar.unit}s"


def _in_periods(unit: str, calendar: Calendar) -> float | None:
    """How many periods one unit is."""
    if unit == "months" or calendar.unit == "month":
        return 1 if unit == "months" and calendar.unit == "month" else None
    if unit not in _DAYS:
        return None
    return _DAYS[unit] / (7 if calendar.unit == "week" else 1)


def _whole(value: float, written: str, calendar: Calendar) -> int | TimerFault:
    if value != int(value):
        return f"'{written}' is no whole number of {calendar.unit}s", f"write for example: 2 {calendar.unit}s"
    if not 0 <= value <= _LONGEST:
        return f"'{written}' is out of range", f"write for example: 2 {calendar.unit}s"
    return int(value)
