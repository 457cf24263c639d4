"""How much each account uses the product each week, and why: the truth that everything else is drawn from."""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl
from msgspec import Struct

from segkit.periods import from_epoch_day
from segkit.simulator.seasons import (
    INDUSTRIES,
    REGIONS,
    Floats,
    day_weights,
    own_dip,
    week_of_year,
    week_starts,
)
from segkit.simulator.streams import stream

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

LAST = date(2026, 11, 15)
NEVER = np.iinfo(np.int64).max // 4
"""An epoch day or week that never comes."""
VOLUMES = ("regular", "small", "intermittent")
DECLINES = ("none", "step", "ramp", "slow")


class Shares(Struct, frozen=True):
    """How many accounts have what; all are shares of 1."""

    volumes: tuple[float, float, float] = (0.70, 0.15, 0.15)
    own_dip: float = 0.25
    declining: float = 0.25
    recovering: float = 0.5
    """Of the decliners; the others stay down or leave."""
    leaving: float = 0.6
    """Of the decliners that do not recover."""
    leaving_anyway: float = 0.04
    """Leave without any decline first."""
    joining: float = 0.35
    """Sign up within the simulated time; the others were there before."""
    struggling: float = 0.15
    """Of those that join: hardly get started."""
    lost_cells: float = 0.01
    outliers: float = 0.01


class Episode(Struct, frozen=True):
    """Something that happened to many accounts at once; weeks are indices, `until` is not included."""

    kind: str
    """industry_shock, product_outage or export_outage."""
    scope: str
    """An industry, or `all`."""
    since: int
    until: int
    size: float
    """Relative change of use; for an export outage the share of accounts whose rows are lost."""


class Simulated(Struct, frozen=True):
    """What was simulated. A accounts, W weeks; days are epoch days, weeks indices into `starts`."""

    seed: int
    starts: Ints
    """[W] the Mondays."""
    industry: Ints
    region: Ints
    volume: Ints
    base: Floats
    """[A] events in a plain week at the middle of the panel."""
    signup: Ints
    notice: Ints
    churned: Ints
    """[A] epoch days; NEVER where it did not happen."""
    level: Floats
    """[A, W] expected events."""
    season: Floats
    """[A, W] factor of season, holidays, own dip and episodes: what is not the account's fault."""
    health: Floats
    """[A, W] factor of the true decline, 1 for a healthy account."""
    events: Ints
    """[A, W] events that happened, before rows were lost."""
    lost: Bools
    """[A, W] the export has no rows for this cell."""
    weights: Floats
    """[region, W, 7] share of a plain week's use per day."""
    episodes: tuple[Episode, ...]
    truth: pl.DataFrame
    """One row per account: volume, own_dip_week, decline, decline_from, floor, recovers_from, struggles …"""

    @property
    def accounts(self) -> int:
        return len(self.base)

    @property
    def weeks(self) -> int:
        return len(self.starts)


def simulate(
    accounts: int,
    weeks: int,
    seed: int,
    *,
    last: date = LAST,
    median_events: float = 80.0,
    shares: Shares | None = None,
) -> Simulated:
    """Simulate accounts over weeks that end on the Sunday `last`; the same for the same arguments."""
    shares = shares or Shares()
    starts = week_starts(last, weeks)
    rng = stream(seed, "accounts")
    industry = rng.integers(0, len(INDUSTRIES), accounts)
    region = rng.choice(len(REGIONS), accounts, p=[0.45, 0.35, 0.20])
    volume = rng.choice(len(VOLUMES), accounts, p=list(shares.volumes))
    base = np.select(
        [volume == 0, volume == 1],
        [
            np.clip(
                median_events * rng.lognormal(0, 0.8, accounts), 0.15 * median_events, 15 * median_events
            ),
            rng.uniform(1.5, 6.0, accounts),
        ],
        0.2 * median_events * rng.lognormal(0, 0.6, accounts),
    )
    signup = _signups(seed, accounts, starts, shares)
    weights = day_weights(starts)
    episodes = _episodes(seed, weeks)
    season, dip = _season(seed, starts, industry, region, weights, episodes, shares)
    decline = _declines(seed, starts, signup, shares)
    notice, churned = _leavers(seed, starts, signup, decline, shares)
    struggles = (stream(seed, "struggle").random(accounts) < shares.struggling) & (signup > starts[0])
    health = decline.factor * np.where(_days_at(starts, notice) >= 0, 0.5, 1.0)
    level = (
        base[:, None]
        * season
        * health
        * _growth(seed, accounts, weeks)
        * _life(starts, signup, churned, struggles)
    )
    events = _observed(seed, level, volume, shares)
    return Simulated(
        seed=seed, starts=starts, industry=industry, region=region, volume=volume, base=base, signup=signup,
        notice=notice, churned=churned, level=level, season=season, health=health, events=events,
        lost=_lost(seed, accounts, weeks, episodes, shares), weights=weights, episodes=episodes,
        truth=_truth(volume, dip, decline, struggles, starts, notice, churned),
    )  # fmt: skip


def _signups(seed: int, accounts: int, starts: Ints, shares: Shares) -> Ints:
    rng = stream(seed, "signup")
    span = int(starts[-1]) + 6 - int(starts[0])
    joined = int(starts[0]) + rng.integers(7, span, accounts)
    before = int(starts[0]) - rng.integers(30, 5 * 365, accounts)
    return np.where(rng.random(accounts) < shares.joining, joined, before)


def _episodes(seed: int, weeks: int) -> tuple[Episode, ...]:
    rng = stream(seed, "episodes")
    found = []
    for _ in range(max(1, round(weeks / 52 * 2.5))):
        since, length = int(rng.integers(8, max(9, weeks - 12))), int(rng.integers(4, 11))
        scope = list(INDUSTRIES)[int(rng.integers(0, len(INDUSTRIES)))]
        found.append(
            Episode(
                "industry_shock", scope, since, min(since + length, weeks), -float(rng.uniform(0.22, 0.39))
            )
        )
    for _ in range(max(1, round(weeks / 52))):
        since = int(rng.integers(4, max(5, weeks - 4)))
        found.append(Episode("product_outage", "all", since, since + 1, -float(rng.uniform(0.3, 0.5))))
    outages = rng.choice(np.arange(weeks // 4, max(weeks // 4 + 3, weeks - 8)), 3, replace=False)
    for since, share in zip(sorted(int(week) for week in outages), (0.25, 1.0, 0.5), strict=True):
        if since < weeks:
            found.append(Episode("export_outage", "all", since, since + 1, share))
    return tuple(found)


def _season(
    seed: int,
    starts: Ints,
    industry: Ints,
    region: Ints,
    weights: Floats,
    episodes: tuple[Episode, ...],
    shares: Shares,
) -> tuple[Floats, Floats]:
    """[A, W] the factor, and [A] the week of the year of each own dip (NaN for none)."""
    rng = stream(seed, "season")
    accounts = len(industry)
    amplitude = rng.lognormal(0, 0.35, accounts)[:, None]
    week = week_of_year(starts)[None, :] - rng.normal(0, 1.2, accounts)[:, None]
    factor = np.empty((accounts, len(starts)))
    for code, curve in enumerate(INDUSTRIES.values()):
        of = industry == code
        factor[of] = np.exp(amplitude[of] * curve(week[of]))
    factor *= weights.sum(axis=2)[region] ** np.minimum(amplitude, 1.5)
    has = rng.random(accounts) < shares.own_dip
    centre = rng.uniform(0, 52.18, accounts)
    width, depth = rng.uniform(1.0, 2.5, accounts), np.where(has, rng.uniform(0.35, 0.65, accounts), 0.0)
    factor *= own_dip(week, centre[:, None], width[:, None], depth[:, None])
    for episode in episodes:
        if episode.kind != "export_outage":
            of = np.full(accounts, episode.scope == "all")
            if episode.scope in INDUSTRIES:
                of = industry == list(INDUSTRIES).index(episode.scope)
            factor[of, episode.since : episode.until] *= 1 + episode.size
    return factor, np.where(has, centre, np.nan)


class _Decline(Struct, frozen=True):
    kind: Ints
    since: Ints
    floor: Floats
    recovers: Ints
    factor: Floats


def _declines(seed: int, starts: Ints, signup: Ints, shares: Shares) -> _Decline:
    rng = stream(seed, "decline")
    accounts, weeks = len(signup), len(starts)
    kind = np.where(rng.random(accounts) < shares.declining, rng.integers(1, 4, accounts), 0)
    settled = np.maximum((signup - starts[0]) // 7, 0) + 20
    since = settled + (rng.random(accounts) * np.maximum(weeks - 4 - settled, 0)).astype(np.int64)
    kind = np.where(since >= weeks - 4, 0, kind)
    length = np.select([kind == 1, kind == 2], [np.ones(accounts), rng.integers(4, 13, accounts)], 26)
    floor = rng.uniform(0.15, 0.5, accounts)
    recovering = (rng.random(accounts) < shares.recovering) & (kind > 0)
    recovers = np.where(recovering, since + length.astype(np.int64) + rng.integers(8, 27, accounts), NEVER)
    week = np.arange(weeks)[None, :]
    down = np.clip((week - since[:, None] + 1) / length[:, None], 0, 1)
    up = np.where(recovering[:, None], np.clip((week - recovers[:, None] + 1) / 4, 0, 1), 0)
    factor = np.where(kind[:, None] > 0, 1 - (1 - floor[:, None]) * down * (1 - up), 1.0)
    return _Decline(kind, np.where(kind > 0, since, NEVER), floor, recovers, factor)


def _leavers(seed: int, starts: Ints, signup: Ints, decline: _Decline, shares: Shares) -> tuple[Ints, Ints]:
    """Epoch days of notice and of the end; a decliner gives notice 6 to 20 weeks after it began to fall."""
    rng = stream(seed, "leave")
    accounts = len(signup)
    falls = (decline.kind > 0) & (decline.recovers == NEVER) & (rng.random(accounts) < shares.leaving)
    anyway = (decline.kind == 0) & (rng.random(accounts) < shares.leaving_anyway)
    after = starts[0] + 7 * (np.where(falls, decline.since, 0) + rng.integers(6, 21, accounts))
    earliest = np.maximum(signup, starts[0]) + 120
    span = np.maximum(starts[-1] - earliest, 1)
    some_day = earliest + (rng.random(accounts) * span).astype(np.int64)
    notice = np.where(falls, after, np.where(anyway, some_day, NEVER))
    churned = notice + rng.integers(30, 90, accounts)
    end = starts[-1] + 6
    notice = np.where(notice > end, NEVER, notice)
    return notice, np.where(notice == NEVER, NEVER, churned)


def _days_at(starts: Ints, day: Ints) -> Ints:
    """[A, W] days from `day` to the week's end; negative before it."""
    return starts[None, :] + 6 - day[:, None]


def _growth(seed: int, accounts: int, weeks: int) -> Floats:
    """[A, W] yearly growth N(12 %, 25 %), a random walk, and now and then a lasting shift of the level."""
    rng = stream(seed, "growth")
    years = (np.arange(weeks) - weeks / 2) / 52
    steps = rng.normal(0, 0.01, (accounts, weeks))
    shifts = np.where(
        rng.random((accounts, weeks)) < 0.12 / 52, rng.uniform(-0.18, 0.25, (accounts, weeks)), 0
    )
    return np.exp(rng.normal(0.12, 0.25, accounts)[:, None] * years + np.cumsum(steps + shifts, axis=1))


def _life(starts: Ints, signup: Ints, churned: Ints, struggles: Bools) -> Floats:
    """[A, W] 0 before signup and after the end; a new account learns for weeks, a struggling one stalls."""
    days = _days_at(starts, signup)
    learning = 1 - 0.75 * np.exp(-np.maximum(days, 0) / 40)
    stalled = 0.25 * np.exp(-np.maximum(days, 0) / 25) + 0.01
    life = np.where(struggles[:, None] & (days < 150), stalled, learning) * np.clip((days + 1) / 7, 0, 1)
    return life * np.clip((churned[:, None] - starts[None, :]) / 7, 0, 1)


def _observed(seed: int, level: Floats, volume: Ints, shares: Shares) -> Ints:
    """[A, W] counts: autocorrelated noise, weeks off for intermittent accounts, outliers, chance."""
    rng = stream(seed, "noise")
    accounts, weeks = level.shape
    spread = np.where(volume == 0, 0.15, 0.25) * np.sqrt(1 - 0.5**2)
    noise = np.zeros(accounts)
    rate = np.empty_like(level)
    for week in range(weeks):
        noise = 0.5 * noise + rng.normal(0, 1, accounts) * spread
        rate[:, week] = level[:, week] * np.exp(noise)
    busy = np.where(volume == 2, rng.uniform(0.25, 0.7, accounts), 1.0)[:, None]
    rate *= (rng.random((accounts, weeks)) < busy) / busy
    rate *= np.where(rng.random((accounts, weeks)) < shares.outliers, rng.uniform(3, 8, (accounts, weeks)), 1)
    return rng.poisson(rate).astype(np.int64)


def _lost(seed: int, accounts: int, weeks: int, episodes: tuple[Episode, ...], shares: Shares) -> Bools:
    rng = stream(seed, "lost")
    lost: Bools = rng.random((accounts, weeks)) < shares.lost_cells
    for episode in episodes:
        if episode.kind == "export_outage":
            lost[:, episode.since] |= rng.random(accounts) < episode.size
    return lost


def _truth(
    volume: Ints, dip: Floats, decline: _Decline, struggles: Bools, starts: Ints, notice: Ints, churned: Ints
) -> pl.DataFrame:
    def week_day(week: Ints) -> list[date | None]:
        return [None if w >= len(starts) else from_epoch_day(int(starts[w])) for w in week]

    def day(days: Ints) -> list[date | None]:
        return [None if d >= NEVER else from_epoch_day(int(d)) for d in days]

    return pl.DataFrame(
        {
            "volume": [VOLUMES[v] for v in volume],
            "own_dip_week": pl.Series(np.round(dip, 1)).fill_nan(None),
            "decline": [DECLINES[k] for k in decline.kind],
            "decline_from": week_day(decline.since),
            "floor": np.where(decline.kind > 0, np.round(decline.floor, 3), np.nan),
            "recovers_from": week_day(decline.recovers),
            "struggles": struggles,
            "notice_date": day(notice),
            "churned_at": day(np.where(churned >= NEVER, NEVER, churned)),
        }
    ).with_columns(pl.col("floor").fill_nan(None))
