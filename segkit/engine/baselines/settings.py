"""What a baseline is told about the metric, and the spans in periods that follow from it."""

from __future__ import annotations

import math
from typing import Literal

from msgspec import Struct

from segkit.ruleset.model import PeerExcuse

Mode = Literal["ratio", "additive"]

RECENT_DAYS = 84
USUAL_DAYS = 364
YEAR_DAYS = 365.25
YEARS = 3
NOISE_WEEKS = 52
CAP_WEEKS = 26
LEVEL_WEEKS = 52


class Settings(Struct, frozen=True):
    """One metric of `window_days` days on periods of `period_days` days (weeks 7, days 1, months 30.4375)."""

    window_days: int = 28
    period_days: float = 7.0
    mode: Mode = "ratio"
    """`additive` for scores and shares: differences in the metric's own unit instead of ratios."""
    min_volume: float = 5.0
    """Reference per week under which a ratio is not given; not read in the additive mode."""
    peer_excuse: PeerExcuse = "always"

    @property
    def per_week(self) -> float:
        """Factor that turns a value of the window into a weekly one."""
        return 7.0 / self.window_days

    @property
    def step(self) -> int:
        """Periods from one window to the next one that does not overlap it; also the window in periods."""
        return max(1, math.ceil(self.window_days / self.period_days - 0.1))

    @property
    def recent(self) -> int:
        """Windows in the recent reference: about 12 weeks."""
        return max(1, round(RECENT_DAYS / self.window_days))

    @property
    def usual(self) -> int:
        """Windows in the usual reference: about a year."""
        return max(self.recent, round(USUAL_DAYS / self.window_days))

    @property
    def lags(self) -> tuple[int, ...]:
        """Periods back to the same weeks of the last three years: 52, 104 and 157 weeks.

        Whole weeks where periods are days, so that weekdays meet; never a join on ISO week numbers.
        """
        unit = max(self.period_days, 7.0)
        return tuple(
            round(round(YEAR_DAYS * year / unit) * unit / self.period_days) for year in range(1, YEARS + 1)
        )

    @property
    def halo(self) -> int:
        """Periods on either side of those weeks that are averaged with them: one week."""
        return round(7 / self.period_days)

    def weeks(self, number: int) -> int:
        """Weeks in periods, at least one."""
        return max(1, round(number * 7 / self.period_days))

    @property
    def noise_lag(self) -> int:
        """Periods that the noise looks past, so that a drop does not count as noise at once."""
        return max(self.step, self.weeks(4))
