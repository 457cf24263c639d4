"""Syntax to conditions and operands: every word looked up, every comparison checked."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Protocol

from msgspec import Struct

from segkit.periods import Calendar
from segkit.ruleset import syntax as s
from segkit.ruleset.catalogue import Shape
from segkit.ruleset.expr import (
    All,
    Any,
    AtLeast,
    Attribute,
    Between,
    Column,
    Compare,
    CompareOp,
    Condition,
    Day,
    Holds,
    IsMissing,
    Metric,
    Named,
    Negative,
    Not,
    Span,
    Text,
    Trait,
    Truth,
    Within,
)
from segkit.ruleset.typed import NUMERIC, Clash, Typed, arith, called, fit, literal, outside


class Scope(Protocol):
    """What words mean; says what is wrong itself and then answers None."""

    @property
    def calendar(self) -> Calendar: ...

    def name(self, node: s.Name, span: Span) -> Typed | Condition | None: ...

    def limit(self, name: str, span: Span) -> Typed | None: ...


class Lower(Struct, frozen=True):
    """Reads one expression. `span` places a piece of it.

    `report` takes (code, what, node, hint, warning, and what alone can be meant instead).
    """

    scope: Scope
    span: Callable[[s.Node], Span]
    report: Callable[[str, str, s.Node, str | None, bool, str | None], None]

    def _wrong(
        self, code: str, what: str, node: s.Node, hint: str | None = None, instead: str | None = None
    ) -> None:
        self.report(code, what, node, hint, False, instead)

    def condition(self, node: s.Node) -> Condition | None:
        """The condition a node stands for; None when something in it was reported."""
        match node:
            case s.Every() | s.Some() | s.Several():
                return self._several(node)
            case s.Negation():
                of = self.condition(node.of)
                return None if of is None else Not(of, self.span(node))
            case s.Chain():
                return self._chain(node)
            case s.Range():
                return self._range(node)
            case s.OneOf():
                return self._one_of(node)
            case s.Missing():
                return self._missing(node)
            case s.Name():
                return self._bare(node)
            case s.Boolean():
                self._wrong("R106", "a condition that is always the same decides nothing", node)
            case _:
                hint = "compare it with something: under, at most, over, at least, is"
                self._wrong("R106", "a condition must be true or false", node, hint)
        return None

    def _several(self, node: s.Every | s.Some | s.Several) -> Condition | None:
        found = [self.condition(child) for child in node.of]
        parts = tuple(part for part in found if part is not None)
        if isinstance(node, s.Several) and not (node.k == int(node.k) and 1 <= node.k <= len(node.of)):
            what = f"at least {node.k:g} of {len(node.of)} conditions"
            self._wrong("R106", what, node, f"write a number from 1 to {len(node.of)}")
            return None
        if len(parts) < len(found):
            return None
        if isinstance(node, s.Several):
            return AtLeast(int(node.k), parts, self.span(node))
        return (All if isinstance(node, s.Every) else Any)(parts, self.span(node))

    def _bare(self, node: s.Name) -> Condition | None:
        found = self.scope.name(node, self.span(node))
        if not isinstance(found, Typed):
            return found
        if found.unit != "truth":
            hint = f"compare it with something: {called(found)} at least …"
            self._wrong("R106", f"{called(found)} is no condition: it is not true or false", node, hint)
            return None
        assert isinstance(found.operand, Metric | Attribute)
        return Holds(found.operand, self.span(node))

    def operand(self, node: s.Node) -> Typed | None:
        """The value a node stands for; None when something in it was reported."""
        match node:
            case s.Literal():
                if isfinite(node.value):
                    return literal(node, self.span(node))
                self._wrong("R106", f"{node.text[:20]}{'…' * (len(node.text) > 20)} is too large", node)
                return None
            case s.Quoted(value=text):
                return Typed(Text(text, self.span(node)), Shape("text"), fixed=True)
            case s.Dated(value=day):
                return Typed(Day(day, self.span(node)), Shape("date"), fixed=True)
            case s.Boolean(value=truth):
                return Typed(Truth(truth, self.span(node)), Shape("truth"), fixed=True)
            case s.Dollar(name=name):
                return self.scope.limit(name, self.span(node))
            case s.Name():
                return self._value(node)
            case s.Minus():
                return self._minus(node)
            case s.Calc():
                return self._calc(node)
            case _:
                self._wrong(
                    "R106", "a value is needed here, this is a condition", node, "leave the comparison out"
                )
                return None

    def _value(self, node: s.Name) -> Typed | None:
        found = self.scope.name(node, self.span(node))
        if found is None or isinstance(found, Typed):
            return found
        name = found.name if isinstance(found, Named) else node.name
        self._wrong("R106", f"{name} is a condition, not a value", node, f"write {name} alone, or not {name}")
        return None

    def _minus(self, node: s.Minus) -> Typed | None:
        of = self.operand(node.of)
        if of is None:
            return None
        if of.unit not in NUMERIC:
            self._wrong("R106", f"{called(of)} is no number", node)
            return None
        return Typed(Negative(of.operand, self.span(node)), Shape(of.shape.unit), fixed=of.fixed)

    def _calc(self, node: s.Calc) -> Typed | None:
        left, right = self.operand(node.left), self.operand(node.right)
        if left is None or right is None:
            return None
        return self._or_clash(arith(node.op, left, right, self.span(node), self.scope.calendar), node)

    def _or_clash(self, found: Typed | Clash, node: s.Node) -> Typed | None:
        if isinstance(found, Clash):
            self._wrong(found.code, found.what, node, found.hint)
            return None
        return found

    def _chain(self, node: s.Chain) -> Condition | None:
        ups, downs = {"<", "<="}, {">", ">="}
        if len(node.ops) > 1 and not (set(node.ops) <= ups or set(node.ops) <= downs):
            self._wrong("R101", "a chain must go one way", node, "write it as two conditions with and")
            return None
        values = [self.operand(child) for child in node.operands]
        found = [
            self._compare(node, node.operands[i : i + 2], values[i], op, values[i + 1])
            for i, op in enumerate(node.ops)
        ]
        parts = tuple(part for part in found if part is not None)
        if len(parts) < len(found):
            return None
        return parts[0] if len(parts) == 1 else All(parts, self.span(node))

    def _compare(
        self,
        node: s.Node,
        nodes: tuple[s.Node, ...],
        left: Typed | None,
        op: CompareOp,
        right: Typed | None,
    ) -> Condition | None:
        if left is None or right is None:
            return None
        span = self.span(s.Node(nodes[0].start, nodes[1].end, 1))
        if left.fixed and right.fixed:
            self._wrong("R106", "both sides are fixed: this is always the same", node, "compare a metric")
            return None
        if left.fixed:
            fitted = self._fitted(left, nodes[0], right, op)
            return None if fitted is None else Compare(fitted.operand, op, right.operand, span)
        fitted = self._fitted(right, nodes[1], left, op)
        return None if fitted is None else Compare(left.operand, op, fitted.operand, span)

    def _fitted(self, value: Typed, node: s.Node, target: Typed, op: CompareOp) -> Typed | None:
        """`value` in the unit of `target`, after every check of the pair."""
        found = self._or_clash(fit(value, target, self.scope.calendar), node)
        if found is None:
            return None
        if target.unit in ("text", "truth") and op not in ("=", "!="):
            what = f"{called(target)} is {'a text' if target.unit == 'text' else 'true or false'}"
            self._wrong("R106", f"{what}: it has no order", node, "use is, is not or in [...]")
            return None
        clash = outside(found, target)
        if clash is not None:
            self.report(clash.code, clash.what, node, clash.hint, clash.warning, clash.instead)
            return found if clash.warning else None
        return found

    def _range(self, node: s.Range) -> Condition | None:
        of, low, high = (self.operand(child) for child in (node.of, node.low, node.high))
        if of is None or low is None or high is None:
            return None
        if of.fixed:
            self._wrong("R106", "between needs a metric before it", node)
            return None
        bottom, top = self._fitted(low, node.low, of, "<="), self._fitted(high, node.high, of, "<=")
        if bottom is None or top is None:
            return None
        first, last = getattr(bottom.operand, "value", None), getattr(top.operand, "value", None)
        if first is not None and last is not None and first > last:
            self._wrong("R106", "between has its larger end first", node, "swap the two", _turned(node, of))
            return None
        return Between(of.operand, bottom.operand, top.operand, self.span(node))

    def _one_of(self, node: s.OneOf) -> Condition | None:
        of = self.operand(node.of)
        values = [self.operand(child) for child in node.values]
        if of is None or any(value is None for value in values):
            return None
        if of.fixed:
            self._wrong("R106", "in needs a metric or an attribute before it", node)
            return None
        fitted = []
        for value, child in zip(values, node.values, strict=True):
            if value is None or not value.fixed:
                self._wrong("R106", "the list after in holds fixed values", child)
                return None
            fitted.append(self._fitted(value, child, of, "="))
        if any(value is None for value in fitted):
            return None
        found = Within(of.operand, tuple(v.operand for v in fitted if v is not None), self.span(node))
        return Not(found, self.span(node)) if node.negated else found

    def _missing(self, node: s.Missing) -> Condition | None:
        of = self.operand(node.of)
        if of is None:
            return None
        if not isinstance(of.operand, Metric | Attribute | Trait):
            self._wrong("R106", "only a metric, an attribute or a trait can be missing", node)
            return None
        found = IsMissing(of.operand, self.span(node))
        return Not(found, self.span(node)) if node.negated else found


def _turned(node: s.Range, of: Typed) -> str | None:
    """`x between 90 and 0` with its ends the right way round."""
    if (
        isinstance(node.low, s.Literal)
        and isinstance(node.high, s.Literal)
        and isinstance(of.operand, Column)
    ):
        return f"{of.operand.key} between {node.high.text} and {node.low.text}"
    return None
