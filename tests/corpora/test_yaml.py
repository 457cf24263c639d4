"""The yaml-test-suite: what is accepted has the right values, all else a refusal with line and column.

The suite here has no json; the values are held against PyYAML's reader in Python, a second implementation
beside the C library that segkit uses.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from segkit.errors import ConfigError
from segkit.yamltext import read_yaml
from tests.corpora.reading import CORPORA, here

pytestmark = here
SUITE = CORPORA / "yaml-test-suite/data"
LENIENT = {
    "9C9N",
    "9JBA",
    "CVW2",
    "DK95/01",
    "G5U8",
    "MUS6/00",
    "QB6E",
    "S98Z",
    "SU5Z",
    "X4QW",
    "Y79Y/003",
    "YJV2",
}
"""Invalid by the letter (comments without a space before them, indentation in brackets), plain in meaning."""


def cases() -> list[Path]:
    return sorted(SUITE.rglob("in.yaml"))


@pytest.fixture(scope="module")
def accepted() -> dict[str, Any]:
    """Name of a case -> its value; every other case was refused at a place."""
    found = {}
    for path in cases():
        try:
            found[path.parent.relative_to(SUITE).as_posix()] = read_yaml(path).value
        except ConfigError as error:
            for problem in error.problems:
                assert problem.where is not None
                assert problem.where.line is not None
                assert problem.where.column is not None
    return found


def test_nothing_invalid_is_accepted_but_for_what_is_known(accepted: dict[str, Any]) -> None:
    invalid = {
        path.parent.relative_to(SUITE).as_posix() for path in cases() if (path.parent / "error").is_file()
    }
    assert len(invalid) == 94
    assert set(accepted) & invalid == LENIENT
    assert len(accepted) == 202


def test_what_is_accepted_has_the_values_that_a_second_reader_finds(accepted: dict[str, Any]) -> None:
    different = {}
    for name, value in accepted.items():
        text = (SUITE / name / "in.yaml").read_text(encoding="utf-8")
        try:
            second = yaml.load(text, Loader=yaml.BaseLoader)
        except yaml.YAMLError:
            # What only one of the two can read has no second opinion.
            continue
        if not same(value, second):
            different[name] = (value, second)
    assert different == {}


def same(value: Any, text: Any) -> bool:
    """Whether a value is what a tree of plain texts says."""
    match value:
        case dict():
            return (
                isinstance(text, dict)
                and list(value) == list(text)
                and all(same(value[k], text[k]) for k in value)
            )
        case list():
            return isinstance(text, list) and len(value) == len(text) and all(map(same, value, text))
        case None:
            return text in (None, "", "~", "null")
        case bool():
            return text == str(value).lower()
        case int() | float():
            return float(text) == value
        case _:
            return value == text
