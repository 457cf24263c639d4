"""Expressions and what is read of them: each node with its piece of the text, or the fault with its piece."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import asdict, astuple

from segkit.ruleset import syntax as s
from segkit.ruleset.parse import MAX_DEPTH, Fault, parse

CASES = Path(__file__).parents[1] / "golden" / "expressions.txt"
"""Lines that begin with > are expressions, those below one what is read of it."""


def nodes(node: s.Node, depth: int = 1) -> Iterator[tuple[int, s.Node]]:
    yield depth, node
    for value in astuple(node):
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, s.Node):
                yield from nodes(each, depth + 1)


def shown(text: str) -> Iterator[str]:
    found = parse(text)
    if isinstance(found, Fault):
        meant = "" if found.instead is None else f" => {found.instead}"
        yield f"  {found.start}-{found.end} {found.what}; {found.hint}{meant}"
        return
    for depth, node in nodes(found):
        own = [
            str(value)
            for name, value in asdict(node).items()
            if not isinstance(value, s.Node)
            and name not in ("start", "end", "depth")
            and not (isinstance(value, tuple) and isinstance(value[0], s.Node))
        ]
        yield f"{'  ' * depth}{type(node).__name__} {text[node.start : node.end]} | {' '.join(own)}".rstrip(
            " |"
        )


def test_what_is_read_of_an_expression_is_written_below_it() -> None:
    written = CASES.read_text(encoding="utf-8")
    texts = [line[2:] for line in written.splitlines() if line.startswith("> ")]
    assert "".join(f"> {text}\n" + "".join(f"{line}\n" for line in shown(text)) for text in texts) == written


@pytest.mark.parametrize(
    ("before", "left", "core", "right", "after", "most"),
    [
        ("", "(", "arr over 3", ")", "", 48),
        ("", "not ", "arr over 3", "", "", 48),
        ("", "at least 1 of (", "arr over 3", ", b)", "", 48),
        ("", "at least 1 of (b, ", "arr over 3", ")", "", 48),
        ("", "(b and ", "a", ")", "", 24),
        ("", "(", "a", " and b)", "", 24),
        ("", "(b or ", "a", ")", "", 24),
        ("", "(", "a", " or b)", "", 24),
        ("", "(1 + ", "a", ")", " over 3", 24),
        ("", "(", "a", " * 2)", " over 3", 24),
        ("", "-(", "a", ")", " over 3", 24),
        ("3 under ", "(1 + ", "a", ")", "", 24),
        ("a between 1 and ", "(1 + ", "2", ")", "", 24),
        ("a between ", "(1 + ", "2", ")", " and 3", 24),
        ("", "(1 + ", "2", ")", " between 1 and 3", 24),
        ("", "(1 + ", "a", ")", " in [1]", 24),
        ("", "(1 + ", "a", ")", " not in [1]", 24),
        ("", "(1 + ", "a", ")", " is missing", 24),
        ("", "(1 + ", "a", ")", " is not missing", 24),
    ],
)
def test_so_many_levels_and_not_one_more(
    before: str, left: str, core: str, right: str, after: str, most: int
) -> None:
    texts = [f"{before}{left * levels}{core}{right * levels}{after}" for levels in (most, most + 1)]
    assert not isinstance(parse(texts[0]), Fault)
    found = parse(texts[1])
    assert isinstance(found, Fault)
    assert (found.start, found.end) == (0, len(texts[1]))
    assert found.what == f"nested deeper than {MAX_DEPTH} levels"
