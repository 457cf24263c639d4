"""The simulator's truth beside what an export would show of it: arrays for the study, [A, W] on weeks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segkit.engine.baselines.fit import Level, levels_of
from segkit.engine.baselines.outage import Outages, find_outages
from segkit.engine.baselines.rolling import trailing_mean
from segkit.engine.counting.values import Bools, Floats, Ints
from segkit.simulator import Simulated, simulate
from segkit.simulator.seasons import INDUSTRIES, REGIONS

WINDOW = 4
FALLEN, BACK = 0.70, 0.95
DIP = 0.80
NEVER = 10**6


@dataclass(frozen=True, slots=True)
class World:
    """What is seen, and what is true."""

    sim: Simulated
    seen: Floats
    """Events as exported: NaN for a lost cell, 0 where an outage lost the rows."""
    alive: Bools
    first: Ints
    """[A] first whole week of life within the panel."""
    tenure: Ints
    """Weeks of history up to and including this one."""
    healthy: Bools
    dip: Bools
    """The true season of the four weeks is at most 0.80 of that of the 12 before."""
    fell: Ints
    """[A] first week with a true level of at most 0.70; NEVER."""
    back: Ints
    """[A] first week after it with at least 0.95 again; NEVER."""
    outage: Bools
    """Cells whose rows an outage lost."""
    levels: tuple[Level, ...]

    @property
    def regular(self) -> Bools:
        return np.asarray(self.sim.volume == 0)


def world(seed: int, accounts: int = 3000, weeks: int = 212) -> World:
    """Simulate one panel; an outage of one account in ten is added to the simulator's three."""
    sim = simulate(accounts, weeks, seed)
    week = np.arange(weeks)[None, :]
    first = np.maximum(-(-(sim.signup - sim.starts[0]) // 7), 0)
    last = np.minimum((sim.churned - sim.starts[0]) // 7, weeks)
    alive = (week >= first[:, None]) & (week < last[:, None])
    struggles = sim.truth["struggles"].to_numpy()
    declines = sim.truth["decline"].to_numpy() != "none"
    noticed = np.minimum((sim.notice - sim.starts[0]) // 7, weeks)
    healthy = alive & ~(struggles | declines)[:, None] & (week < noticed[:, None])
    recent, _ = trailing_mean(sim.season, weeks, WINDOW, least=WINDOW)
    before, _ = trailing_mean(sim.season, weeks, 12, least=12, shift=WINDOW)
    with np.errstate(invalid="ignore"):
        dip = recent / before <= DIP
    low = (sim.health <= FALLEN) & declines[:, None] & alive
    fell = np.where(low.any(axis=1), low.argmax(axis=1), NEVER)
    up = (sim.health >= BACK) & (week > fell[:, None])
    back = np.where(up.any(axis=1), up.argmax(axis=1), NEVER)
    seen = np.where(sim.lost, np.nan, sim.events.astype(np.float64))
    outage = np.zeros(seen.shape, dtype=bool)
    for episode in sim.episodes:
        if episode.kind == "export_outage":
            outage[:, episode.since] = sim.lost[:, episode.since]
    tenth = np.random.default_rng([seed, 10]).random(accounts) < 0.10
    outage[tenth, _quiet_week(sim)] = True
    seen = np.where(alive, np.where(outage, 0.0, seen), np.nan)
    tenure = np.where(alive, week - first[:, None] + 1, 0)
    codes = tuple(
        np.broadcast_to(kind[:, None], seen.shape).astype(np.int32) for kind in (sim.industry, sim.region)
    )
    levels = levels_of(("industry", "region"), codes, (tuple(INDUSTRIES), REGIONS))
    return World(sim, seen, alive, first, tenure, healthy, dip, fell, back, outage & alive, levels)


def _quiet_week(sim: Simulated) -> int:
    """A week in the last year in which nothing else happens."""
    busy = {week for e in sim.episodes if e.scope == "all" for week in range(e.since - 6, e.until + 6)}
    return next(week for week in range(sim.weeks - 20, 0, -1) if week not in busy)


def thinned(events: Floats, share: float, seed: int) -> Floats:
    """Events of which only this share happens; NaN stays."""
    known = np.nan_to_num(events).astype(np.int64)
    kept = np.random.default_rng([seed, 40]).binomial(known, share).astype(np.float64)
    return np.where(np.isnan(events), np.nan, kept)


def values_of(seen: Floats, alive: Bools, window: int = WINDOW) -> Floats:
    """Events in `window` weeks that lie wholly in the account's life, half of them known, scaled to all."""
    weeks = seen.shape[1]
    mean, _ = trailing_mean(seen, weeks, window, least=window / 2)
    lived, _ = trailing_mean(np.where(alive, 1.0, np.nan), weeks, window, least=window)
    return np.where(np.isnan(lived), np.nan, mean * window)


def cleaned(there: World, seen: Floats) -> tuple[Floats, Outages]:
    """Zeros of a suspected outage as unknown."""
    known = there.alive & ~np.isnan(seen)
    found = find_outages(np.nan_to_num(seen) > 0, known)
    return np.where(found.cells, np.nan, seen), found
