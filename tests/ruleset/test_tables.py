"""The parser's tables are those of the grammar, and parse as a parser built from it does."""

from __future__ import annotations

import random

from segkit.ruleset import tables
from segkit.ruleset.parse import _ToSyntax, parse
from tests.ruleset.proofs.worlds import condition

WRONG = (
    "logins_7d =< 3",
    "(arr over 3",
    "at least 2 of",
    "plan is",
    "a between 1",
    "x and and y",
    "3 3",
    "$",
)


def test_the_tables_are_those_of_the_grammar() -> None:
    assert tables.current()


def test_they_read_what_the_grammar_reads() -> None:
    built = tables._built(transformer=_ToSyntax())
    chance = random.Random(5)
    for _ in range(200):
        text = condition(chance)
        assert parse(text) == built.parse(text)


def test_another_version_of_lark_reads_the_grammar_itself(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("lark.__version__", "1.99.0")
    assert not tables.current()
    fresh = tables.parser(_ToSyntax())
    assert fresh.parse("arr over 3") == parse("arr over 3")
