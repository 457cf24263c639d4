"""Accounts that go on as another: one that begins with a merger takes over the memberships of who merged.

Who already was an account keeps its own.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from msgspec.structs import replace

from segkit.engine.results import State
from segkit.facts.types import Facts
from segkit.periods import epoch_day

Heirs = Mapping[str, str]
"""New account -> the one whose memberships it takes over."""


def heirs(facts: Facts, before: int) -> Heirs:
    """Mergers that act from the start of the period `before` (its index), and ids that were only other names.

    Of several accounts that merge into one, that which was an account first is followed, then by id.
    """
    if facts.mergers is None or facts.mergers.is_empty():
        return {}
    opening = epoch_day(facts.calendar.start(before))
    begun = facts.mergers.filter((pl.col("from_day") == opening).fill_null(True))
    starts = {"account_id": facts.roster.accounts, "start": facts.roster.start}
    born = pl.DataFrame(starts, schema={"account_id": pl.String, "start": pl.Int32})
    oldest = begun.join(born, on="account_id", how="left").sort(
        "into", "start", "account_id", nulls_last=True
    )
    return dict(
        oldest.unique("into", keep="first", maintain_order=True).select("into", "account_id").iter_rows()
    )


def taken_over(state: State, facts: Facts) -> State:
    """The state in which accounts that begin next go on from where those that merged into them stood.

    One whose id was only another name has never been: what it stood for goes on under the new id.
    """
    following = facts.calendar.index(state.as_of) + 1
    found = heirs(facts, following)
    if not found:
        return state
    known, there = set(state.latches["account_id"].unique()), _on_roster(facts, following)
    new = {heir: old for heir, old in found.items() if old in known and heir in there - known}
    if not new:
        return state
    renamed = _never_were(facts) & set(new.values())
    same = {heir for heir, old in new.items() if old in renamed}
    latches = _with_heirs(state.latches, new, renamed, set(new))
    primaries, held, ended, tasks = (
        _with_heirs(rows, new, renamed, same)
        for rows in (state.primaries, state.held, state.ended, state.tasks)
    )
    return replace(
        state,
        latches=latches.sort("account_id", "segment"),
        primaries=primaries.sort("account_id", "dimension"),
        held=held,
        ended=ended,
        tasks=tasks,
    )


def _on_roster(facts: Facts, period: int) -> set[str]:
    place = period - int(facts.periods[0])
    if not 0 <= place < len(facts.periods):
        return set()
    return {facts.roster.accounts[at] for at in np.flatnonzero(facts.roster.on[:, place])}


def _never_were(facts: Facts) -> set[str]:
    assert facts.mergers is not None  # somebody merged
    return set(facts.mergers.filter(pl.col("from_day").is_null())["account_id"])


def _with_heirs(rows: pl.DataFrame, new: Heirs, renamed: set[str], wanted: set[str]) -> pl.DataFrame:
    """Rows, and copies of those of the followed accounts for the heirs `wanted`; those of renamed ones go."""
    pairs = [(old, heir) for heir, old in sorted(new.items()) if heir in wanted]
    names = pl.DataFrame(pairs, schema={"account_id": pl.String, "heir": pl.String}, orient="row")
    copies = rows.join(names, on="account_id", maintain_order="left")
    copies = copies.with_columns(pl.col("heir").alias("account_id")).select(rows.columns)
    return pl.concat([rows.filter(~pl.col("account_id").is_in(sorted(renamed))), copies])
