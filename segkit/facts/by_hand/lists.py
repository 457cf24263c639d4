"""Lists that people keep by hand, once it is known who the accounts are."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from msgspec import Struct, field
from msgspec.structs import replace

from segkit.facts.by_hand.overrides import take_overrides
from segkit.facts.by_hand.pauses import take_pauses
from segkit.facts.excluded.left_out import LeftOut
from segkit.facts.tables import Table
from segkit.facts.types import Roster, Words
from segkit.periods import Calendar


class Lists(Struct, frozen=True):
    """tables: each list without its refused rows. left_rows: source -> reason -> rows left out on purpose."""

    tables: Mapping[str, Table] = field(default_factory=dict)
    left_rows: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    pauses: pl.DataFrame | None = None
    overrides: pl.DataFrame | None = None
    """See `Facts.pauses`, `Facts.overrides`."""


def take_lists(
    lists: Mapping[str, Table],
    left: LeftOut,
    roster: Roster,
    words: Words | None,
    calendar: Calendar,
    until: int,
) -> Lists:
    """What the lists say by the epoch day `until`; of accounts that are left out nothing."""
    tables, counts = {}, {}
    for name, table in lists.items():
        why = left.reasons(table.rows)
        tables[name] = replace(table, rows=table.rows.filter(why.is_null()))
        counts[name] = dict(why.drop_nulls().value_counts().iter_rows())
    pauses = overrides = None
    if "pauses" in tables:
        tables["pauses"], pauses = take_pauses(tables["pauses"], roster, words, until)
    if "overrides" in tables:
        tables["overrides"], overrides = take_overrides(tables["overrides"], roster, words, calendar, until)
    return Lists(tables, counts, pauses, overrides)
