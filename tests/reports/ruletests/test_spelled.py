"""Weeks in their short form are read back as the weeks they were."""

from __future__ import annotations

import pytest

from segkit.reports.ruletests.series import Amount, Special, numbers
from segkit.reports.ruletests.spelled import spelled, spelled_labels


@pytest.mark.parametrize(
    ("weeks", "percent", "text"),
    [
        ([20.0] * 8, False, "20x8"),
        ([20.0, 18.0, 16.0], False, "20-2x3"),
        ([5.0, 6.0], False, "5 6"),
        ([0.0, "_", "_", "gone"], False, "0 _x2 gone"),
        ([-0.098, -0.098, 0.07], True, "-9.8%x2 7%"),
        ([0.98, 0.97, 0.96], True, "98%-1%x3"),
        ([1e-07, 123456.0], False, "0.0000001 123456"),
    ],
)
def test_short_and_back(weeks: list[float | str], percent: bool, text: str) -> None:
    assert spelled(weeks, percent=percent) == text
    read = numbers(text)
    assert isinstance(read, tuple)
    back = [each.value if isinstance(each, Amount | Special) else each for each in read]
    assert back == pytest.approx(weeks) if all(isinstance(w, float) for w in weeks) else back == weeks


def test_labels_are_told_with_their_weeks() -> None:
    assert spelled_labels(["active", "active", "_", "at_risk"]) == "active x2 _ at_risk"
