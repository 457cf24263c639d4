"""Processes timed in turn, so that what disturbs the machine disturbs all of them."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.process import PYTHON, Cost, measure


@dataclass(slots=True)
class Case:
    """Something to time: `before` brings the workspace into its state, untimed."""

    command: list[str | Path]
    before: Callable[[], None] = lambda: None
    costs: list[Cost] = field(default_factory=list)

    @property
    def wall(self) -> float:
        return statistics.median(cost.wall for cost in self.costs)

    @property
    def cpu(self) -> float:
        return statistics.median(cost.cpu for cost in self.costs)

    @property
    def megabytes(self) -> float:
        return max(cost.megabytes for cost in self.costs)


def asked(name: str, folder: Path) -> Case:
    """DuckDB with a statement of `references`."""
    out = folder.parent / f"{folder.name}-{name}.parquet"
    return Case([PYTHON, "-m", "benchmarks.references.duck", name, folder, out])


def scanned(folder: Path) -> Case:
    """The bare scan by Polars."""
    return Case([PYTHON, "-m", "benchmarks.references.scan", folder / "exports" / "usage_*.parquet"])


def timed(cases: Mapping[str, Case], rounds: int, *, warm: bool = True) -> None:
    """Every case once a round; the first, `warm` one fills the disk cache and is not counted."""
    for number in range(0 if warm else 1, rounds + 1):
        for name, case in cases.items():
            case.before()
            cost = measure(case.command)
            print(f"  {number}  {name:<44} {_told(cost.wall, cost.cpu, cost.megabytes)}", flush=True)
            if number:
                case.costs.append(cost)
    print("medians")
    for name, case in cases.items():
        print(f"     {name:<44} {_told(case.wall, case.cpu, case.megabytes)}", flush=True)


def _told(wall: float, cpu: float, megabytes: float) -> str:
    return f"{wall:7.2f} s {cpu:7.2f} s CPU {megabytes:6.0f} MB"
