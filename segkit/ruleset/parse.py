"""Expression text to syntax: one parse, or one fault with its offset, what is wrong and a way out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from msgspec.structs import replace

from segkit.ruleset import syntax as s
from segkit.ruleset.expr import CompareOp
from segkit.ruleset.lalr import END, Tables, Token, UnexpectedError, UnreadableError, tables

MAX_CHARACTERS = 4096
MAX_DEPTH = 50

QUOTE_HINT = "quote the whole expression: '…'"


class Fault(NamedTuple):
    """Why an expression cannot be read: `start` and `end` are offsets of the piece that is wrong."""

    start: int
    end: int
    what: str
    hint: str | None = None
    instead: str | None = None
    """What alone can be meant by the piece, where that is certain."""


_OPS: Mapping[str, CompareOp] = {"LT": "<", "LE": "<=", "GT": ">", "GE": ">=", "EQ": "=", "NE": "!="}
_UNITS = {
    "d": "days",
    "day": "days",
    "w": "weeks",
    "week": "weeks",
    "month": "months",
    "h": "hours",
    "hour": "hours",
    "min": "minutes",
    "minute": "minutes",
}
_SYNONYMS = {
    "less": "under",
    "below": "under",
    "fewer": "under",
    "lower": "under",
    "smaller": "under",
    "more": "over",
    "above": "over",
    "greater": "over",
    "exceeds": "over",
    "higher": "over",
    "equals": "is",
    "equal": "is",
    "contains": 'in ["…"]',
    "exists": "is not missing",
    "atleast": "at least",
    "at_least": "at least",
    "atmost": "at most",
    "at_most": "at most",
}
_SIGNS = {
    "=<": "<=",
    "=>": ">=",
    "=!": "!=",
    "!": "not",
    "&&": "and",
    "||": "or",
    "&": "and",
    "|": "or",
}
_ONE_WORD = frozenset({"below", "above", "equals", "atleast", "at_least", "atmost", "at_most"})
"""Synonyms that stand for a word of the language without any other word beside them."""


class _ToSyntax:
    """What is made of each rule of the grammar, from the leaves up, so that no input can make it recurse."""

    def number(self, tokens: list[Token]) -> s.Node:
        return s.Literal(*_of(tokens[0]), float(tokens[0].text), tokens[0].text)

    def percent(self, tokens: list[Token]) -> s.Node:
        digits = tokens[0].text[:-1].strip()
        return s.Literal(*_of(tokens[0]), _hundredth(digits), f"{digits}%", "%")

    def duration(self, tokens: list[Token]) -> s.Node:
        value, unit = split_duration(tokens[0].text)
        return s.Literal(*_of(tokens[0]), value, " ".join(tokens[0].text.split()), unit)

    def date(self, tokens: list[Token]) -> s.Node:
        year, month, day = (int(part) for part in tokens[0].text.split("-"))
        try:
            return s.Dated(*_of(tokens[0]), date(year, month, day))
        except ValueError:
            return s.Name(*_of(tokens[0]), tokens[0].text)

    def text(self, tokens: list[Token]) -> s.Node:
        return s.Quoted(*_of(tokens[0]), unquote(tokens[0].text))

    def true(self, tokens: list[Token]) -> s.Node:
        return s.Boolean(*_of(tokens[0]), True)

    def false(self, tokens: list[Token]) -> s.Node:
        return s.Boolean(*_of(tokens[0]), False)

    def limit(self, tokens: list[Token]) -> s.Node:
        return s.Dollar(*_of(tokens[0]), tokens[0].text[1:])

    def name(self, tokens: list[Token]) -> s.Node:
        name, _, view = tokens[0].text.partition(".")
        return s.Name(*_of(tokens[0]), name, view or None)

    def call(self, parts: list[Token]) -> s.Node:
        name, argument = parts[0], parts[1]
        word = unquote(argument.text) if argument.type == "STRING" else argument.text
        view = parts[2].text[1:] if len(parts) > 2 else None
        # The bracket after the argument, or the view, ends the call.
        end = parts[2].end if view else argument.end + 1
        return s.Name(name.start, end, 1, name.text, view, word)

    def group(self, parts: list[s.Node]) -> s.Node:
        return replace(parts[0], depth=parts[0].depth + 1)

    def arith(self, parts: list[Any]) -> s.Node:
        left, sign, right = parts
        op = {"PLUS": "+", "MINUS": "-", "TIMES": "*", "OVER": "/"}[sign.type]
        return s.Calc(left.start, right.end, _deeper(left, right), op, left, right)  # type: ignore[arg-type]

    def negative(self, parts: list[Any]) -> s.Node:
        sign, of = parts
        if isinstance(of, s.Literal):
            text = of.text[1:] if of.text.startswith("-") else f"-{of.text}"
            return s.Literal(sign.start, of.end, 1, -of.value, text, of.unit)
        return s.Minus(sign.start, of.end, _deeper(of), of)

    def chain(self, parts: list[Any]) -> s.Node:
        operands = tuple(parts[::2])
        ops = tuple(_OPS[sign.type] for sign in parts[1::2])
        return s.Chain(operands[0].start, operands[-1].end, _deeper(*operands), operands, ops)

    def between(self, parts: list[Any]) -> s.Node:
        of, _, low, _, high = parts
        return s.Range(of.start, high.end, _deeper(of, low, high), of, low, high)

    def within(self, parts: list[Any]) -> s.Node:
        return self._one_of(parts, False)

    def not_within(self, parts: list[Any]) -> s.Node:
        return self._one_of(parts, True)

    def _one_of(self, parts: list[Any], negated: bool) -> s.Node:
        of, _, *values = parts
        return s.OneOf(of.start, values[-1].end + 1, _deeper(of, *values), of, tuple(values), negated)

    def missing(self, parts: list[Any]) -> s.Node:
        return s.Missing(parts[0].start, parts[1].end, _deeper(parts[0]), parts[0], False)

    def not_missing(self, parts: list[Any]) -> s.Node:
        return s.Missing(parts[0].start, parts[1].end, _deeper(parts[0]), parts[0], True)

    def at_least(self, parts: list[Any]) -> s.Node:
        sign, k, _, *of = parts
        return s.Several(sign.start, of[-1].end + 1, _deeper(*of), float(k.text), tuple(of))

    def not_(self, parts: list[Any]) -> s.Node:
        return s.Negation(parts[0].start, parts[1].end, _deeper(parts[1]), parts[1])

    def all_of(self, parts: list[Any]) -> s.Node:
        of = tuple(parts[::2])
        return s.Every(of[0].start, of[-1].end, _deeper(*of), of)

    def any_of(self, parts: list[Any]) -> s.Node:
        of = tuple(parts[::2])
        return s.Some(of[0].start, of[-1].end, _deeper(*of), of)


def _of(token: Token) -> tuple[int, int, int]:
    return token.start, token.end, 1


def _deeper(*nodes: s.Node) -> int:
    return 1 + max(node.depth for node in nodes)


def _hundredth(digits: str) -> float:
    """`29%` is the float nearest to 0.29, not 29 / 100 with its rounding."""
    return float(f"{digits}e-2")


def unquote(text: str) -> str:
    """The text between quotes; a backslash keeps the character after it."""
    return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL) if text[0] in "'\"" else text[1:-1]


def split_duration(text: str) -> tuple[float, str]:
    """`2 weeks` -> (2.0, "weeks"), `28d` -> (28.0, "days")."""
    digits = re.match(r"[\d.]+", text)
    number = digits[0] if digits else ""
    unit = text[len(number) :].strip().lower()
    return float(number), _UNITS.get(unit, _UNITS.get(unit.removesuffix("s"), unit))


@cache
def _parser() -> tuple[Tables, Mapping[str, Callable[[list[Any]], s.Node]]]:
    """The tables, and what is made of each rule that they name."""
    grammar, syntax = tables(), _ToSyntax()
    return grammar, {rule.name: getattr(syntax, rule.name) for rule in grammar.rules if rule.name}


def parse(text: str) -> s.Node | Fault:
    """The syntax of an expression, or what is wrong with it. Never raises on any text."""
    if len(text) > MAX_CHARACTERS:
        return Fault(0, 1, f"the expression has {len(text)} characters, more than {MAX_CHARACTERS}", _SPLIT)
    if not text.strip():
        return Fault(0, 1, "the expression is empty", "write a condition, for example: tenure_days under 90")
    grammar, make = _parser()
    try:
        node: s.Node = grammar.parse(text, make)
    except UnreadableError as error:
        return _character(text, error.at)
    except UnexpectedError as error:
        return _token(text, error)
    if node.depth > MAX_DEPTH:
        return Fault(0, len(text), f"nested deeper than {MAX_DEPTH} levels", _SPLIT)
    return node


_SPLIT = "split it into named conditions"


def _character(text: str, at: int) -> Fault:
    for sign in _SIGNS:
        if text.startswith(sign, at):
            return _sign(text, at, sign)
    if text[at] in "\"'“‘„":
        return Fault(
            at, len(text), "the quoted text does not end", f"close it with a quote, and {QUOTE_HINT}"
        )
    if text[at] == "$":
        return Fault(at, at + 1, "'$' stands before the name of a threshold", "for example $big_drop")
    word = re.compile(r"[\w.]+").match(text, at)
    if word:
        what = f"cannot read '{word[0]}'"
        return Fault(at, word.end(), what, "a name has at most one dot; a number no letters after it")
    return Fault(at, at + 1, f"cannot read {text[at]!r}", None)


def _sign(text: str, at: int, sign: str) -> Fault:
    """A sign of another language; words instead of it need room on both sides."""
    meant, end = _SIGNS[sign], at + len(sign)
    apart = text[at - 1 : at] in ("", " ") and text[end : end + 1] == " "
    instead = meant if apart or not meant.isalpha() else None
    return Fault(at, end, f"unknown sign '{sign}'", f"did you mean '{meant}'?", instead)


def _token(text: str, error: UnexpectedError) -> Fault:
    kind, word, start, end = error.token
    if kind == END:
        return _ends_early(text)
    lowered = word.lower()
    if text[start - 1 : end] in _SIGNS and start > 0:
        sign = text[start - 1 : end]
        return _sign(text, start - 1, sign)
    if text.count("(") != text.count(")") or text.count("[") != text.count("]"):
        return Fault(start, end, f"unexpected '{word}': a bracket has no partner", QUOTE_HINT)
    if "NAME" in error.expected:
        return Fault(start, end, f"unexpected '{word}'", "a metric, a number or a quoted text stands here")
    if lowered in _SYNONYMS:
        meant = _SYNONYMS[lowered]
        instead = meant if lowered in _ONE_WORD else None
        return Fault(start, end, f"unknown word '{word}'", f"did you mean '{meant}'?", instead)
    if word == ",":
        return Fault(start, end, "unexpected ','", "write numbers as 10000 and 3.5")
    expected = "'and', 'or' or a comparison (under, at most, over, at least, is, between, in) stands here"
    return Fault(start, end, f"unexpected '{word}'", expected)


def _ends_early(text: str) -> Fault:
    end = len(text.rstrip())
    if text.count("(") != text.count(")") or text.count("[") != text.count("]"):
        return Fault(max(0, end - 1), end, "the expression ends before a bracket is closed", QUOTE_HINT)
    last = re.search(r"\w+$|\S$", text[:end])
    start = last.start() if last else max(0, end - 1)
    return Fault(start, end, "the expression ends too early", "something is missing after this")
