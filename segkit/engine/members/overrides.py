"""Overrides over the latches, which run on underneath: what holds is what somebody said, where anybody did.

An override acts in the periods whose last day lies between its `from` and its date, until the first of them
in which its condition is true. Of two of one account and segment the later one wins.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from msgspec import Struct

from segkit.engine.conditions.sheet import Sheet
from segkit.engine.members.membership import Bools, Ints, Scan, Tri
from segkit.facts.types import Facts
from segkit.periods import epoch_day, from_epoch_day
from segkit.ruleset.expr import Condition
from segkit.ruleset.model import RuleSet

KEY = ("account_id", "segment", "inside", "first", "until")
"""What makes an override the one that a condition has ended."""
Key = tuple[Any, ...]
NO_ROW = -1
OPEN = 2**40
"""The last day of one that has none."""


class Before(Struct):
    """What held of one segment by the end of the last run, [A] each."""

    said: Tri
    """1 in, -1 out, 0 nothing was said."""
    weeks: Ints
    """Periods of effective membership so far, 0 while out."""
    who: npt.NDArray[np.object_]
    """By whom and until when; empty where nothing is said."""
    spoken: bool
    """Somebody has said something that still counts."""


class Over(Struct, frozen=True):
    """What holds of one segment, [A, T] each."""

    said: Tri
    """1 in, -1 out, 0 nothing was said."""
    row: Ints
    """Position among `Overrides.rows` of the override that acts; NO_ROW for none."""
    before: npt.NDArray[np.object_]
    """[A] by whom and until when it was said in the period before the first; empty for nothing."""
    changed: Bools
    """Something else is said than in the period before."""
    member: Bools
    weeks: npt.NDArray[np.int32]
    ended: frozenset[Key]
    """Those that their condition has ended, now or before."""
    stopped: tuple[int, ...]
    """Positions of those that a date or a condition has ended in the last period."""


class Overrides(Struct, frozen=True):
    """The overrides of known accounts and segments; [n] each."""

    rows: pl.DataFrame
    """See `Facts.overrides`."""
    conditions: Mapping[str, Condition]
    """Those that end them, by text."""
    place: Ints
    """Positions on the account axis."""
    begin: Ints
    end: Ints
    """The decided periods in which they act, as far as their dates go."""
    dated: Bools
    """Their date has ended them in the last period."""

    @classmethod
    def of(cls, rules: RuleSet, facts: Facts, listed: pl.DataFrame, first: int) -> Overrides:
        """`first`: place of the first decided period."""
        known = pl.col("segment").is_in([segment.name for segment in rules.segments])
        known &= pl.col("until").is_null() | pl.col("until").is_in(list(rules.until))
        accounts = pl.DataFrame({"account_id": facts.roster.accounts}, schema={"account_id": pl.String})
        rows = listed.filter(known).join(
            accounts.with_row_index("place"), on="account_id", how="inner", maintain_order="left"
        )
        calendar, now = facts.calendar, int(facts.periods[-1])
        ends = np.array([epoch_day(calendar.end(int(p))) for p in facts.periods[first:]], np.int64)
        days = rows.select(pl.col("first", "last").cast(pl.Int64).fill_null(OPEN))
        last = days["last"].to_numpy()
        return cls(
            rows.drop("place"),
            {text: rules.until[text] for text in rows["until"].unique().drop_nulls().sort()},
            rows["place"].cast(pl.Int64).to_numpy(),
            np.searchsorted(ends, days["first"].to_numpy(), side="left"),
            np.searchsorted(ends, last, side="right"),
            (last >= epoch_day(calendar.end(now - 1))) & (last < epoch_day(calendar.end(now))),
        )

    def of_segment(
        self,
        name: str,
        start: int,
        on: Bools,
        found: Scan,
        sheet: Sheet,
        before: Before,
        ended: frozenset[Key],
    ) -> Over | None:
        """Over the accounts from `start` on, `on` [A, T]; None where nothing is said, nor was before."""
        here = (self.place >= start) & (self.place < start + len(on))
        mine = np.flatnonzero(here & (self.rows["segment"] == name).to_numpy())
        if not before.spoken and not len(mine):
            return None
        row = np.full(on.shape, NO_ROW, dtype=np.int64)
        over: set[Key] = set()
        stopped = []
        for at, key in zip(mine.tolist(), self.rows[mine].select(KEY).iter_rows(), strict=True):
            account, stop = int(self.place[at]) - start, int(self.end[at])
            if key in ended:
                over.add(key)
                continue
            if key[-1] is not None:
                true = sheet.decided(self.conditions[key[-1]])[account, self.begin[at] : stop] == 1
                if true.any():
                    stop = int(self.begin[at] + np.argmax(true))
                    over.add(key)
            if self.dated[at] or (key in over and stop == on.shape[1] - 1):
                stopped.append(at)
            row[account, self.begin[at] : stop] = at
        row[~on] = NO_ROW
        inside = np.append(np.where(self.rows["inside"].to_numpy(), 1, -1), 0).astype(np.int8)
        said: Tri = inside[row]
        changed = said != np.concatenate([before.said[:, None], said[:, :-1]], axis=1)
        member = np.where(said == 0, found.member, said > 0) & on
        return Over(
            said,
            row,
            before.who,
            changed,
            member,
            _weeks(member, before.weeks),
            frozenset(over),
            tuple(stopped),
        )

    @property
    def since(self) -> Ints:
        """[n] first day, as counted since 1970."""
        return self.rows["first"].cast(pl.Int64).to_numpy()

    def who(self, row: int) -> str:
        """`by Ann until 2026-12-31`, `by Bob until events_28d at least 10`, `by Cem`."""
        by, last, until = self.rows.select("by", "last", "until").row(row)
        end = until if last is None else from_epoch_day(last)
        return f"by {_plain(by)}" + (f" until {_plain(str(end))}" if end is not None else "")

    def why(self, row: int) -> str:
        return _plain(self.rows["reason"][row])


def _plain(text: str) -> str:
    """On one line, and without what parts the reasons of a row."""
    return " ".join(text.replace(";", ",").split())


def _weeks(member: Bools, before: Ints) -> npt.NDArray[np.int32]:
    """[A, T] periods of membership so far."""
    weeks = np.empty(member.shape, dtype=np.int32)
    now = before.astype(np.int32)
    for t in range(member.shape[1]):
        now = (now + 1) * member[:, t]
        weeks[:, t] = now
    return weeks
