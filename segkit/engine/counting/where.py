"""Which rows of a source a condition or a definition means, as a Polars filter; unknown keeps no row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import assert_never

import numpy as np
import polars as pl
from msgspec import Struct
from msgspec.structs import asdict

from segkit.facts.coded import UsageRows
from segkit.grouping import Bools
from segkit.ruleset import expr
from segkit.ruleset.model import Selection

Where = Selection | expr.Condition | None
"""None: every row."""
Schema = Mapping[str, pl.DataType]


def row_filter(where: Where, schema: Schema) -> pl.Expr | None:
    """The filter of a frame with these columns, or None where every row is meant.

    A column that the frame does not have is null in every row. Raises TypeError for an operand that has no
    meaning in a single row (a metric, a membership).
    """
    if where is None:
        return None
    if isinstance(where, Selection):
        return _selection(where, schema)
    return _condition(where, schema)


def rows_meant(where: Where, rows: UsageRows) -> Bools | None:
    """[rows] which usage rows are meant; None: all of them."""
    if isinstance(where, Selection):
        return _selected(where, rows)
    chosen = row_filter(where, rows.schema)
    if chosen is None:
        return None
    frame = rows.frame(*chosen.meta.root_names())
    return frame.select(chosen.fill_null(False).alias("keep"))["keep"].to_numpy()


def _selected(selection: Selection, rows: UsageRows) -> Bools | None:
    """By the different texts: there are few of them."""
    parts = []
    if selection.events is not None:
        parts.append(_one_of("event", selection.events, rows))
    if selection.features is not None:
        parts.append(_one_of("feature", selection.features, rows))
    if selection.except_events:
        parts.append(~_one_of("event", selection.except_events, rows))
    return np.logical_and.reduce(parts) if parts else None


def _one_of(column: str, words: Sequence[str], rows: UsageRows) -> Bools:
    numbers, values = rows.codes(column)
    # -1, nothing, is the last one.
    return np.append(values.is_in(list(words)).to_numpy(), False)[numbers]


def canonical(value: object) -> str:
    """A text that is equal for two conditions exactly when they say the same.

    Positions and spellings (`30%`, `0.3`) leave no trace in it.
    """
    if isinstance(value, Struct):
        said = ((name, each) for name, each in asdict(value).items() if not _leaves_no_trace(value, name))
        inside = ",".join(f"{name}={canonical(each)}" for name, each in said)
        return f"{type(value).__name__}({inside})"
    if isinstance(value, tuple):
        return "[" + ",".join(canonical(each) for each in value) + "]"
    return repr(value)


def _leaves_no_trace(value: object, name: str) -> bool:
    return name == "span" or (isinstance(value, expr.Number) and name in ("text", "unit"))


def _selection(selection: Selection, schema: Schema) -> pl.Expr | None:
    parts = []
    if selection.events is not None:
        parts.append(_column("event", schema).is_in(list(selection.events)).fill_null(False))
    if selection.features is not None:
        parts.append(_column("feature", schema).is_in(list(selection.features)).fill_null(False))
    if selection.except_events:
        parts.append(~_column("event", schema).is_in(list(selection.except_events)).fill_null(False))
    return pl.all_horizontal(parts) if parts else None


def _column(name: str, schema: Schema) -> pl.Expr:
    if name not in schema:
        return pl.lit(None, dtype=pl.String)
    column = pl.col(name)
    return column.cast(pl.String) if schema[name] in (pl.Categorical, pl.Enum) else column


def _condition(condition: expr.Condition, schema: Schema) -> pl.Expr:
    match condition:
        case expr.All(of):
            return pl.all_horizontal([_condition(each, schema) for each in of])
        case expr.Any(of):
            return pl.any_horizontal([_condition(each, schema) for each in of])
        case expr.AtLeast(k, of):
            parts = [_condition(each, schema) for each in of]
            trues = pl.sum_horizontal([each.fill_null(False).cast(pl.Int32) for each in parts])
            unknown = pl.sum_horizontal([each.is_null().cast(pl.Int32) for each in parts])
            return pl.when(trues >= k).then(True).when(trues + unknown < k).then(False)
        case expr.Not(of):
            return ~_condition(of, schema)
        case expr.Named(_, of):
            return _condition(of, schema)
        case expr.Compare(left, op, right):
            return _compare(op, _operand(left, schema), _operand(right, schema))
        case expr.Between(of, low, high):
            value = _operand(of, schema)
            return (value >= _operand(low, schema)) & (value <= _operand(high, schema))
        case expr.Within(of, values):
            value = _operand(of, schema)
            return pl.any_horizontal([value == _operand(each, schema) for each in values])
        case expr.IsMissing(of):
            return _operand(of, schema).is_null()
        case expr.Holds(of):
            return _operand(of, schema).cast(pl.Boolean)
        case _:
            raise TypeError(f"{type(condition).__name__} has no meaning in a single row")


_DTYPES: Mapping[str, type[pl.DataType]] = {
    "text": pl.String,
    "number": pl.Float64,
    "integer": pl.Int64,
    "date": pl.Date,
    "moment": pl.Date,
    "flag": pl.Boolean,
}


def _compare(op: expr.CompareOp, left: pl.Expr, right: pl.Expr) -> pl.Expr:
    match op:
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case ">=":
            return left >= right
        case "=":
            return left == right
        case "!=":
            return left != right
        case _:
            assert_never(op)


def _operand(operand: expr.Operand, schema: Schema) -> pl.Expr:
    match operand:
        case expr.Number(value) | expr.Text(value) | expr.Day(value) | expr.Truth(value):
            return pl.lit(value)
        case expr.Attribute(name, kind):
            return _column(name, schema) if name in schema else pl.lit(None, dtype=_DTYPES[kind])
        case expr.Negative(of):
            return -_operand(of, schema)
        case expr.Arith(op, left, right):
            return _arith(op, _operand(left, schema), _operand(right, schema))
        case _:
            raise TypeError(f"{type(operand).__name__} has no meaning in a single row")


def _arith(op: expr.ArithOp, left: pl.Expr, right: pl.Expr) -> pl.Expr:
    match op:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return pl.when(right != 0).then(left / right)
        case _:
            assert_never(op)
