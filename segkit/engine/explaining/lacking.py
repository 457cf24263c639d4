"""What keeps a condition from holding: the fewest conditions inside it that would have to change."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from segkit.engine.conditions.compile import Compiler
from segkit.engine.explaining.explained import Shown
from segkit.ruleset import expr as x

Cost = tuple[int, int, float]
"""How many conditions, how many of them without a value, and how far they are off in all."""
Rank = Callable[[Sequence[Shown]], Cost]

NEAR = 0.25
"""A value off its limit by no more than this part of the larger of both is a near miss."""


def lacking(root: Shown, truth: bool, rank: Rank | None = None) -> tuple[Shown, ...]:
    """The fewest leaves that have to turn so that `root` is `truth`; of several such sets the nearest one, or
    the first by another `rank`.

    Where leaves stand in each other's way it may not do: whoever tells it, tries it (`turned`).

    Empty where it is so already. A leaf that stands in several places counts once.
    """
    if root.truth is truth:
        return ()
    if not root.inside:
        return (root,)
    match root.condition:
        case x.Not():
            return lacking(root.inside[0], not truth, rank)
        case x.Named():
            return lacking(root.inside[0], truth, rank)
        case x.All():
            need = len(root.inside) if truth else 1
        case x.Any():
            need = 1 if truth else len(root.inside)
        case x.AtLeast(k=k):
            need = k if truth else len(root.inside) - k + 1
        case _:
            return (root,)
    ways = [lacking(child, truth, rank) for child in root.inside]
    return _distinct([leaf for way in sorted(ways, key=rank or cost)[:need] for leaf in way])


def unknown_first(way: Sequence[Shown]) -> Cost:
    """For ways of unknown leaves alone: what is known stays as it is, if it can."""
    known = sum(leaf.truth is not None for leaf in way)
    return known, len(way), 0.0


def near(way: Sequence[Shown]) -> bool:
    """Every value is known and close to its limit."""
    return bool(way) and all(leaf.truth is not None and _relative(leaf) <= NEAR for leaf in way)


def cost(way: Sequence[Shown]) -> Cost:
    """The less, the nearer."""
    unknown = sum(leaf.truth is None for leaf in way)
    return len(way), unknown, sum(_relative(leaf) for leaf in way)


def _relative(leaf: Shown) -> float:
    """How far a value is off its limit, in parts of the larger of both; 1 where that cannot be said."""
    reading = leaf.reading
    if reading is None or reading.away is None:
        return 1.0
    told = [abs(v.value) for v in (reading.value, *reading.limits) if isinstance(v.value, float)]
    return abs(reading.away) / max(*told, 1e-9)


def _distinct(leaves: Sequence[Shown]) -> tuple[Shown, ...]:
    return tuple({(leaf.condition, leaf.truth): leaf for leaf in leaves}.values())


def turned(compiler: Compiler, root: Shown, leaves: Sequence[Shown], truth: bool) -> bool | None:
    """What the compiled condition says when these of its leaves come out the other way, unknown ones so that
    the condition is `truth`; nothing else changes."""
    said = {leaf.condition: leaf.truth for leaf in root.leaves()}
    for leaf in leaves:
        said[leaf.condition] = (leaf.asked is truth) if leaf.truth is None else not leaf.truth
    names = {condition: f"leaf {place}" for place, condition in enumerate(said)}
    row = pl.DataFrame({names[c]: pl.Series([truth], dtype=pl.Boolean) for c, truth in said.items()})
    # By a name of its own: what is known is asked of what stands inside a condition.
    found: bool | None = row.select(compiler.condition(x.Named("root", root.condition), names)).item()
    return found
