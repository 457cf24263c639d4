"""`segkit tune` on labels that are noise: ravenstack as told, and its dates of leaving shuffled 40 times.

Part of `python -m benchmarks tuning`. The settings are those that the command tries by itself on the shipped
rules, decided once by the real engine; each shuffling is one more set of ends for the same decisions.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.table import Row
from segkit.engine.trial import trial, trial_plan
from segkit.periods import epoch_day
from segkit.runs.evaluate import risk_of
from segkit.runs.given.inputs import read_facts, read_rules
from segkit.runs.tuning.parameters import candidates, parameters
from segkit.studies.evaluate import History, Lives, once
from segkit.studies.evaluate.history import NEVER, Ints
from segkit.studies.tune import Ground, Tally, Tuning, tune
from segkit.workspace import open_workspace
from tests.realdata.workspaces import DATA, ravenstack

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
LEAD = 4


def noise(shuffles: int) -> list[Row]:
    """Nothing where the data set does not lie beside the checkout."""
    if not DATA.is_dir():
        return []
    with tempfile.TemporaryDirectory() as folder:
        return [_ravenstack(Path(folder) / "ravenstack", shuffles)]


def _ravenstack(folder: Path, shuffles: int) -> Row:
    workspace = open_workspace(ravenstack(folder))
    rules, _ = read_rules(workspace)
    text = Path(rules.path).read_text(encoding="utf-8")
    risk, _ = risk_of(rules, [segment.name for segment in rules.main.segments], None)
    varied = parameters((), text, rules, risk)
    tried, now = candidates(workspace, text, rules, varied)
    plan = trial_plan(rules, read_facts(workspace, rules, now=NOW).facts)
    facts = plan.facts
    ends = np.array([epoch_day(facts.calendar.end(int(each))) for each in facts.periods], np.int64)
    codes = np.empty((len(tried), len(facts.roster.accounts), len(ends)), np.int16)
    for place, start, stop, code in trial(plan, [each.rules for each in tried]):
        codes[place, start:stop] = code
    labels = (*(segment.name for segment in rules.main.segments), rules.main.otherwise)
    marked = [place for place, name in enumerate(labels) if name in risk]
    told = pl.read_csv(DATA / "ravenstack/ravenstack_churn_events.csv", infer_schema=False)
    day = pl.col("churn_date").str.to_date("%d-%m-%Y").cast(pl.Int32).cast(pl.Int64)
    first = dict(told.group_by("account_id").agg(day.min()).iter_rows())
    churn = np.array([first.get(name, NEVER) for name in facts.roster.accounts])
    names, values = [each.name for each in varied], [each.values for each in tried]

    def found(gone: Ints) -> Tuning:
        here = facts.roster.on & (gone[:, None] > ends)
        left = np.flatnonzero(gone <= ends[-1])
        lives = Lives(int(ends[-1]), once(left, gone[left]), np.full(len(gone), NEVER))
        code = np.where(here, codes, np.int16(-3))
        ground = Ground.of(History(ends, labels, code[now]), lives, LEAD)
        tallies = [Tally.empty(ground) for _ in tried]
        for each, tally in zip(code, tallies, strict=True):
            tally.add(ground, 0, len(gone), each, marked)
        return tune(ground, names, values, tallies, now, LEAD)

    as_told = found(churn)
    ends_now = as_told.settings[as_told.current].found.ends
    what = f"{len(tried)} settings of {', '.join(names)}, {ends_now} ends to choose on"
    print(f"ravenstack as told: {as_told.verdict} ({as_told.why}); {what}", flush=True)
    rng = np.random.default_rng(41)
    verdicts = Counter(found(rng.permutation(churn)).verdict for _ in range(shuffles))
    print(f"ravenstack shuffled: {dict(verdicts)}", flush=True)
    return Row("suggestions, ravenstack shuffled", 0.1 * shuffles, verdicts["suggested"])
