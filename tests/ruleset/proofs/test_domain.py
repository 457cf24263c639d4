"""What is left of the numbers of a column, held against trying every number."""

from __future__ import annotations

import random

import pytest

from segkit.ruleset.proofs.domain import OPPOSITE, Interval, Values, satisfying

PLACES = [place / 2 for place in range(-1, 42)]
"""Every end that is drawn, and a number between any two of them."""


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("whole", [False, True])
def test_what_twenty_comparisons_leave_is_what_meets_each_of_them(seed: int, whole: bool) -> None:
    draw = random.Random(seed)
    values, asked = Values(whole=whole), []
    for _ in range(20):
        # Most exclude one number, so that many intervals are left to be cut.
        op = draw.choice([*["!="] * 12, "<", "<=", ">", ">=", "="])
        number = float(draw.choice([draw.randint(0, 20), 0, 20] if op == "!=" else [0, 1, 19, 20]))
        if op == "=":
            op = OPPOSITE[op]
        asked.append(satisfying(op, number))
        values = values.among(asked[-1])
    for place in PLACES:
        meets = all(any(each.holds(place) for each in numbers) for numbers in asked)
        wanted = meets and (not whole or place == int(place))
        assert any(each.holds(place) for each in values.numbers) == wanted, place
    assert sorted(values.numbers) == list(values.numbers)
    assert not any(each.empty for each in values.numbers)


def test_of_two_intervals_that_touch_either_may_be_cut_away() -> None:
    touching = Values((Interval(0, 1, high_open=True), *(Interval(n, n) for n in range(1, 7))))
    kept = touching.among((Interval(1, 6, low_open=True, high_open=True),)).numbers
    assert kept == tuple(Interval(n, n) for n in range(2, 6))
