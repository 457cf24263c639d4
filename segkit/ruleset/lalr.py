"""Reads text by tables that lark worked out of a grammar: the loop of any LALR(1) parser.

Loading lark and its parser takes a sixth of the time in which a rule file is checked, so it is asked where
the grammar changes (`make tables`), and not where rules are read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from importlib import resources
from typing import Any, NamedTuple

KEPT = "grammar.tables.json"
END = "$END"


class Token(NamedTuple):
    """A piece of the text; `start` and `end` are offsets of characters."""

    type: str
    text: str
    start: int
    end: int


class UnreadableError(Exception):
    """No token begins at the offset `at`."""

    def __init__(self, at: int) -> None:
        self.at = at


class UnexpectedError(Exception):
    """`token` cannot stand where it does; `expected`: types of those that can."""

    def __init__(self, token: Token, expected: Collection[str]) -> None:
        self.token, self.expected = token, expected


class Rule(NamedTuple):
    """One alternative of the grammar."""

    origin: str
    size: int
    name: str
    """What is made of its parts; empty: its one part as it is, or of an origin with _ the list of them."""
    kept: Sequence[int]
    """Which parts count: not brackets and commas."""
    passes: bool
    """Whether what it makes is its one part."""


class Tables(NamedTuple):
    signs: re.Pattern[str]
    """Every token by its name, the one that wins first."""
    ignored: str
    states: Sequence[Mapping[str, int]]
    """State -> name of a token or rule -> the next state; ~n: rule n is complete."""
    rules: Sequence[Rule]
    start: int
    end: int

    def parse(self, text: str, make: Mapping[str, Callable[[list[Any]], Any]]) -> Any:
        """What `make` makes of the text, from the leaves up. Raises: UnreadableError, UnexpectedError."""
        path, values = [self.start], list[Any]()
        for token in self._tokens(text):
            while (action := self.states[path[-1]].get(token.type)) is not None:
                if action >= 0:
                    path.append(action)
                    values.append(token)
                    break
                rule = self.rules[~action]
                at = len(values) - rule.size
                # Most rules lead from level to level and make nothing of their one part.
                if not rule.passes or isinstance(values[-1], list):
                    values[at:] = [_made(rule, values[at:], make)]
                del path[len(path) - rule.size :]
                path.append(self.states[path[-1]][rule.origin])
                if token.type == END and path[-1] == self.end:
                    return values[-1]
            else:
                raise UnexpectedError(token, self.states[path[-1]].keys())
        raise AssertionError(text)

    def _tokens(self, text: str) -> Iterator[Token]:
        at = 0
        while at < len(text):
            found = self.signs.match(text, at)
            if found is None or found.lastgroup is None:
                raise UnreadableError(at)
            if found.lastgroup != self.ignored:
                yield Token(found.lastgroup, found[0], at, found.end())
            at = found.end()
        yield Token(END, "", at, at)


def _made(rule: Rule, parts: list[Any], make: Mapping[str, Callable[[list[Any]], Any]]) -> Any:
    counted: list[Any] = []
    for at in rule.kept:
        # Only rules whose name begins with _ make lists: what they hold belongs to the one around.
        counted += parts[at] if isinstance(parts[at], list) else [parts[at]]
    if rule.name:
        return make[rule.name](counted)
    return counted if rule.origin.startswith("_") else counted[0]


def tables() -> Tables:
    """Those of the grammar of expressions."""
    kept = json.loads(resources.files("segkit.ruleset").joinpath(KEPT).read_text(encoding="utf-8"))
    signs = re.compile("|".join(f"(?P<{name}>{form})" for name, form in kept["signs"]))
    rules = [
        Rule(origin, size, name, counts, size == 1 and not name and not origin.startswith("_"))
        for origin, size, name, counts in kept["rules"]
    ]
    return Tables(signs, kept["ignored"], kept["states"], rules, kept["start"], kept["end"])
