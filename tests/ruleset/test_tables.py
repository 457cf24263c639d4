"""The parser's tables are those of the grammar, and text is read by them as lark itself reads it."""

from __future__ import annotations

import random
from importlib import resources
from typing import Any

import pytest
from lark import Token as LarkToken
from lark import Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from segkit.ruleset.lalr import KEPT, Token, UnexpectedError, UnreadableError
from segkit.ruleset.parse import _parser, parse
from tests.ruleset.proofs.worlds import condition
from tests.tables import grammar, written

WRONG = (
    "logins_7d =< 3",
    "(arr over 3",
    "at least 2 of",
    "plan is",
    "a between 1",
    "x and and y",
    "3 3",
    "$",
    "arr over 3 )",
    "not",
    "logins_7d over 3 # many",
)
SHAPES = (
    "weeks_in(at_risk) at least 4 or not member(x)",
    'days_to_feature("a b").change is not missing',
    "plan in [\"a\", 'b',] and trait(y) is not in [“c”]",
    "at least 2 of (a, b or c, not (d))",
    "-(a + 2 * -3) / 4 <= b - 1 < 20",
    "2026-11-15 at most renewal and 30 % ≤ share.delta",
    "notice_given is true or not false and $big_drop > .5",
)


class _AsOurs(Transformer[LarkToken, Any]):
    """lark calls with its own tokens what our parser calls with ours."""

    def __default_token__(self, token: LarkToken) -> Token:
        return Token(token.type, str(token), token.start_pos or 0, token.end_pos or 0)

    def __default__(self, data: Any, children: Any, meta: Any) -> Any:
        return _parser()[1][str(data)](children)


def test_the_tables_are_those_of_the_grammar() -> None:
    """`make tables` writes them."""
    assert resources.files("segkit.ruleset").joinpath(KEPT).read_text(encoding="utf-8") == written()


def test_they_read_what_lark_reads() -> None:
    built, chance = grammar(), random.Random(5)
    for text in (*SHAPES, *(condition(chance) for _ in range(200))):
        assert repr(parse(text)) == repr(_AsOurs().transform(built.parse(text)))


@pytest.mark.parametrize("text", WRONG)
def test_they_stop_where_lark_stops(text: str) -> None:
    table, make = _parser()
    with pytest.raises((UnexpectedCharacters, UnexpectedToken)) as theirs:
        grammar().parse(text)
    with pytest.raises((UnreadableError, UnexpectedError)) as ours:
        table.parse(text, make)
    if isinstance(ours.value, UnreadableError):
        assert isinstance(theirs.value, UnexpectedCharacters)
        assert ours.value.at == theirs.value.pos_in_stream
    else:
        assert isinstance(theirs.value, UnexpectedToken)
        assert ours.value.token.type == theirs.value.token.type
        assert {each for each in ours.value.expected if each.isupper()} == theirs.value.expected
