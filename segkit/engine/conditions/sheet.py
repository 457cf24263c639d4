"""Every condition over a block of rows, each evaluated once and kept: what decides is what is explained."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl
from msgspec import Struct, field

from segkit.engine.conditions.compile import Compiler
from segkit.engine.conditions.rows import Block
from segkit.engine.members.membership import Ints, Tri
from segkit.ruleset import expr as x


class Sheet(Struct):
    """Rows and the conditions evaluated over them so far."""

    block: Block
    compiler: Compiler
    lead: int
    """Periods of the block before the first decided one."""
    value: dict[x.Condition, Tri] = field(default_factory=dict)
    """[rows] of every condition and of all inside it."""
    names: dict[x.Condition, str] = field(default_factory=dict)

    def evaluate(self, conditions: Iterable[x.Condition]) -> None:
        """Leaves first, then what is made of them, each distinct condition once."""
        levels: dict[int, dict[x.Condition, None]] = {}
        for condition in conditions:
            self._sort(condition, levels)
        for level in sorted(levels):
            new = {c: f"condition {len(self.names) + i}" for i, c in enumerate(levels[level])}
            said = [self.compiler.condition(c, self.names).alias(name) for c, name in new.items()]
            self.block = self.block.with_columns(said)
            answers = self.block.frame.select(
                pl.col(name).cast(pl.Int8).fill_null(-1) for name in new.values()
            )
            self.value |= {c: answers[name].to_numpy() for c, name in new.items()}
            self.names |= new

    def decided(self, condition: x.Condition) -> Tri:
        """[A, T] over the decided periods."""
        return self.value[condition].reshape(-1, self.block.width)[:, self.lead :]

    def row(self, account: Ints, period: Ints) -> Ints:
        """Rows of positions among the decided periods."""
        return account * self.block.width + period + self.lead

    def _sort(self, condition: x.Condition, levels: dict[int, dict[x.Condition, None]]) -> int:
        """The level of a condition: 0 for leaves and what is known already."""
        if condition in self.names:
            return 0
        level = max((1 + self._sort(child, levels) for child in x.children(condition)), default=0)
        levels.setdefault(level, {})[condition] = None
        return level
