"""Nothing looks ahead, and one more week on top of the past is what the whole panel says, bit for bit."""

from __future__ import annotations

from dataclasses import fields
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.baselines.world import values_of
from segkit.engine.baselines import Baseline, Level, Panel, Settings, baseline, extend, levels_of

WEEKS = 226


def random_panel(seed: int, accounts: int, mode: str) -> Panel:
    """Seasons, gaps, zeros, small and big accounts, attributes that change, weeks left out and paused."""
    rng = np.random.default_rng(seed)
    season = 1 + 0.5 * np.sin(np.arange(WEEKS) / 52 * 2 * np.pi)
    base = rng.lognormal(2.5, 1.5, accounts)[:, None]
    counts = rng.poisson(base * season * rng.lognormal(0, 0.4, (accounts, WEEKS))).astype(np.float64)
    counts[rng.random(counts.shape) < 0.03] = np.nan
    born = rng.integers(-100, WEEKS, accounts)
    alive = np.arange(WEEKS) >= born[:, None]
    counts = np.where(alive, counts, np.nan)
    moved = rng.random((accounts, WEEKS)) < 0.01
    industry = ((np.cumsum(moved, axis=1) + rng.integers(0, 3, accounts)[:, None]) % 3).astype(np.int32)
    region = np.repeat(rng.integers(-1, 2, accounts)[:, None], WEEKS, axis=1).astype(np.int32)
    levels = levels_of(("industry", "region"), (industry, region), (("A", "B", "C"), ("X", "Y")))
    excluded = rng.random(counts.shape) < 0.02
    paused = rng.random(counts.shape) < 0.05 if seed % 2 else None
    values = values_of(counts, alive)
    if mode == "additive":
        return Panel(values - 50.0, None, levels, excluded, paused)
    return Panel(values, counts, levels, excluded, paused)


def part(whole: Panel, start: int, stop: int) -> Panel:
    span = slice(start, stop)
    levels = tuple(Level(g.name, g.codes[:, span], g.labels, g.parent) for g in whole.levels)
    counts = None if whole.counts is None else whole.counts[:, span]
    excluded = None if whole.excluded is None else whole.excluded[:, span]
    paused = None if whole.paused is None else whole.paused[:, span]
    return Panel(whole.values[:, span], counts, levels, excluded, paused)


def same(found: Baseline, whole: Baseline, start: int, stop: int) -> None:
    for field in fields(Baseline):
        if field.name != "groups":
            mine, all_of_it = getattr(found, field.name), getattr(whole, field.name)
            assert mine.tobytes() == np.ascontiguousarray(all_of_it[:, start:stop]).tobytes(), field.name
    for mine_group, whole_group in zip(found.groups, whole.groups, strict=True):
        for name in ("change", "last_years", "surprise", "lowest", "sigma", "size", "verdict"):
            cut = np.ascontiguousarray(getattr(whole_group, name)[:, start:stop])
            assert np.ascontiguousarray(getattr(mine_group, name)).tobytes() == cut.tobytes(), name


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    accounts=st.integers(1, 40),
    cuts=st.lists(st.integers(1, WEEKS - 1), min_size=1, max_size=4, unique=True),
    days=st.sampled_from([7, 28, 30, 90]),
    mode=st.sampled_from(["ratio", "additive"]),
    excuse=st.sampled_from(["always", "seasonal_only", "off"]),
)
def test_truncated_and_resumed_equal_the_whole(
    seed: int, accounts: int, cuts: list[int], days: int, mode: str, excuse: str
) -> None:
    given_settings = Settings(window_days=days, mode=mode, peer_excuse=excuse)  # type: ignore[arg-type]
    data = random_panel(seed, accounts, mode)
    whole, _ = baseline(data, given_settings)
    edges = [0, *sorted(cuts), WEEKS]
    found, past = baseline(part(data, 0, edges[1]), given_settings)
    same(found, whole, 0, edges[1])
    for start, stop in pairwise(edges[1:]):
        found, past = extend(past, part(data, start, stop), given_settings)
        same(found, whole, start, stop)


def test_new_accounts_have_an_empty_past() -> None:
    data = random_panel(3, 30, "ratio")
    _, past = baseline(part(data, 0, 200), Settings())
    wider = past.of(np.array([*range(30), -1]))
    everybody = slice(0, 31)
    assert np.isnan(wider.values.before(np.zeros((31, 0)), everybody)[30]).all()
    before, after = (each.lr.before(np.zeros((n, 0)), slice(0, n)) for each, n in ((past, 30), (wider, 30)))
    assert np.array_equal(after, before, equal_nan=True)
