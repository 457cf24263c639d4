"""What the year does to use: industry seasons, holidays by region, working days."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from segkit.periods import EPOCH, epoch_day, from_epoch_day

Floats = npt.NDArray[np.float64]

REGIONS = ("AMER", "EMEA", "APAC")
WEEKDAY_WEIGHTS = np.array([0.19, 0.195, 0.195, 0.195, 0.175, 0.025, 0.025])
"""Share of a plain week's use on Monday to Sunday."""

LUNAR_NEW_YEAR = {
    2015: (2, 19), 2016: (2, 8), 2017: (1, 28), 2018: (2, 16), 2019: (2, 5), 2020: (1, 25), 2021: (2, 12),
    2022: (2, 1), 2023: (1, 22), 2024: (2, 10), 2025: (1, 29), 2026: (2, 17), 2027: (2, 6), 2028: (1, 26),
    2029: (2, 13), 2030: (2, 3), 2031: (1, 23), 2032: (2, 11), 2033: (1, 31), 2034: (2, 19), 2035: (2, 8),
}  # fmt: skip


class Season(Struct, frozen=True):
    """The yearly curve of an industry, in logarithms: a wave, and bumps (week of the year, width, height)."""

    wave: float
    peak: float
    bumps: tuple[tuple[float, float, float], ...] = ()
    quarterly: float = 0.0

    def __call__(self, week: Floats) -> Floats:
        """Log factor at positions in the year (0 to 52.18 weeks, any shape)."""
        curve: Floats = self.wave * np.cos(2 * np.pi * (week - self.peak) / 52.18)
        curve += self.quarterly * np.cos(8 * np.pi * (week - 12.5) / 52.18)
        for centre, width, height in self.bumps:
            curve += height * np.exp(-0.5 * (_around_the_year(week - centre) / width) ** 2)
        return curve


INDUSTRIES = {
    "Retail": Season(0.18, 47, ((47.5, 2.0, 0.3),)),
    "Education": Season(0.08, 10, ((30.0, 3.5, -0.9), (52.0, 1.2, -0.4))),
    "Hospitality": Season(0.28, 28),
    "Manufacturing": Season(0.06, 12, ((31.5, 1.6, -0.35),)),
    "Healthcare": Season(0.10, 3),
    "Finance": Season(0.05, 14, quarterly=0.10),
    "Logistics": Season(0.16, 45),
    "Software": Season(0.05, 18, ((32.0, 3.0, -0.15),)),
}


def _around_the_year(weeks: Floats) -> Floats:
    """Distances in weeks, wrapped to half a year either side."""
    return (weeks + 26.09) % 52.18 - 26.09


def own_dip(week: Floats, centre: Floats, width: Floats, depth: Floats) -> Floats:
    """Factor of a yearly dip of one account's own; all arguments broadcast."""
    return 1 - depth * np.exp(-0.5 * (_around_the_year(week - centre) / width) ** 2)


def week_of_year(starts: npt.NDArray[np.int64]) -> Floats:
    """Position in the year, in weeks, of the Thursday of weeks that start on these epoch days."""
    days = [from_epoch_day(int(start) + 3) for start in starts]
    return np.array([(day - date(day.year, 1, 1)).days / 7 for day in days])


def easter(year: int) -> date:
    """Western Easter Sunday (Meeus, Jones and Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = b // 4, b % 4
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    j = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * j) // 451
    month, day = divmod(h + j - 7 * m + 114, 31)
    return date(year, month, day + 1)


def _thanksgiving(year: int) -> date:
    first = date(year, 11, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 21)


def _span(first: date, days: int) -> list[date]:
    return [first + timedelta(days=offset) for offset in range(days)]


def _holidays(year: int, region: str) -> dict[date, float]:
    """Day -> what is left of a plain day's use."""
    year_end = 0.75 if region == "APAC" else 0.3
    left = dict.fromkeys(_span(date(year, 12, 24), 9), year_end)
    left[date(year, 1, 1)] = year_end
    if region == "EMEA":
        left |= dict.fromkeys(_span(easter(year) - timedelta(days=3), 5), 0.35)
    if region == "AMER":
        left |= dict.fromkeys(_span(_thanksgiving(year) - timedelta(days=1), 3), 0.35)
    if region == "APAC" and year in LUNAR_NEW_YEAR:
        month, day = LUNAR_NEW_YEAR[year]
        left |= dict.fromkeys(_span(date(year, month, day) - timedelta(days=1), 8), 0.25)
    return left


def day_weights(starts: npt.NDArray[np.int64]) -> Floats:
    """[region, week, weekday]: share of a plain week's use on each day, holidays taken off.

    The sum over weekdays is the holiday factor of the week. Dates decide, not week numbers: a year with a
    week 53 needs no rule of its own.
    """
    weights = np.tile(WEEKDAY_WEIGHTS, (len(REGIONS), len(starts), 1))
    first, last = from_epoch_day(int(starts[0])), from_epoch_day(int(starts[-1]) + 6)
    for r, region in enumerate(REGIONS):
        for year in range(first.year - 1, last.year + 2):
            for day, left in _holidays(year, region).items():
                offset = epoch_day(day) - int(starts[0])
                if 0 <= offset < 7 * len(starts):
                    weights[r, offset // 7, offset % 7] *= left
    return weights


def week_starts(last: date, weeks: int) -> npt.NDArray[np.int64]:
    """Epoch days of the Mondays of `weeks` weeks, the last of which ends on the Sunday `last`."""
    end = (last - EPOCH).days
    return end - 6 - 7 * np.arange(weeks - 1, -1, -1, dtype=np.int64)
