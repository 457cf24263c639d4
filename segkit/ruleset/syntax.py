"""An expression as it was written: words, not yet looked up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from segkit.ruleset.expr import ArithOp, CompareOp

TimeUnit = str
"""days, weeks, months, hours or minutes."""


@dataclass(frozen=True, slots=True)
class Node:
    """`start` and `end` are character offsets in the expression, `depth` counts nodes to the deepest leaf."""

    start: int
    end: int
    depth: int


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A number; `30%` is 0.3 with unit "%", a duration keeps its own number and unit."""

    value: float
    text: str
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Quoted(Node):
    value: str


@dataclass(frozen=True, slots=True)
class Dated(Node):
    value: date


@dataclass(frozen=True, slots=True)
class Boolean(Node):
    value: bool


@dataclass(frozen=True, slots=True)
class Dollar(Node):
    name: str


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A bare word, perhaps with a view: `events_28d.change`; or a call: `days_to_feature(api)`."""

    name: str
    view: str | None = None
    argument: str | None = None


@dataclass(frozen=True, slots=True)
class Calc(Node):
    op: ArithOp
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Minus(Node):
    of: Node


@dataclass(frozen=True, slots=True)
class Chain(Node):
    """`a < b` or a longer one-way chain: one operand more than there are signs."""

    operands: tuple[Node, ...]
    ops: tuple[CompareOp, ...]


@dataclass(frozen=True, slots=True)
class Range(Node):
    of: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class OneOf(Node):
    of: Node
    values: tuple[Node, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Missing(Node):
    of: Node
    negated: bool


@dataclass(frozen=True, slots=True)
class Negation(Node):
    of: Node


@dataclass(frozen=True, slots=True)
class Every(Node):
    of: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Some(Node):
    of: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Several(Node):
    k: float
    of: tuple[Node, ...]


CONDITIONS = (Chain, Range, OneOf, Missing, Negation, Every, Some, Several)
