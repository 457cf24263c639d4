"""How many accounts are in a segment each period, who came and went by which cause, and who came back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from segkit.engine.results import Decisions
from segkit.ruleset.model import FLAGS, MAIN, RuleSet

LEFT = "left"
"""What transitions say of an account that is off the roster."""
BOUNCE_DAYS = 28
"""Two moves of an account at most so far apart are a bounce."""
_NO_MOVES = ("roster", "first_seen")
"""Causes of rows that begin or end a life."""

Labels = npt.NDArray[np.int16]


def labelled(decisions: Decisions, dimension: str, labels: Sequence[str]) -> Labels:
    """[A, T] place of the primary among `labels`; -1 off the roster, and where there is no such dimension."""
    found = decisions.dimensions.get(dimension)
    if found is None:
        return np.full(decisions.on_roster.shape, -1, dtype=np.int16)
    places = {label: place for place, label in enumerate(labels)}
    table = [-1, -1, places["unknown"], *(places[label] for label in found.labels)]
    return np.array(table, dtype=np.int16)[found.primary.astype(np.int64) + 3]


def flagged(decisions: Decisions, flag: str) -> Labels:
    """[A, T] 0 where the flag is set, else -1."""
    inside = decisions.member.get(flag)
    if inside is None:
        return np.full(decisions.on_roster.shape, -1, dtype=np.int16)
    return np.where(inside & decisions.on_roster, np.int16(0), np.int16(-1))


def labels_of(dimension: str, *sides: Decisions) -> tuple[str, ...]:
    """Every label of a dimension under any of the rule sets, in order; `unknown` too."""
    found = [side.dimensions[dimension].labels for side in sides if dimension in side.dimensions]
    return tuple(dict.fromkeys(label for labels in [*found, ("unknown",)] for label in labels))


def dimensions_of(*rules: RuleSet) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.name for side in rules for each in side.dimensions))


def flags_of(*rules: RuleSet) -> tuple[str, ...]:
    return tuple(dict.fromkeys(flag.name for side in rules for flag in side.flags))


def sizes(labels: Labels, names: Sequence[str]) -> npt.NDArray[np.int64]:
    """[names, T] accounts with each label."""
    return np.stack([(labels == place).sum(axis=0) for place in range(len(names))])


def flows(transitions: pl.DataFrame) -> pl.DataFrame:
    """as_of, dimension, segment, cause, entered, left: rows of transitions, counted; flags one by one."""
    keys = ["as_of", "dimension", "segment", "cause"]
    ends = [
        transitions.select(
            "as_of", "dimension", pl.col(end).alias("segment"), "cause", entered=entered, left=1 - entered
        )
        for end, entered in (("to", 1), ("from", 0))
    ]
    inside = pl.concat(ends).filter(pl.col("segment").is_not_null() & (pl.col("segment") != LEFT))
    return inside.group_by(keys).agg(pl.col("entered", "left").sum().cast(pl.Int64)).sort(keys)


def moves(transitions: pl.DataFrame) -> pl.DataFrame:
    """as_of, moves, bounces of the main dimension; periods without a move are absent."""
    main = transitions.filter((pl.col("dimension") == MAIN) & ~pl.col("cause").is_in(_NO_MOVES))
    ordered = main.sort("account_id", "as_of")
    since = (pl.col("as_of") - pl.col("as_of").shift().over("account_id")).dt.total_days()
    return (
        ordered.with_columns((since <= BOUNCE_DAYS).fill_null(False).alias("back"))
        .group_by("as_of")
        .agg(pl.len().cast(pl.Int64).alias("moves"), pl.col("back").sum().cast(pl.Int64).alias("bounces"))
        .sort("as_of")
    )


def subject(transitions: pl.DataFrame) -> pl.DataFrame:
    """With `subject`: the dimension that a row is about, or the flag."""
    flag = pl.coalesce(pl.when(pl.col("to") != LEFT).then("to"), "from")
    return transitions.with_columns(
        pl.when(pl.col("dimension") == FLAGS).then(flag).otherwise("dimension").alias("subject")
    )
