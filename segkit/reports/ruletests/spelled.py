"""Weekly values in their short form, as `series` reads it: `20x8`, `20-2x6`, `active x3`."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby

AT_LEAST = 3
"""So many weeks in steps of one size are written as steps."""


def spelled(values: Sequence[float | str], *, percent: bool = False) -> str:
    """Numbers, with words such as `_`, `gone`, `yes` between them.

    >>> spelled([5.0, 5.0, 5.0, "_", 20.0, 18.0, 16.0])
    '5x3 _ 20-2x3'
    >>> spelled([-0.31, -0.31], percent=True)
    '-31%x2'
    """
    found: list[str] = []
    at = 0
    while at < len(values):
        same = _same(values, at)
        steps = _steps(values, at)
        length = max(same, steps)
        if steps > same and steps >= AT_LEAST:
            first, second = (_decimal(values[at + place]) for place in (0, 1))
            sign = "+" if second > first else ""
            found.append(f"{_said(first, percent)}{sign}{_said(second - first, percent)}x{length}")
        else:
            length = same
            found.append(_word(values[at], percent) + (f"x{length}" if length > 1 else ""))
        at += length
    return " ".join(found)


def spelled_labels(labels: Sequence[str]) -> str:
    """`active x3 at_risk`"""
    runs = [(label, len(list(run))) for label, run in groupby(labels)]
    return " ".join(label if length == 1 else f"{label} x{length}" for label, length in runs)


def _same(values: Sequence[float | str], at: int) -> int:
    return next((n for n, value in enumerate(values[at:]) if value != values[at]), len(values) - at)


def _steps(values: Sequence[float | str], at: int) -> int:
    """How many values from here on go up or down by the same step."""
    numbers: list[Decimal] = []
    for value in values[at:]:
        if isinstance(value, str):
            break
        numbers.append(_decimal(value))
        if len(numbers) > 2 and numbers[-1] - numbers[-2] != numbers[1] - numbers[0]:
            return len(numbers) - 1
    return len(numbers)


def _decimal(value: float | str) -> Decimal:
    return Decimal(repr(float(value))).normalize()


def _word(value: float | str, percent: bool) -> str:
    if isinstance(value, str):
        return value
    return _said(_decimal(value), percent)


def _said(number: Decimal, percent: bool) -> str:
    return f"{(number * 100).normalize():f}%" if percent else f"{number.normalize():f}"
