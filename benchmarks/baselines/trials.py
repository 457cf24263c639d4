"""What the study counts of outages and of groups that fall as a whole. [A, W] on weeks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.baselines.figures import MATURE, Rule, share
from benchmarks.baselines.world import World, cleaned, thinned, values_of
from segkit.engine.baselines.groups import VERDICTS
from segkit.engine.baselines.results import Panel
from segkit.engine.baselines.run import baseline
from segkit.engine.baselines.settings import Settings
from segkit.engine.counting.values import Bools, Floats
from segkit.simulator.seasons import INDUSTRIES

UNUSUAL = VERDICTS.index("unusual")


@dataclass(frozen=True, slots=True)
class Lost:
    found: float
    false: float
    after: float


def outages(there: World, rule: Rule) -> Lost:
    """Outages found, false weeks a year, and the share of affected healthy account-weeks flagged after."""
    _, told = cleaned(there, there.seen)
    true: Bools = np.asarray(there.outage.any(axis=0))
    weeks = np.flatnonzero(true)
    after = np.zeros_like(there.outage)
    for week in weeks:
        after[there.outage[:, week], week : week + 4] = True
    years = (told.suspect.size - weeks.size) / 52
    mature = there.healthy & (there.tenure >= MATURE)
    return Lost(
        float(told.suspect[weeks].mean()),
        float((told.suspect & ~true).sum() / years),
        share(rule.flag, after & mature),
    )


def alarms(there: World, settings: Settings, since: int, fall: float = 0.6) -> tuple[float, float, float]:
    """(false alarms per group-year, weeks to the alarm, the same at worst) when an industry falls by 40 %.

    An industry falls in the last week before which nothing had happened to it for 16 weeks.
    """
    width = there.seen.shape[1]
    truth = troubled(there, (len(INDUSTRIES), width))
    calm = unusual_weeks(there, there.seen, settings)
    starts = calm & ~np.concatenate([truth[:, :1], calm[:, :-1]], axis=1)
    years = len(INDUSTRIES) * (width - since) / 52
    false = int((starts & ~truth)[:, since:].sum())
    raised = []
    for industry in range(len(INDUSTRIES)):
        quiet = [w for w in range(width - 6, since, -1) if not truth[industry, w - 16 : w + 5].any()]
        if quiet:
            down = (there.sim.industry == industry)[:, None] & (np.arange(width) >= quiet[0])
            seen = np.where(down, thinned(there.seen, fall, there.sim.seed), there.seen)
            after = unusual_weeks(there, seen, settings)[industry, quiet[0] :]
            raised.append(float(after.argmax()) if after.any() else 20.0)
    return false / years, float(np.mean(raised)), max(raised)


def unusual_weeks(there: World, seen: Floats, settings: Settings) -> Bools:
    """[industry, W] the alarm."""
    clean, _ = cleaned(there, seen)
    panel = Panel(values_of(clean, there.alive), clean, there.levels)
    verdict = baseline(panel, settings)[0].groups[1].verdict
    return np.asarray(verdict == UNUSUAL, dtype=bool)


def troubled(there: World, shape: tuple[int, ...]) -> Bools:
    """[industry, W] a shock or a product outage lies in the four weeks."""
    found = np.zeros(shape, dtype=bool)
    names: list[str] = list(INDUSTRIES)
    for episode in there.sim.episodes:
        if episode.kind == "export_outage":
            continue
        rows = slice(None) if episode.scope == "all" else names.index(episode.scope)
        found[rows, episode.since : episode.until + 3] = True
    return found
