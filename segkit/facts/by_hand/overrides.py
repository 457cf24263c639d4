"""Overrides: somebody puts an account into a segment or keeps it out, whatever the rules say, for a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import polars as pl
from msgspec import Struct

from segkit.facts.by_hand.faults import Fault, Known, begun, refuse, whole
from segkit.facts.rows.parse import day
from segkit.facts.tables import Table
from segkit.facts.types import Roster, Words
from segkit.periods import Calendar

OVERRIDES: Mapping[str, Any] = {
    "account_id": pl.String,
    "segment": pl.String,
    "inside": pl.Boolean,
    "first": pl.Int32,
    "last": pl.Int32,
    "until": pl.String,
    "by": pl.String,
    "reason": pl.String,
}
"""Columns of `Facts.overrides`."""
LATER_WINS = ("account_id", "segment", "first", "inside", "last", "until", "by", "reason")
"""How overrides are sorted: the later of two of one account and segment wins."""


def take_overrides(
    table: Table, roster: Roster, words: Words | None, calendar: Calendar, until: int
) -> tuple[Table, pl.DataFrame]:
    """The list without the rows that name nothing known, and the overrides begun by the epoch day `until`.

    A row ends with a date, with a condition, or not at all. Without `words` nobody looks at segments and
    conditions.
    """
    listed = whole(table)
    texts = listed.rows["until"].unique().drop_nulls()
    read = day(texts, table.gathered.config.formats("until"), "UTC", "UTC")
    ends = {text: end for text, end in zip(texts, read, strict=True) if end is not None}
    left = refuse(listed, _Checks(Known.of(roster, table), words, calendar, ends).faults)
    rows = begun(left.rows, until)
    found = pl.DataFrame(
        {
            "account_id": rows["account_id"],
            "segment": rows["segment"] if words is None else rows["segment"].replace(words.renamed),
            "inside": rows["in_or_out"] == "in",
            "first": rows["from"].to_physical(),
            "last": pl.Series([ends.get(text) for text in rows["until"]], dtype=pl.Date).to_physical(),
            "until": [None if text in ends else text for text in rows["until"]],
            "by": rows["by"],
            "reason": rows["reason"],
        },
        schema=OVERRIDES,
    )
    return left, found.unique().sort(LATER_WINS, nulls_last=True)


class _Checks(Struct, frozen=True):
    known: Known
    words: Words | None
    calendar: Calendar
    ends: Mapping[str, date]
    """What stands under `until` -> the day, where it is one."""

    def faults(self, row: Mapping[str, Any]) -> Iterator[Fault]:
        """What is wrong with a row, the first column first."""
        yield from self.known.faults(row["account_id"])
        if self.words is not None and (why := self.words.segment(row["segment"])):
            yield Fault("segment", "D224", why)
        end = self.ends.get(row["until"])
        if end is not None:
            yield from self._span(row["from"], end)
        elif row["until"] and self.words is not None and (why := self.words.condition(row["until"])):
            yield Fault("until", "D225", f"'{row['until']}' is no date and no condition: {why}")

    def _span(self, first: date, end: date) -> Iterator[Fault]:
        if end < first:
            yield Fault("until", "D220", f"it ends before it begins: {first} to {end}")
        elif self.calendar.last_complete(end) < self.calendar.index(first):
            unit, last = self.calendar.unit, self.calendar.end(self.calendar.index(first))
            what = f"no {unit} ends from {first} to {end}, so that it would decide nothing"
            yield Fault("until", "D226", f"{what}: write {last} or later")
