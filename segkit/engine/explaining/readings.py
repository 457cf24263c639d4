"""What a condition looks at in one row: the very columns that it was compiled over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, assert_never

import polars as pl
from msgspec import Struct
from msgspec.structs import replace

from segkit.engine.conditions.compile import columns
from segkit.engine.conditions.say import MIRRORED, Form, Speaker, shown
from segkit.engine.explaining.explained import Reading, Value, Why
from segkit.ruleset import expr as x
from segkit.ruleset.printing import format_operand

_TINY = "a hair"
"""What is not nothing, and less than is shown."""


class Reader(Struct, frozen=True):
    """Reads one row of a block; `why` says of a column without a value why it has none."""

    speaker: Speaker
    row: pl.DataFrame
    why: Callable[[x.Column], Why]

    def leaf(self, leaf: x.Leaf, truth: bool | None) -> Reading:
        said = None if truth is None else self._one(self.speaker.leaf(leaf, truth))
        return replace(self._leaf(leaf), said=said)

    def _leaf(self, leaf: x.Leaf) -> Reading:
        match leaf:
            case x.Compare(left=left, op=op, right=right):
                if not columns(left) and columns(right):
                    left, op, right = right, MIRRORED[op], left
                form = self.speaker.form(left, right)
                value, limit = self.value(left, form), self.value(right, form)
                return _apart(value, (limit,), form, relative=op not in ("=", "!="))
            case x.Between(of=of, low=low, high=high):
                form = self.speaker.form(of, low)
                ends = (self.value(low, form), self.value(high, form))
                return _apart(self.value(of, form), ends, form, relative=True)
            case x.Within(of=of, values=values):
                form = self.speaker.form(of, values[0])
                limits = tuple(self.value(value, form) for value in values)
                return Reading(self.value(of, form), limits, None, None, None)
            case x.IsMissing(of=of):
                return Reading(self.value(of, self.own_form(of)), (), None, None, None)
            case x.Holds(of=of):
                return Reading(self.value(of, "truth"), (), None, None, None)
            case x.Member():
                raw = self._one(self.speaker.compiler.leaf(leaf).cast(pl.Float64))
                return Reading(Value(leaf.key, raw, "yes" if raw else "no", None), (), None, None, None)
            case _:
                assert_never(leaf)

    def value(self, operand: x.Operand, form: Form) -> Value:
        raw = self._one(self.speaker.compiler.operand(operand))
        if raw is None:
            return Value(format_operand(operand), None, None, self._why(operand))
        limit = isinstance(operand, x.Number | x.Text | x.Limit)
        text = self.speaker.limit(operand, form) if limit else self.speaker.value(operand, form)
        return Value(format_operand(operand), raw, self._one(text), None)

    def own_form(self, column: x.Column) -> Form:
        """How a column is shown by itself."""
        return self.speaker.form(column, column)

    def _why(self, operand: x.Operand) -> Why:
        """Of an operand without a value: what the first of its columns says that has none."""
        for column in columns(operand):
            if self._one(self.speaker.compiler.operand(column)) is None:
                return self.why(column)
        return "over zero"

    def _one(self, value: pl.Expr) -> Any:
        return self.row.select(value).item()


def _apart(value: Value, limits: tuple[Value, ...], form: Form, *, relative: bool) -> Reading:
    """`relative`: that one is larger than the other means something."""
    numbers = [limit.value for limit in limits if isinstance(limit.value, float)]
    told = relative and form in ("number", "share", "date") and len(numbers) == len(limits)
    if not told or not isinstance(value.value, float):
        return Reading(value, limits, None, None, None)
    apart = [value.value - number for number in numbers]
    inside = len(apart) == 2 and apart[0] >= 0 >= apart[1]
    away = 0.0 if inside else min(apart, key=abs)
    return Reading(value, limits, away, None if inside else _distance(abs(away), form), None)


def _distance(away: float, form: Form) -> str:
    if form == "date":
        return f"{away:.0f} {'day' if away == 1 else 'days'}"
    if form == "share":
        points = f"{away * 100:.1f}".removesuffix(".0")
        return "1 point" if points == "1" else f"{points} points" if points != "0" else _TINY
    text = str(pl.select(shown(pl.lit(away), "number")).item())
    return text if text != "0" else _TINY
