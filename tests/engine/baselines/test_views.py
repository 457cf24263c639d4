"""The baseline views as rules read them: what is known, what cannot exist, whose peers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from segkit.engine.counting.context import Context
from segkit.engine.counting.values import Values
from segkit.engine.metrics.registry import context_of
from segkit.engine.views import judged, viewed
from segkit.periods import Calendar
from segkit.ruleset.expr import Metric
from segkit.ruleset.model import Baselines, CustomMetric, LeftOut
from tests.engine.build import Event, facts, ruleset

EVENTS, WEEKLY = Metric("events", 28), Metric("events", 7)
FIRST = 20458
"""2026-01-05, a Monday."""
NAN = float("nan")
PEERS = "BCDEFGHIJ"


def steady(names: str, weeks: int, each: int = 50, **changed: Mapping[int, int]) -> list[Event]:
    """Events on Mondays: `each` a week, but for the weeks of the accounts named in `changed`."""
    return [
        (name, FIRST + 7 * week, {"count": n})  # type: ignore[misc]
        for name in names
        for week in range(weeks)
        if (n := changed.get(name, {}).get(week, each))
    ]


def context(events: Sequence[Event], weeks: int, baselines: Baselines | None = None, **world: Any) -> Context:
    rules = ruleset(baselines=baselines or Baselines(), peers=world.pop("peers", ()))
    made = facts(events=events, metrics=[EVENTS], rules=rules, periods=weeks, **world)
    return context_of(rules, made)


def seen(ctx: Context, name: str, metric: Metric = EVENTS) -> Values:
    return viewed(ctx, replace(metric, view=name))


def down(since: int, until: int, to: int) -> dict[int, int]:
    return dict.fromkeys(range(since, until), to)


def test_before_twelve_weeks_of_history_there_can_be_no_expectation() -> None:
    values = seen(context(steady("A", 14), 14), "vs_expected")
    assert values.missing[0].tolist() == [True] * 9 + [False] * 5
    np.testing.assert_allclose(values.value[0], [NAN] * 9 + [0.0] * 5)


def test_an_account_that_joins_later_has_no_expectation_in_its_first_weeks() -> None:
    accounts = {"A": {"signup_date": "2026-03-02"}}
    values = seen(context(steady("A", 24), 24, accounts=accounts), "vs_expected")
    assert values.missing[0, 8:19].all()
    assert values.value[0, 19:] == pytest.approx(0.0)


def test_a_week_that_usage_does_not_cover_is_unknown_and_not_missing() -> None:
    ctx = context(steady("A", 20), 20, uncovered={"usage": [17, 18, 19]})
    values = seen(ctx, "vs_expected")
    assert np.isnan(values.value[0, 19])
    assert not values.missing[0, 19]
    assert values.value[0, 18] == pytest.approx(0.0), "half of the window is known"


@pytest.mark.parametrize(("each", "known"), [(4, False), (5, True), (0, False)])
def test_under_min_volume_there_is_no_relative_change(each: int, known: bool) -> None:
    ctx = context(steady("A", 30, each=each), 30, accounts={"A": {}})
    for name in ("vs_expected", "z_score", "vs_usual"):
        values = seen(ctx, name)
        assert np.isnan(values.value[0, 20]) == (not known)
        assert values.missing[0, 20] == (not known)


def test_min_volume_is_a_key_of_the_rules() -> None:
    ctx = context(steady("A", 30, each=2), 30, Baselines(min_volume=2))
    assert seen(ctx, "vs_expected").value[0, 20] == pytest.approx(0.0)


def test_one_account_is_compared_with_itself() -> None:
    ctx = context(steady("A", 30, A=down(26, 30, 20)), 30)
    assert seen(ctx, "vs_expected").value[0, 29] == pytest.approx(-0.6)
    assert seen(ctx, "expected").value[0, 29] == 200
    assert judged(ctx, EVENTS).found.peers[0, 29] == 0


def test_ten_accounts_that_all_halve_excuse_each_other() -> None:
    fallen = {name: down(26, 30, 25) for name in PEERS} | {"A": down(26, 30, 10)}
    ctx = context(steady("A" + PEERS, 30, **fallen), 30)
    values = seen(ctx, "vs_expected")
    assert values.value[1, 29] == pytest.approx(0.0)
    assert values.value[0, 29] == pytest.approx(10 / 25 - 1)
    assert seen(ctx, "peers").value[0, 29] == 100
    assert seen(ctx, "vs_peers").value[0, 29] == pytest.approx(-0.6)


def test_nine_accounts_are_no_peers() -> None:
    ctx = context(steady("A" + PEERS[:8], 30), 30)
    values = seen(ctx, "vs_peers")
    assert np.isnan(values.value[:, 29]).all()
    assert values.missing[:, 29].all()


@pytest.mark.parametrize(("excuse", "expected"), [("always", 0.0), ("off", -0.5)])
def test_peer_excuse_is_a_key_of_the_rules(excuse: Any, expected: float) -> None:
    fallen = {name: down(26, 30, 25) for name in "A" + PEERS}
    ctx = context(steady("A" + PEERS, 30, **fallen), 30, Baselines(peer_excuse=excuse))
    assert seen(ctx, "vs_expected").value[0, 29] == pytest.approx(expected)


def test_peers_are_those_of_the_same_industry_in_that_week() -> None:
    names = "ABCDEFGHIJKLMNOPQRSTUVWX"
    shops = names[:12]
    accounts = {name: {"industry": "Retail" if name in shops else "Banking"} for name in names}
    fallen = {name: down(26, 30, 25) for name in shops}
    ctx = context(steady(names, 30, **fallen), 30, accounts=accounts, peers=("industry", "region"))
    found = judged(ctx, EVENTS).found
    assert found.peers[0, 29] == 12
    assert seen(ctx, "vs_expected").value[0, 29] > -0.25
    assert seen(ctx, "vs_expected").value[20, 29] == pytest.approx(0.0, abs=0.2)


def test_a_change_of_industry_counts_from_its_week_on() -> None:
    names = "A" + PEERS + "KLMNOPQRSTU"
    accounts = {name: {"industry": "Retail" if name <= "J" else "Banking"} for name in names}
    moved = [{"account_id": "A", "snapshot_at": "2026-06-29", "industry": "Banking"}]
    ctx = context(steady(names, 30), 30, accounts=accounts, snapshots=moved, peers=("industry",))
    level = judged(ctx, EVENTS).levels[0]
    said = [level.labels[code] for code in level.codes[0]]
    assert said[24:27] == ["Retail", "Banking", "Banking"]


def test_scores_and_shares_are_differences_in_their_own_unit() -> None:
    answers = [
        {"account_id": "A", "answered_at": day, "instrument": "nps", "score": score}
        for day, score in (("2026-01-06", 9), ("2027-06-01", 2))
    ]
    rules = ruleset()
    made = facts(accounts={"A": {}}, tables={"surveys": answers}, rules=rules, periods=80, no_usage=True)
    ctx = context_of(rules, made)
    nps = Metric("nps_latest", 400)
    values = viewed(ctx, replace(nps, view="vs_expected"))
    assert values.value[0, 75] == -7
    assert viewed(ctx, replace(nps, view="expected")).value[0, 75] == 9


def test_metrics_of_a_rule_set_have_the_same_views() -> None:
    custom = CustomMetric("runs_28d", "count", "usage", None, None, None, 28)
    rules = ruleset(metrics={"runs_28d": custom})
    runs = Metric("runs_28d")
    made = facts(events=steady("A", 30, A=down(26, 30, 20)), metrics=[runs], rules=rules, periods=30)
    values = viewed(context_of(rules, made), replace(runs, view="vs_expected"))
    assert values.value[0, 29] == pytest.approx(-0.6)


def test_a_known_incident_is_left_out_of_history_and_still_judged() -> None:
    crisis = {"A": {**down(40, 51, 15), **down(92, 96, 15)}}
    events = steady("A", 98, **crisis)
    span = LeftOut("A", date(2026, 10, 12), date(2026, 12, 27))
    plain, told = context(events, 98), context(events, 98, Baselines(exclude_history=(span,)))
    assert seen(plain, "vs_expected").value[0, 95] > -0.4, "last year's crisis excuses this one"
    assert seen(told, "vs_expected").value[0, 95] == pytest.approx(-0.7)
    assert seen(told, "vs_expected").value[0, 43] == pytest.approx(-0.7)


def test_an_outage_of_the_export_is_unknown_and_nobody_fell() -> None:
    names = [f"N{i:03d}" for i in range(250)]
    silent = set(names[::10])
    events: list[Event] = [
        (name, FIRST + 7 * week, {"count": 20})
        for name in names
        for week in range(30)
        if not (week == 26 and name in silent)
    ]
    ctx = context(events, 30)
    assert ctx.outages is not None
    assert np.flatnonzero(ctx.outages.suspect).tolist() == [26]
    assert np.isnan(viewed(ctx, WEEKLY).value[0, 26])
    assert viewed(ctx, WEEKLY).value[1, 26] == 20
    assert seen(ctx, "vs_expected").value[0, 26:] == pytest.approx(0.0)


def test_what_comes_later_changes_no_week() -> None:
    fallen = {name: down(26, 40, 25) for name in PEERS[:5]} | {"A": down(20, 40, 10)}
    whole = context(steady("A" + PEERS, 40, **fallen), 40)
    early = context(
        steady("A" + PEERS, 28, **{k: {w: n for w, n in v.items() if w < 28} for k, v in fallen.items()}), 28
    )
    for name in ("expected", "vs_expected", "z_score", "vs_usual", "peers", "vs_peers"):
        left, right = seen(whole, name), seen(early, name)
        assert left.value[:, :28].tobytes() == right.value.tobytes(), name
        assert (left.missing[:, :28] == right.missing).all(), name


@pytest.mark.parametrize("unit", ["day", "month"])
def test_days_and_months_are_periods_too(unit: Any) -> None:
    calendar = Calendar(unit)
    periods = 200 if unit == "day" else 20
    days = range(FIRST - 5, FIRST + (periods if unit == "day" else 31 * periods))
    halved = FIRST + (170 if unit == "day" else 573)
    rows: list[Event] = [("A", d, {"count": 10 if d < halved else 5}) for d in days]  # type: ignore[misc]
    rules = ruleset(calendar=calendar)
    made = facts(
        events=rows, metrics=[EVENTS], rules=rules, periods=periods, calendar=calendar, first="2026-01-01"
    )
    values = viewed(context_of(rules, made), replace(EVENTS, view="vs_expected"))
    assert values.value[0, -1] == pytest.approx(-0.5, abs=0.1)


def test_no_account_and_one_week_break_nothing() -> None:
    rules = ruleset(peers=("industry",))
    nobody = context_of(rules, facts(metrics=[EVENTS], rules=rules, periods=3))
    assert viewed(nobody, replace(EVENTS, view="vs_expected")).value.shape == (0, 3)
    one = context(steady("A", 1), 1)
    assert seen(one, "vs_expected").missing.all()
