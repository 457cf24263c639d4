"""What would be if: one account decided some periods further, with every value as it stands but for one.

Nothing is forecast. The engine that decided goes on deciding, over copies of the account side by side: one in
which all stays as it is, and one for each value that is put just to the other side of a limit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from msgspec import Struct
from msgspec.structs import replace

from segkit.engine.conditions.say import MIRRORED, OPPOSITE
from segkit.engine.decide_block import Worked, left_by, work
from segkit.engine.explaining.explained import Change, Onward, SegmentShown, Shown
from segkit.engine.panel import Panel, Texts, Values
from segkit.engine.plan import Plan, plan_of
from segkit.engine.results import State
from segkit.engine.state import ended_frame, labels
from segkit.ruleset import expr as x
from segkit.ruleset.model import Dimension
from segkit.ruleset.printing import format_condition

LONGEST = 60
"""Periods looked ahead at most."""


class _Put(Struct, frozen=True):
    """A value put to the other side of a limit."""

    column: str
    leaf: Shown
    to: float
    text: str
    cost: float


def ahead(plan: Plan, done: Worked, shown: Sequence[SegmentShown]) -> Onward:
    """`done`: the account alone, on the roster in its last period. `shown`: its segments."""
    main = plan.rules.main
    puts = tuple(_puts(plan, [each for each in shown if each.dimension == main.name]))
    length = looked_ahead(main)
    paths = _decided(plan, done, length, puts)
    now = labels(main, done.primaries[main.name].after.code)[0]
    as_it_is, ends = (
        paths[0],
        [plan.facts.calendar.end(int(plan.facts.periods[-1]) + n + 1) for n in range(length)],
    )
    goes = next(((end, name) for end, name in zip(ends, as_it_is, strict=True) if name != now), None)
    found = []
    for put, path in zip(puts, paths[1:], strict=True):
        at = next((n for n in range(length) if path[n] != as_it_is[n]), None)
        if at is not None:
            found.append((put.cost, at, put, path[at]))
    if not found:
        return Onward(goes, None)
    _, at, put, into = min(found, key=lambda each: (each[0], each[1], each[2].text))
    return Onward(goes, Change(put.leaf, put.column, put.to, put.text, into, ends[at]))


def looked_ahead(main: Dimension) -> int:
    """Periods until every timer that runs now has run out, once in and once out again."""
    timers = (s.enter_after.of + s.exit_after.of + s.min_stay + s.cooldown for s in main.segments)
    return min(max(timers) + 1, LONGEST)


def _decided(plan: Plan, done: Worked, ahead: int, puts: Sequence[_Put]) -> list[list[str | None]]:
    """Labels of the main dimension over the periods ahead: as all is, then with each put."""
    at, copies = done.start, len(puts) + 1
    names = tuple(f"{copy:05}" for copy in range(copies))
    facts, roster = plan.facts, plan.facts.roster
    one = slice(at, at + 1)
    alike = replace(
        roster,
        accounts=names,
        on=_further(roster.on[one], ahead, copies),
        start=np.repeat(roster.start[one], copies),
        signup_known=np.repeat(roster.signup_known[one], copies),
        snapshot=_further(roster.snapshot[one], ahead, copies),
    )
    last = int(facts.periods[-1])
    coverage = {
        name: replace(each, covered=np.append(each.covered, np.repeat(each.covered[-1:], ahead)))
        for name, each in facts.coverage.items()
    }
    further = replace(
        facts,
        periods=np.append(facts.periods, np.arange(last + 1, last + 1 + ahead, dtype=facts.periods.dtype)),
        roster=alike,
        coverage=coverage,
        mergers=None,
        pauses=None,
        overrides=_copied(facts.overrides, roster.accounts[at], names),
    )
    columns = {key: _column(key, each, one, ahead, puts) for key, each in plan.panel.columns.items()}
    paused = {name: _further(mask[one], ahead, copies) for name, mask in plan.panel.paused.items()}
    panel = Panel(columns, _further(plan.panel.life[one], ahead, copies), plan.panel.first, paused=paused)
    moved = work(plan_of(plan.rules, further, panel, _state(plan, done, names)), 0, copies)
    main = plan.rules.main
    code = moved.primaries[main.name].code
    return [labels(main, row).to_list() for row in code]


def _state(plan: Plan, done: Worked, names: Sequence[str]) -> State:
    """Where the account stands at the end of its last period, for each copy."""
    left, account = left_by(plan, done), plan.facts.roster.accounts[done.start]
    frames = (left.latches, left.standings, left.held, ended_frame(left.ended))
    told = (_copied(each, account, names) for each in frames)
    return State(plan.facts.as_of, plan.rules.logic, *(each for each in told if each is not None))


def _copied(rows: pl.DataFrame | None, account: str, names: Sequence[str]) -> pl.DataFrame | None:
    """The rows of the account under each of the names."""
    if rows is None:
        return None
    mine = rows.filter(pl.col("account_id") == account)
    return pl.concat([mine.with_columns(account_id=pl.lit(name)) for name in names])


def _further(row: npt.NDArray[Any], ahead: int, copies: int) -> npt.NDArray[Any]:
    """[copies, T + ahead] of [1, T]: the last period goes on."""
    return np.repeat(np.concatenate([row, np.repeat(row[:, -1:], ahead, axis=1)], axis=1), copies, axis=0)


def _column(key: str, column: Values | Texts, one: slice, ahead: int, puts: Sequence[_Put]) -> Values | Texts:
    copies = len(puts) + 1
    missing = _further(column.missing[one], ahead, copies)
    if isinstance(column, Texts):
        return Texts(_further(column.codes[one], ahead, copies), column.labels, missing)
    value = _further(column.value[one], ahead, copies)
    bound = None if column.at_least is None else _further(column.at_least[one], ahead, copies)
    for copy, put in enumerate(puts, 1):
        if put.column == key:
            value[copy, -ahead:] = put.to
            missing[copy, -ahead:] = False
            if bound is not None:
                bound[copy, -ahead:] = False
    return Values(value, missing, None, bound)


# --- which values could be otherwise ---


def _puts(plan: Plan, shown: Sequence[SegmentShown]) -> Iterator[_Put]:
    seen: set[tuple[str, float]] = set()
    for each in shown:
        for tree in (each.enter, each.exit, each.at_once):
            for leaf in () if tree is None or each.off else tree.leaves():
                put = _put(leaf)
                if put is None or (put.column, put.to) in seen:
                    continue
                if isinstance(plan.panel.columns.get(put.column), Values):
                    seen.add((put.column, put.to))
                    yield put


def _put(leaf: Shown) -> _Put | None:
    """How little turns a comparison of a known value; None where nothing can be said."""
    reading = leaf.reading
    if reading is None or leaf.truth is None or not isinstance(reading.value.value, float):
        return None
    limits = [limit.value for limit in reading.limits if isinstance(limit.value, float)]
    match leaf.condition:
        case x.Compare(left=left, op=op, right=right):
            if not isinstance(left, x.Metric | x.Attribute):
                left, op, right = right, MIRRORED[op], left
            wanted = op if not leaf.truth else OPPOSITE[op]
            if not isinstance(left, x.Metric | x.Attribute) or len(limits) != 1 or wanted == "!=":
                return None
            to = _beside(wanted, limits[0], reading.value.value)
            text = format_condition(x.Compare(left, wanted, right))
        case x.Between(of=x.Metric() | x.Attribute() as left) if not leaf.truth and len(limits) == 2:
            to = min(limits, key=lambda limit: abs(limit - float(str(reading.value.value))))
            text = leaf.text
        case _:
            return None
    largest = max(abs(to), abs(reading.value.value), 1e-9)
    return _Put(left.key, leaf, to, text, abs(to - reading.value.value) / largest)


def _beside(op: x.CompareOp, limit: float, value: float) -> float:
    """The value nearest to the limit of which `op limit` is true; whole where both are."""
    step = {">": 1, "<": -1}.get(op, 0)
    if not step:
        return limit
    if value.is_integer() and limit.is_integer():
        return limit + step
    return math.nextafter(limit, step * math.inf)
