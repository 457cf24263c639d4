"""What a quarterly review looks at beside outcomes: tasks of published runs, conditions that bite."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl
from msgspec import Struct

from segkit.engine.biting import Bite, bites
from segkit.facts.load import Loaded
from segkit.ruleset.model import RuleSet
from segkit.ruleset.timers import minutes_of
from segkit.runs.folders import outputs
from segkit.runs.folders.history import Published
from segkit.studies.evaluate.rates import Share

SUCCESS = "success: "


class Book(Struct, frozen=True):
    """Tasks of one playbook that opened in one quarter, as the newest run that lists them has them."""

    quarter: str
    playbook: str
    opened: int
    closed: int
    days_to_close: float | None
    """Median, of those that closed."""
    success: Share
    """Of those whose time is over or that closed: closed by success within it."""


class Load(Struct, frozen=True):
    """Open tasks of one owner in the last run of a quarter. Owners are not named, but counted."""

    quarter: str
    owners: int
    tasks: int
    most: int
    """Of the owner with most."""
    hours: float
    """As far as playbooks say an effort."""


class Review(Struct, frozen=True):
    books: tuple[Book, ...]
    loads: tuple[Load, ...]
    bites: tuple[Bite, ...]


def review(rules: RuleSet, loaded: Loaded, runs: Sequence[Published]) -> Review:
    """`runs`: the published ones, oldest first. Raises: IoError (I103) when one is damaged."""
    lists = [(run.as_of, run.frame(outputs.WORKLIST)) for run in runs]
    return Review(books(lists), loads(lists), bites(rules, loaded.facts))


def quarter(day: date) -> str:
    return f"{day.year}-Q{(day.month + 2) // 3}"


def books(lists: Sequence[tuple[date, pl.DataFrame]]) -> tuple[Book, ...]:
    """`lists`: work lists by the day they were made for, oldest first."""
    if not lists:
        return ()
    as_of = lists[-1][0]
    wanted = ["key", "playbook", "opened", "within", "closed", "closed_because"]
    every = pl.concat([rows.select(wanted) for _, rows in lists])
    newest = every.unique("key", keep="last", maintain_order=True).drop_nulls("opened")
    found = []
    for (name, playbook), rows in sorted(
        newest.with_columns(quarter=pl.col("opened").map_elements(quarter, pl.String))
        .partition_by("quarter", "playbook", as_dict=True)
        .items()
    ):
        in_time = pl.col("within").is_null() | (pl.col("closed") <= pl.col("within"))
        won = pl.col("closed_because").str.starts_with(SUCCESS).fill_null(False) & in_time
        over = rows.filter(pl.col("closed").is_not_null() | (pl.col("within") < as_of))
        closed = rows.filter(pl.col("closed").is_not_null())
        days = closed.select((pl.col("closed") - pl.col("opened")).dt.total_days()).to_series()
        median = days.median()
        found.append(
            Book(
                str(name),
                str(playbook),
                rows.height,
                closed.height,
                float(median) if isinstance(median, int | float) else None,
                Share.of(over.filter(won).height, over.height),
            )
        )
    return tuple(found)


def loads(lists: Sequence[tuple[date, pl.DataFrame]]) -> tuple[Load, ...]:
    """One per quarter: what lay open at its last run."""
    last = {quarter(day): rows for day, rows in lists}
    found = []
    for name, rows in last.items():
        still = rows.filter(pl.col("closed").is_null())
        each = still.group_by("owner").len().sort("owner")["len"]
        minutes = [minutes_of(text) or 0 for text in still["effort"].drop_nulls()]
        most = int(each.to_numpy().max(initial=0))
        found.append(Load(name, len(each), still.height, most, sum(minutes) / 60))
    return tuple(found)
