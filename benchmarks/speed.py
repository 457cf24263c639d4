"""`segkit assign` against a bare scan of the same columns: whole processes in turn, medians, ratios."""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

from benchmarks.data import workspace
from benchmarks.process import PYTHON, Cost, measure, segkit
from benchmarks.table import Row, show
from segkit.simulator.levels import LAST

_DUCKDB = """
import sys, duckdb
lengths = ", ".join(f"sum(length({name}))" for name in ("account_id", "user_id", "event", "feature"))
query = f'''select max("at"), {lengths}, sum(seconds) from read_parquet('{sys.argv[1]}')'''
print(duckdb.sql(query).fetchall())
"""


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


def run(data: Path, rounds: int) -> int:
    """1 when a target is missed."""
    print("making the data (once) and the runs to start from …", flush=True)
    folder = workspace(data / "S")
    kept = _prepare(folder, data / "kept")
    cases = _cases(folder, kept)
    for number in range(rounds + 1):
        for case in cases.values():
            case.before()
            cost = measure(case.command)
            if number:  # the first round warms the disk cache
                case.costs.append(cost)
        print(f"round {number} of {rounds}" if number else "warmed up", flush=True)
    for name, case in cases.items():
        print(f"{name:<28} {case.wall:6.2f} s wall  {case.cpu:6.2f} s CPU  {case.megabytes:6.0f} MB")
    return show("2,000 accounts, 104 weeks, 5 million events", _rows(cases))


def _cases(folder: Path, kept: Path) -> dict[str, Case]:
    files = folder / "exports" / "usage_*.parquet"
    cases = {
        "bare interpreter": Case([PYTHON, "-c", "pass"]),
        "import polars": Case([PYTHON, "-c", "import polars"]),
        "import segkit.runs": Case([PYTHON, "-c", "import segkit.runs"]),
        "segkit --version": Case(segkit("--version")),
        "scan": Case([PYTHON, "-m", "benchmarks.scan", files]),
        "assign, one week": Case(segkit("assign", "-q", folder), lambda: _restore(folder, kept)),
        "assign again, nothing new": Case(segkit("assign", "-q", folder)),
        "assign, 104 weeks, stored": Case(
            segkit("assign", "-q", folder), lambda: _forget(folder, cache=False)
        ),
        "assign, 104 weeks, cold": Case(segkit("assign", "-q", folder), lambda: _forget(folder, cache=True)),
    }
    if find_spec("duckdb"):
        cases["scan by DuckDB"] = Case([PYTHON, "-c", _DUCKDB, files])
    return cases


def _prepare(folder: Path, kept: Path) -> Path:
    """A copy of what the run of the last week but one left, with the small tables of the last week, too."""
    _forget(folder, cache=True)
    shutil.rmtree(kept, ignore_errors=True)
    measure(segkit("assign", "-q", "--as-of", str(LAST - timedelta(weeks=1)), folder))
    for name in ("state", "out"):
        shutil.copytree(folder / name, kept / name, symlinks=True)
    measure(segkit("assign", "-q", folder))
    shutil.rmtree(kept / "state" / "cache", ignore_errors=True)
    shutil.copytree(folder / "state" / "cache", kept / "state" / "cache")
    return kept


def _restore(folder: Path, kept: Path) -> None:
    _forget(folder, cache=True)
    for name in ("state", "out"):
        shutil.copytree(kept / name, folder / name, symlinks=True)


def _forget(folder: Path, *, cache: bool) -> None:
    shutil.rmtree(folder / "out", ignore_errors=True)
    if cache:
        shutil.rmtree(folder / "state", ignore_errors=True)
    for path in (folder / "state").glob("*"):
        if path.name != "cache":
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _rows(cases: dict[str, Case]) -> list[Row]:
    def ratio(name: str, cost: str = "wall") -> float:
        """Start-up taken off on both sides; the import of libraries counts on both."""
        took = getattr(cases[name], cost) - getattr(cases["segkit --version"], cost)
        scan = getattr(cases["scan"], cost) - getattr(cases["bare interpreter"], cost)
        return float(took / scan)

    for name in ("assign, one week", "assign, 104 weeks, cold"):
        print(f"{name} ÷ scan, by CPU seconds: {ratio(name, 'cpu'):.3g}")
    peak = max(case.megabytes for name, case in cases.items() if name.startswith("assign"))
    return [
        Row("assign at one date, tables stored ÷ scan", 3, ratio("assign, one week")),
        Row("assign cold, 104 weeks ÷ scan", 20, ratio("assign, 104 weeks, cold")),
        Row("peak memory of any assign, MB", 500, peak),
    ]
