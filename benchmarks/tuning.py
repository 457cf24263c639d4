"""What `segkit tune` must not suggest, and what it must: many teams cut out of simulated panels.

python -m benchmarks tuning

Each team is a few hundred accounts of one panel, decided by the real engine under 80 settings; what a
suggestion is truly worth is read from all the other accounts. In the panel of the negative control nobody
leaves, and ends are drawn by lot. Drawn are 40 teams of 700 out of 2,500 accounts for each negative control,
25 teams of 1,800 out of 5,000 for the positive one, and 40 shufflings of ravenstack: two to four minutes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from benchmarks.noise import noise
from benchmarks.panels import facts_of, lives_of, rules_of
from benchmarks.table import Row, show
from segkit.engine.trial import trial, trial_plan
from segkit.ruleset.model import RuleSet, Times
from segkit.simulator import Shares, simulate
from segkit.studies.evaluate import History, Lives, once
from segkit.studies.evaluate.history import NEVER, Bools, Ints
from segkit.studies.tune import Ground, Tally, Tuning, tune
from segkit.studies.tune.choose import CHOOSE, JUDGE
from segkit.studies.tune.tally import figures

RULES = """\
version: 1
name: tuned
peers: [industry, region]
thresholds:
  drop: -30%
  z: -1.5
segments:
  - name: at_risk
    enter:
      all:
        - events_28d.vs_expected at most $drop
        - events_28d.z_score at most $z
    enter_after: 2 weeks
    exit:
      any:
        - all:
            - events_28d.vs_expected at least -20%
            - events_28d.vs_usual at least -20%
        - events_28d.vs_expected is missing
    exit_after: 3 weeks
    min_stay: 4 weeks
  - name: active
    enter: weeks_since_active under 4
"""
DROPS, ZS, WAITS = (-0.2, -0.25, -0.3, -0.4, -0.5), (-0.5, -1.0, -1.5, -2.0), (1, 2, 3, 4)
VALUES = tuple((str(d), str(z), str(n)) for d, z, n in product(DROPS, ZS, WAITS))
NOW = VALUES.index(("-0.3", "-1.5", "2"))
LABELS = ("at_risk", "active", "none")
LEAD = 4
WEEKS = 104


class Panel(Struct, frozen=True):
    codes: np.ndarray
    """[settings, A, T] int8"""
    ends: Ints
    on: Bools
    lives: Lives
    notice: Ints
    churned: Ints

    def team(
        self, who: Ints, churned: Ints, notice: Ints, settings: Sequence[int] = range(len(VALUES))
    ) -> tuple[Ground, list[Tally]]:
        """The tallies of some accounts, each with an end of its own."""
        here = self.on[who] & (churned[:, None] > self.ends)
        code = np.where(here, self.codes[np.ix_(np.array(settings), who)], -3).astype(np.int16)
        left = np.flatnonzero(churned <= self.ends[-1])
        lives = Lives(int(self.ends[-1]), once(left, churned[left]), notice)
        ground = Ground.of(History(self.ends, LABELS, code[0]), lives, LEAD)
        tallies = [Tally.empty(ground) for _ in settings]
        for each, tally in zip(code, tallies, strict=True):
            tally.add(ground, 0, len(who), each, [0])
        return ground, tallies


def panel(accounts: int, seed: int, shares: Shares) -> Panel:
    sim = simulate(accounts, WEEKS, seed, shares=shares)
    rules = rules_of(RULES)
    facts = facts_of(sim, rules)
    codes = np.empty((len(VALUES), accounts, WEEKS), np.int8)
    tried = [_under(rules, d, z, n) for d, z, n in product(DROPS, ZS, WAITS)]
    for place, start, stop, code in trial(trial_plan(rules, facts), tried):
        codes[place, start:stop] = code
    lives = lives_of(sim)
    return Panel(codes, sim.starts + 6, facts.roster.on, lives, lives.notice, sim.churned)


def _under(rules: RuleSet, drop: float, z: float, wait: int) -> RuleSet:
    limits = {
        name: replace(rules.thresholds[name], default=value) for name, value in (("drop", drop), ("z", z))
    }
    risk, *others = rules.main.segments
    waiting = replace(risk, enter_after=Times(wait, wait))
    return replace(rules, thresholds=limits, dimensions=(replace(rules.main, segments=(waiting, *others)),))


def by_lot(rng: np.random.Generator, ends: Ints, accounts: int, weekly: float) -> tuple[Ints, Ints]:
    """(ends, notices) that nothing foretells."""
    churned = ends[0] + np.ceil(rng.exponential(7 / weekly, accounts)).astype(np.int64)
    notice = churned - rng.integers(30, 90, accounts)
    gone = churned <= ends[-1]
    return np.where(gone, churned, NEVER), np.where(gone, notice, NEVER)


def flags_by_lot(rng: np.random.Generator, accounts: int) -> np.ndarray:
    """[settings, A, T] spells in risk drawn by nothing, some settings generous, some sparing."""
    found = np.ones((len(VALUES), accounts, WEEKS), np.int8)
    for place in range(len(VALUES)):
        length = int(rng.integers(4, 14))
        drawn = rng.random((accounts, WEEKS // length + 1)) < rng.uniform(0.02, 0.25)
        found[place][np.repeat(drawn, length, axis=1)[:, :WEEKS]] = 0
    return found


def suggested(ground: Ground, tallies: list[Tally], capacity: float | None = None) -> Tuning:
    return tune(ground, ("drop", "z", "wait"), VALUES, tallies, NOW, LEAD, capacity)


def negative(there: Panel, size: int, replicates: int, *, flags: bool) -> int:
    """How many suggestions are made where there is nothing to find."""
    rng = np.random.default_rng(11)
    made = 0
    for _ in range(replicates):
        who = rng.choice(len(there.on), size, replace=False)
        churned, notice = by_lot(rng, there.ends, size, 0.004)
        drawn = replace(there, codes=flags_by_lot(rng, len(there.on))) if flags else there
        made += suggested(*drawn.team(who, churned, notice)).verdict == "suggested"
    return made


@dataclass(slots=True)
class Positive:
    events: float = 0.0
    wrong: int = 0
    """Suggestions that are truly worse than the setting as it is."""
    gained: float = 0.0
    """Ends caught in time per 1,000 other accounts, on average over all teams."""
    default: float = 0.0
    """As many would be caught by the setting as it is."""
    verdicts: Counter[str] = field(default_factory=Counter)


def positive(there: Panel, size: int, replicates: int, shares: Sequence[float]) -> list[Positive]:
    """Teams that can answer such a share of the alarms that they have now; one result per share."""
    rng = np.random.default_rng(12)
    everybody = np.arange(len(there.on))
    found = [Positive() for _ in shares]
    for _ in range(replicates):
        who = np.sort(rng.choice(everybody, size, replace=False))
        ground, tallies = there.team(who, there.churned[who], there.notice[who])
        now = figures(ground, tallies[NOW], CHOOSE, min(each.first for each in tallies))
        others = np.setdiff1d(everybody, who)
        for told, share in zip(found, shares, strict=True):
            made = suggested(ground, tallies, None if share == 1 else share * now.per_week)
            told.verdicts[made.verdict] += 1
            before = _truly(there, others, NOW, share)
            told.events += now.ends / replicates
            told.default += 1000 * before / len(others) / replicates
            if made.verdict == "suggested":
                gain = _truly(there, others, made.best, share) - before
                told.wrong += gain < 0
                told.gained += 1000 * gain / len(others) / replicates
    return found


def _truly(there: Panel, others: Ints, place: int, share: float) -> float:
    """Ends caught in time by a setting among these accounts, as far as the alarms can be answered."""
    ground, tallies = there.team(others, there.churned[others], there.notice[others], (place, NOW))
    found = [[figures(ground, each, side) for side in (CHOOSE, JUDGE)] for each in tallies]
    caught = sum(each.caught for each in found[0])
    mine, now = (sum(each.alarms for each in sides) for sides in found)
    return caught * min(1.0, share * now / mine)


def run(replicates: int = 40) -> int:
    stay = panel(2500, 2, Shares(declining=0.5, leaving=0.0, leaving_anyway=0.0))
    rows = [
        Row("suggestions, ends by lot", 0.1 * replicates, negative(stay, 700, replicates, flags=False)),
        Row(
            "suggestions, flags and ends by lot",
            0.1 * replicates,
            negative(stay, 700, replicates, flags=True),
        ),
    ]
    leave = panel(5000, 1, Shares(declining=0.5, leaving=0.7))
    shares = (1.0, 0.5)
    for share, found in zip(shares, positive(leave, 1800, 25, shares), strict=True):
        print(f"{share:.0%} of the alarms can be answered: {found}", flush=True)
        rows.append(Row(f"wrong of 25, {share:.0%} answered", 2.5, found.wrong))
    rows += noise(replicates)
    return show(f"tuning: {replicates} and 25 teams", rows)
