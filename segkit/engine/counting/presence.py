"""Who used anything when, over all of history, from a bit per day instead of a row per day."""

from __future__ import annotations

import numpy as np
import polars as pl
from msgspec import Struct

from segkit.engine.counting.grid import NEVER
from segkit.engine.counting.values import Bools, Ints
from segkit.facts.presence import SPAN, Masks, bits, highest, masks, single_days

MANY_ENDS = 8
"""For more periods than these, rows by day are quicker than their bits."""


class Presence(Struct, frozen=True):
    """Bit i of `mask` says that the account has usage on `day` + i."""

    account: Ints
    day: Ints
    mask: Masks

    @classmethod
    def of(cls, rows: pl.DataFrame) -> Presence:
        """Rows (account, day, mask)."""
        return cls(
            rows["account"].to_numpy().astype(np.int64),
            rows["day"].to_numpy().astype(np.int64),
            masks(rows),
        )

    def active(self, accounts: int, starts: Ints, ends: Ints) -> Bools:
        """[A, P] whether the account has usage in each period, from its first to its last day."""
        # A line per period: its accounts are looked at together.
        found = np.zeros((len(ends), accounts), dtype=bool)
        for day in np.unique(self.day).tolist():
            here = self.day == day
            account, mask = self.account[here], self.mask[here]
            for period in np.flatnonzero((starts < day + SPAN) & (ends >= day)).tolist():
                some = mask & bits(int(starts[period]) - day, int(ends[period]) - day)
                found[period, account[some > 0]] = True
        return found.T

    def newest(self, start: Ints, ends: Ints) -> Ints:
        """[A, T] the last day with usage up to each end; NEVER where there is none from `start` [A] on."""
        found = np.full((len(start), len(ends)), NEVER, dtype=np.int64)
        blocks = [(day, np.flatnonzero(self.day == day)) for day in np.unique(self.day)[::-1].tolist()]
        for place, end in enumerate(ends.tolist()):
            last = found[:, place]
            for day, here in blocks:
                if day > end:
                    continue
                # The newest come first: who was seen after these days needs no look at them.
                some = here[last[self.account[here]] < day + SPAN - 1]
                mask = self.mask[some] & bits(0, end - day)
                seen = np.where(mask > 0, day + highest(mask), NEVER)
                np.maximum.at(last, self.account[some], seen)
        return np.where(found >= start[:, None], found, NEVER)


def undated(rows: pl.DataFrame, mapping: pl.DataFrame) -> pl.DataFrame:
    """Usage (raw_id, day, mask) of which the rows of ids that change hands stand for single days."""
    dated = mapping.filter(pl.any_horizontal(pl.col("from_day", "to_day").is_not_null()))["raw_id"]
    if dated.is_empty():
        return rows
    moves = pl.col("raw_id").cast(pl.String).is_in(dated.unique().implode())
    return pl.concat([rows.filter(~moves), single_days(rows.filter(moves))])
