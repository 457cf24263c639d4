"""Arithmetic over metrics and attributes, account by account and period by period."""

from __future__ import annotations

from typing import assert_never

import numpy as np

from segkit.engine.counting.context import Context
from segkit.engine.counting.values import Bools, Texts, Values
from segkit.engine.counting.windows import nowhere
from segkit.engine.metrics.attributes import attribute_column, number_attribute
from segkit.engine.views import viewed
from segkit.ruleset.expr import Arith, ArithOp, Attribute, Limit, Metric, Negative, Number, Operand
from segkit.ruleset.model import Threshold


def formula(ctx: Context, operand: Operand, shift_days: int = 0) -> Values:
    """The value of an operand; null where a part is null or divided by zero, missing where a part is missing.

    Raises TypeError for an operand that is no number per account and period.
    """
    match operand:
        case Number(value):
            return Values(np.full(ctx.shape, value), nowhere(ctx.shape))
        case Limit(name):
            return _limit(ctx, ctx.rules.thresholds[name], shift_days)
        case Metric():
            return exact(viewed(ctx, operand, shift_days))
        case Attribute(name):
            return number_attribute(ctx, name, shift_days)
        case Negative(of):
            inner = formula(ctx, of, shift_days)
            return Values(-inner.value, inner.missing, inner.gap)
        case Arith(op, left, right):
            return _arithmetic(op, formula(ctx, left, shift_days), formula(ctx, right, shift_days))
        case _:
            raise TypeError(f"{type(operand).__name__} is no number of an account")


def exact(values: Values) -> Values:
    """The values without those that are only a lower bound."""
    if values.at_least is None:
        return values
    return Values(np.where(values.at_least, np.nan, values.value), values.missing, values.gap)


def _arithmetic(op: ArithOp, left: Values, right: Values) -> Values:
    missing = left.missing | right.missing
    match op:
        case "+":
            value = left.value + right.value
        case "-":
            value = left.value - right.value
        case "*":
            value = left.value * right.value
        case "/":
            # No account has a share of nothing.
            missing = missing | (right.value == 0)
            with np.errstate(divide="ignore", invalid="ignore"):
                value = np.where(right.value == 0, np.nan, left.value / right.value)
        case _:
            assert_never(op)
    gaps = [each.gap for each in (left, right) if each.gap is not None]
    return Values(value, missing, np.logical_or.reduce(gaps) if gaps else None)


def _limit(ctx: Context, threshold: Threshold, shift_days: int) -> Values:
    """The threshold of each account; the default where its attribute is empty or names no other."""
    value = np.full(ctx.shape, threshold.default)
    if threshold.by is not None:
        by = attribute_column(ctx, Attribute(threshold.by), shift_days)
        for label, own in threshold.values.items():
            value[_is(by, label)] = own
    return Values(value, nowhere(ctx.shape))


def _is(by: Values | Texts, label: str) -> Bools:
    """[A, T] where an attribute is what a label says."""
    if isinstance(by, Values):
        return np.asarray(by.value == float(label))
    return np.asarray(by.codes == (by.labels.index(label) if label in by.labels else -2))
