"""Which rules, and which conditions of them, the cases have tried."""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from segkit.engine.conditions.reads import conditions
from segkit.engine.conditions.sheet import Sheet
from segkit.engine.conditions.trees import Node, deciding, nodes
from segkit.engine.members.causes import out_tree
from segkit.reports.ruletests.running import Ran
from segkit.ruleset import format_condition
from segkit.ruleset.model import Segment


class Covered(Struct, frozen=True):
    """One segment or flag.

    tried, branches: conditions, each counted twice: once for having decided, once for having failed to.
    missing: what no case does, in words.
    """

    segment: str
    entered: bool
    left: bool
    branches: int
    tried: int
    missing: tuple[str, ...]

    @property
    def rules(self) -> int:
        """Of 2: entered and left."""
        return self.entered + self.left


def coverage(ran: Ran) -> tuple[Covered, ...]:
    """Every segment and flag in file order."""
    sheet = ran.sheet()
    return tuple(_covered(ran, sheet, segment) for segment in ran.plan.rules.segments)


def _covered(ran: Ran, sheet: Sheet, segment: Segment) -> Covered:
    on = ran.decisions.on_roster
    inside = ran.decisions.member[segment.name]
    before = np.concatenate([np.zeros_like(inside[:, :1]), inside[:, :-1]], axis=1)
    entered, left = bool((inside & ~before).any()), bool((before & ~inside & on).any())
    rows = np.flatnonzero(on.ravel())
    missing = [] if entered else ["nobody enters it"]
    missing += [] if left else ["nobody leaves it"]
    tried = branches = 0
    trees = [("enter", nodes(segment.enter))]
    if segment.exit is not None:
        trees.append(("exit", out_tree(segment)))
    if segment.at_once is not None:
        trees.append(("at_once", nodes(segment.at_once)))
    assert len(trees) == len(conditions(segment))
    for part, tree in trees:
        found = deciding(sheet, tree, rows)
        for leaf, value, decides in zip(found.leaves, found.value, found.decides, strict=True):
            branches += 2
            decided, failed = bool(decides.any()), bool((value == (not leaf.asked)).any())
            tried += decided + failed
            said = _said(leaf)
            missing += [] if decided else [f"{part}: never decided by {said}"]
            missing += [] if failed else [f"{part}: never without {said}"]
    return Covered(segment.name, entered, left, branches, tried, tuple(dict.fromkeys(missing)))


def _said(leaf: Node) -> str:
    text = format_condition(leaf.condition)
    return text if leaf.asked else f"not ({text})"
