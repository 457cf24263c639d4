"""What `segkit predict` makes of true declines: skill over the rate by segment, and whether it is calibrated.

python -m benchmarks foretelling

Six panels of 4,000 simulated accounts and 182 weeks through the real engine, from the week on in which
declines come at an even pace. Nobody joins and declines are a fixed number, so the rate among those that are
left rises: with three in ten that decline from 1.9 % in 13 weeks where something is learned to 2.2 % where it
is judged. What was learned is then too low, whatever learned it. A minute.
"""

from __future__ import annotations

import numpy as np

from benchmarks.panels import facts_of, lives_of, rules_of
from benchmarks.table import Row, show
from benchmarks.tuning import RULES
from segkit.engine.decisions import decided, planned
from segkit.ruleset.model import MAIN
from segkit.runs.predict import numbers
from segkit.simulator import Shares, simulate
from segkit.studies.evaluate import History
from segkit.studies.evaluate.numbers import wilson
from segkit.studies.predict import Judged, predict

ACCOUNTS, WEEKS, SETTLED = 4000, 182, 60
SEEDS = (1, 2, 3, 4, 5, 6)
Z90 = 1.645


def judged(seed: int, days: int) -> Judged:
    sim = simulate(
        ACCOUNTS, WEEKS, seed, shares=Shares(declining=0.3, leaving=0.8, recovering=0.2, joining=0.0)
    )
    rules = rules_of(RULES)
    plan = planned(rules, facts_of(sim, rules))
    main = decided(plan).dimensions[MAIN]
    whole = History(sim.starts + 6, main.labels, main.primary)
    values = {name: column[:, SETTLED:] for name, column in numbers(plan.panel, whole).items()}
    then = History(whole.ends[SETTLED:], whole.labels, whole.code[:, SETTLED:])
    lives = lives_of(sim)
    return predict(then, lives, lives.churned, values, days, 20).judged


def run() -> int:
    worst, held, bins = np.inf, 0, 0
    for seed in SEEDS:
        found = judged(seed, 90)
        assert found.skill is not None
        worst = min(worst, found.skill)
        told = []
        for each in found.bins:
            low, high = wilson(each.happened.k, each.happened.n, Z90)
            inside = low <= each.foretold <= high
            held, bins = held + inside, bins + 1
            told.append(
                f"{each.foretold:.3f} -> {each.happened.k}/{each.happened.n}{'' if inside else ' out'}"
            )
        print(
            f"seed {seed}: {found.events} of {found.examples}, skill {found.skill:+.4f} "
            f"({found.skill_low:+.4f} or more), called {found.called.k}/{found.called.n}; {', '.join(told)}",
            flush=True,
        )
    rows = [
        Row("error left by the model, of the baseline's", 1.0, 1 - worst),
        Row("fifths outside their 90 % band", 0.2 * bins, bins - held),
    ]
    return show(f"predict: 90 days, {len(SEEDS)} panels of {ACCOUNTS:,}", rows)
