"""Conditions taken apart: the value of every node, and which leaves decided the root."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from segkit.engine.compile import Compiler
from segkit.engine.membership import Bools, Ints, Tri
from segkit.ruleset import expr as x

ROOT = -1


@dataclass(frozen=True, slots=True)
class Node:
    """One condition inside another. `asked` is what it must be for the root to be as asked."""

    condition: x.Condition
    parent: int
    asked: bool
    leaf: bool


def nodes(condition: x.Condition, asked: bool = True) -> tuple[Node, ...]:
    """A condition and all inside it, parents first; a node's place is its position."""
    found: list[Node] = []

    def walk(condition: x.Condition, parent: int, asked: bool) -> None:
        inside = x.children(condition)
        found.append(Node(condition, parent, asked, not inside))
        place = len(found) - 1
        for child in inside:
            walk(child, place, asked != isinstance(condition, x.Not))

    walk(condition, ROOT, asked)
    return tuple(found)


def tri(frame: pl.DataFrame, expressions: list[pl.Expr]) -> npt.NDArray[np.int8]:
    """[n, rows]: 1 true, 0 false, -1 unknown."""
    named = [e.cast(pl.Int8).fill_null(-1).alias(str(i)) for i, e in enumerate(expressions)]
    # A constant comes back as one row; a row number keeps the height.
    selected = frame.lazy().select(pl.int_range(pl.len()).alias("row"), *named).collect()
    return (
        np.stack([selected[str(i)].to_numpy() for i in range(len(named))])
        if named
        else np.zeros((0, 0), np.int8)
    )


@dataclass(frozen=True, slots=True)
class Deciding:
    """The leaves of a condition over some rows: [leaves, rows] each."""

    leaves: tuple[Node, ...]
    value: Tri
    decides: Bools


def deciding(frame: pl.DataFrame, compiler: Compiler, tree: tuple[Node, ...]) -> Deciding:
    """Which leaves made the root what was asked: those whose every parent came out as asked."""
    value = tri(frame, [compiler.condition(node.condition) for node in tree])
    decides = np.zeros(value.shape, dtype=bool)
    for place, node in enumerate(tree):
        decides[place] = value[place] == node.asked
        if node.parent != ROOT:
            decides[place] &= decides[node.parent]
    at: Ints = np.flatnonzero([node.leaf for node in tree])
    return Deciding(tuple(tree[i] for i in at), value[at], decides[at])
