"""Leaves in words, with the value they met: `logins_28d 1 (under 2)`, `arr_change -34% (at most -30%)`."""

from __future__ import annotations

from typing import Literal, assert_never

import polars as pl
from msgspec import Struct

from segkit.engine.conditions.compile import Compiler, bound_column, columns
from segkit.ruleset import expr as x
from segkit.ruleset.catalogue import CHANGE_VIEWS, METRICS, Shape, through
from segkit.ruleset.model import RuleSet

Form = Literal["number", "share", "date", "truth", "text"]

WORDS: dict[x.CompareOp, str] = {
    "<": "under",
    "<=": "at most",
    ">": "over",
    ">=": "at least",
    "=": "is",
    "!=": "is not",
}
APART = "; "
"""What stands between two conditions; a text of somebody's must not look like two."""
OPPOSITE: dict[x.CompareOp, x.CompareOp] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "=": "!=", "!=": "="}
MIRRORED: dict[x.CompareOp, x.CompareOp] = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}


class Speaker(Struct, frozen=True):
    """Says leaves of one rule set over rows that its compiler can read."""

    rules: RuleSet
    compiler: Compiler

    def leaf(self, leaf: x.Leaf, truth: bool) -> pl.Expr:
        """A text per row for a leaf that is `truth` there: a false `at most 2` says `(over 2)`."""
        match leaf:
            case x.Compare(left=left, op=op, right=right):
                if not columns(left) and columns(right):
                    left, op, right = right, MIRRORED[op], left
                words = WORDS[op if truth else OPPOSITE[op]]
                form = self.form(left, right)
                return pl.concat_str(
                    self._met(left, form), pl.lit(f" ({words} "), self.limit(right, form), pl.lit(")")
                )
            case x.Between(of=of, low=low, high=high):
                form = self.form(of, low)
                head = " (between " if truth else " (not between "
                ends = [self.limit(low, form), pl.lit(" and "), self.limit(high, form)]
                return pl.concat_str(self._met(of, form), pl.lit(head), *ends, pl.lit(")"))
            case x.Within(of=of, values=values):
                form = self.form(of, values[0])
                listed = pl.concat_str([self.limit(v, form) for v in values], separator=", ")
                return pl.concat_str(
                    self._met(of, form), pl.lit(" (in [" if truth else " (not in ["), listed, pl.lit("])")
                )
            case x.IsMissing(of=of):
                return pl.lit(f"{of.key} is missing" if truth else f"{of.key} is not missing")
            case x.Holds(of=of):
                return pl.lit(of.key if truth else f"not {of.key}")
            case x.Member(segment=segment):
                return pl.lit(f"in {segment}" if truth else f"not in {segment}")
            case _:
                assert_never(leaf)

    def _met(self, operand: x.Operand, form: Form) -> pl.Expr:
        """The operand as written, and its value."""
        return pl.lit(f"{written(operand)} ") + self.value(operand, form)

    def value(self, operand: x.Operand, form: Form) -> pl.Expr:
        """The value of an operand as text."""
        value = shown(self.compiler.operand(operand), form)
        low = [bound_column(c.key) for c in columns(operand) if c.key in self.compiler.bounds]
        if low:
            value = pl.when(pl.any_horizontal(low)).then(pl.lit("at least ") + value).otherwise(value)
        return value

    def limit(self, operand: x.Operand, form: Form) -> pl.Expr:
        match operand:
            case x.Number(text=text) if text:
                return pl.lit(text)
            case x.Text(value=value):
                return pl.lit(value.replace(APART, ", "))
            case x.Metric() | x.Attribute() | x.Trait() | x.WeeksIn() | x.Arith() | x.Negative():
                if columns(operand):
                    return self._met(operand, form)
        return shown(self.compiler.operand(operand), form)

    def form(self, left: x.Operand, right: x.Operand) -> Form:
        """How to show both sides of a comparison."""
        match right:
            case x.Text():
                return "text"
            case x.Day():
                return "date"
            case x.Truth():
                return "truth"
            case x.Number(text=text) if text.endswith("%"):
                return "share"
        match left:
            case x.Trait():
                return "text"
            case x.Attribute(kind="text"):
                return "text"
            case x.Attribute(kind="date" | "moment"):
                return "date"
            case x.Attribute(kind="flag"):
                return "truth"
            case x.Metric():
                unit = self._unit(left)
                return unit if unit in ("share", "date", "truth", "text") else "number"  # type: ignore[return-value]
            case _:
                return "number"

    def _unit(self, metric: x.Metric) -> str:
        custom = self.rules.metrics.get(metric.name)
        if custom is not None:
            relative = metric.view in CHANGE_VIEWS and custom.unit not in ("share", "points")
            return "share" if relative or metric.view == "percentile" else custom.unit
        spec = METRICS[metric.name]
        return through(metric.view, spec.kind, Shape(spec.unit, spec.low, spec.high)).unit


def shown(value: pl.Expr, form: Form) -> pl.Expr:
    """A value as text: whole numbers plain, others with two decimals, shares in percent with one."""
    match form:
        case "text":
            return value.str.replace_all(";( |$)", ",${1}")
        case "date":
            return value.cast(pl.Int32).cast(pl.Date).dt.to_string("%Y-%m-%d")
        case "truth":
            return pl.when(value != 0).then(pl.lit("yes")).otherwise(pl.lit("no"))
        case "share":
            return _number(value * 100, 1) + "%"
        case "number":
            return _number(value, 2)
        case _:
            assert_never(form)


def _number(value: pl.Expr, decimals: int) -> pl.Expr:
    # Adding zero turns a rounded -0.0 into 0.0.
    return (value.round(decimals) + 0.0).cast(pl.String).str.strip_suffix(".0")


def written(operand: x.Operand) -> str:
    """An operand as it stands in a rule."""
    match operand:
        case x.Number(value=value, text=text):
            return text or f"{value:g}"
        case x.Text(value=value):
            return f'"{value}"'
        case x.Day(value=value):
            return value.isoformat()
        case x.Truth(value=value):
            return "true" if value else "false"
        case x.Limit(name=name):
            return f"${name}"
        case x.Negative(of=of):
            return f"-{written(of)}"
        case x.Arith(op=op, left=left, right=right):
            return f"({written(left)} {op} {written(right)})"
        case _:
            return operand.key
