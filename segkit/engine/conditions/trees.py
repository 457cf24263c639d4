"""Conditions taken apart: the value of every node, and which leaves decided the root."""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from segkit.engine.conditions.sheet import Sheet
from segkit.engine.members.membership import Bools, Ints, Tri
from segkit.ruleset import expr as x

ROOT = -1


class Node(Struct, frozen=True):
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


class Deciding(Struct, frozen=True):
    """The leaves of a condition over some rows: [leaves, rows] each."""

    leaves: tuple[Node, ...]
    value: Tri
    decides: Bools


def deciding(sheet: Sheet, tree: tuple[Node, ...], rows: Ints) -> Deciding:
    """Which leaves made the root what was asked: those whose every parent came out as asked."""
    value = np.stack([sheet.value[node.condition][rows] for node in tree])
    decides = np.zeros(value.shape, dtype=bool)
    for place, node in enumerate(tree):
        decides[place] = value[place] == node.asked
        if node.parent != ROOT:
            decides[place] &= decides[node.parent]
    at = np.flatnonzero([node.leaf for node in tree])
    return Deciding(tuple(tree[i] for i in at), value[at], decides[at])
