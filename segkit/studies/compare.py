"""Two rule sets over the same history: who is where, since when, and by which condition they part."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl
from msgspec import Struct

from segkit.engine.flows import flows, moves, subject
from segkit.engine.renamed import renamed_decisions
from segkit.engine.results import Decisions
from segkit.ruleset.model import FLAGS, MAIN, RuleSet
from segkit.ruleset.renaming import renamed_since, with_names
from segkit.studies.labels import (
    Labels,
    dimensions_of,
    flagged,
    flags_of,
    labelled,
    labels_of,
    sizes,
)

ACCOUNTS = {
    "account_id": pl.String,
    "name": pl.String,
    "arr": pl.Float64,
    "dimension": pl.String,
    "old": pl.String,
    "new": pl.String,
    "since": pl.Date,
    "moved_by": pl.String,
    "cause": pl.String,
    "first_because": pl.String,
    "because_old": pl.String,
    "because_new": pl.String,
}


class Side(Struct, frozen=True):
    """One rule set and what it decides over all of history."""

    rules: RuleSet
    decisions: Decisions


class Comparison(Struct, frozen=True):
    """Frames, each in a fixed order.

    accounts: columns ACCOUNTS, one row per account and dimension or flag that differs at as_of. `since`: the
    period from which on both rule sets have differed; `moved_by` (`old`, `new`, `both`): whose move made it,
    with its `cause` and `first_because`; `because_*`: what put the account where it is under either.
    sizes: dimension, segment, old, new, arr_old, arr_new at as_of.
    moves: of the main dimension: old, new, cause, accounts, arr.
    weeks: as_of, differ, moves_old, moves_new, bounces_old, bounces_new of the main dimension; opened_old,
    opened_new, tasks_old, tasks_new: tasks that open in the period, and rows of the work list at its end.
    segments: as_of, dimension, segment, old, new, difference (accounts in it).
    causes: as_of, dimension, segment, cause, old, new, difference (came less went). For every segment and
    period its differences add up to the change of the difference in `segments`.
    """

    as_of: tuple[date, ...]
    same: bool
    """No account was ever anywhere else."""
    accounts: pl.DataFrame
    sizes: pl.DataFrame
    moves: pl.DataFrame
    weeks: pl.DataFrame
    segments: pl.DataFrame
    causes: pl.DataFrame


class _Subject(Struct, frozen=True):
    """A dimension or a flag under both rule sets: [A, T] places among `names`, -1 for nothing."""

    dimension: str
    name: str
    """Of the dimension, or of the flag."""
    names: tuple[str, ...]
    old: Labels
    new: Labels
    shared: bool
    """Both rule sets know it; who differs in a dimension that one of them lacks is nobody's news."""


def compare(old: Side, new: Side, accounts: pl.DataFrame) -> Comparison:
    """Both sides decided every period of the same facts. `accounts`: account_id, name, arr at as_of.

    What the new rules call otherwise has its new name on both sides.
    """
    names = renamed_since(new.rules, {segment.name for segment in old.rules.segments})
    old = Side(with_names(old.rules, names), renamed_decisions(old.decisions, names))
    subjects = _subjects(old, new)
    days = old.decisions.as_of
    found = [_differing(each, old.decisions, new.decisions) for each in subjects]
    differing = pl.concat([pl.DataFrame(schema=_FOUND), *found])
    rows = _told(differing, old.decisions.transitions, new.decisions.transitions, accounts)
    main = next(each for each in subjects if each.name == MAIN)
    return Comparison(
        as_of=days,
        same=all(bool((each.old == each.new).all()) for each in subjects),
        accounts=rows,
        sizes=_sizes(subjects, old.decisions.accounts, accounts),
        moves=_moves(rows),
        weeks=_weeks(main, days, old.decisions, new.decisions),
        segments=pl.concat([_over_time(each, days) for each in subjects]),
        causes=_causes(old.decisions.transitions, new.decisions.transitions),
    )


_FOUND = {
    "account_id": pl.String,
    "dimension": pl.String,
    "subject": pl.String,
    "order": pl.Int64,
    "old": pl.String,
    "new": pl.String,
    "since": pl.Date,
}


def _subjects(old: Side, new: Side) -> list[_Subject]:
    sides = (old.decisions, new.decisions)
    found = []
    for name in dimensions_of(old.rules, new.rules):
        names = labels_of(name, *sides)
        both = all(name in side.dimensions for side in sides)
        was, now = (labelled(side, name, names) for side in sides)
        found.append(_Subject(name, name, names, was, now, both))
    for flag in flags_of(old.rules, new.rules):
        was, now = (flagged(side, flag) for side in sides)
        found += [_Subject(FLAGS, flag, (flag,), was, now, True)]
    return found


def _differing(each: _Subject, old: Decisions, new: Decisions) -> pl.DataFrame:
    """Accounts that differ in the last period, and since when without a break."""
    parted = each.old != each.new
    at = np.flatnonzero(parted[:, -1]) if each.shared else np.zeros(0, dtype=np.int64)
    together = ~parted[at, ::-1]
    length = parted.shape[1]
    back = np.where(together.any(axis=1), together.argmax(axis=1), length)
    labels = pl.Series([*each.names, None], dtype=pl.String)
    return pl.DataFrame(
        {
            "account_id": pl.Series(old.accounts, dtype=pl.String).gather(at),
            "dimension": pl.repeat(each.dimension, len(at), dtype=pl.String, eager=True),
            "subject": pl.repeat(each.name, len(at), dtype=pl.String, eager=True),
            "order": pl.repeat(0 if each.name == MAIN else 1, len(at), dtype=pl.Int64, eager=True),
            "old": labels.gather(_place(each.old[at, -1], each.names)),
            "new": labels.gather(_place(each.new[at, -1], each.names)),
            "since": pl.Series(new.as_of, dtype=pl.Date).gather(length - back),
        }
    )


def _place(labels: Labels, names: Sequence[str]) -> Labels:
    return np.where(labels < 0, np.int16(len(names)), labels)


def _told(found: pl.DataFrame, old: pl.DataFrame, new: pl.DataFrame, accounts: pl.DataFrame) -> pl.DataFrame:
    """Columns ACCOUNTS: the main dimension first, in it the largest ARR."""
    for name, transitions in (("old", old), ("new", new)):
        rows = subject(transitions).select("account_id", "subject", "as_of", "cause", "because")
        then = rows.rename({"as_of": "since", "cause": f"{name}|cause", "because": f"{name}|first"})
        last = rows.sort("as_of").group_by("account_id", "subject", maintain_order=True).last()
        newest = last.select("account_id", "subject", pl.col("because").alias(f"because_{name}"))
        found = found.join(then, on=["account_id", "subject", "since"], how="left", maintain_order="left")
        found = found.join(newest, on=["account_id", "subject"], how="left", maintain_order="left")
    moved_old, moved_new = pl.col("old|cause").is_not_null(), pl.col("new|cause").is_not_null()
    both = pl.lit("old: ") + pl.col("old|first") + pl.lit("; new: ") + pl.col("new|first")
    return (
        found.join(accounts, on="account_id", how="left", maintain_order="left")
        .with_columns(
            pl.when(moved_old & moved_new)
            .then(pl.lit("both"))
            .when(moved_new)
            .then(pl.lit("new"))
            .otherwise(pl.lit("old"))
            .alias("moved_by"),
            pl.coalesce("new|cause", "old|cause").alias("cause"),
            pl.when(moved_old & moved_new)
            .then(both)
            .otherwise(pl.coalesce("new|first", "old|first"))
            .alias("first_because"),
        )
        .sort(
            "order",
            "dimension",
            pl.col("arr").fill_null(0),
            "account_id",
            "subject",
            descending=[False, False, True, False, False],
        )
        .select(pl.col(name).cast(kind) for name, kind in ACCOUNTS.items())
    )


def _sizes(subjects: list[_Subject], ids: Sequence[str], accounts: pl.DataFrame) -> pl.DataFrame:
    listed = pl.DataFrame({"account_id": ids}, schema={"account_id": pl.String})
    arr = listed.join(accounts, on="account_id", how="left", maintain_order="left")["arr"].fill_null(0.0)
    money = arr.to_numpy()
    rows = [
        {
            "dimension": each.dimension,
            "segment": name,
            "old": int((each.old[:, -1] == place).sum()),
            "new": int((each.new[:, -1] == place).sum()),
            "arr_old": float(money[each.old[:, -1] == place].sum()),
            "arr_new": float(money[each.new[:, -1] == place].sum()),
        }
        for each in subjects
        for place, name in enumerate(each.names)
    ]
    return pl.DataFrame(rows)


def _moves(rows: pl.DataFrame) -> pl.DataFrame:
    main = rows.filter(pl.col("dimension") == MAIN)
    counted = main.group_by("old", "new", "cause").agg(
        pl.len().cast(pl.Int64).alias("accounts"), pl.col("arr").sum()
    )
    return counted.sort(
        "accounts", "arr", "old", "new", "cause", descending=[True, True, False, False, False]
    )


def _weeks(main: _Subject, days: Sequence[date], old: Decisions, new: Decisions) -> pl.DataFrame:
    frame = pl.DataFrame(
        {
            "as_of": pl.Series(days, dtype=pl.Date),
            "differ": (main.old != main.new).sum(axis=0).astype(np.int64),
        }
    )
    for name, side in (("old", old), ("new", new)):
        counted = moves(side.transitions).rename({"moves": f"moves_{name}", "bounces": f"bounces_{name}"})
        frame = frame.join(counted, on="as_of", how="left", maintain_order="left")
        opened, tasks = np.zeros((2, len(days)), np.int64) if side.load is None else side.load
        frame = frame.with_columns(
            pl.Series(f"opened_{name}", opened, dtype=pl.Int64),
            pl.Series(f"tasks_{name}", tasks, dtype=pl.Int64),
        )
    counts = ("moves", "bounces", "opened", "tasks")
    both = (f"{count}_{name}" for count in counts for name in ("old", "new"))
    return frame.fill_null(0).select("as_of", "differ", *both)


def _over_time(each: _Subject, days: Sequence[date]) -> pl.DataFrame:
    before, after = sizes(each.old, each.names), sizes(each.new, each.names)
    width = len(days)
    return pl.DataFrame(
        {
            "as_of": pl.Series(list(days) * len(each.names), dtype=pl.Date),
            "dimension": pl.repeat(each.dimension, width * len(each.names), dtype=pl.String, eager=True),
            "segment": pl.Series(np.repeat(each.names, width), dtype=pl.String),
            "old": before.ravel(),
            "new": after.ravel(),
            "difference": (after - before).ravel(),
        }
    )


def _causes(old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    keys = ["as_of", "dimension", "segment", "cause"]
    net = pl.col("entered") - pl.col("left")
    sides = [flows(rows).select(*keys, net.alias(name)) for name, rows in (("old", old), ("new", new))]
    both = sides[0].join(sides[1], on=keys, how="full", coalesce=True).fill_null(0)
    return both.with_columns(difference=pl.col("new") - pl.col("old")).sort(keys)
