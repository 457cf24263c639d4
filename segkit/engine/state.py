"""What one run leaves for the next, as frames of integers, booleans and texts, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl
from msgspec import Struct
from msgspec.structs import replace

from segkit.engine.members.causes import Causes
from segkit.engine.members.membership import Bools, Latches
from segkit.engine.members.overrides import KEY, NO_ROW, Before, Key, Over, Overrides
from segkit.engine.members.primary import Standing
from segkit.engine.results import CAUSES, ENDED, HELD, OUTSIDE, UNKNOWN, State
from segkit.ruleset.model import Dimension, RuleSet

LEFT = "left"
UNKNOWN_LABEL = "unknown"

LATCHES = {
    "account_id": pl.String,
    "segment": pl.String,
    "flag": pl.Boolean,
    "inside": pl.Boolean,
    "age": pl.Int64,
    "streak": pl.Int64,
    "began": pl.Int64,
    "held": pl.Boolean,
    "gap": pl.Int64,
    "dark": pl.Int64,
    "cool": pl.Int64,
    "met": pl.Boolean,
    "cause": pl.String,
}
"""`cause` is that of the streak under way, null without one; the others are those of membership.Latches."""

PRIMARIES = {
    "account_id": pl.String,
    "dimension": pl.String,
    "primary": pl.String,
    "weeks": pl.Int64,
    "previous": pl.String,
    "known": pl.Boolean,
    "dark": pl.Int64,
}
"""`primary` is null for an account that has left the roster; accounts never on it have no row."""


class Memory(Struct, frozen=True):
    """A State by segment and dimension, on the account axis of today's facts."""

    latches: Mapping[str, Latches]
    causes: Mapping[str, Causes]
    standings: Mapping[str, Standing]
    held: Mapping[str, Before]
    """By segment: what held, where somebody has said so."""
    ended: frozenset[Key] = frozenset()
    """Overrides that a condition has ended."""

    def part(self, start: int, stop: int) -> Memory:
        """The accounts from `start` up to `stop`."""
        return Memory(
            {name: _slice(latches, start, stop) for name, latches in self.latches.items()},
            {name: causes[start:stop] for name, causes in self.causes.items()},
            {name: _slice(standing, start, stop) for name, standing in self.standings.items()},
            {
                name: Before(held.said[start:stop], held.weeks[start:stop], held.who[start:stop], held.spoken)
                for name, held in self.held.items()
            },
            self.ended,
        )

    def before(self, name: str) -> Before:
        """What held of a segment."""
        if name in self.held:
            return self.held[name]
        latches = self.latches[name]
        weeks = np.where(latches.inside, latches.age + 1, 0)
        nobody = np.full(len(weeks), "", dtype=object)
        return Before(np.zeros(len(weeks), dtype=np.int8), weeks, nobody, spoken=False)


def fresh(rules: RuleSet, accounts: int) -> Memory:
    """Before the panel starts: everybody out, nobody seen."""
    names = [segment.name for segment in rules.segments]
    return Memory(
        {name: Latches.out(accounts) for name in names},
        {name: np.full(accounts, -1, np.int8) for name in names},
        {dimension.name: Standing.outside(accounts) for dimension in rules.dimensions},
        {},
    )


def recall(state: State, rules: RuleSet, accounts: Sequence[str]) -> Memory:
    """A state on today's accounts; those it does not know start fresh."""
    axis = pl.DataFrame({"account_id": pl.Series(accounts, dtype=pl.String)})
    numbers = {name: code for code, name in enumerate(CAUSES)}
    cause = pl.col("cause").replace_strict(numbers, default=-1, return_dtype=pl.Int8).fill_null(-1)
    counters = [_filled(name) for name in Latches.__struct_fields__]
    latches, causes = {}, {}
    for segment in rules.segments:
        rows = _aligned(state.latches, axis, pl.col("segment") == segment.name).select(*counters, cause)
        latches[segment.name] = Latches(*(rows[name].to_numpy().copy() for name in Latches.__struct_fields__))
        causes[segment.name] = rows["cause"].to_numpy()
    standings = {
        dimension.name: _standing(
            dimension, _aligned(state.primaries, axis, pl.col("dimension") == dimension.name)
        )
        for dimension in rules.dimensions
    }
    memory = Memory(latches, causes, standings, {}, frozenset(state.ended.select(KEY).iter_rows()))
    held = {}
    for (name,), rows in state.held.group_by("segment"):
        aligned = _aligned(rows, axis, pl.lit(True))
        before = memory.before(str(name))
        there = aligned["weeks"].is_not_null().to_numpy()
        held[str(name)] = Before(
            aligned["said"].fill_null(0).to_numpy().astype(np.int8),
            np.where(there, aligned["weeks"].fill_null(0).to_numpy(), before.weeks),
            np.array(aligned["who"].fill_null("").to_list(), dtype=object),
            spoken=True,
        )
    return replace(memory, held=held)


def latch_frame(
    rules: RuleSet,
    accounts: pl.Series,
    seen: Bools,
    after: Mapping[str, Latches],
    causes: Mapping[str, Causes],
) -> pl.DataFrame:
    """Rows of State.latches for the accounts that have been seen."""
    here = np.flatnonzero(seen)
    flags = {flag.name for flag in rules.flags}
    segments = sorted(after)

    codes = np.concatenate([causes[name][here] for name in segments])
    columns = {
        "account_id": accounts.gather(np.tile(here, len(segments))),
        "segment": pl.Series(segments, dtype=pl.String).gather(
            np.repeat(np.arange(len(segments)), len(here))
        ),
        "flag": np.repeat([name in flags for name in segments], len(here)),
        **{
            counter: np.concatenate([getattr(after[name], counter)[here] for name in segments])
            for counter in Latches.__struct_fields__
        },
        "cause": pl.Series([*CAUSES, None], dtype=pl.String).gather(np.where(codes < 0, len(CAUSES), codes)),
    }
    return pl.DataFrame(columns).select(pl.col(name).cast(kind) for name, kind in LATCHES.items())


def primary_frame(dimension: Dimension, accounts: pl.Series, after: Standing) -> pl.DataFrame:
    """Rows of State.primaries for one dimension and the accounts that have been seen."""
    frame = pl.DataFrame(
        {
            "account_id": accounts,
            "primary": labels(dimension, after.code),
            "weeks": after.weeks,
            "previous": labels(dimension, after.previous),
            "known": after.known,
            "dark": after.dark,
            "seen": after.seen,
        }
    )
    frame = frame.filter("seen").with_columns(dimension=pl.lit(dimension.name, pl.String))
    return frame.select(pl.col(name).cast(kind) for name, kind in PRIMARIES.items())


def held_frame(
    accounts: pl.Series, segment: str, latches: Latches, over: Over, overrides: Overrides
) -> pl.DataFrame:
    """Rows of State.held: where something is said, or the weeks are not those of the latch."""
    said, weeks = over.said[:, -1], over.weeks[:, -1].astype(np.int64)
    here = np.flatnonzero((said != 0) | (weeks != np.where(latches.inside, latches.age + 1, 0)))
    return pl.DataFrame(
        {
            "account_id": accounts.gather(here),
            "segment": pl.repeat(segment, len(here), dtype=pl.String, eager=True),
            "said": said[here],
            "weeks": weeks[here],
            "who": [overrides.who(row) if row != NO_ROW else "" for row in over.row[here, -1].tolist()],
        },
        schema=HELD,
    )


def ended_frame(keys: Iterable[Key]) -> pl.DataFrame:
    """Rows of State.ended."""
    return pl.DataFrame(sorted(keys), schema=ENDED, orient="row")


def names(dimension: Dimension) -> tuple[str, ...]:
    """Code -> label; the last is what it is otherwise."""
    return (*(segment.name for segment in dimension.segments), dimension.otherwise)


def labels(dimension: Dimension, codes: npt.NDArray[Any]) -> pl.Series:
    """Labels of primary codes: `unknown` for UNKNOWN, null for OUTSIDE."""
    texts = [*names(dimension), UNKNOWN_LABEL, None]
    at = np.where(codes == UNKNOWN, len(texts) - 2, np.where(codes == OUTSIDE, len(texts) - 1, codes))
    return pl.Series(texts, dtype=pl.String).gather(at)


def _standing(dimension: Dimension, rows: pl.DataFrame) -> Standing:
    codes = {name: code for code, name in reversed(list(enumerate(names(dimension))))} | {
        UNKNOWN_LABEL: UNKNOWN
    }

    def code(name: str) -> npt.NDArray[Any]:
        found = rows[name].replace_strict(codes, default=OUTSIDE, return_dtype=pl.Int16)
        return found.fill_null(OUTSIDE).to_numpy()

    return Standing(
        code("primary"),
        rows["weeks"].fill_null(0).to_numpy().astype(np.int32),
        code("previous"),
        rows["known"].fill_null(False).to_numpy(),
        rows["dark"].fill_null(0).to_numpy().astype(np.int32),
        rows["dimension"].is_not_null().to_numpy(),
    )


def _aligned(frame: pl.DataFrame, axis: pl.DataFrame, where: pl.Expr) -> pl.DataFrame:
    return axis.join(frame.filter(where), on="account_id", how="left", maintain_order="left")


Arrays = TypeVar("Arrays", Latches, Standing)


def _slice(arrays: Arrays, start: int, stop: int) -> Arrays:
    return type(arrays)(**{name: getattr(arrays, name)[start:stop] for name in arrays.__struct_fields__})


def _filled(name: str) -> pl.Expr:
    """A column of State.latches as the scan counts; 0 and false where there is no row."""
    if LATCHES[name] == pl.Boolean:
        return pl.col(name).fill_null(False)
    return pl.col(name).fill_null(0).cast(pl.Int32)
