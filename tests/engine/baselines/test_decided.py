"""What rules over baselines decide: what a row rests on, suspected outages, runs onward equal replays."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest
from msgspec.structs import replace
from polars.testing import assert_frame_equal

from segkit.engine import decide
from segkit.engine.results import Outage
from tests.engine.baselines.law import law, world

PEERS = "BCDEFGHIJKL"


def peers(weeks: int) -> dict[str, list[int]]:
    """Accounts of 40 events a week with ups and downs of 5 that cancel out."""
    rng = np.random.default_rng(7)
    return {name: (40 + rng.integers(-5, 6, weeks)).tolist() for name in PEERS}


def test_a_row_says_what_it_rests_on() -> None:
    weeks = 40
    counts = peers(weeks) | {"A": [40] * 34 + [10] * 6, "Z": [0] * 30 + [12, 12, 12, 12, 12, 5, 4, 4, 4, 4]}
    accounts = {name: {"industry": "Retail"} for name in "ABCDEFGHIJKL"}
    accounts["Z"] = {"industry": "Retail", "signup_date": "2026-08-03"}
    rows = decide(law(), world(weeks, counts, accounts=accounts)).assignments
    by_name = {row["account_id"]: row for row in rows.iter_rows(named=True)}
    said = {key: by_name["A"][key] for key in ("primary", "basis", "confidence", "peers")}
    assert said == {
        "primary": "at_risk",
        "basis": "peers",
        "confidence": "first_season",
        "peers": "Retail (12)",
    }
    assert by_name["A"]["because"].startswith("events_28d.vs_expected -7")
    assert by_name["Z"]["basis"] == "previous"
    assert by_name["B"]["basis"] == "none"


@pytest.mark.parametrize("cut", [20, 36, 38])
def test_new_weeks_from_a_state_are_what_a_replay_says(cut: int) -> None:
    weeks = 40
    counts = peers(weeks) | {"A": [40] * 34 + [10] * 6}
    whole = world(weeks, counts)
    roster = replace(whole.roster, on=whole.roster.on[:, :cut], snapshot=whole.roster.snapshot[:, :cut])
    coverage = {
        name: replace(c, covered=c.covered[:cut], last=whole.calendar.end(int(whole.periods[cut - 1])))
        for name, c in whole.coverage.items()
    }
    early = replace(whole, periods=whole.periods[:cut], roster=roster, coverage=coverage)
    first, replay = decide(law(), early), decide(law(), whole)
    onward = decide(law(), whole, first.state)
    assert_frame_equal(onward.assignments, replay.assignments)
    assert_frame_equal(pl.concat([first.transitions, onward.transitions]), replay.transitions)


def test_a_suspected_outage_is_said_and_moves_nobody() -> None:
    names = [f"N{i:03d}" for i in range(250)]
    counts = {name: [40] * 29 + [0 if i % 8 == 0 else 40] for i, name in enumerate(names)}
    found = decide(law(), world(30, counts))
    assert found.notes == (
        "usage of the week to 2026-08-02 looks cut off: 32 accounts that come every week (13%) have no row; "
        "what is zero there is read as unknown",
    )
    assert found.outages == (Outage(date(2026, 8, 2), silent=32, steady=250, limit=0.07),)
    assert set(found.assignments["primary"]) == {"steady"}
