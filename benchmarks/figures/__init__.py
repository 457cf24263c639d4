"""The figures that are promised, each with its reference, group by group."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.figures.groups import GROUPS
from benchmarks.table import Row, show

__all__ = ["GROUPS", "run"]


def run(data: Path, rounds: int, only: Sequence[str] | None) -> int:
    """Print every process of the groups `only` (None: of all) and one table; 1 when a target is missed."""
    rows: list[Row] = []
    for name in only or GROUPS:
        group = GROUPS[name]
        print(f"\n{name}: {group.__doc__}", flush=True)
        rows += group(data, rounds)
    return show(f"medians of {rounds} rounds", rows)
