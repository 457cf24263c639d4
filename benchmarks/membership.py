"""The membership scan alone: 20,000 accounts × 104 weeks × 8 segments, in this process."""

from __future__ import annotations

import statistics
import time

import numpy as np

from benchmarks.table import Row, show
from segkit.engine.members.membership import Answers, Ground, Latches, scan
from segkit.ruleset.expr import Holds, Metric
from segkit.ruleset.model import Segment, Times

ACCOUNTS, WEEKS, SEGMENTS, ROUNDS = 20_000, 104, 8, 5


def run() -> int:
    """1 when the target is missed."""
    rng = np.random.default_rng(7)
    answers = [_answers(rng) for _ in range(SEGMENTS)]
    shape = (WEEKS, ACCOUNTS)
    ground = Ground(
        np.ones(shape, bool), np.zeros(shape, bool), np.zeros(shape, bool), np.arange(WEEKS, dtype=np.int32)
    )
    segment = Segment(
        "s", Holds(Metric("notice_given")), Holds(Metric("notice_given")),
        enter_after=Times(2, 2), exit_after=Times(3, 3), min_stay=4,
    )  # fmt: skip
    walls, cpus = [], []
    for _ in range(ROUNDS):
        began, spent = time.perf_counter(), time.process_time()
        for answer in answers:
            scan(segment, answer, ground, Latches.out(ACCOUNTS))
        walls.append(time.perf_counter() - began)
        cpus.append(time.process_time() - spent)
    print(f"CPU seconds, median: {statistics.median(cpus):.3g}")
    title = f"membership: {ACCOUNTS:,} accounts × {WEEKS} weeks × {SEGMENTS} segments"
    return show(title, [Row("seconds, median", 0.5, statistics.median(walls))])


def _answers(rng: np.random.Generator) -> Answers:
    """Conditions as slow metrics give them: long stretches, some unknown."""
    level = np.cumsum(rng.normal(0, 1, (ACCOUNTS, WEEKS)), axis=1) / 5
    unknown = rng.random((ACCOUNTS, WEEKS)) < 0.02
    enter = np.where(unknown, -1, level < -0.7).astype(np.int8)
    leave = np.where(unknown, -1, level > -0.3).astype(np.int8)
    return Answers(enter, leave, None)
