"""What a period needs of those before it, so that one more week costs one week."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from segkit.engine.baselines.groups import GroupPast
from segkit.engine.baselines.rolling import without
from segkit.engine.baselines.settings import LEVEL_WEEKS, NOISE_WEEKS, Settings
from segkit.engine.counting.values import Bools, Floats, Ints

DRAWN_WEEKS = 26
"""What the report draws of an account."""
SPARE_WEEKS = 26
"""Kept beyond what the next period can reach, so that a late row of so many weeks ago is no new beginning."""


class Block(Struct, frozen=True):
    """Some periods in a row, one line each, so that a file of them can be mapped and read line by line."""

    lines: Floats
    """[n, B] of which those from `start` to `stop` are meant; NaN: unknown, left out."""
    start: int
    stop: int
    index: Ints | None = None
    """[A] each account's place among the B; -1 for one that is not there. None: they are the same."""
    name: str = ""
    """Of the file that it lies in; empty for one that lies in none."""

    @property
    def width(self) -> int:
        return self.stop - self.start

    def rows(self, rows: slice) -> Floats:
        """[len(rows), width] of these accounts."""
        lines = self.lines[self.start : self.stop]
        if self.index is None:
            return lines[:, rows].T
        place = self.index[rows]
        there = place >= 0
        if there.all():
            return np.take(lines, place, axis=1).T
        found = np.full((len(lines), len(place)), np.nan)
        found[:, there] = np.take(lines, place[there], axis=1)
        return found.T


class Columns(Struct, frozen=True):
    """The newest columns of a figure, oldest first: A accounts by as many periods as the blocks hold."""

    blocks: tuple[Block, ...] = ()

    @property
    def width(self) -> int:
        return sum(block.width for block in self.blocks)

    def before(self, now: Floats, rows: slice) -> Floats:
        """[len(rows), width + n]: these columns, then those of now [len(rows), n]."""
        return np.concatenate([*(block.rows(rows) for block in self.blocks), now], axis=1)

    def then(self, now: Floats, most: int) -> Columns:
        """With the columns of now [A, n] behind them, the newest `most` of all."""
        lines = np.ascontiguousarray(now[:, max(now.shape[1] - most, 0) :].T)
        return Columns((*self.blocks, Block(lines, 0, len(lines)))).newest(most)

    def newest(self, most: int) -> Columns:
        kept: list[Block] = []
        for block in reversed(self.blocks):
            if most > 0 and block.width:
                kept.append(replace(block, start=max(block.start, block.stop - most)))
            most -= block.width
        return Columns(tuple(reversed(kept)))

    def back(self, periods: int) -> Columns:
        """Without the newest periods."""
        kept: list[Block] = []
        for block in reversed(self.blocks):
            if block.width > periods:
                kept.append(replace(block, stop=block.stop - periods))
            periods = max(periods - block.width, 0)
        return Columns(tuple(reversed(kept)))

    def of(self, rows: Ints) -> Columns:
        """On another account axis: each account's old position, -1 for one not seen before."""
        known, place = rows >= 0, np.maximum(rows, 0)
        return Columns(
            tuple(
                replace(block, index=rows if block.index is None else np.where(known, block.index[place], -1))
                for block in self.blocks
            )
        )


class Past(Struct, frozen=True):
    """The newest columns of what was computed, each with a width of its own."""

    counts: Columns = Columns()
    """Counts per period as they came."""
    values: Columns = Columns()
    """Values of the window, outliers capped."""
    beside_recent: Columns = Columns()
    beside_usual: Columns = Columns()
    """P against either reference."""
    lr: Columns = Columns()
    lived: Columns = Columns()
    """1 where the window can be part of a reference, 0 where not; NaN before the first value."""
    shown: Columns = Columns()
    """Values of the window as they came, NaN where nothing is said of the period; read by people only."""
    expected: Columns = Columns()
    """What was expected then; read by people only."""
    groups_recent: tuple[GroupPast, ...] = ()
    groups_usual: tuple[GroupPast, ...] = ()
    """One per level, all accounts first; none before the first period."""

    def of(self, rows: Ints) -> Past:
        """The past on another account axis: each account's old position, -1 for one not seen before."""
        return self.columns({name: columns.of(rows) for name, columns in self.by_name().items()})

    def back(self, periods: int) -> Past:
        """The past as it was so many periods before, at most SPARE_WEEKS: further back it is too short."""
        shorter = self.columns({name: columns.back(periods) for name, columns in self.by_name().items()})
        return shorter.with_groups(
            tuple(group.back(periods) for group in self.groups_recent),
            tuple(group.back(periods) for group in self.groups_usual),
        )

    def begun(self, accounts: int) -> Bools:
        """[A] some value was known."""
        newest = self.lived.newest(1).before(np.full((accounts, 0), np.nan), slice(0, accounts))
        return np.asarray(~np.isnan(newest).all(axis=1))

    def having_lived(self, lived: Floats, settings: Settings) -> Past:
        most = settings.step * settings.recent + settings.weeks(SPARE_WEEKS)
        return replace(self, lived=self.lived.then(lived, most))

    def having_shown(self, values: Floats, expected: Floats, settings: Settings) -> Past:
        most = settings.weeks(DRAWN_WEEKS)
        return replace(self, shown=self.shown.then(values, most), expected=self.expected.then(expected, most))

    def by_name(self) -> dict[str, Columns]:
        return {name: getattr(self, name) for name in FIGURES}

    def columns(self, found: Mapping[str, Columns]) -> Past:
        """With these figures."""
        return Past(**found, groups_recent=self.groups_recent, groups_usual=self.groups_usual)

    def with_groups(self, recent: tuple[GroupPast, ...], usual: tuple[GroupPast, ...]) -> Past:
        return replace(self, groups_recent=recent, groups_usual=usual)


FIGURES = ("counts", "values", "beside_recent", "beside_usual", "lr", "lived", "shown", "expected")


def keep(
    past: Past,
    counts: Floats | None,
    told: tuple[Floats, Floats, Floats, Floats],
    excluded: Bools | None,
    settings: Settings,
) -> Past:
    """Past and new columns, as many of each as the next period can reach, and SPARE_WEEKS more.

    `told`: values, P against the recent and the usual reference, LR; what is excluded becomes NaN here.
    """
    spare = settings.weeks(SPARE_WEEKS)

    def both(before: Columns, now: Floats, columns: int) -> Columns:
        most = columns + spare
        first = max(now.shape[1] - most, 0)
        mask = None if excluded is None else excluded[:, first:]
        return before.then(without(now[:, first:], mask), most)

    values, beside_recent, beside_usual, lr = told
    years = settings.lags[-1] + settings.halo
    cap = settings.weeks(LEVEL_WEEKS) + settings.step - 1
    return replace(
        past,
        counts=past.counts if counts is None else past.counts.then(counts, cap + spare),
        values=both(past.values, values, settings.step * settings.usual),
        beside_recent=both(past.beside_recent, beside_recent, years),
        beside_usual=both(past.beside_usual, beside_usual, years),
        lr=both(past.lr, lr, settings.weeks(NOISE_WEEKS) + settings.noise_lag - 1),
    )
