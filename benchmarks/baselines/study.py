"""Acceptance of the baselines: targets T1-T10 on the seeded simulator, the naive rule beside them.

python -m benchmarks baselines --seeds 1 2 3
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from msgspec.structs import replace

from benchmarks.baselines.cost import mismatches, spent
from benchmarks.baselines.figures import Rule, compare_rules, early
from benchmarks.baselines.trials import alarms, outages
from benchmarks.baselines.world import World, cleaned, values_of, world
from segkit.engine.baselines.results import Baseline, Panel
from segkit.engine.baselines.rolling import trailing_mean
from segkit.engine.baselines.run import baseline
from segkit.engine.baselines.settings import Settings
from segkit.engine.counting.values import Bools, Floats
from segkit.engine.members.membership import Answers, Ground, Latches, Scan, Tri, scan
from segkit.ruleset.expr import Holds, Metric
from segkit.ruleset.model import Segment, Times

TEST_FROM = 110
QUARTER = 12


def tri(true: Bools, known: Bools) -> Tri:
    return np.where(known, true, -1).astype(np.int8)


def low(found: Baseline) -> Bools:
    """30 % under what was expected, or 20 % under it and 35 % under the usual: a fall so slow that the recent
    reference goes down with it."""
    with np.errstate(invalid="ignore"):
        slow = (found.vs_expected <= -0.20) & (found.vs_usual <= -0.35)
        return np.asarray((found.vs_expected <= -0.30) | slow)


def down(found: Baseline) -> Bools:
    """Low, and not within its usual ups and downs."""
    with np.errstate(invalid="ignore"):
        return low(found) & (found.z_score <= -1.5)


def at_risk(found: Baseline, quarter: Baseline, values: Floats, alive: Bools) -> Scan:
    """The rule measured: in when `down` for 2 weeks; out for 3 at -20 % against both references, or
    at z -1 and with 12 weeks (`quarter`) at -20 % against the usual reference."""
    always = Holds(Metric("at_risk"))
    segment = Segment("at_risk", always, always, enter_after=Times(2, 2), exit_after=Times(3, 3), min_stay=4)
    known = ~np.isnan(found.vs_expected)
    with np.errstate(invalid="ignore"):
        up = (found.vs_expected >= -0.20) & (found.vs_usual >= -0.20)
        up |= (found.z_score >= -1) & ~(quarter.vs_usual < -0.20)
    untold = known & np.isnan(found.z_score) & low(found)
    missing = ~known & ~np.isnan(values)
    answers = Answers(tri(down(found), known & ~untold), tri(up | missing, known | missing))
    weeks, accounts = values.shape[1], len(values)
    nobody = np.zeros((weeks, accounts), dtype=bool)
    ground = Ground(np.ascontiguousarray(alive.T), nobody, nobody, np.arange(weeks, dtype=np.int32))
    return scan(segment, answers, ground, Latches.out(accounts))


@dataclass(frozen=True, slots=True)
class Row:
    target: str
    text: str
    limit: float
    at_least: bool
    ours: float
    naive: float

    @property
    def holds(self) -> bool:
        return self.ours >= self.limit if self.at_least else self.ours <= self.limit


def judged(there: World, settings: Settings) -> tuple[Rule, Rule, Baseline, Floats]:
    """Our rule and the naive one (down 30 % on the 12 weeks before, no waiting) on one panel."""
    seen, _ = cleaned(there, there.seen)
    values = values_of(seen, there.alive)
    found, _ = baseline(Panel(values, seen, there.levels), settings)
    quarter = Panel(values_of(seen, there.alive, QUARTER), seen, there.levels)
    twelve, _ = baseline(quarter, replace(settings, window_days=7 * QUARTER))
    member = at_risk(found, twelve, values, there.alive).member
    with np.errstate(invalid="ignore"):
        raw = values_of(there.seen, there.alive)
        before, _ = trailing_mean(raw, raw.shape[1], 3, least=1.5, step=4, shift=4)
        naive = raw <= 0.70 * before
    return Rule(down(found), member), Rule(naive, naive), found, seen


def study(seed: int, settings: Settings | None = None, accounts: int = 3000) -> list[Row]:
    settings = settings or Settings()
    there = world(seed, accounts)
    ours, naive, _, _ = judged(there, settings)
    a, b = compare_rules(there, ours, TEST_FROM), compare_rules(there, naive, TEST_FROM)
    young, young_naive = early(there, ours), early(there, naive)
    heard, raised, worst = alarms(there, settings, TEST_FROM)
    lost = outages(there, ours)
    onward, truncated = mismatches(there, settings)
    nan = float("nan")
    return [
        Row("T1", "P(at_risk entry per dip, healthy)", 0.10, False, a.entry_per_dip, b.entry_per_dip),
        Row("T1", "share of dip weeks at_risk", 0.08, False, a.dip_weeks, b.dip_weeks),
        Row("T2", "dip FPR, tenure 16-68 weeks", 0.20, False, young, young_naive),
        Row("T2", "the same against naive", 0.50, False, young / young_naive, 1.0),
        Row("T3", "false episodes per healthy account-year", 0.35, False, a.episodes, b.episodes),
        Row("T4", "flips cut", 0.75, True, 1 - a.flips / b.flips, 0.0),
        Row("T4", "bounces cut", 0.90, True, 1 - a.bounces / b.bounces, 0.0),
        Row("T5", "recall within 12 weeks of -30 %", 0.90, True, a.recall, b.recall),
        Row("T5", "mean delay, weeks", 4.0, False, a.delay, b.delay),
        Row("T6", "of those caught, held at 20 weeks", 0.80, True, a.held, b.held),
        Row("T6", "exit after recovery, weeks (all volumes)", 4.0, False, a.leave, b.leave),
        Row("T7", "outages of 10 % and more found", 1.0, True, lost.found, 0.0),
        Row("T7", "false outage weeks per year", 0.0, False, lost.false, nan),
        Row(
            "T7", "FPR of those affected, next 4 weeks", 0.09, False, lost.after, outages(there, naive).after
        ),
        Row("T8", "weeks to the alarm, group down 40 %", 2.0, False, raised, nan),
        Row("T8", "false alarms per group-year", 0.1, False, heard, nan),
        Row("T9", "week by week against the whole: differences", 0.0, False, onward, nan),
        Row("T9", "truncated against the whole: differences", 0.0, False, truncated, nan),
        Row("-", "weeks to the alarm, slowest group", nan, False, worst, nan),
        Row("-", "healthy FPR, regular", nan, False, a.fpr, b.fpr),
        Row("-", "healthy FPR in dips, regular", nan, False, a.fpr_dip, b.fpr_dip),
        Row("-", "healthy FPR, small", nan, False, a.fpr_small, b.fpr_small),
        Row("-", "healthy FPR, intermittent", nan, False, a.fpr_rare, b.fpr_rare),
        Row("-", "healthy FPR in own dips", nan, False, a.fpr_own, b.fpr_own),
        Row("-", "recall, small", nan, True, a.recall_small, b.recall_small),
        Row("-", "recall, intermittent", nan, True, a.recall_rare, b.recall_rare),
        Row("-", "never recovered, at_risk at 20 weeks, of all", nan, True, a.held_all, b.held_all),
    ]


def costs(accounts: int) -> list[Row]:
    """T10; the limits are those of 100,000 accounts."""
    found, nan = spent(accounts), float("nan")
    size = f"{accounts:,} accounts x 156 weeks"
    return [
        Row("T10", f"{size}, seconds", 20.0, False, found.whole, nan),
        Row("T10", "one more week, seconds", 3.0, False, found.week, nan),
        Row("T10", "peak memory, GB", 3.0, False, found.gigabytes, nan),
    ]


def run(seeds: Sequence[int], accounts: int) -> int:
    """Prints the table; 1 when a target is missed on some seed."""
    tables = [study(seed) for seed in seeds]
    heads = " ".join(f"{f'seed {seed}':>9}" for seed in seeds)
    print(f"{'':3} {'':46} {'target':>8} {heads} {'naive':>8}")
    missed = [not _show(rows, len(seeds)) for rows in zip(*tables, strict=True)]
    missed += [not _show((row,), len(seeds)) for row in costs(accounts)]
    return int(any(missed))


def _show(rows: Sequence[Row], width: int) -> bool:
    """One line: a figure for each seed, or one for all of them; whether the target holds."""
    row = rows[0]
    limit = "" if np.isnan(row.limit) else f"{'>=' if row.at_least else '<='} {row.limit:.2f}"
    fine = np.isnan(row.limit) or all(each.holds for each in rows)
    ours = " ".join(f"{each.ours:9.3f}" for each in rows).ljust(10 * width - 1)
    naive = float(np.mean([each.naive for each in rows]))
    told = f"{'':8}" if np.isnan(naive) else f"{naive:8.3f}"
    verdict = "" if not limit else "ok" if fine else "MISSED"
    print(f"{row.target:3} {row.text:46} {limit:>8} {ours} {told} {verdict}")
    return bool(fine)
