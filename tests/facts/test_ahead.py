"""Reading one step ahead changes neither the order nor where a fault shows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from segkit.errors import InputError, Problem
from segkit.facts.files.ahead import ahead


def test_the_same_items_in_the_same_order() -> None:
    assert list(ahead(range(100))) == list(range(100))
    assert list(ahead([])) == []
    assert list(ahead([None, None])) == [None, None]


def test_a_fault_shows_after_the_items_before_it() -> None:
    def two_then_none() -> Iterator[int]:
        yield 1
        yield 2
        raise InputError(Problem("D104", "broken"))

    items = ahead(two_then_none())
    assert [next(items), next(items)] == [1, 2]
    with pytest.raises(InputError, match="D104 broken"):
        next(items)


def test_whoever_stops_early_takes_one_more_at_most() -> None:
    taken = []

    def counted() -> Iterator[int]:
        for item in range(10):
            taken.append(item)
            yield item

    for item in ahead(counted()):
        if item == 3:
            break
    assert len(taken) <= 5
