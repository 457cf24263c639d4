"""Every way to an expected value, and what broke others, decided by the real engine: figures by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from statistics import mean

import pytest

from segkit.engine import baseline_series, decide
from segkit.ruleset.model import Baselines, LeftOut
from tests.engine.baselines.law import EVENTS, law, world

YEARS = (52, 104, 157)
"""Weeks back to the same weeks of past years."""


def plain(series: Sequence[int], week: int, peers: float = 0.0) -> tuple[float, float]:
    """(expected, change against it) of an account whose peers changed by `peers`, a logarithm.

    The window is 4 weeks and the reference the 3 windows before it; of each past year counts half the mean
    of three weeks and half the most extreme one, and only what excuses a fall. For falls alone.
    """

    def window(at: int) -> int:
        return sum(series[at - 3 : at + 1])

    def change(at: int) -> float:
        return math.log(window(at) / mean(window(at - 4 * back) for back in (1, 2, 3)))

    past = [[change(week - lag + away) for away in (-1, 0, 1)] for lag in YEARS if week - lag >= 16]
    own = mean((mean(year) + min(year)) / 2 for year in past) if past else 0.0
    excused = peers + min(own, 0.0)
    expected = mean(window(week - 4 * back) for back in (1, 2, 3)) * math.exp(excused)
    return expected, min(change(week) - excused, 0.0)


def history(weeks: int) -> list[int]:
    """40 a week; 15 in the last six, and 30 in the same weeks of past years."""
    series = [40] * weeks
    series[-6:] = [15] * 6
    for lag in YEARS:
        if weeks - lag >= 22:
            series[weeks - lag - 6 : weeks - lag] = [30] * 6
    return series


def steady(names: Sequence[str], weeks: int, **changed: Mapping[int, int]) -> dict[str, list[int]]:
    """40 a week, but for the weeks of the accounts named in `changed`."""
    return {name: [changed.get(name, {}).get(week, 40) for week in range(weeks)] for name in names}


@pytest.mark.parametrize(
    ("peers", "weeks", "basis", "confidence", "expected", "change"),
    [
        (9, 16, "peers", "first_season", 143.333333, -0.581395),
        (8, 24, "previous", "first_season", 143.333333, -0.581395),
        (0, 24, "previous", "first_season", 143.333333, -0.581395),
        (0, 100, "own", None, 112.473383, -0.466540),
        (9, 100, "peers+own(1)", None, 112.473383, -0.466540),
        (9, 126, "peers+own(2)", None, 112.473383, -0.466540),
        (9, 180, "peers+own(3)", None, 112.473383, -0.466540),
    ],
)
def test_each_basis(
    peers: int, weeks: int, basis: str, confidence: str | None, expected: float, change: float
) -> None:
    """60 instead of the 143 of its last windows; in the same weeks of past years it lost a fifth."""
    counts = {f"P{peer}": [40] * weeks for peer in range(peers)} | {"A": history(weeks)}
    facts = world(weeks, counts)
    row = baseline_series(law(), facts, "A", EVENTS).row(-1, named=True)
    assert (row["expected"], row["vs_expected"]) == pytest.approx((expected, change), abs=1e-6)
    said, fell = plain(counts["A"], weeks - 1)
    assert (said, math.expm1(fell)) == pytest.approx((expected, change), abs=1e-6)
    decided = decide(law(), facts).assignments.filter(account_id="A").row(0, named=True)
    group = "all accounts (10)" if basis.startswith("peers") else None
    for told in (row, decided):
        assert (told["basis"], told["confidence"]) == (basis, confidence)
    assert (decided["primary"], decided["peers"]) == ("at_risk", group)


def test_no_basis_before_ten_weeks() -> None:
    counts = steady("ABCDEFGHIJ", 9, A={7: 5, 8: 5})
    row = baseline_series(law(), world(9, counts), "A", EVENTS).row(-1, named=True)
    assert (row["value"], row["expected"], row["vs_expected"], row["z_score"]) == (90.0, None, None, None)
    assert row["basis"] == "none"
    found = decide(law(), world(9, counts, accounts={"A": {}}))
    assert found.assignments.filter(account_id="A")["primary"].to_list() == ["falling"]


@pytest.mark.parametrize(
    ("accounts", "called", "expected", "change"),
    [("ABCDEFGHIJ", "A", 136 * 80 / 146.666667, -0.784314), ("ABCDEFGHI", "ABCDEFGHI", 136.0, -0.882353)],
)
def test_ten_accounts_excuse_each_other_and_nine_do_not(
    accounts: str, called: str, expected: float, change: float
) -> None:
    """All halve for six weeks, to 80 of 146.67 (two of them lie in the reference); A falls to 16 of 136."""
    halved = {name: dict.fromkeys(range(34, 40), 20) for name in accounts}
    facts = world(40, steady(accounts, 40, **halved | {"A": dict.fromkeys(range(34, 40), 4)}))
    row = baseline_series(law(), facts, "A", EVENTS).row(-1, named=True)
    assert (row["expected"], row["vs_expected"]) == pytest.approx((expected, change), abs=1e-6)
    found = decide(law(), facts).assignments
    assert found.filter(primary="at_risk")["account_id"].to_list() == list(called)


def test_one_account_is_compared_with_itself() -> None:
    facts = world(40, steady("A", 40, A=dict.fromkeys(range(34, 40), 15)))
    row = decide(law(), facts).assignments.row(0, named=True)
    assert (row["primary"], row["basis"], row["peers"]) == ("at_risk", "previous", None)
    assert row["because"].startswith("events_28d.vs_expected -58.1%")


def christmas(first: date, weeks: int) -> list[int]:
    """100 a week, 10 on the days from 24 December to 6 January were they a week."""
    found = []
    for week in range(weeks):
        days = [first + timedelta(days=7 * week + day) for day in range(7)]
        away = sum((day.month, day.day) >= (12, 24) or (day.month, day.day) <= (1, 6) for day in days)
        found.append(round(100 - 90 * away / 7))
    return found


def test_an_iso_year_of_53_weeks_moves_no_christmas() -> None:
    """2020 has a week 53: 53 weeks lie between its Christmas and the one before. An account on its own."""
    first, weeks = date(2018, 1, 1), 211
    facts = world(weeks, {"A": christmas(first, weeks)}, first=str(first))
    found = decide(law(), facts)
    called = [end for end, inside in zip(found.as_of, found.member["at_risk"][0], strict=True) if inside]
    # Down by 45 % in its first winter; back within a fifth from 27 January on; never called for it again.
    assert called == [date(2019, 1, 13), date(2019, 1, 20), date(2019, 1, 27), date(2019, 2, 3)]
    row = baseline_series(law(), facts, "A", EVENTS).filter(as_of=date(2021, 1, 10)).row(0, named=True)
    assert (row["basis"], row["value"]) == ("own", 220)
    assert row["vs_expected"] == pytest.approx(0.0, abs=0.05)


def test_an_outage_of_one_account_in_ten_is_said_and_calls_nobody() -> None:
    names = [f"N{place:03d}" for place in range(250)]
    silent = {name: {29: 0} for name in names[::10]} | {names[1]: {32: 0}}
    found = decide(law(), world(34, steady(names, 34, **silent)))
    assert [(each.silent, each.steady) for each in found.outages] == [(25, 250)]
    assert not found.member["at_risk"].any()


def test_a_whole_industry_that_halves_is_unusual_by_the_figures() -> None:
    """Of 40 accounts 20 halve for six weeks: ln(80 / 146.67) = -0.606, and the median of all is half of that.

    Index of the group: (20 · -0.606 + 8 · -0.303) / 28 = -0.520, or -40.5 %. The others borrow from all:
    8 · -0.303 / 28, or -8.3 %.
    """
    names = [f"N{place:02d}" for place in range(40)]
    counts = steady(names, 130, **{name: dict.fromkeys(range(124, 130), 20) for name in names[20:]})
    accounts = {name: {"industry": "Retail" if name >= "N20" else "Finance"} for name in names}
    found = decide(law(), world(130, counts, accounts=accounts))
    assert found.groups is not None
    told = found.groups.select("group", "accounts", "change", "last_years", "verdict")
    assert told.rows() == [
        ("all accounts", 40, -0.2615, 0.0, "unusual"),
        ("Finance", 20, -0.0829, 0.0, "normal"),
        ("Retail", 20, -0.4052, 0.0, "unusual"),
    ]
    assert not found.member["at_risk"].any()
    assert found.dipped["events_28d"] == tuple(names[20:])


@pytest.mark.parametrize("told", [False, True])
def test_a_poisoned_last_year_excuses_unless_it_is_left_out(told: bool) -> None:
    """A crisis of eleven weeks, and the same again a year later: 15 of 40 a week both times."""
    weeks = 100
    crises = dict.fromkeys([*range(40, 51), *range(92, 100)], 15)
    incident = LeftOut("A", date(2026, 10, 12), date(2026, 12, 27))
    rules = law(Baselines(exclude_history=(incident,) if told else ()))
    facts = world(weeks, steady("ABCDEFGHIJ", weeks, A=crises))
    member = decide(rules, facts).member["at_risk"][0]
    assert member[42:50].any(), "the first one is called as it happens"
    assert bool(member[92:].any()) is told
    row = baseline_series(rules, facts, "A", EVENTS).row(95, named=True)
    assert (row["value"], row["reference"]) == (60, 160)
    assert row["expected"] == pytest.approx(160.0 if told else 64.156, abs=0.001)


def test_an_account_of_zeros_is_never_compared_and_never_called() -> None:
    facts = world(60, steady("BCDEFGHIJK", 60), accounts={"A": {}})
    rows = baseline_series(law(), facts, "A", EVENTS)
    assert rows["value"].to_list()[3:] == [0.0] * 57
    for name in ("expected", "vs_expected", "z_score", "vs_usual"):
        assert rows[name].null_count() == 60, name
    assert set(rows["basis"]) == {"none"}
    assert not decide(law(), facts).member["at_risk"].any()
