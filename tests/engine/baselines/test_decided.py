"""What rules over baselines decide: who recovers leaves, what a row rests on, runs onward equal replays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from segkit.engine import decide
from segkit.engine.results import Decisions, Outage
from segkit.facts.types import Facts
from segkit.periods import Calendar
from segkit.ruleset import check_rules_text
from segkit.ruleset.expr import Metric
from segkit.ruleset.model import Definitions, RuleSet
from tests.engine.build import Event, facts

RULES = """\
version: 1
name: law
peers: [industry]
segments:
  - name: at_risk
    enter:
      all:
        - events_28d.vs_expected at most -30%
        - events_28d.z_score at most -1.5
    enter_after: 2 weeks
    exit:
      any:
        - all:
            - events_28d.vs_expected at least -20%
            - events_28d.vs_usual at least -20%
        - events_28d.vs_expected is missing
    exit_after: 3 weeks
    min_stay: 4 weeks
  - name: falling
    enter: events_28d.change at most -30%
  - name: steady
    enter: events_28d at least 0
"""
FIRST = 20458
"""2026-01-05, a Monday."""
PEERS = "BCDEFGHIJKL"


def law() -> RuleSet:
    rules, problems = check_rules_text(
        RULES, path="r.yaml", calendar=Calendar(), definitions=Definitions(), attributes={}, columns={}
    )
    assert rules is not None, problems
    return rules


def world(weeks: int, counts: Mapping[str, Sequence[int]], **more: Any) -> Facts:
    events: list[Event] = [
        (name, FIRST + 7 * week, {"count": int(n)})  # type: ignore[misc]
        for name, series in counts.items()
        for week, n in enumerate(series)
        if n
    ]
    metrics = [Metric("events", 28)]
    return facts(events=events, metrics=metrics, rules=law(), periods=weeks, **more)


def peers(weeks: int) -> dict[str, list[int]]:
    """Accounts of 40 events a week with ups and downs of 5 that cancel out."""
    rng = np.random.default_rng(7)
    return {name: (40 + rng.integers(-5, 6, weeks)).tolist() for name in PEERS}


def signed_up(week: int) -> str:
    return str(pl.Series([FIRST + 7 * week], dtype=pl.Int32).cast(pl.Date)[0])


def member(found: Decisions, account: str = "A") -> list[bool]:
    row: list[bool] = found.member["at_risk"][found.accounts.index(account)].tolist()
    return row


def test_a_row_says_what_it_rests_on() -> None:
    weeks = 40
    counts = peers(weeks) | {"A": [40] * 34 + [10] * 6, "Z": [0] * 30 + [12, 12, 12, 12, 12, 5, 4, 4, 4, 4]}
    accounts = {name: {"industry": "Retail"} for name in "ABCDEFGHIJKL"}
    accounts["Z"] = {"industry": "Retail", "signup_date": signed_up(30)}
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


def test_a_whole_industry_that_declines_is_announced_and_its_accounts_are_excused() -> None:
    weeks = 130
    names = [f"N{i:02d}" for i in range(40)]
    fall = {name: [40] * 124 + ([40] * 6 if i < 20 else [20] * 6) for i, name in enumerate(names)}
    accounts = {name: {"industry": "Retail" if i >= 20 else "Finance"} for i, name in enumerate(names)}
    found = decide(law(), world(weeks, fall, accounts=accounts))
    assert found.groups is not None
    verdicts = dict(found.groups.select("group", "verdict").iter_rows())
    assert verdicts["Retail"] == "unusual"
    assert verdicts["Finance"] == "normal"
    assert "at_risk" not in found.assignments["primary"].to_list()
    assert found.dipped["events_28d"] == tuple(names[20:])


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


def test_an_account_of_zeros_is_never_compared() -> None:
    found = decide(law(), world(40, peers(40) | {"A": [0] * 40}, accounts={"A": {}}))
    row = found.assignments.filter(pl.col("account_id") == "A").row(0, named=True)
    assert (row["primary"], row["basis"]) == ("steady", "none")
