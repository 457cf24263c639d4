"""What a pause makes unknown, and what it leaves alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from polars.testing import assert_frame_equal

from segkit.engine import baseline_series, decide
from segkit.engine.counting.values import Values
from segkit.engine.metrics.registry import context_of
from segkit.engine.results import Decisions
from segkit.engine.views import viewed
from segkit.facts.types import Facts
from segkit.periods import Calendar
from segkit.ruleset import check_rules_text
from segkit.ruleset.expr import Metric
from segkit.ruleset.model import Definitions
from tests.engine.build import Event, facts, ruleset

NAN = float("nan")
EVENTS_7D, EVENTS_28D = Metric("events", 7), Metric("events", 28)
TICKETS_7D, SINCE = Metric("tickets", 7), Metric("weeks_since_active")
MONDAY = 20458
"""2026-01-05, the first day of the panel."""


def weekly(account: str, counts: list[int]) -> list[Event]:
    return [
        (account, MONDAY + 7 * week, {"count": n})  # type: ignore[misc]
        for week, n in enumerate(counts)
        if n
    ]


def pause(account: str | None, first: int, last: int, *metrics: str, **group: Any) -> dict[str, Any]:
    """Of the whole weeks `first` to `last`, counted from 0."""
    days = {"first": MONDAY + 7 * first, "last": MONDAY + 7 * last + 6}
    return {"account_id": account, **days, "metrics": list(metrics), "reason": "freeze", **group}


def measure(metric: Metric, counts: list[int], *pauses: dict[str, Any], **more: Any) -> Values:
    """Of account A."""
    rules = ruleset()
    made = facts(
        events=weekly("A", counts),
        accounts={"A": {"industry": "Retail"}},
        metrics=[metric],
        rules=rules,
        periods=len(counts),
        pauses=pauses,
        **more,
    )
    return viewed(context_of(rules, made), metric)


def same(values: Values, wanted: list[float]) -> None:
    np.testing.assert_allclose(values.value[0], wanted, rtol=1e-8)


def test_a_paused_week_is_unknown_and_not_missing() -> None:
    found = measure(EVENTS_7D, [5, 5, 0, 5], pause("A", 2, 2))
    same(found, [5, 5, NAN, 5])
    assert not found.missing.any()


def test_a_week_is_paused_when_any_of_its_days_is() -> None:
    days = {"first": MONDAY + 7 * 1 + 6, "last": MONDAY + 7 * 2}
    same(measure(EVENTS_7D, [5, 1, 1, 5], {"account_id": "A", **days}), [5, NAN, NAN, 5])


def test_windows_after_it_count_the_weeks_outside_it() -> None:
    """Over four weeks: scaled from half of them on, unknown with less."""
    found = measure(EVENTS_28D, [4, 4, 4, 4, 0, 0, 4, 4, 4], pause("A", 4, 5))
    same(found, [NAN, 8 * 2, 12 * 4 / 3, 16, NAN, NAN, 16, 16, 16])


def test_use_during_a_pause_counts_in_no_window() -> None:
    same(measure(EVENTS_7D, [5, 99, 5], pause("A", 1, 1)), [5, NAN, 5])
    same(measure(EVENTS_28D, [4, 4, 4, 99, 4], pause("A", 3, 3)), [NAN, 16, 16, NAN, 16])


def test_every_view_is_unknown_in_a_paused_week() -> None:
    for view in (
        "previous",
        "change",
        "delta",
        "percentile",
        "last_year",
        "vs_expected",
        "expected",
        "peers",
    ):
        found = measure(replace(EVENTS_28D, view=view), [1] * 6, pause("A", 5, 5))
        assert np.isnan(found.value[0, 5]), view
        assert not found.missing[0, 5], f"{view} is missing would be true during the pause"


def test_weeks_since_active_stands_still_and_use_is_news_all_the_same() -> None:
    found = measure(SINCE, [1, 0, 0, 0, 3, 0, 0], pause("A", 2, 5))
    same(found, [0, 1, NAN, NAN, 0, NAN, 1])


def test_a_formula_over_it_is_hidden_by_its_other_parts_alone() -> None:
    rules = law(metrics="metrics: {idle: {formula: weeks_since_active + 0}}\n")
    made = facts(events=weekly("A", [1, 0, 3, 0]), metrics=[SINCE], rules=rules, periods=4)
    paused = replace(made, pauses=facts(accounts={"A": {}}, pauses=[pause("A", 1, 2)]).pauses)
    found = viewed(context_of(rules, paused), Metric("idle"))
    same(found, [0, NAN, 0, 1])


def test_metrics_that_read_no_events_stay_known() -> None:
    assert not np.isnan(measure(Metric("tenure_days"), [1, 1, 1], pause("A", 1, 1)).value).any()


@pytest.mark.parametrize(
    ("words", "events_7d", "events_28d", "tickets_7d"),
    [
        (("usage",), True, True, False),
        (("tickets",), False, False, True),
        (("events",), True, True, False),
        (("events_7d",), True, False, False),
        (("events_7d", "tickets"), True, False, True),
    ],
)
def test_a_pause_of_some_metrics_leaves_the_others_alone(
    words: tuple[str, ...], events_7d: bool, events_28d: bool, tickets_7d: bool
) -> None:
    tickets = {"tickets": [{"account_id": "A", "ticket_id": "1", "opened_at": "2026-01-06"}]}
    for metric, paused in ((EVENTS_7D, events_7d), (EVENTS_28D, events_28d), (TICKETS_7D, tickets_7d)):
        found = measure(metric, [2, 2, 2, 2, 2], pause("A", 3, 3, *words), tables=tickets)
        assert np.isnan(found.value[0]).tolist()[3] == paused, metric.key


def test_a_pause_of_one_metric_cuts_its_windows_alone() -> None:
    """events_28d of the fifth week: 4 + 4 + 4 of three known weeks, scaled; and the sum as it is."""
    counts = [4, 4, 4, 0, 4]
    same(measure(EVENTS_28D, counts, pause("A", 3, 3, "events")), [NAN, 16, 16, NAN, 16])
    same(measure(EVENTS_28D, counts, pause("A", 3, 3, "logins")), [NAN, 16, 16, 12, 12])


def test_what_is_computed_from_a_paused_metric_is_paused_with_it() -> None:
    metric = Metric("plan_limit_used")
    made = facts(
        events=weekly("A", [1] * 6),
        accounts={"A": {"plan_limit": 10.0}},
        metrics=[metric],
        periods=6,
        pauses=[pause("A", 4, 4, "events_28d")],
    )
    same(viewed(context_of(ruleset(), made), metric), [NAN, 0.4, 0.4, 0.4, NAN, 0.4])


def test_a_group_is_those_who_have_the_attribute_in_that_week() -> None:
    """B moves to Retail in the third week; everybody is paused in the last."""
    accounts = {"A": {"industry": "Retail"}, "B": {"industry": "Finance"}}
    later = [{"account_id": "B", "industry": "Retail", "snapshot_at": "2026-01-19"}]
    rules = ruleset()
    made = facts(
        events=weekly("A", [1] * 5) + weekly("B", [1] * 5),
        accounts=accounts,
        snapshots=later,
        metrics=[EVENTS_7D],
        periods=5,
        pauses=[pause(None, 1, 2, attribute="industry", value="Retail"), pause(None, 4, 4)],
    )
    found = viewed(context_of(rules, made), EVENTS_7D)
    assert np.isnan(found.value).tolist() == [
        [False, True, True, False, True],
        [False, False, True, False, True],
    ]


def test_paused_accounts_are_not_silent_ones() -> None:
    """Of 300 accounts 30 are silent in week 12: an outage of the export, unless they are paused."""
    names = [f"A{n:03d}" for n in range(300)]
    silent = set(names[::10])
    rows = [
        (name, MONDAY + 7 * week, {"count": 3})
        for name in names
        for week in range(14)
        if week != 12 or name not in silent
    ]
    asked = {"events": rows, "metrics": [EVENTS_7D], "periods": 14}
    suspect = [
        context_of(ruleset(), facts(**asked, pauses=pauses)).outages
        for pauses in ((), [pause(name, 12, 12) for name in sorted(silent)])
    ]
    assert [np.flatnonzero(found.suspect).tolist() for found in suspect if found] == [[12], []]


RULES = """\
version: 1
name: pauses
segments:
  - name: at_risk
    enter:
      all:
        - events_28d.vs_expected at most -30%
    enter_after: 2 weeks
    exit: events_28d.vs_expected at least -20%
    exit_after: 2 weeks
  - name: active
    enter: events_7d at least 1
    exit: events_7d under 1
"""
WEEKS = 60
PEERS = "BCDEFGHIJKLM"


def law(metrics: str = "") -> Any:
    rules, problems = check_rules_text(
        RULES + metrics,
        path="r.yaml",
        calendar=Calendar(),
        definitions=Definitions(),
        attributes={},
        columns={},
    )
    assert rules is not None, problems
    return rules


def world(*pauses: dict[str, Any], quiet: range = range(40, 46), weeks: int = WEEKS) -> Facts:
    """Account A does nothing in six weeks; its peers go on."""
    counts = {name: [40] * weeks for name in PEERS}
    counts["A"] = [0 if week in quiet else 40 for week in range(weeks)]
    events = [event for name, series in counts.items() for event in weekly(name, series)]
    return facts(events=events, metrics=[EVENTS_28D], rules=law(), periods=weeks, pauses=pauses)


def of_a(decisions: Decisions) -> list[str | None]:
    result = decisions.dimensions["segments"]
    return [result.label(int(code)) for code in result.primary[decisions.accounts.index("A")]]


def test_a_paused_account_is_not_called_at_risk_and_its_baseline_stays_whole() -> None:
    """Unpaused: at risk within the six weeks. Paused: where it was, and afterwards as if nothing had been."""
    assert "at_risk" in of_a(decide(law(), world()))
    paused = world(pause("A", 40, 45))
    assert set(of_a(decide(law(), paused))) == {"active"}
    rows = baseline_series(law(), paused, "A", EVENTS_28D)
    assert rows["value"][40:47].null_count() == 7, "six weeks, and one with three of its four weeks paused"
    after = rows[47:]
    assert after["value"].to_list() == [160.0] * 13
    known = after["vs_expected"].drop_nulls().to_list()
    assert known == pytest.approx([0.0] * 11), "but for two weeks that have two of three references paused"
    poisoned = baseline_series(law(), world(), "A", EVENTS_28D)
    assert min(poisoned["reference"][50:]) < 150


def test_peers_leave_a_paused_group_out() -> None:
    """Ten of twelve peers stop for a declared holiday: those who work are not excused by it."""
    counts = {name: [40] * WEEKS for name in PEERS}
    for name in PEERS[:10]:
        counts[name] = [0 if week == 50 else 40 for week in range(WEEKS)]
    events = [event for name, series in counts.items() for event in weekly(name, series)]
    asked = {"events": events, "metrics": [EVENTS_7D], "rules": law(), "periods": WEEKS}
    metric = replace(EVENTS_7D, view="vs_expected")
    plain = viewed(context_of(law(), facts(**asked)), metric)
    declared = facts(**asked, pauses=[pause(name, 50, 50) for name in PEERS[:10]])
    paused = viewed(context_of(law(), declared), metric)
    last = len(PEERS) - 1
    assert plain.value[last, 50] > 1.0, "twice and more of what its peers did"
    assert paused.value[last, 50] == pytest.approx(0.0)


def test_a_membership_does_not_expire_during_a_pause() -> None:
    """At risk before a pause of twelve weeks and after it; uncovered weeks end it after eight."""
    quiet = range(36, 60)
    held = of_a(decide(law(), world(pause("A", 42, 53), quiet=quiet)))
    assert held[41] == held[53] == "at_risk"
    uncovered = replace(world(quiet=quiet), pauses=None)
    covered = uncovered.coverage["usage"].covered.copy()
    covered[42:54] = False
    gone = replace(
        uncovered,
        coverage={**uncovered.coverage, "usage": replace(uncovered.coverage["usage"], covered=covered)},
    )
    assert of_a(decide(law(), gone))[53] != "at_risk"


def test_a_paused_account_is_not_stale() -> None:
    weeks = 30
    quiet = range(24, 30)
    decisions = decide(law(), world(pause("A", 24, 29), quiet=quiet, weeks=weeks))
    assert not decisions.dimensions["segments"].stale.any()
    (row,) = decisions.assignments.filter(account_id="A").select("paused", "because").rows()
    assert row[0] == "until 2026-08-02: freeze"
    assert row[1] == "held: exit unknown for 6 weeks; paused until 2026-08-02: freeze"


def test_pauses_of_nobody_decide_nothing() -> None:
    """Neither a list without a row that acts, nor one of other accounts or other times."""
    plain = decide(law(), world())
    assert "paused" not in plain.assignments.columns
    for rows in ([], [pause("Z", 40, 45)], [pause("A", 70, 75)], [pause("A", -900, -800)]):
        made = world()
        listed = facts(events=[], accounts={"A": {}}, pauses=rows or [pause("A", 0, 0)]).pauses
        assert listed is not None
        listed = listed if rows else listed.clear()
        found = decide(law(), replace(made, pauses=listed))
        assert_frame_equal(found.assignments.drop("paused"), plain.assignments)
        assert_frame_equal(found.transitions, plain.transitions)
        assert_frame_equal(found.state.latches, plain.state.latches)


def test_of_several_pauses_the_one_of_all_metrics_that_lasts_longest_is_told() -> None:
    last = WEEKS - 1
    found = decide(
        law(),
        world(
            pause("A", last, last + 9, "tickets", reason="tool change"),
            pause("A", last, last, reason="a week; of rest"),
            pause(None, last, last + 2, reason="holiday"),
            pause("B", last, last + 4, "events_7d", reason=None),
        ),
    )
    said = dict(found.assignments.select("account_id", "paused").iter_rows())
    assert said["A"] == said["C"] == "until 2027-03-14: holiday"
    assert said["B"] == "until 2027-03-14: holiday"
    partial = decide(law(), world(pause("B", last, last + 4, "events_7d", "tickets", reason=None)))
    assert dict(partial.assignments.select("account_id", "paused").iter_rows())["B"] == (
        "for events_7d, tickets until 2027-03-28"
    )
