"""An expression as it was written: words, not yet looked up.

Nodes live from the text to the condition it says; nobody compares or keeps them, and what would make them
comparable and frozen costs more than half of the time that it takes to load them.
"""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from segkit.ruleset.expr import ArithOp, CompareOp

TimeUnit = str
"""days, weeks, months, hours or minutes."""


class Node(Struct, eq=False):
    """`start` and `end` are character offsets in the expression, `depth` counts nodes to the deepest leaf."""

    start: int
    end: int
    depth: int


class Literal(Node, eq=False):
    """A number; `30%` is 0.3 with unit "%", a duration keeps its own number and unit."""

    value: float
    text: str
    unit: str | None = None


class Quoted(Node, eq=False):
    """`"Retail"`."""

    value: str


class Dated(Node, eq=False):
    """`2026-01-31`."""

    value: date


class Boolean(Node, eq=False):
    """`true` or `false`."""

    value: bool


class Dollar(Node, eq=False):
    """`$big_drop`."""

    name: str


class Name(Node, eq=False):
    """A bare word, perhaps with a view: `events_28d.change`; or a call: `days_to_feature(api)`."""

    name: str
    view: str | None = None
    argument: str | None = None


class Calc(Node, eq=False):
    """`a + b`, and so on."""

    op: ArithOp
    left: Node
    right: Node


class Minus(Node, eq=False):
    """`-a`."""

    of: Node


class Chain(Node, eq=False):
    """`a < b` or a longer one-way chain: one operand more than there are signs."""

    operands: tuple[Node, ...]
    ops: tuple[CompareOp, ...]


class Range(Node, eq=False):
    """`a between b and c`."""

    of: Node
    low: Node
    high: Node


class OneOf(Node, eq=False):
    """`a in [b, c]`."""

    of: Node
    values: tuple[Node, ...]
    negated: bool


class Missing(Node, eq=False):
    """`a is missing`."""

    of: Node
    negated: bool


class Negation(Node, eq=False):
    """`not a`."""

    of: Node


class Every(Node, eq=False):
    """`a and b`, or `all:`."""

    of: tuple[Node, ...]


class Some(Node, eq=False):
    """`a or b`, or `any:`."""

    of: tuple[Node, ...]


class Several(Node, eq=False):
    """`at_least: k` with `of:`."""

    k: float
    of: tuple[Node, ...]


CONDITIONS = (Chain, Range, OneOf, Missing, Negation, Every, Some, Several)
