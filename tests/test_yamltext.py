"""YAML is read without surprises: few types, exact places, no trick gets through."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segkit import yamltext
from segkit.errors import ConfigError, Problem
from segkit.yamltext import YamlDoc, read_text, read_yaml


def refused(text: str) -> tuple[Problem, ...]:
    with pytest.raises(ConfigError) as caught:
        read_text(text, "r.yaml")
    return caught.value.problems


def read_or_problems(read: Callable[[], YamlDoc]) -> YamlDoc | tuple[Problem, ...]:
    try:
        return read()
    except ConfigError as error:
        return error.problems


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("12", 12),
        ("-3", -3),
        ("0", 0),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("-2.5E-1", -0.25),
        ("yes", "yes"),
        ("No", "No"),
        ("on", "on"),
        ("OFF", "OFF"),
        ("y", "y"),
        ("012", "012"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("12:30:45", "12:30:45"),
        ("2026-11-15", "2026-11-15"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("1e999", "1e999"),
        ("9" * 400, "9" * 400),
        ("-30%", "-30%"),
        ("28d", "28d"),
        ("'12'", "12"),
        ('"true"', "true"),
        ("<<", "<<"),
        ("=", "="),
    ],
)
def test_only_truth_numbers_and_null_are_typed(word: str, value: object) -> None:
    found = read_text(f"a: {word}").value["a"]
    assert (found, type(found)) == (value, type(value))


def test_keys_are_text() -> None:
    assert read_text("2024: a\ntrue: b\n012: c\n~: d").value == {
        "2024": "a",
        "true": "b",
        "012": "c",
        "~": "d",
    }


def test_every_key_and_value_has_its_place() -> None:
    doc = read_text("name: saas\nsegments:\n  - name: new\n    enter: {all: [a < 3, 'b > 2']}\n", "r.yaml")
    assert [str(doc.place(loc)) for loc in [("name",), ("segments", 0, "enter", "all", 1)]] == [
        "r.yaml:1:7",
        "r.yaml:4:26",
    ]
    place = doc.place(("segments", 0, "enter"), key=True)
    assert (place.line, place.column, place.width, place.text) == (
        4,
        5,
        5,
        "    enter: {all: [a < 3, 'b > 2']}",
    )


def test_names_that_the_file_does_not_have_are_skipped_in_a_place() -> None:
    doc = read_text("a:\n  b: 1\n")
    assert str(doc.place(("a", "tagged", "b"))) == "<text>:2:6"
    assert str(doc.place(("a", "missing"), key=True)) == "<text>:1:1"


@pytest.mark.parametrize(
    ("text", "value", "positions"),
    [
        ("a: x < 3", "x < 3", {0: (1, 4), 4: (1, 8)}),
        ("a: 'it''s x'", "it's x", {0: (1, 5), 2: (1, 7), 3: (1, 9), 5: (1, 11)}),
        ('a: "q \\"w\\" x"', 'q "w" x', {2: (1, 8), 3: (1, 9), 6: (1, 13)}),
        ("a: one\n   two", "one two", {0: (1, 4), 4: (2, 4)}),
        ("a: >-\n  one\n  two", "one two", {0: (2, 3), 4: (3, 3)}),
        ("a: |\n  one\n  two\n", "one\ntwo\n", {0: (2, 3), 4: (3, 3)}),
        ("é: ü < 3", "ü < 3", {0: (1, 4), 4: (1, 8)}),
    ],
)
def test_characters_of_a_value_are_found_where_they_were_written(
    text: str, value: str, positions: dict[int, tuple[int, int]]
) -> None:
    doc = read_text(text)
    loc = next(iter(doc.value))
    assert doc.value[loc] == value
    characters = doc.characters((loc,))
    assert {at: characters[at] for at in positions} == positions
    assert len(characters) == len(value) + 1


@pytest.mark.parametrize(
    ("text", "code", "line", "column", "words"),
    [
        ("a: 1\nb: 2\na: 3", "S102", 3, 1, "'a' is written twice; the first is in line 1, column 1"),
        ("a: {b: 1, b: 2}", "S102", 1, 11, "'b' is written twice; the first is in line 1, column 5"),
        ("a: &x 1\nb: *x", "S103", 2, 4, "aliases (*x) are not read"),
        ("a: !!python/object:os.system x", "S101", 1, 4, "tags"),
        ("a: !x 1", "S101", 1, 4, "tags (!x) are not read"),
        ("a: 1\n---\nb: 2", "S101", 2, 1, "a second document starts here"),
        ("? [a, b]\n: c", "S101", 1, 3, "a key must be one word"),
        ("a: [1, 2", "S101", 1, 4, "this is not closed before the file ends"),
        ("a: 'x\nb: 1\n", "S101", 1, 4, "this is not closed before the file ends"),
        ("a: {b: 1]", "S101", 1, 9, "did not find expected ',' or '}'"),
        ("a: \x07", "S101", 1, 4, "U+0007"),
        ("\ta: 1", "S101", 1, 1, "not valid YAML"),
    ],
)
def test_what_is_refused_is_placed(text: str, code: str, line: int, column: int, words: str) -> None:
    problem = refused(text)[0]
    assert problem.where is not None
    assert (problem.code, problem.where.line, problem.where.column) == (code, line, column)
    assert words in problem.what


def test_both_duplicates_of_a_file_are_told_in_one_go() -> None:
    assert [str(p.where) for p in refused("a: 1\na: 2\nb: {c: 1, c: 2}\na: 3")] == [
        "r.yaml:2:1",
        "r.yaml:3:11",
        "r.yaml:4:1",
    ]


@pytest.mark.parametrize("text", ["enter: {all: [plan in [1, 2] and x, y < 3}", '- "weeks_in"(x) at least 3'])
def test_yaml_that_broke_on_an_expression_says_how_to_quote_it(text: str) -> None:
    assert refused(text)[0].hint == "quote the whole expression: '…'"


@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 70, "- " * 5000 + "a"])
def test_deep_nesting_is_refused_before_it_hurts(text: str) -> None:
    assert [p.code for p in refused(text)] == ["S103"]


def test_too_many_parts_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yamltext, "MAX_EVENTS", 100)
    assert "more than 100 parts" in refused("- a\n" * 101)[0].what


def test_a_billion_laughs_stop_at_the_first_alias() -> None:
    text = "a: &a [x]\n" + "".join(
        f"{c}: &{c} [*{p},*{p}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert [str(p.where) for p in refused(text)] == ["r.yaml:2:8"]


def test_a_file_that_is_not_there_or_not_utf8_is_a_problem(tmp_path: Path) -> None:
    latin = tmp_path / "l.yaml"
    latin.write_bytes("a: 1\nb: é".encode("latin-1"))
    for path, code in ((tmp_path / "no.yaml", "S104"), (tmp_path, "S104"), (latin, "S101")):
        with pytest.raises(ConfigError) as caught:
            read_yaml(path)
        assert caught.value.problems[0].code == code


def test_a_byte_order_mark_moves_no_column(tmp_path: Path) -> None:
    path = tmp_path / "b.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: x\r\n")
    assert str(read_yaml(path).place(("b",))) == f"{path}:2:4"
    assert read_yaml(path).place(("a",)).column == 4


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab:-[]{}'\"#&*!|>%@`?, \n\t<=%é\0\x85\ud800", max_size=40))
def test_any_text_is_a_value_or_a_problem(text: str) -> None:
    doc = read_or_problems(lambda: read_text(text))
    if isinstance(doc, tuple):
        assert all(problem.where is not None for problem in doc)
        return
    for loc in doc.values:
        value = doc.value
        for part in loc:
            value = value[part]
        if isinstance(value, str):
            assert len(doc.characters(loc)) == len(value) + 1
