"""What a rule says, as values: operands and conditions that print, hash, compare and hold no dataframe."""

from __future__ import annotations

from datetime import date
from operator import attrgetter
from typing import Any as AnyOption
from typing import ClassVar, Literal

from msgspec import Struct

CompareOp = Literal["<", "<=", ">", ">=", "=", "!="]
ArithOp = Literal["+", "-", "*", "/"]


class Span(Struct, frozen=True):
    """Where a piece of a rule stands: line and column of its first character (from 1) and its length."""

    path: str = ""
    line: int = 0
    column: int = 0
    width: int = 1


NOWHERE = Span()


class Spanned(Struct, frozen=True):
    """What has a `span` of its own; two of them are equal that say the same, wherever they stand."""

    _said: ClassVar[attrgetter[object]]

    def __init_subclass__(cls, **options: AnyOption) -> None:
        super().__init_subclass__(**options)
        cls._said = attrgetter(*(name for name in cls.__annotations__ if name != "span"))

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and bool(self._said(self) == other._said(other))

    def __hash__(self) -> int:
        return hash(self._said(self))


# --- operands: something that has a value per account and period ---------------------------------


class Number(Spanned, frozen=True):
    """A number as the engine uses it: `30%` is 0.3, `2 weeks` is in the unit of what it is compared with."""

    value: float
    text: str = ""
    """As written (`-30%`, `2 weeks`), for printing."""
    unit: str | None = None
    span: Span = NOWHERE


class Text(Spanned, frozen=True):
    """A text in quotes."""

    value: str
    span: Span = NOWHERE


class Day(Spanned, frozen=True):
    """A day, written `2026-01-31`."""

    value: date
    span: Span = NOWHERE


class Truth(Spanned, frozen=True):
    """The literals true and false, to compare a flag attribute with."""

    value: bool
    span: Span = NOWHERE


class Limit(Spanned, frozen=True):
    """`$big_drop`: a named threshold of the rule set, possibly different per account attribute."""

    name: str
    span: Span = NOWHERE


class Metric(Spanned, frozen=True):
    """A metric, with its window in days where it has one and the view it is seen through.

    `events_28d.change` is Metric("events", 28, "change"); `days_to_feature(api)` is
    Metric("days_to_feature", None, None, "api"); a custom metric keeps its whole name.
    """

    name: str
    window: int | None = None
    view: str | None = None
    argument: str | None = None
    span: Span = NOWHERE

    @property
    def base(self) -> str:
        """The metric without its view, as written in rules."""
        text = self.name if self.window is None else f"{self.name}_{self.window}d"
        return f"{text}({self.argument})" if self.argument is not None else text

    @property
    def key(self) -> str:
        """The metric as written in rules; also the name of its column in the panel."""
        return f"{self.base}.{self.view}" if self.view else self.base


class Attribute(Spanned, frozen=True):
    """A column of the accounts source as it was in that period: `industry`, `arr`, a declared one."""

    name: str
    kind: str = "text"
    """A Kind of columns.py."""
    span: Span = NOWHERE

    @property
    def key(self) -> str:
        return self.name


class Trait(Spanned, frozen=True):
    """`trait(priority)`: the newest value of a trait observed by the end of the period (text)."""

    name: str
    span: Span = NOWHERE

    @property
    def key(self) -> str:
        return f"trait({self.name})"


class WeeksIn(Spanned, frozen=True):
    """`weeks_in(at_risk)`: periods of membership so far, 1 in the first, 0 while out."""

    segment: str
    span: Span = NOWHERE

    @property
    def key(self) -> str:
        return f"weeks_in({self.segment})"


class Arith(Spanned, frozen=True):
    """`a + b`, `a - b`, `a * b` or `a / b`."""

    op: ArithOp
    left: Operand
    right: Operand
    span: Span = NOWHERE


class Negative(Spanned, frozen=True):
    """`-a`."""

    of: Operand
    span: Span = NOWHERE


Column = Metric | Attribute | Trait | WeeksIn
"""Operands that are columns of the panel; `key` is the column's name."""
Operand = Number | Text | Day | Truth | Limit | Column | Arith | Negative


# --- conditions: true, false or unknown per account and period ------------------------------------


class Compare(Spanned, frozen=True):
    """`a < b`, or another sign."""

    left: Operand
    op: CompareOp
    right: Operand
    span: Span = NOWHERE


class Between(Spanned, frozen=True):
    """`x between a and b`, both ends included."""

    of: Operand
    low: Operand
    high: Operand
    span: Span = NOWHERE


class Within(Spanned, frozen=True):
    """`x in [a, b]`."""

    of: Operand
    values: tuple[Operand, ...]
    span: Span = NOWHERE


class IsMissing(Spanned, frozen=True):
    """True where a value cannot exist for this account, unknown where the source does not cover it."""

    of: Column
    span: Span = NOWHERE


class Holds(Spanned, frozen=True):
    """A true/false column used by itself: `notice_given`, a flag attribute."""

    of: Column
    span: Span = NOWHERE


class Member(Spanned, frozen=True):
    """`member(at_risk)`, or the bare name of a flag: the effective membership of the same period."""

    segment: str
    span: Span = NOWHERE

    @property
    def key(self) -> str:
        return f"member({self.segment})"


class Named(Spanned, frozen=True):
    """A condition of the rule set by its name; `of` is what the name stands for."""

    name: str
    of: Condition
    span: Span = NOWHERE


class Not(Spanned, frozen=True):
    """True where `of` is false; unknown stays unknown."""

    of: Condition
    span: Span = NOWHERE


class All(Spanned, frozen=True):
    """True where every one is true, false where one is false."""

    of: tuple[Condition, ...]
    span: Span = NOWHERE


class Any(Spanned, frozen=True):
    """True where one is true, false where every one is false."""

    of: tuple[Condition, ...]
    span: Span = NOWHERE


class AtLeast(Spanned, frozen=True):
    """At least `k` of the conditions hold: true if trues >= k, false if trues + unknowns < k."""

    k: int
    of: tuple[Condition, ...]
    span: Span = NOWHERE


Leaf = Compare | Between | Within | IsMissing | Holds | Member
Condition = Leaf | Named | Not | All | Any | AtLeast


def children(condition: Condition) -> tuple[Condition, ...]:
    """The conditions directly inside one; empty for a leaf."""
    match condition:
        case All(of) | Any(of) | AtLeast(_, of):
            return of
        case Not(of) | Named(_, of):
            return (of,)
        case _:
            return ()


def leaves(condition: Condition) -> tuple[Leaf, ...]:
    """Every leaf, in the order written."""
    inside = children(condition)
    if not inside:
        return (condition,)  # type: ignore[return-value]
    return tuple(leaf for child in inside for leaf in leaves(child))


def operands(condition: Condition) -> tuple[Operand, ...]:
    """Every operand of every leaf, arithmetic taken apart, in the order written."""
    found: list[Operand] = []

    def walk(operand: Operand) -> None:
        found.append(operand)
        match operand:
            case Arith(_, left, right):
                walk(left)
                walk(right)
            case Negative(of):
                walk(of)

    for leaf in leaves(condition):
        match leaf:
            case Compare(left, _, right):
                walk(left)
                walk(right)
            case Between(of, low, high):
                for operand in (of, low, high):
                    walk(operand)
            case Within(of, values):
                for operand in (of, *values):
                    walk(operand)
            case IsMissing(of) | Holds(of):
                walk(of)
    return tuple(found)
