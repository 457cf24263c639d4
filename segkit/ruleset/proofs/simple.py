"""Conditions in the few forms that the search knows: no names, no ranges, no lists, no thresholds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import add, mul, sub, truediv

from msgspec import Struct
from msgspec.structs import replace

from segkit.periods import epoch_day
from segkit.ruleset import expr as x
from segkit.ruleset.model import Threshold
from segkit.ruleset.proofs.domain import MIRRORED, satisfying

TRUE, FALSE = x.All(()), x.Any(())
NOBODY_KNOWS = x.Attribute("?", "number")
_SIGNIFICANT = 9
CALCULATED: Mapping[str, Callable[[float, float], float]] = {"+": add, "-": sub, "*": mul, "/": truediv}


class Case(Struct, frozen=True):
    """True where a text is one of `words` (or none of them), false everywhere else: never unknown."""

    of: x.Attribute
    words: frozenset[str]
    among: bool


class Without(Struct, frozen=True):
    """True where a column has no value; asked for only as true."""

    of: x.Column


Form = x.Condition | Case | Without


def simple(condition: x.Condition, thresholds: Mapping[str, Threshold]) -> Form:
    """The condition as all, any, at_least and not of comparisons, `is missing`, truths and memberships."""

    def inside(of: tuple[x.Condition, ...]) -> tuple[x.Condition, ...]:
        return tuple(simple(part, thresholds) for part in of)  # type: ignore[misc]

    match condition:
        case x.Named(of=of):
            return simple(of, thresholds)
        case x.All(of=of):
            return x.All(inside(of))
        case x.Any(of=of):
            return x.Any(inside(of))
        case x.AtLeast(k=k, of=of):
            return x.AtLeast(k, inside(of))
        case x.Not(of=of):
            return x.Not(simple(of, thresholds))  # type: ignore[arg-type]
        case x.Between(of=of, low=low, high=high):
            ends = (x.Compare(of, ">=", low), x.Compare(of, "<=", high))
            return x.All(inside(ends))
        case x.Within(of=of, values=values):
            return x.Any(inside(tuple(x.Compare(of, "=", value) for value in values)))
        case x.Compare():
            return _compared(condition, thresholds)
        case _:
            return condition


def _compared(leaf: x.Compare, thresholds: Mapping[str, Threshold]) -> Form:
    """With each threshold as its number; one that differs by an attribute as one case per number."""
    name = next((o.name for o in x.operands(leaf) if isinstance(o, x.Limit)), None)
    if name is None:
        return folded(leaf)
    found = thresholds[name]

    def at(value: float) -> x.Condition:
        return _compared(with_operand(leaf, lambda o: _number_for(o, name, value)), thresholds)  # type: ignore[return-value]

    if found.by is None or not found.values:
        return at(found.default)
    by = x.Attribute(found.by)
    labels = frozenset(found.values)
    cases = [(Case(by, frozenset({label}), True), at(value)) for label, value in found.values.items()]
    cases.append((Case(by, labels, False), at(found.default)))
    return x.Any(tuple(x.All((case, then)) for case, then in cases))  # type: ignore[arg-type]


def _number_for(operand: x.Operand, name: str, value: float) -> x.Operand:
    return x.Number(value) if isinstance(operand, x.Limit) and operand.name == name else operand


def with_operand(leaf: x.Compare, change: Callable[[x.Operand], x.Operand]) -> x.Compare:
    """The comparison with operands, inside calculations too, replaced by what `change` makes of them."""

    def walk(operand: x.Operand) -> x.Operand:
        match operand:
            case x.Arith(op=op, left=left, right=right):
                return x.Arith(op, walk(left), walk(right))
            case x.Negative(of=of):
                return x.Negative(walk(of))
            case _:
                return change(operand)

    return replace(leaf, left=walk(leaf.left), right=walk(leaf.right))


def fixed_at(form: Form, key: str, value: float) -> Form:
    """The condition where the column `key` is known to be `value`."""
    return _replaced(form, key, x.Number(value))


def unknown_at(form: Form, key: str) -> Form:
    """The condition where the column `key` is read as the one that never has a value."""
    return _replaced(form, key, NOBODY_KNOWS)


def _replaced(form: Form, key: str, by: x.Number | x.Attribute) -> Form:
    def inside(of: tuple[x.Condition, ...]) -> tuple[x.Condition, ...]:
        return tuple(_replaced(part, key, by) for part in of)  # type: ignore[misc]

    match form:
        case x.All(of=of):
            return x.All(inside(of))
        case x.Any(of=of):
            return x.Any(inside(of))
        case x.AtLeast(k=k, of=of):
            return x.AtLeast(k, inside(of))
        case x.Not(of=of):
            return x.Not(_replaced(of, key, by))  # type: ignore[arg-type]
        case x.IsMissing(of=of) if of.key == key:
            return FALSE if isinstance(by, x.Number) else x.IsMissing(by)
        case x.Compare():
            return folded(with_operand(form, lambda o: by if column_key(o) == key else o))
        case _:
            return form


def column_key(operand: x.Operand) -> str | None:
    return operand.key if isinstance(operand, x.Column) else None


def folded(leaf: x.Compare) -> Form:
    """A comparison with the column on the left where there is one, or what two fixed sides come to."""
    left, right = constant(leaf.left), constant(leaf.right)
    if left is not None and right is not None:
        return TRUE if any(each.holds(left) for each in satisfying(leaf.op, right)) else FALSE
    if left is not None:
        return x.Compare(leaf.right, MIRRORED[leaf.op], x.Number(left))  # type: ignore[arg-type]
    if right is not None:
        return x.Compare(leaf.left, leaf.op, x.Number(right))
    if isinstance(leaf.left, x.Text):
        return x.Compare(leaf.right, leaf.op, leaf.left)
    return leaf


def constant(operand: x.Operand) -> float | None:
    """The number an operand always is; None for one that reads a column or is a text."""
    return calculated(operand, {})


def calculated(operand: x.Operand, values: Mapping[str, float]) -> float | None:
    """Rounded as the engine does; None where a column has no value, and over zero."""
    match operand:
        case x.Number(value=value):
            return value
        case x.Day(value=day):
            return float(epoch_day(day))
        case x.Truth(value=truth):
            return float(truth)
        case x.Negative(of=of):
            inner = calculated(of, values)
            return None if inner is None else -inner
        case x.Arith(op=op, left=left, right=right):
            one, other = calculated(left, values), calculated(right, values)
            if one is None or other is None or (op == "/" and other == 0):
                return None
            return float(f"{CALCULATED[op](one, other):.{_SIGNIFICANT}g}")
        case x.Text() | x.Limit():
            return None
        case _:
            return values.get(operand.key)


def columns(operand: x.Operand) -> tuple[x.Column, ...]:
    """The columns an operand reads."""
    match operand:
        case x.Arith(left=left, right=right):
            return columns(left) + columns(right)
        case x.Negative(of=of):
            return columns(of)
        case x.Number() | x.Text() | x.Day() | x.Truth() | x.Limit():
            return ()
        case _:
            return (operand,)
