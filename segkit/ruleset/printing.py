"""Conditions and values in words that read back as the same condition or value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import assert_never

from segkit.ruleset.expr import (
    All,
    Any,
    Arith,
    AtLeast,
    Attribute,
    Between,
    Compare,
    CompareOp,
    Condition,
    Day,
    Holds,
    IsMissing,
    Limit,
    Member,
    Metric,
    Named,
    Negative,
    Not,
    Number,
    Operand,
    Text,
    Trait,
    Truth,
    WeeksIn,
    Within,
)

_WORDS: Mapping[CompareOp, str] = {
    "<": "under",
    "<=": "at most",
    ">": "over",
    ">=": "at least",
    "=": "is",
    "!=": "is not",
}
_KEYWORDS = frozenset({"or", "and", "not", "in", "is", "of", "under", "over", "between", "true", "false"})
_ANY, _ALL, _NOT, _LEAF = 1, 2, 3, 4
"""How tightly a condition binds."""
_SUM, _PRODUCT, _MINUS, _ATOM = 1, 2, 3, 4


def format_condition(condition: Condition) -> str:
    """The condition on one line, as it can be written in a rule file.

    >>> from segkit.ruleset.expr import Metric, Number
    >>> format_condition(Compare(Metric("logins", 7), ">=", Number(3.0)))
    'logins_7d at least 3'
    """
    return _condition(condition)[0]


def format_operand(operand: Operand) -> str:
    """The value as it can be written in a condition or formula."""
    return _operand(operand)[0]


def format_number(value: float) -> str:
    """Shortest digits that read back as the same number: 3, 0.25, 1e-07."""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def format_percent(value: float) -> str:
    """A share in per cent, reading back as the same share: 0.29 is 29%."""
    return f"{Decimal(repr(value)).scaleb(2).normalize():f}%"


def _condition(condition: Condition) -> tuple[str, int]:
    """Text and how tightly it binds."""
    match condition:
        case Any(of):
            # Without need, for whoever does not know which of the two binds more tightly.
            return " or ".join(_bracketed(part, _NOT) for part in of), _ANY
        case All(of):
            return " and ".join(_bracketed(part, _NOT) for part in of), _ALL
        case Not(IsMissing(of)):
            return f"{format_operand(of)} is not missing", _LEAF
        case Not(Within(of, values)):
            return f"{format_operand(of)} not in {_list(values)}", _LEAF
        case Not(of):
            return f"not {_bracketed(of, _NOT)}", _NOT
        case AtLeast(k, of):
            return f"at least {k} of ({', '.join(format_condition(part) for part in of)})", _LEAF
        case _:
            return _leaf(condition), _LEAF


def _bracketed(condition: Condition, wanted: int) -> str:
    text, binds = _condition(condition)
    return text if binds >= wanted else f"({text})"


def _leaf(condition: Condition) -> str:
    match condition:
        case Named(name, _):
            return name
        case Member(segment):
            return f"member({segment})"
        case Holds(of):
            return format_operand(of)
        case IsMissing(of):
            return f"{format_operand(of)} is missing"
        case Within(of, values):
            return f"{format_operand(of)} in {_list(values)}"
        case Between(of, low, high):
            return f"{format_operand(of)} between {format_operand(low)} and {format_operand(high)}"
        case Compare(left, op, right):
            return f"{format_operand(left)} {_WORDS[op]} {format_operand(right)}"
        case _:
            raise AssertionError(condition)


def _list(values: tuple[Operand, ...]) -> str:
    return f"[{', '.join(format_operand(value) for value in values)}]"


def _operand(operand: Operand) -> tuple[str, int]:
    match operand:
        case Number(value, text):
            return text or format_number(value), _ATOM
        case Text(value):
            return quoted(value), _ATOM
        case Day(value):
            return value.isoformat(), _ATOM
        case Truth(value):
            return "true" if value else "false", _ATOM
        case Limit(name):
            return f"${name}", _ATOM
        case Metric():
            return _metric(operand), _ATOM
        case Attribute(name):
            return name, _ATOM
        case Trait(name):
            return f"trait({_argument(name)})", _ATOM
        case WeeksIn(segment):
            return f"weeks_in({segment})", _ATOM
        case Negative(of):
            return f"-{_inside(of, _MINUS)}", _MINUS
        case Arith(op, left, right):
            binds = _SUM if op in "+-" else _PRODUCT
            return f"{_inside(left, binds)} {op} {_inside(right, binds + 1)}", binds
        case _:
            assert_never(operand)


def _inside(operand: Operand, wanted: int) -> str:
    text, binds = _operand(operand)
    return text if binds >= wanted else f"({text})"


def _metric(metric: Metric) -> str:
    if metric.argument is None:
        return metric.key
    view = f".{metric.view}" if metric.view else ""
    return f"{metric.name}({_argument(metric.argument)}){view}"


def _argument(word: str) -> str:
    bare = re.fullmatch(r"[^\W\d]\w*", word) and word.lower() not in _KEYWORDS
    return word if bare else quoted(word)


def quoted(text: str) -> str:
    """Text between quotes, with its own quotes and backslashes escaped."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
