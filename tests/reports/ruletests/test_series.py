"""Weeks in short."""

from __future__ import annotations

import pytest

from segkit.reports.ruletests.series import Amount, Slip, Special, numbers, words

UNKNOWN, MISSING, GONE = Special.UNKNOWN, Special.MISSING, Special.GONE


@pytest.mark.parametrize(
    ("text", "weeks"),
    [
        ("5 5 0", [5, 5, 0]),
        ("20x3", [20, 20, 20]),
        ("20 x3", [20, 20, 20]),
        ("20-2x4", [20, 18, 16, 14]),
        ("70+7x3", [70, 77, 84]),
        ("-40%x2 -29.9%", [-0.4, -0.4, -0.299]),
        ("0%-10%x3", [0, -0.1, -0.2]),
        ("0.1+0.1x3", [0.1, 0.2, 0.3]),
        ("-1.5", [-1.5]),
        ("_ _x2 1", [UNKNOWN, UNKNOWN, UNKNOWN, 1]),
        ("missing gonex2", [MISSING, GONE, GONE]),
        ("no x2 yes", [False, False, True]),
    ],
)
def test_weeks_of_numbers(text: str, weeks: list[object]) -> None:
    read = numbers(text)
    assert isinstance(read, tuple)
    assert [cell.value if isinstance(cell, Amount) else cell for cell in read] == weeks


@pytest.mark.parametrize(
    ("text", "at"), [("", 0), ("5 O 5", 2), ("x3", 0), ("5 1e3", 2), ("5x", 0), ("5 1x9999", 2), ("5,5", 0)]
)
def test_a_word_that_is_no_value_is_found_at_its_place(text: str, at: int) -> None:
    read = numbers(text)
    assert isinstance(read, Slip)
    assert read.at == at


def test_weeks_of_words() -> None:
    assert words("steady x2 at_risk _") == ("steady", "steady", "at_risk", "_")
    assert isinstance(words("  "), Slip)
