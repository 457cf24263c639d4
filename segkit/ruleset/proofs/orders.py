"""Orderings between numbers: whether x - y <= c for several pairs can hold together, and an example."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from segkit.ruleset.proofs.domain import Interval

Bound = tuple[float, bool]
"""At most this, or under it where the second part is true."""
FREE: Bound = (math.inf, False)


class Order(NamedTuple):
    """`left - right <= by`, or < where `strict`; None stands for zero."""

    left: str | None
    right: str | None
    by: float = 0.0
    strict: bool = False


def closed(orders: Sequence[Order], boxes: Mapping[str, Interval]) -> dict[str, Interval] | None:
    """Every box as narrow as boxes and orders make it; None where they cannot hold together.

    All shortest paths (Floyd and Warshall): exact for real numbers, and for whole ones with whole bounds.
    """
    names: list[str | None] = [None, *boxes]
    place = {name: at for at, name in enumerate(names)}
    size = len(names)
    paths = [[FREE if i != j else (0.0, False) for j in range(size)] for i in range(size)]

    def cut(i: int, j: int, bound: Bound) -> None:
        if _closer(bound, paths[i][j]):
            paths[i][j] = bound

    for name, box in boxes.items():
        cut(place[name], 0, (box.high, box.high_open))
        cut(0, place[name], (-box.low, box.low_open))
    for order in orders:
        cut(place[order.left], place[order.right], (order.by, order.strict))
    for k in range(size):
        for i in range(size):
            first = paths[i][k]
            if first[0] == math.inf:
                continue
            for j in range(size):
                second = paths[k][j]
                if second[0] != math.inf:
                    cut(i, j, (first[0] + second[0], first[1] or second[1]))
    if any(_closer(paths[i][i], (0.0, False)) for i in range(size)):
        return None
    return {
        name: Interval(
            -paths[0][place[name]][0],
            paths[place[name]][0][0],
            paths[0][place[name]][1],
            paths[place[name]][0][1],
        )
        for name in boxes
    }


def _closer(one: Bound, other: Bound) -> bool:
    return one[0] < other[0] or (one[0] == other[0] and one[1] and not other[1])
