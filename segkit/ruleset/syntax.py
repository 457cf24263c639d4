"""An expression as it was written: words, not yet looked up.

Nodes live from the text to the condition it says; nobody compares or keeps them, and what would make them
comparable and frozen costs more than half of the time that it takes to load them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from segkit.ruleset.expr import ArithOp, CompareOp

TimeUnit = str
"""days, weeks, months, hours or minutes."""


@dataclass(slots=True, eq=False)
class Node:
    """`start` and `end` are character offsets in the expression, `depth` counts nodes to the deepest leaf."""

    start: int
    end: int
    depth: int


@dataclass(slots=True, eq=False)
class Literal(Node):
    """A number; `30%` is 0.3 with unit "%", a duration keeps its own number and unit."""

    value: float
    text: str
    unit: str | None = None


@dataclass(slots=True, eq=False)
class Quoted(Node):
    """`"Retail"`."""

    value: str


@dataclass(slots=True, eq=False)
class Dated(Node):
    """`2026-01-31`."""

    value: date


@dataclass(slots=True, eq=False)
class Boolean(Node):
    """`true` or `false`."""

    value: bool


@dataclass(slots=True, eq=False)
class Dollar(Node):
    """`$big_drop`."""

    name: str


@dataclass(slots=True, eq=False)
class Name(Node):
    """A bare word, perhaps with a view: `events_28d.change`; or a call: `days_to_feature(api)`."""

    name: str
    view: str | None = None
    argument: str | None = None


@dataclass(slots=True, eq=False)
class Calc(Node):
    """`a + b`, and so on."""

    op: ArithOp
    left: Node
    right: Node


@dataclass(slots=True, eq=False)
class Minus(Node):
    """`-a`."""

    of: Node


@dataclass(slots=True, eq=False)
class Chain(Node):
    """`a < b` or a longer one-way chain: one operand more than there are signs."""

    operands: tuple[Node, ...]
    ops: tuple[CompareOp, ...]


@dataclass(slots=True, eq=False)
class Range(Node):
    """`a between b and c`."""

    of: Node
    low: Node
    high: Node


@dataclass(slots=True, eq=False)
class OneOf(Node):
    """`a in [b, c]`."""

    of: Node
    values: tuple[Node, ...]
    negated: bool


@dataclass(slots=True, eq=False)
class Missing(Node):
    """`a is missing`."""

    of: Node
    negated: bool


@dataclass(slots=True, eq=False)
class Negation(Node):
    """`not a`."""

    of: Node


@dataclass(slots=True, eq=False)
class Every(Node):
    """`a and b`, or `all:`."""

    of: tuple[Node, ...]


@dataclass(slots=True, eq=False)
class Some(Node):
    """`a or b`, or `any:`."""

    of: tuple[Node, ...]


@dataclass(slots=True, eq=False)
class Several(Node):
    """`at_least: k` with `of:`."""

    k: float
    of: tuple[Node, ...]


CONDITIONS = (Chain, Range, OneOf, Missing, Negation, Every, Some, Several)
