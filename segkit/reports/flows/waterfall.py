"""What made a segment larger or smaller: its size before, who came and went by each cause, its size after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl
from msgspec import Struct

from segkit.engine.state import LEFT
from segkit.ruleset.model import MAIN


class Part(Struct, frozen=True):
    """What one cause did."""

    by: str
    came: int
    went: int
    arr_came: float
    arr_went: float
    """Of who came and went, as far as it is known."""

    @property
    def net(self) -> int:
        return self.came - self.went


class Waterfall(Struct, frozen=True):
    """before + the net of every part = after."""

    segment: str
    before: int
    """Accounts at the end of the period before the range."""
    after: int
    parts: tuple[Part, ...]
    """The most moves first."""

    @property
    def came(self) -> int:
        return sum(part.came for part in self.parts)

    @property
    def went(self) -> int:
        return sum(part.went for part in self.parts)


def waterfalls(
    transitions: pl.DataFrame,
    first: date,
    last: date,
    order: Sequence[str],
    dimension: str = MAIN,
    by: str = "cause",
    now: Mapping[str, int] | None = None,
) -> tuple[Waterfall, ...]:
    """One for each segment in `order`, then for those that only the past knows, unless they were empty.

    `transitions`: every published one from the beginning, for sizes are counted from nothing; with `now`, the
    sizes at the end of the range, those of the range are enough, for what was before is counted back. The
    column `by` tells whose doing a move was, null where nobody knows.
    """
    steps = _steps(transitions.filter(pl.col("dimension") == dimension), by)
    inside = steps.filter(pl.col("as_of").is_between(first, last))
    parts = _parts(inside)
    if now is None:
        before = _sizes(steps.filter(pl.col("as_of") < first))
    else:
        before = {
            name: now.get(name, 0) - sum(part.net for part in parts.get(name, ())) for name in {*now, *parts}
        }
    known = [name for name in sorted({*before, *parts}) if before.get(name) or name in parts]
    return tuple(_waterfall(name, before.get(name, 0), parts.get(name, ())) for name in _named(order, known))


def _named(order: Sequence[str], known: Sequence[str]) -> list[str]:
    return list(dict.fromkeys([*order, *known]))


def _waterfall(name: str, before: int, parts: Sequence[Part]) -> Waterfall:
    return Waterfall(name, before, before + sum(part.net for part in parts), tuple(parts))


def _steps(rows: pl.DataFrame, by: str) -> pl.DataFrame:
    """as_of, segment, by, step (1 came, -1 went), arr: two rows a move, one where an end is nowhere."""
    ends = [
        rows.select(
            "as_of",
            "arr",
            segment=pl.col(end),
            by=pl.col(by).cast(pl.String).fill_null("not known"),
            step=pl.lit(step, pl.Int64),
        )
        for end, step in (("to", 1), ("from", -1))
    ]
    return pl.concat(ends).filter(pl.col("segment").is_not_null() & (pl.col("segment") != LEFT))


def _sizes(steps: pl.DataFrame) -> dict[str, int]:
    return dict(steps.group_by("segment").agg(pl.col("step").sum()).iter_rows())


def _parts(steps: pl.DataFrame) -> dict[str, list[Part]]:
    came, arr = pl.col("step") > 0, pl.col("arr")
    found = steps.group_by("segment", "by").agg(
        came=came.sum().cast(pl.Int64),
        went=(~came).sum().cast(pl.Int64),
        arr_came=arr.filter(came).sum(),
        arr_went=arr.filter(~came).sum(),
    )
    parts: dict[str, list[Part]] = {}
    for segment, *values in found.sort("segment", -(pl.col("came") + pl.col("went")), "by").iter_rows():
        parts.setdefault(segment, []).append(Part(*values))
    return parts
