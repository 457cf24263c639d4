"""When a period starts and ends: days as integers since 1970-01-01, periods as integers in order."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

from msgspec import Struct

Unit = Literal["day", "week", "month"]

EPOCH = date(1970, 1, 1)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def epoch_day(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def from_epoch_day(days: int) -> date:
    return EPOCH + timedelta(days=int(days))


class Calendar(Struct, frozen=True):
    """Cuts time into periods. Weeks are indexed by date, never by ISO week number (a year may have 53)."""

    unit: Unit = "week"
    week_ends: int = 6
    """Weekday a week ends on, Monday 0 to Sunday 6; only read for weeks."""

    @property
    def _shift(self) -> int:
        # 1970-01-01 was a Thursday (weekday 3): a day of weekday `week_ends + 1` must open a week.
        return (3 - (self.week_ends + 1)) % 7

    def index(self, day: date) -> int:
        """The period that holds `day`."""
        if self.unit == "month":
            return day.year * 12 + day.month - 1
        days = epoch_day(day)
        return days if self.unit == "day" else (days + self._shift) // 7

    def start(self, index: int) -> date:
        """First day of a period."""
        if self.unit == "month":
            return date(index // 12, index % 12 + 1, 1)
        return from_epoch_day(index if self.unit == "day" else index * 7 - self._shift)

    def end(self, index: int) -> date:
        """Last day of a period."""
        return self.start(index + 1) - timedelta(days=1)

    def last_complete(self, day: date) -> int:
        """The newest period that ends on or before `day`."""
        index = self.index(day)
        return index if self.end(index) <= day else index - 1

    def week_of(self, days: int) -> int:
        """Week index of an epoch day under this calendar's week end; used by stored week tables."""
        return (days + self._shift) // 7
