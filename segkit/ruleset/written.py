"""Written conditions of a rule file to conditions, each piece at its line and column."""

from __future__ import annotations

from msgspec import Struct

from segkit.errors import Place
from segkit.ruleset import schema
from segkit.ruleset import syntax as s
from segkit.ruleset.expr import All, Any, AtLeast, Condition, Not, Span
from segkit.ruleset.lower import Lower, Scope
from segkit.ruleset.parse import Fault, parse
from segkit.ruleset.scope import Names
from segkit.ruleset.shape import BROKEN
from segkit.ruleset.typed import Typed
from segkit.yamltext import Loc, YamlDoc


class Reader(Struct, frozen=True):
    """Reads expressions of one file; everything wrong goes to `names.problems`."""

    doc: YamlDoc
    names: Names

    def place(self, span: Span) -> Place:
        return self.doc.at(span.line, span.column, span.width)

    def span_of(self, loc: Loc, key: bool = False) -> Span:
        place = self.doc.place(loc, key)
        assert place.line is not None
        assert place.column is not None
        return Span(self.doc.path, place.line, place.column, place.width)

    def condition(self, written: schema.Condition | None, loc: Loc, scope: Scope) -> Condition | None:
        """The condition, or None where it is absent or something in it was reported."""
        match written:
            case None:
                return None
            case str():
                return self.expression(written, loc, scope)
            case schema.AllOf(all=inside):
                parts = self._parts(inside, (*loc, "all"), scope)
                return None if parts is None else _one_or(All(parts, self.span_of(loc)))
            case schema.AnyOf(any=inside):
                parts = self._parts(inside, (*loc, "any"), scope)
                return None if parts is None else _one_or(Any(parts, self.span_of(loc)))
            case schema.NotOf(not_=inside):
                of = self.condition(inside, (*loc, "not"), scope)
                return None if of is None else Not(of, self.span_of(loc))
            case schema.AtLeastOf(at_least=k, of=inside):
                parts = self._parts(inside, (*loc, "of"), scope)
                if k > len(inside):
                    what = f"at_least: {k} of {len(inside)} conditions can never hold"
                    self.names.say("R106", what, self.span_of((*loc, "at_least")))
                    return None
                return None if parts is None else AtLeast(k, parts, self.span_of(loc))
            case _:
                raise AssertionError(written)

    def _parts(self, written: list[schema.Condition], loc: Loc, scope: Scope) -> tuple[Condition, ...] | None:
        found = [self.condition(part, (*loc, i), scope) for i, part in enumerate(written)]
        parts = tuple(part for part in found if part is not None)
        return parts if len(parts) == len(found) else None

    def expression(self, text: str, loc: Loc, scope: Scope) -> Condition | None:
        node = self._parse(text, loc)
        return None if node is None else self._lower(loc, scope).condition(node)

    def value(self, text: str, loc: Loc, scope: Scope) -> Typed | None:
        """A formula or a fixed value instead of a condition."""
        node = self._parse(text, loc)
        return None if node is None else self._lower(loc, scope).operand(node)

    def key(self, text: str, loc: Loc, scope: Scope) -> Typed | None:
        """A key that is itself a formula."""
        span = self.span_of(loc, key=True)
        node = parse(text)
        if isinstance(node, Fault):
            self.names.say("R101", node.what, span, node.hint)
            return None

        def report(
            code: str, what: str, node: s.Node, hint: str | None, warning: bool, instead: str | None
        ) -> None:
            self.names.say(code, what, span, hint, warning)

        return Lower(scope, lambda node: span, report).operand(node)

    def _parse(self, text: str, loc: Loc) -> s.Node | None:
        if text == BROKEN:
            return None
        found = parse(text)
        if isinstance(found, Fault):
            span = self._span(loc, found.start, found.end)
            instead = found.instead if span.width == found.end - found.start else None
            self.names.say("R101", found.what, span, found.hint, instead=instead)
            return None
        return found

    def _lower(self, loc: Loc, scope: Scope) -> Lower:
        characters = self.doc.characters(loc)

        def span(node: s.Node) -> Span:
            return _stretch(self.doc.path, characters, node.start, node.end)

        def report(
            code: str, what: str, node: s.Node, hint: str | None, warning: bool, instead: str | None
        ) -> None:
            here = span(node)
            # What is folded over lines or escaped is longer in the file than it is.
            meant = instead if here.width == node.end - node.start else None
            self.names.say(code, what, here, hint, warning, meant)

        return Lower(scope, span, report)

    def _span(self, loc: Loc, start: int, end: int) -> Span:
        return _stretch(self.doc.path, self.doc.characters(loc), start, end)


def _stretch(path: str, characters: tuple[tuple[int, int], ...], start: int, end: int) -> Span:
    """The span from one character of an expression to another; it ends with its first line."""
    last = len(characters) - 1
    line, column = characters[min(start, last)]
    stop = column + 1
    if start < end <= last and characters[end - 1][0] == line:
        return Span(path, line, column, max(1, characters[end - 1][1] + 1 - column))
    for at in range(min(start, last), min(end, last)):
        if characters[at][0] != line:
            break
        stop = characters[at][1] + 1
    return Span(path, line, column, max(1, stop - column))


def _one_or(condition: All | Any) -> Condition:
    """A list of one is what it holds."""
    return condition.of[0] if len(condition.of) == 1 else condition
