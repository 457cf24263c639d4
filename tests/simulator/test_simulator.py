"""The simulator gives the same world for the same seed, and knows the truth about it."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from segkit.simulator import Shares, Simulated, simulate, write_events, write_workspace
from segkit.simulator.people import hire
from segkit.simulator.seasons import REGIONS, WEEKDAY_WEIGHTS, day_weights, easter, week_starts
from segkit.simulator.usage import week_events


@pytest.fixture(scope="module")
def sim() -> Simulated:
    return simulate(400, 110, 3)


def _bytes(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_workspace(simulate(12, 30, 5), tmp_path / name)
        write_events(simulate(12, 30, 5), tmp_path / name / "raw")
    assert _bytes(tmp_path / "one") == _bytes(tmp_path / "two")


def test_another_seed_gives_another_world() -> None:
    assert not np.array_equal(simulate(12, 30, 5).events, simulate(12, 30, 6).events)


def test_weeks_end_on_the_given_sunday(sim: Simulated) -> None:
    assert sim.starts[-1] + 6 == (date(2026, 11, 15) - date(1970, 1, 1)).days
    assert set(np.diff(sim.starts)) == {7}


@pytest.mark.parametrize(
    ("year", "sunday"), [(2019, date(2019, 4, 21)), (2024, date(2024, 3, 31)), (2026, date(2026, 4, 5))]
)
def test_easter_is_where_the_calendar_says(year: int, sunday: date) -> None:
    assert easter(year) == sunday


def test_holidays_lower_the_weeks_they_lie_in_whatever_the_week_number() -> None:
    starts = week_starts(date(2021, 1, 31), 20)
    left = day_weights(starts).sum(axis=2) / WEEKDAY_WEIGHTS.sum()
    weeks = {date.fromordinal(date(1970, 1, 1).toordinal() + int(day)): w for w, day in enumerate(starts)}
    amer, emea, apac = (left[REGIONS.index(region)] for region in ("AMER", "EMEA", "APAC"))
    assert amer[weeks[date(2020, 11, 23)]] < 0.8, "Thanksgiving"
    assert emea[weeks[date(2020, 11, 23)]] == pytest.approx(1)
    assert emea[weeks[date(2020, 12, 28)]] < 0.6, "week 53 of 2020"
    assert apac[weeks[date(2020, 12, 28)]] > 0.7


def test_shares_are_those_of_the_settings(sim: Simulated) -> None:
    truth = sim.truth
    volumes = dict(truth["volume"].value_counts().iter_rows())
    assert 0.60 < volumes["regular"] / sim.accounts < 0.80
    assert 0.18 < (truth["decline"] != "none").mean() < 0.32  # type: ignore[operator]
    assert 0.18 < truth["own_dip_week"].is_not_null().mean() < 0.32  # type: ignore[operator]


def test_decliners_fall_to_15_to_50_percent_and_the_others_do_not(sim: Simulated) -> None:
    declined = (sim.truth["decline"] != "none").to_numpy()
    told = sim.notice < sim.starts[-1] + 7
    assert np.all(sim.health[~declined & ~told] == 1)
    floors = sim.truth["floor"].drop_nulls()
    assert floors.is_between(0.15, 0.5).all()
    assert len(floors) == declined.sum()


def test_there_is_no_use_before_signup_nor_after_the_end(sim: Simulated) -> None:
    ends = sim.starts[None, :] + 6
    assert sim.events[ends < sim.signup[:, None]].sum() == 0
    assert sim.events[sim.starts[None, :] >= sim.churned[:, None]].sum() == 0


def test_one_export_outage_takes_every_row_of_its_week(sim: Simulated) -> None:
    week = next(e.since for e in sim.episodes if e.kind == "export_outage" and e.size == 1.0)
    assert sim.lost[:, week].all()
    assert week_events(sim, hire(sim), week).is_empty()


def test_events_of_a_week_are_those_of_the_truth(sim: Simulated) -> None:
    people, week = hire(sim), 40
    rows = week_events(sim, people, week)
    used = rows.filter(pl.col("event") != 0).group_by("account").len().sort("account")
    settled = (sim.signup < sim.starts[week]) & (sim.churned > sim.starts[week] + 6) & ~sim.lost[:, week]
    expected = {int(a): int(sim.events[a, week]) for a in np.flatnonzero(settled) if sim.events[a, week]}
    assert {a: n for a, n in used.iter_rows() if settled[a]} == expected
    there = (rows["day"].to_numpy() >= people.since[rows["user"].to_numpy()]) | (
        rows["user"].to_numpy() == people.first[rows["account"].to_numpy()]
    )
    assert there.all()


def test_healthy_worlds_can_be_asked_for() -> None:
    shares = Shares(declining=0, leaving_anyway=0, joining=0, struggling=0)
    assert np.all(simulate(50, 60, 1, shares=shares).health == 1)


def test_raw_events_come_to_about_the_number_asked_for(tmp_path: Path) -> None:
    write_events(simulate(200, 20, 2), tmp_path, events=50_000)
    written = pl.scan_parquet(tmp_path / "usage_*.parquet").select(pl.len()).collect().item()
    assert written == pytest.approx(50_000, rel=0.08)
    frame = pl.read_parquet(tmp_path / "usage_2026-11-09.parquet")
    assert frame.columns == ["at", "account_id", "user_id", "event", "feature", "seconds"]
    assert frame["at"].is_sorted()
