"""T9 and T10 of the study: more weeks on top of the past are the whole panel, and what either costs.

python -m benchmarks.baselines.cost 100000: a panel of so many accounts, as a process of its own.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from dataclasses import dataclass

import numpy as np

from benchmarks.baselines.world import World, cleaned, values_of
from benchmarks.process import PYTHON, ROOT
from segkit.engine.baselines.fit import Level, levels_of
from segkit.engine.baselines.results import Baseline, Panel
from segkit.engine.baselines.rolling import trailing_mean
from segkit.engine.baselines.run import baseline, extend
from segkit.engine.baselines.settings import Settings

WEEKS = 156
ONWARD = 12
"""Weeks that are put on top one by one."""


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of wall time; `gigabytes` is the peak of the process, its panel included."""

    whole: float
    week: float
    gigabytes: float


def mismatches(there: World, settings: Settings) -> tuple[int, int]:
    """(bytes that differ from the whole panel week by week, of the last weeks; those of a truncated one)."""
    seen, _ = cleaned(there, there.seen)
    panel = Panel(values_of(seen, there.alive), seen, there.levels)
    whole, _ = baseline(panel, settings)
    weeks = seen.shape[1]
    found, past = baseline(_part(panel, 0, weeks - ONWARD), settings)
    truncated = _different(found, whole, 0)
    onward = 0
    for week in range(weeks - ONWARD, weeks):
        found, past = extend(past, _part(panel, week, week + 1), settings)
        onward += _different(found, whole, week)
    return onward, truncated


def _different(found: Baseline, whole: Baseline, start: int) -> int:
    number = 0
    for name in Baseline.__struct_fields__:
        if name != "groups":
            mine, other = getattr(found, name), getattr(whole, name)
            part = other[:, start : start + mine.shape[1]]
            number += int(
                (np.ascontiguousarray(mine).view("u1") != np.ascontiguousarray(part).view("u1")).sum()
            )
    return number


def _part(panel: Panel, start: int, stop: int) -> Panel:
    span = slice(start, stop)
    levels = tuple(Level(g.name, g.codes[:, span], g.labels, g.parent) for g in panel.levels)
    counts = None if panel.counts is None else panel.counts[:, span]
    return Panel(panel.values[:, span], counts, levels)


def spent(accounts: int) -> Spent:
    """Of one metric over `accounts` × 156 weeks, and of one more week on top of them."""
    done = subprocess.run(
        [PYTHON, "-m", "benchmarks.baselines.cost", str(accounts)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return Spent(**json.loads(done.stdout))


def _panel(accounts: int) -> Panel:
    """Accounts of 55 events a week in the median, with a season, in 8 industries and 3 regions."""
    rng = np.random.default_rng(1)
    season = 1 + 0.3 * np.sin(np.arange(WEEKS + 1) / 52 * 2 * np.pi)
    counts = rng.poisson(rng.lognormal(4.0, 1.0, accounts)[:, None] * season).astype(np.float64)
    mean, _ = trailing_mean(counts, WEEKS + 1, 4, least=4)
    codes = tuple(
        np.broadcast_to(rng.integers(0, n, accounts)[:, None], counts.shape).astype(np.int32) for n in (8, 3)
    )
    labels = (tuple("abcdefgh"), tuple("xyz"))
    return Panel(mean * 4, counts, levels_of(("industry", "region"), codes, labels))


def main(accounts: int) -> None:
    panel, settings = _panel(accounts), Settings()
    began = time.perf_counter()
    _, past = baseline(_part(panel, 0, WEEKS), settings)
    whole = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    began = time.perf_counter()
    extend(past, _part(panel, WEEKS, WEEKS + 1), settings)
    print(json.dumps({"whole": whole, "week": time.perf_counter() - began, "gigabytes": peak}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
