"""How much each owner has to do, and by when there is time for it."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import date, timedelta

import polars as pl

from segkit.capacity import CapacityFile
from segkit.ruleset.timers import minutes_of

CSM = "csm"
"""The owner that stands for whoever looks after the account."""


def effort(rows: pl.DataFrame) -> pl.Series:
    """Minutes of each task; 0 where no effort is declared."""
    known = {text: minutes_of(text) or 0 for text in rows["effort"].drop_nulls().unique()}
    return pl.Series([known.get(text, 0) for text in rows["effort"]], dtype=pl.Int64)


def planned(rows: pl.DataFrame, capacity: CapacityFile, as_of: date) -> pl.DataFrame:
    """The work list with `planned`: the last day of the week in which each open task is done, when its owner
    does one after the other in the order of the list, so many hours a week; null where nobody declared any,
    and for what is nobody's.

    Whatever is planned by a week takes no more hours than its owner has until then.
    """
    used: dict[str, int] = defaultdict(int)
    days: list[date | None] = []
    for owner, minutes, closed in zip(rows["owner"], effort(rows), rows["closed"], strict=True):
        limit = None if closed is not None or owner == CSM else capacity.minutes(owner)
        if limit is None:
            days.append(None)
            continue
        used[owner] += minutes
        weeks = max(math.ceil(used[owner] / limit), 1)
        days.append(as_of + timedelta(days=7 * weeks))
    return rows.with_columns(planned=pl.Series(days, dtype=pl.Date))
