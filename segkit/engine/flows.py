"""Transitions counted: who came into each segment and who went, by which cause, and who came back."""

from __future__ import annotations

import polars as pl

from segkit.engine.state import LEFT
from segkit.ruleset.model import FLAGS, MAIN

BOUNCE_DAYS = 28
"""Two moves of an account at most so far apart are a bounce."""
NO_MOVES = ("roster", "first_seen")
"""Causes of rows that begin or end a life."""


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


def moves(transitions: pl.DataFrame, dimension: str = MAIN) -> pl.DataFrame:
    """as_of, moves, bounces of a dimension; periods without a move are absent."""
    own = transitions.filter((pl.col("dimension") == dimension) & ~pl.col("cause").is_in(NO_MOVES))
    ordered = subject(own).sort("account_id", "subject", "as_of")
    earlier = pl.col("as_of").shift().over("account_id", "subject")
    since = (pl.col("as_of") - earlier).dt.total_days()
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


def step() -> pl.Expr:
    """1 for a row by which an account comes into a dimension, -1 for one by which it leaves the list."""
    there = [(pl.col(end).is_not_null() & (pl.col(end) != LEFT)).fill_null(False) for end in ("to", "from")]
    return there[0].cast(pl.Int64) - there[1].cast(pl.Int64)
