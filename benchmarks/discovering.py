"""What `segkit discover` must not find, and what it must.

python -m benchmarks discovering

ravenstack: its own dates of leaving, which are noise, and 40 shufflings of them among the accounts. A
simulated panel with declines: 40 teams of 250 accounts as they are, and with ends shuffled among them.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
from msgspec.structs import replace

from benchmarks.panels import facts_of, lives_of, rules_of
from benchmarks.table import Row, show
from benchmarks.tuning import RULES
from segkit.engine.adoption import ALSO
from segkit.engine.panel import build_panel
from segkit.runs.discovering.candidates import candidates, measures
from segkit.runs.discovering.finding import Known, known_of
from segkit.runs.given.inputs import read_facts, read_rules
from segkit.simulator import Shares, simulate
from segkit.studies.discover import Discovery, Measure, discover
from segkit.studies.evaluate import History, Lives, once
from segkit.studies.evaluate.history import NEVER, Ints
from segkit.workspace import open_workspace
from tests.realdata.workspaces import DATA, ravenstack

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
SHUFFLES, TEAMS, SIZE = 40, 40, 250
METRICS = (
    "active_weeks_12w",
    "events_28d",
    "events_28d.change",
    "events_28d.vs_expected",
    "variation_12w",
    "weeks_since_active",
)


def run() -> int:
    rows = [*_simulated()]
    if DATA.is_dir():
        with tempfile.TemporaryDirectory() as folder:
            rows.append(_ravenstack(Path(folder) / "ravenstack"))
    return show(f"discover: {TEAMS} teams of {SIZE} accounts, {SHUFFLES} shufflings", rows)


def _ravenstack(folder: Path) -> Row:
    workspace = open_workspace(ravenstack(folder))
    rules, _ = read_rules(workspace)
    metrics = candidates(rules, workspace.sources)
    loaded = read_facts(workspace, rules, now=NOW, also=(*metrics, ALSO))
    known = known_of(rules, loaded.facts, metrics)
    told = pl.read_csv(DATA / "ravenstack/ravenstack_churn_events.csv", infer_schema=False)
    day = pl.col("churn_date").str.to_date("%d-%m-%Y").cast(pl.Int32).cast(pl.Int64)
    first = dict(told.group_by("account_id").agg(day.min()).iter_rows())
    churn = np.array([first.get(name, NEVER) for name in loaded.facts.roster.accounts])
    as_told = _found(known, churn, groups=True)
    assert as_told.grouping is not None
    print(
        f"ravenstack as told: {as_told.verdict}, {as_told.asked} questions, {as_told.left.k} of "
        f"{as_told.left.n} left; groups: {len(as_told.grouping.groups)} ({as_told.grouping.why})",
        flush=True,
    )
    rng = np.random.default_rng(40)
    verdicts = Counter(_found(known, rng.permutation(churn)).verdict for _ in range(SHUFFLES))
    print(f"ravenstack shuffled: {dict(verdicts)}", flush=True)
    return Row("ravenstack, shuffled: with a finding", SHUFFLES / 10, verdicts["found"])


def _found(known: Known, churn: Ints, *, groups: bool = False) -> Discovery:
    ends = known.history.ends
    code = np.where(churn[:, None] > ends, known.history.code, -1).astype(np.int16)
    left = np.flatnonzero(churn <= ends[-1])
    lives = Lives(int(ends[-1]), once(left, churn[left]), np.full(len(churn), NEVER))
    return discover(
        replace(known.history, code=code),
        lives,
        known.measures,
        known.first,
        known.signup,
        seen_from=known.seen_from,
        within=30,
        groups=groups,
    )


def _simulated() -> list[Row]:
    sim = simulate(TEAMS * SIZE, 104, 3, shares=Shares(declining=0.5, leaving=0.7))
    rules = rules_of(RULES)
    metrics = [each for each in candidates(rules, ("accounts", "usage")) if each.key in METRICS]
    facts = facts_of(sim, rules)
    every = measures(metrics, rules, build_panel(rules, facts, metrics))
    ends = sim.starts + 6
    code = np.where(facts.roster.on, 0, -1).astype(np.int16)
    lives = lives_of(sim)
    churn = np.full(len(sim.churned), NEVER)
    churn[lives.churned.account] = lives.churned.day
    rng, verdicts = np.random.default_rng(1), {"as they are": Counter[str](), "shuffled": Counter[str]()}
    for team in range(TEAMS):
        mine = np.arange(len(churn)) % TEAMS == team
        part = Known(
            History(ends, ("account",), code[mine]),
            {name: Measure(m.value[mine], m.unit, m.stretched, False) for name, m in every.items()},
            {},
            np.full(int(mine.sum()), NEVER),
            int(ends[0]),
        )
        verdicts["as they are"][_found(part, churn[mine]).verdict] += 1
        verdicts["shuffled"][_found(part, rng.permutation(churn[mine])).verdict] += 1
    print(f"simulated, {sorted(every)}: { ({k: dict(v) for k, v in verdicts.items()}) }", flush=True)
    return [
        Row("declines: without a finding", TEAMS / 10, TEAMS - verdicts["as they are"]["found"]),
        Row("declines, shuffled: with a finding", TEAMS / 10, verdicts["shuffled"]["found"]),
    ]
