"""What accounts said, by segment, as far as a page has room for it."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from msgspec import Struct

from segkit.reports.voices import NOT_SAID
from segkit.reports.words import plural

TRAITS, VALUES = 6, 8
"""Tables, and values in one: the commonest."""


class Row(Struct, frozen=True):
    value: str
    counts: tuple[int, ...]
    own: bool
    """False: stands for several values, or for nothing said."""


class Trait(Struct, frozen=True):
    """rows: a value with a count for each of `to`; none where values are too different to be counted."""

    name: str
    answered: int
    accounts: int
    to: tuple[str, ...]
    rows: tuple[Row, ...]
    values: int


def traits(rows: pl.DataFrame, order: Sequence[str]) -> tuple[Trait, ...]:
    """`rows`: columns `voices.TRAITS`; segments in `order`. Those that most accounts answered come first."""
    if rows.is_empty():
        return ()
    found = [_trait(str(name), own, order) for (name,), own in rows.group_by("trait", maintain_order=True)]
    return tuple(sorted(found, key=lambda trait: (-trait.answered, trait.name)))


def _trait(name: str, rows: pl.DataFrame, order: Sequence[str]) -> Trait:
    known = set(rows["segment"])
    to = tuple(each for each in dict.fromkeys([*order, *sorted(known)]) if each in known)
    said = rows.filter(pl.col("value") != NOT_SAID)
    common = said.group_by("value").agg(pl.col("accounts").sum()).sort(-pl.col("accounts"), "value")
    answered, accounts = int(common["accounts"].sum()), int(rows["accounts"].sum())
    top = common.head(VALUES)
    others = common.height - top.height
    if 2 * int(top["accounts"].sum()) < answered:
        return Trait(name, answered, accounts, to, (), common.height)
    shown = [Row(value, _counts(rows, pl.col("value") == value, to), True) for value in top["value"]]
    if others:
        rest = _counts(said, ~pl.col("value").is_in(top["value"].to_list()), to)
        shown.append(Row(plural(others, "other value"), rest, False))
    if answered < accounts:
        shown.append(Row(NOT_SAID, _counts(rows, pl.col("value") == NOT_SAID, to), False))
    return Trait(name, answered, accounts, to, tuple(shown), common.height)


def _counts(rows: pl.DataFrame, which: pl.Expr, to: Sequence[str]) -> tuple[int, ...]:
    found = dict(rows.filter(which).group_by("segment").agg(pl.col("accounts").sum()).iter_rows())
    return tuple(found.get(segment, 0) for segment in to)
