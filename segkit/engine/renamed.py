"""What earlier rules left, in today's names: a segment that is called otherwise is the same segment."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from msgspec.structs import replace

from segkit.engine.results import Decisions, State

ONE = ("primary", "previous", "from", "to", "segment", "asked")
"""Columns that hold one segment."""
SEVERAL = ("also", "flags", "segments")
"""Columns that hold several, separated by `; `."""


def in_todays_names(rows: pl.DataFrame, names: Mapping[str, str], *more: str) -> pl.DataFrame:
    """The rows with segments called what `names` (old -> new) says; `more` columns hold one, too."""
    if not names:
        return rows
    one = [pl.col(column).replace(names) for column in (*ONE, *more) if column in rows.columns]
    several = [
        pl.col(column).str.split("; ").list.eval(pl.element().replace(names)).list.join("; ")
        for column in SEVERAL
        if column in rows.columns
    ]
    return rows.with_columns(*one, *several)


def renamed_state(state: State, names: Mapping[str, str]) -> State:
    """The state as it would have been left under today's names; its logic stays what it was."""
    if not names:
        return state
    told = in_todays_names
    return replace(
        state,
        latches=told(state.latches, names).sort("account_id", "segment"),
        primaries=told(state.primaries, names),
        held=told(state.held, names).sort("account_id", "segment"),
        ended=told(state.ended, names),
        tasks=told(state.tasks, names),
    )


def renamed_decisions(decisions: Decisions, names: Mapping[str, str]) -> Decisions:
    """Labels, memberships and moves under today's names."""
    if not names:
        return decisions
    return replace(
        decisions,
        dimensions={
            name: replace(each, labels=tuple(names.get(label, label) for label in each.labels))
            for name, each in decisions.dimensions.items()
        },
        member={names.get(name, name): each for name, each in decisions.member.items()},
        transitions=in_todays_names(decisions.transitions, names),
        assignments=in_todays_names(decisions.assignments, names),
    )
