"""However a rule file is broken, it gives problems with places, never a traceback."""

from __future__ import annotations

import random

import pytest

from tests.ruleset.load import check
from tests.ruleset.test_files import EXAMPLE

PIECES = (
    "",
    "[",
    "}",
    ": ",
    "- ",
    "null",
    "3",
    "{a: 1}",
    "[x]",
    "'",
    '"',
    "  ",
    "\n",
    "yes",
    "é",
    "name",
    "all:",
    "~",
)


def broken(chance: random.Random) -> str:
    """The example with some lines or pieces of lines put elsewhere, doubled, dropped or replaced."""
    lines = EXAMPLE.splitlines()
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(lines))
        line = lines[at]
        match chance.randrange(6):
            case 0:
                del lines[at]
            case 1:
                lines.insert(chance.randrange(len(lines)), line)
            case 2:
                start = chance.randrange(len(line) + 1)
                lines[at] = line[:start] + chance.choice(PIECES) + line[start + chance.randrange(4) :]
            case 3:
                key, colon, _ = line.partition(": ")
                lines[at] = f"{key}{colon}{chance.choice(PIECES)}"
            case 4:
                indent = len(line) - len(line.lstrip())
                lines[at] = " " * indent + chance.choice(PIECES) + line.lstrip()
            case _:
                lines[at] = line.lstrip() if chance.random() < 0.5 else "  " + line
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(4))
def test_a_broken_file_gives_a_rule_set_or_problems_with_places(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(60):
        text = broken(chance)
        found, problems = check(text)
        assert (found is None) == any(problem.severity == "error" for problem in problems), text
        for problem in problems:
            place = problem.where
            assert place is not None
            assert place.line is not None
            assert place.column is not None
            assert place.column <= len(place.text or "") + 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3",
        "[]",
        "~",
        "version",
        "segments: 3",
        "version: 1\nname: x\nsegments: [[[]]]",
        "segments: {a: 1}",
    ],
)
def test_something_else_than_a_rule_file_is_told_so(text: str) -> None:
    found, problems = check(text)
    assert found is None
    assert {problem.code for problem in problems} == {"R110"}
