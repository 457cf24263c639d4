"""Nothing looks ahead, and new periods on top of the past are what the whole panel says, bit for bit."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.baselines.world import values_of
from segkit.engine.baselines import Baseline, Level, Panel, Settings, baseline, extend, levels_of

LABELS = (("A", "B", "C"), ("X", "Y"))


@dataclass(frozen=True)
class World:
    """Seasons, gaps, zeros, small and big accounts, attributes that change, weeks left out."""

    panel: Panel
    attributes: tuple[np.ndarray, np.ndarray]
    settings: Settings

    @property
    def periods(self) -> int:
        return self.panel.values.shape[1]

    def part(self, start: int, stop: int) -> Panel:
        """These periods, with the groups that are known of at their end."""
        span, whole = slice(start, stop), self.panel
        known = tuple(codes[:, :stop] for codes in self.attributes)
        levels = levels_of(("industry", "region"), known, LABELS)
        return Panel(
            whole.values[:, span],
            None if whole.counts is None else whole.counts[:, span],
            tuple(Level(g.name, g.codes[:, span], g.labels, g.parent) for g in levels),
            None if whole.excluded is None else whole.excluded[:, span],
        )


def world(seed: int, accounts: int, periods: int, asked: Settings, *, summed: bool = True) -> World:
    rng = np.random.default_rng(seed)
    shape = (accounts, periods)
    season = 1 + 0.5 * np.sin(np.arange(periods) / asked.lags[0] * 2 * np.pi)
    base = rng.lognormal(2.5, 1.5, accounts)[:, None]
    counts = rng.poisson(base * season * rng.lognormal(0, 0.4, shape)).astype(np.float64)
    counts[rng.random(shape) < 0.03] = np.nan
    alive = np.arange(periods) >= rng.integers(-periods, periods, accounts)[:, None]
    counts = np.where(alive, counts, np.nan)
    values = values_of(counts, alive, asked.step)
    if asked.mode == "additive":
        values = values - 50.0
    moved = np.cumsum(rng.random(shape) < 0.02, axis=1) + rng.integers(0, 3, accounts)[:, None]
    industry = (moved % 3).astype(np.int32)
    region = np.repeat(rng.integers(-1, 2, accounts)[:, None], periods, axis=1).astype(np.int32)
    region[0] = 0
    panel = Panel(values, counts if summed else None, (), rng.random(shape) < 0.02)
    return World(panel, (industry, region), asked)


def same(found: Baseline, whole: Baseline, start: int, stop: int) -> None:
    for name in Baseline.__struct_fields__:
        if name != "groups":
            mine, all_of_it = getattr(found, name), getattr(whole, name)
            assert mine.tobytes() == np.ascontiguousarray(all_of_it[:, start:stop]).tobytes(), name
    for mine_group, whole_group in zip(found.groups, whole.groups, strict=True):
        rows = [whole_group.labels.index(label) for label in mine_group.labels]
        for name in ("change", "last_years", "surprise", "lowest", "sigma", "size", "verdict"):
            cut = np.ascontiguousarray(getattr(whole_group, name)[rows, start:stop])
            assert np.ascontiguousarray(getattr(mine_group, name)).tobytes() == cut.tobytes(), name


PANELS = {7.0: 66, 30.4375: 42}
"""Periods of weeks and of months: of a year and more, of three years and more."""


@given(
    seed=st.integers(0, 10**6),
    accounts=st.integers(1, 16),
    period_days=st.sampled_from(sorted(PANELS)),
    days=st.sampled_from([7, 28, 60, 90]),
    summed=st.booleans(),
    mode=st.sampled_from(["ratio", "additive"]),
    excuse=st.sampled_from(["always", "seasonal_only", "off"]),
    data=st.data(),
)
def test_truncated_and_resumed_equal_the_whole(
    seed: int,
    accounts: int,
    period_days: float,
    days: int,
    summed: bool,
    mode: str,
    excuse: str,
    data: st.DataObject,
) -> None:
    """Any split, the newest periods one by one; of counts that a window sums up, and of levels."""
    asked = Settings(days, period_days, mode=mode, peer_excuse=excuse)  # type: ignore[arg-type]
    made = world(seed, accounts, PANELS[period_days], asked, summed=summed)
    end = made.periods
    cuts = data.draw(st.lists(st.integers(1, end - 1), min_size=1, max_size=3, unique=True))
    edges = [0, *sorted({*cuts, *range(end - data.draw(st.integers(0, 3)), end)}), end]
    resumed_as_the_whole(made, edges)


def resumed_as_the_whole(made: World, edges: list[int]) -> None:
    whole, _ = baseline(made.part(0, made.periods), made.settings)
    found, past = baseline(made.part(0, edges[1]), made.settings)
    same(found, whole, 0, edges[1])
    for start, stop in pairwise(edges[1:]):
        found, past = extend(past, made.part(start, stop), made.settings)
        same(found, whole, start, stop)


def test_four_years_week_by_week() -> None:
    made = world(5, 24, 214, Settings())
    resumed_as_the_whole(made, [0, *range(120, 215)])


def test_new_accounts_have_an_empty_past() -> None:
    made = world(3, 30, 210, Settings())
    _, past = baseline(made.part(0, 200), made.settings)
    wider = past.of(np.array([*range(30), -1]))
    everybody = slice(0, 31)
    assert np.isnan(wider.values.before(np.zeros((31, 0)), everybody)[30]).all()
    before, after = (each.lr.before(np.zeros((n, 0)), slice(0, n)) for each, n in ((past, 30), (wider, 30)))
    assert np.array_equal(after, before, equal_nan=True)
