"""Why a latch moved: by new data, by the calendar or its own timers, or by what the account did."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from segkit.engine.conditions.reads import by_calendar
from segkit.engine.conditions.sheet import Sheet
from segkit.engine.conditions.trees import Node, deciding, nodes
from segkit.engine.members.membership import Bools, Ints, Latches, Moves
from segkit.engine.results import CAUSES
from segkit.ruleset import expr as x
from segkit.ruleset.model import Segment

Causes = npt.NDArray[np.int8]
"""Positions in CAUSES; -1 for none yet."""

DATA, TIMER, BEHAVIOUR = (CAUSES.index(name) for name in ("data", "timer", "behaviour"))


class Change(Struct, frozen=True):
    """What turned between a row and the one before it, among the leaves that decided: [rows] each."""

    data: Bools
    """A leaf became known, or a value came or went."""
    clock: Bools
    other: Bools

    def __or__(self, more: Change) -> Change:
        return Change(self.data | more.data, self.clock | more.clock, self.other | more.other)

    @property
    def any(self) -> Bools:
        return self.data | self.clock | self.other

    def cause(self) -> Causes:
        clock = np.where(self.clock & ~self.other, TIMER, BEHAVIOUR)
        return np.where(self.data, DATA, clock).astype(np.int8)


def out_tree(segment: Segment) -> tuple[Node, ...]:
    """What is asked to leave: the written exit, or that enter is false."""
    return nodes(segment.enter, asked=False) if segment.exit is None else nodes(segment.exit)


def changed(sheet: Sheet, tree: tuple[Node, ...], rows: Ints, before: Ints) -> Change:
    """Leaves that decided in `rows` and did not in `before`; before row -1 nothing was known."""
    at = deciding(sheet, tree, rows)
    was = deciding(sheet, tree, np.maximum(before, 0)).value
    was = np.where(before < 0, np.int8(-1), was)
    asked = np.array([node.asked for node in at.leaves], dtype=np.int8)[:, None]
    turned = at.decides & (was != asked)
    missing = np.array([isinstance(node.condition, x.IsMissing) for node in at.leaves])[:, None]
    clock = np.array([by_calendar(node.condition) for node in at.leaves])[:, None]  # type: ignore[arg-type]
    data = turned & ((was < 0) | missing)
    return Change(
        data.any(axis=0), (turned & ~data & clock).any(axis=0), (turned & ~data & ~clock).any(axis=0)
    )


def loosened(sheet: Sheet, condition: x.Condition, rows: Ints, before: Ints) -> Change:
    """Leaves of a condition that was true in `before` and is not in `rows`."""
    tree = nodes(condition)
    leaves = [node for node in tree if node.leaf]
    now = deciding(sheet, tree, rows).value
    was = deciding(sheet, tree, np.maximum(before, 0)).value
    turned = (now != was) & (before >= 0)
    clock = np.array([by_calendar(node.condition) for node in leaves])[:, None]  # type: ignore[arg-type]
    data = turned & ((was < 0) | (now < 0))
    return Change(
        data.any(axis=0), (turned & ~data & clock).any(axis=0), (turned & ~data & ~clock).any(axis=0)
    )


def begun(sheet: Sheet, segment: Segment, rows: Ints, before: Ints, entering: Bools) -> Causes:
    """The cause of a streak, from its first row and the row before it."""
    causes = np.full(len(rows), -1, dtype=np.int8)
    into, out = np.flatnonzero(entering), np.flatnonzero(~entering)
    if len(into):
        causes[into] = changed(sheet, nodes(segment.enter), rows[into], before[into]).cause()
    if len(out):
        change = changed(sheet, out_tree(segment), rows[out], before[out])
        # An exit that was true all along acts once enter is not true any more.
        late = np.flatnonzero(~change.any)
        causes[out] = change.cause()
        if len(late) and segment.exit is not None:
            late_rows, late_before = rows[out[late]], before[out[late]]
            causes[out[late]] = loosened(sheet, segment.enter, late_rows, late_before).cause()
    return causes


def jumped(sheet: Sheet, segment: Segment, rows: Ints) -> Causes:
    """The cause of entering without waiting: what changed in that very period."""
    before = np.where(rows % sheet.block.width == 0, -1, rows - 1)
    change = changed(sheet, nodes(segment.enter), rows, before)
    if segment.at_once is not None:
        change |= changed(sheet, nodes(segment.at_once), rows, before)
    return change.cause()


def of_moves(sheet: Sheet, segment: Segment, moves: Moves, start: int, stored: Causes) -> Causes:
    """The cause of every move.

    `start` is the index of the first decided period, `stored` the causes of the streaks under way before it.
    """
    causes = stored[moves.account].copy()
    fresh = moves.began >= start
    free, plain = np.flatnonzero(moves.jumped), np.flatnonzero(fresh & ~moves.jumped & ~moves.expired)
    if len(plain):
        rows, before = _first_rows(sheet, moves.account[plain], moves.began[plain] - start)
        causes[plain] = begun(sheet, segment, rows, before, moves.entered[plain])
    if len(free):
        rows = sheet.row(moves.account[free], moves.period[free])
        causes[free] = jumped(sheet, segment, rows)
    causes[moves.held & (causes != DATA)] = TIMER
    causes[moves.expired] = DATA
    return causes


def of_streaks(sheet: Sheet, segment: Segment, after: Latches, start: int, stored: Causes) -> Causes:
    """[A] the cause of every streak still under way, for the periods to come; -1 without one."""
    causes = np.where(after.streak > 0, stored, np.int8(-1))
    fresh = np.flatnonzero((after.streak > 0) & (after.began >= start))
    if len(fresh):
        rows, before = _first_rows(sheet, fresh, after.began[fresh] - start)
        causes[fresh] = begun(sheet, segment, rows, before, ~after.inside[fresh])
    return causes


def _first_rows(sheet: Sheet, account: Ints, period: Ints) -> tuple[Ints, Ints]:
    rows = sheet.row(account, period.astype(np.int64))
    return rows, np.where(rows % sheet.block.width > 0, rows - 1, -1)
