"""Conditions as Polars expressions over rows (account x period) whose columns are the keys of operands.

Nulls are unknown. Beside the column of a key stand, where a condition asks, `<key>|missing` (true where a
value cannot exist, null where it is merely not known) and `<key>|at_least` (true where it is a lower bound).
The only module that compiles conditions: scanning, causes and explanations read the expressions of one tree.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import assert_never

import polars as pl
from msgspec import Struct, field

from segkit.engine.counting.values import SIGNIFICANT
from segkit.periods import epoch_day
from segkit.ruleset import expr as x
from segkit.ruleset.model import Threshold


def missing_column(key: str) -> str:
    return f"{key}|missing"


def bound_column(key: str) -> str:
    return f"{key}|at_least"


def weeks_column(segment: str) -> str:
    return f"weeks_in({segment})"


def member_column(segment: str) -> str:
    return f"member({segment})"


class Compiler(Struct, frozen=True):
    """`bounds`: keys whose values may be lower bounds. `numbers`: keys that are no texts."""

    thresholds: Mapping[str, Threshold] = field(default_factory=dict)
    bounds: Collection[str] = ()
    numbers: Collection[str] = ()

    def condition(self, condition: x.Condition, known: Mapping[x.Condition, str]) -> pl.Expr:
        """True, false or null. `and`, `or` and counting are Kleene; `known` names columns already there."""

        def inside(child: x.Condition) -> pl.Expr:
            return pl.col(known[child]) if child in known else self.condition(child, known)

        match condition:
            case x.Named(of=of):
                return inside(of)
            case x.Not(of=of):
                return ~inside(of)
            case x.All(of=of):
                return pl.all_horizontal([inside(child) for child in of])
            case x.Any(of=of):
                return pl.any_horizontal([inside(child) for child in of])
            case x.AtLeast(k=k, of=of):
                return _at_least(k, [inside(child) for child in of])
            case _:
                return self.leaf(condition)

    def leaf(self, leaf: x.Leaf) -> pl.Expr:
        match leaf:
            case x.Compare(left=left, op=op, right=right):
                return self._compare(left, op, right)
            case x.Between(of=of, low=low, high=high):
                return pl.all_horizontal(self._compare(of, ">=", low), self._compare(of, "<=", high))
            case x.Within(of=of, values=values):
                return pl.any_horizontal([self._compare(of, "=", value) for value in values])
            case x.IsMissing(of=of):
                return pl.col(missing_column(of.key))
            case x.Holds(of=of):
                return pl.col(of.key) != 0
            case x.Member(segment=segment):
                return pl.col(member_column(segment))
            case _:
                assert_never(leaf)

    def operand(self, operand: x.Operand, *, at_most: bool = False) -> pl.Expr:
        """The value of an operand; with `at_most` as if every lower bound were infinitely high."""
        match operand:
            case x.Number(value=value):
                return pl.lit(value, pl.Float64)
            case x.Text(value=value):
                return pl.lit(value, pl.String)
            case x.Day(value=value):
                return pl.lit(epoch_day(value), pl.Float64)
            case x.Truth(value=value):
                return pl.lit(float(value), pl.Float64)
            case x.Limit(name=name):
                return self._limit(self.thresholds[name])
            case x.Negative(of=of):
                return -self.operand(of, at_most=at_most)
            case x.Arith(op=op, left=left, right=right):
                return _arithmetic(
                    op, self.operand(left, at_most=at_most), self.operand(right, at_most=at_most)
                )
            case _:
                if at_most and operand.key in self.bounds:
                    return pl.when(bound_column(operand.key)).then(math.inf).otherwise(pl.col(operand.key))
                return pl.col(operand.key)

    def _compare(self, left: x.Operand, op: x.CompareOp, right: x.Operand) -> pl.Expr:
        """Where a value is only a lower bound, the answer counts if no higher value could overturn it."""
        if not any(key in self.bounds for key in (*_keys(left), *_keys(right))):
            return _OPERATORS[op](self.operand(left), self.operand(right))
        if op == "=":
            return pl.all_horizontal(self._compare(left, ">=", right), self._compare(left, "<=", right))
        if op == "!=":
            return ~self._compare(left, "=", right)
        low = _OPERATORS[op](self.operand(left), self.operand(right))
        high = _OPERATORS[op](self.operand(left, at_most=True), self.operand(right, at_most=True))
        return pl.when(low == high).then(low)

    def _limit(self, threshold: Threshold) -> pl.Expr:
        default = pl.lit(threshold.default, pl.Float64)
        if threshold.by is None:
            return default
        by = pl.col(threshold.by)
        value = default
        for label, limit in threshold.values.items():
            same = by == (float(label) if threshold.by in self.numbers else pl.lit(label, pl.String))
            value = pl.when(same).then(pl.lit(limit, pl.Float64)).otherwise(value)
        return value


_OPERATORS = {
    "<": pl.Expr.__lt__,
    "<=": pl.Expr.__le__,
    ">": pl.Expr.__gt__,
    ">=": pl.Expr.__ge__,
    "=": pl.Expr.__eq__,
    "!=": pl.Expr.__ne__,
}


def _arithmetic(op: x.ArithOp, left: pl.Expr, right: pl.Expr) -> pl.Expr:
    """Null where an operand is, and over zero; rounded like every value, so that 0.1 + 0.2 is 0.3."""
    match op:
        case "+":
            value = left + right
        case "-":
            value = left - right
        case "*":
            value = left * right
        case "/":
            value = pl.when(right != 0).then(left / right)
        case _:
            assert_never(op)
    return pl.when(value.is_infinite()).then(value).otherwise(value.round_sig_figs(SIGNIFICANT))


def _at_least(k: int, of: list[pl.Expr]) -> pl.Expr:
    trues = pl.sum_horizontal([child.fill_null(False).cast(pl.Int32) for child in of])
    unknown = pl.sum_horizontal([child.is_null().cast(pl.Int32) for child in of])
    return pl.when(trues >= k).then(True).when(trues + unknown < k).then(False)


def _keys(operand: x.Operand) -> tuple[str, ...]:
    return tuple(column.key for column in columns(operand))


def columns(operand: x.Operand) -> tuple[x.Metric | x.Attribute | x.Trait | x.WeeksIn, ...]:
    """The columns an operand reads, in the order written."""
    match operand:
        case x.Metric() | x.Attribute() | x.Trait() | x.WeeksIn():
            return (operand,)
        case x.Arith(left=left, right=right):
            return columns(left) + columns(right)
        case x.Negative(of=of):
            return columns(of)
        case _:
            return ()
