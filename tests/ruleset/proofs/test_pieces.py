"""Intervals, orderings and the numbers that examples are made of, end by end."""

from __future__ import annotations

from math import inf

import pytest

from segkit.ruleset.proofs.domain import Interval
from segkit.ruleset.proofs.example import _away, _high, _low, _middle, _near
from segkit.ruleset.proofs.orders import Order, closed


def between(low: float, high: float, ends: str = "[]") -> Interval:
    return Interval(low, high, ends[0] == "(", ends[1] == ")")


@pytest.mark.parametrize(
    ("box", "whole"),
    [
        (between(3, 5), between(3, 5)),
        (between(3, 5, "()"), between(4, 4)),
        (between(3.2, 4.8), between(4, 4)),
        (between(3.2, 4.8, "()"), between(4, 4)),
        (between(-3.2, -1.2), between(-3, -2)),
        (between(-inf, 4.5), between(-inf, 4)),
        (between(4.5, inf), between(5, inf)),
        (between(-inf, inf), between(-inf, inf)),
    ],
)
def test_ends_become_the_whole_numbers_inside(box: Interval, whole: Interval) -> None:
    assert box.whole() == whole


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (between(1, 3), between(2, 4), between(2, 3)),
        (between(1, 3), between(1, 3, "()"), between(1, 3, "()")),
        (between(1, 3, "(]"), between(1, 3, "[)"), between(1, 3, "()")),
        (between(1, 3, "()"), between(0, 4), between(1, 3, "()")),
        (between(0, 4, "()"), between(1, 3), between(1, 3)),
    ],
)
def test_what_two_have_in_common_is_cut_by_either(one: Interval, other: Interval, both: Interval) -> None:
    assert one.meet(other) == other.meet(one) == both


@pytest.mark.parametrize(
    ("box", "inside", "outside"),
    [
        (between(1, 3), (1, 2, 3), (0.9, 3.1)),
        (between(1, 3, "(]"), (1.1, 3), (1, 3.1)),
        (between(1, 3, "[)"), (1, 2.9), (0.9, 3)),
        (between(2, 2), (2,), (1.9, 2.1)),
        (between(2, 2, "(]"), (), (2,)),
        (between(2, 2, "[)"), (), (2,)),
        (between(3, 1), (), (1, 2, 3)),
    ],
)
def test_what_an_interval_holds(box: Interval, inside: tuple[float, ...], outside: tuple[float, ...]) -> None:
    assert [each for each in (*inside, *outside) if box.holds(each)] == list(inside)
    assert box.empty == (not inside)


@pytest.mark.parametrize(
    ("orders", "boxes", "left"),
    [
        ([Order("a", "b")], {"a": (0, 9), "b": (0, 5)}, {"a": (0, 5), "b": (0, 5)}),
        ([Order("a", "b")], {"a": (3, 9), "b": (0, 5)}, {"a": (3, 5), "b": (3, 5)}),
        ([Order("a", "b")], {"a": (5, 9), "b": (0, 5)}, {"a": (5, 5), "b": (5, 5)}),
        ([Order("a", "b")], {"a": (6, 9), "b": (0, 5)}, None),
        ([Order("a", "b", strict=True)], {"a": (5, 9), "b": (0, 5)}, None),
        ([Order("a", "b", strict=True)], {"a": (3, 9), "b": (0, 5)}, {"a": (3, 5, "[)"), "b": (3, 5, "(]")}),
        ([Order("a", "b", 2.0)], {"a": (0, 9), "b": (0, 5)}, {"a": (0, 7), "b": (0, 5)}),
        ([Order("a", "b", -2.0)], {"a": (0, 9), "b": (0, 5)}, {"a": (0, 3), "b": (2, 5)}),
        (
            [Order("a", "b"), Order("b", "c")],
            {"a": (4, 9), "b": (0, 20), "c": (0, 6)},
            {"a": (4, 6), "b": (4, 6), "c": (4, 6)},
        ),
        (
            [Order("a", "b"), Order("b", "c", strict=True)],
            {"a": (4, 9), "b": (0, 20), "c": (0, 6)},
            {"a": (4, 6, "[)"), "b": (4, 6, "[)"), "c": (4, 6, "(]")},
        ),
        ([Order("a", "b"), Order("b", "a", strict=True)], {"a": (0, 9), "b": (0, 9)}, None),
        ([Order("a", "b"), Order("b", "a")], {"a": (0, 9), "b": (3, 20)}, {"a": (3, 9), "b": (3, 9)}),
        ([Order("a", "b")], {"a": (2, 9, "(]"), "b": (0, inf)}, {"a": (2, 9, "(]"), "b": (2, inf, "(]")}),
        ([], {"a": (3, 1)}, None),
        ([], {"a": (1, 1, "(]")}, None),
        ([], {"a": (1, 3, "()")}, {"a": (1, 3, "()")}),
    ],
)
def test_boxes_are_as_narrow_as_the_orderings_make_them(
    orders: list[Order], boxes: dict[str, tuple[float, float]], left: dict[str, tuple[float, float]] | None
) -> None:
    found = closed(orders, {name: between(*box) for name, box in boxes.items()})
    assert found == (None if left is None else {name: between(*box) for name, box in left.items()})


@pytest.mark.parametrize(
    ("box", "low", "high", "middle", "near", "away"),
    [
        (between(2, 6), 2, 6, 4, 4, 4),
        (between(2, 5), 2, 5, 4, 4, 4),
        (between(2.5, 3), 2.5, 3, 3, 3, 3),
        (between(2, 6, "()"), 3, 5, 4, 4, 4),
        (between(2, 2.5, "()"), 2.1, 2.4, 2.2, 2.2, 2.2),
        (between(2, 2.05, "()"), 2.01, 2.04, 2.02, 2.02, 2.02),
        (between(2, 2.005, "()"), 2.001, 2.004, 2.002, 2.002, 2.002),
        (between(2, 2.00001, "()"), 2.000001, 2.000009, 2.000005, 2.000005, 2.000005),
        (between(2, inf), 2, 2, 3, 2, 7),
        (between(2, inf, "(]"), 3, 3, 3, 3, 8),
        (between(-inf, 6), 6, 6, 6, 6, 6),
        (between(-inf, 6, "[)"), 5, 5, 5, 5, 5),
        (between(-inf, inf), 0, 0, 0, 0, 5),
        (between(0, 6), 0, 6, 3, 6, 3),
        (between(4, 100), 4, 100, 52, 4, 52),
        (between(0, 100), 0, 100, 50, 100, 50),
    ],
)
def test_numbers_are_taken_round_and_near_to_the_limits(
    box: Interval, low: float, high: float, middle: float, near: float, away: float
) -> None:
    """The column itself goes from 0 to 100."""
    styles = (_low, _high, _middle, _near, _away(5.0))
    assert [style(box, 0.0, 100.0) for style in styles] == [low, high, middle, near, away]
