"""What an evaluation and its review say of figures that a small team seldom has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from segkit.reports.evaluation import lay_out_evaluation
from segkit.reports.review import lay_out_review
from tests.reports.telling import said, share

NONE_OF_NONE = share(0, 0)
RISK = {
    "name": "risk",
    "share": share(12, 60),
    "rest": share(3, 90),
    "verdict": "higher",
    "ratio": {"ratio": 6.0, "low": 2.0, "high": 18.0},
}
WINDOW = {
    "landmarks": ["2026-03-01", "2026-06-01"],
    "segments": [RISK],
    "risk": RISK,
    "everybody": share(15, 150),
    "in_gap": 0,
    "vanished": 0,
    "marked": None,
}
NOBODY_LEFT = {
    "churned": 0,
    "caught": 0,
    "median_weeks": None,
    "at_least": [],
    "missed": 0,
    "after_notice": 0,
}
EVALUATED: Mapping[str, Any] = {
    "workspace": "Team",
    "unit": "week",
    "outcomes_until": "2026-11-15",
    "decisions": {
        "source": "replayed",
        "periods": 40,
        "first": "2026-02-08",
        "last": "2026-11-08",
        "accounts": 150,
    },
    "risk": ["risk"],
    "risk_chosen": "as asked",
    "churned": 15,
    "refused": None,
    "windows": [WINDOW, {**WINDOW, "landmarks": [], "risk": None}],
    "episodes": {"entries": 0, "right": 0, "accounts": 0},
    "lead": NOBODY_LEFT,
    "money": None,
    "capacity": None,
    "survival": [],
    "log_rank": None,
    "association": None,
    "calibration": None,
    "overridden": None,
    "answered": None,
    "stability": {"account_years": 0, "moves": 0, "bounces": 0, "restless": 0, "accounts": 0, "stays": []},
    "drift": None,
    "advice": [],
}


def evaluated(**more: Any) -> str:
    return said(lay_out_evaluation({**EVALUATED, **more}, "out/evaluation"))


def test_what_is_not_known_leaves_no_sentence() -> None:
    told = evaluated()
    for word in (
        "Not counted",
        "With four weeks",
        "Were they marked",
        "Still there",
        "Do rates last",
        "Median",
    ):
        assert word not in told
    assert "How steady" in told


def test_several_risk_segments_have_a_line_together_and_what_left_out_is_said() -> None:
    window = {**WINDOW, "vanished": 2}
    told = evaluated(risk=["risk", "worse"], windows=[window, window])
    assert "all risk 12/60 20.0 % 10–20 % 6.0× (2.0–18.0) higher" in told
    assert "Not counted: 2 vanished from the list without a date." in told
    assert (
        "With four weeks to act: risk 12/60 (20.0 %, 10–20 %), the rest 3/90 (3.3 %, 10–20 %): 6.0×" in told
    )
    assert "Not counted: 1 left within the first week, 2 vanished" in evaluated(
        windows=[{**window, "in_gap": 1}, window]
    )


@pytest.mark.parametrize(
    ("verdict", "ratio", "words"),
    [
        ("too few", None, "too few"),
        ("no difference shown", {"ratio": 1.25, "low": 0.5, "high": 3.0}, "1.2× (0.5–3.0) not shown"),
        ("too few to say", {"ratio": 1.25, "low": 0.5, "high": 3.0}, "1.2× (0.5–3.0) too few"),
    ],
)
def test_a_ratio_that_says_nothing_is_told_as_that(verdict: str, ratio: Any, words: str) -> None:
    window = {**WINDOW, "segments": [{**RISK, "verdict": verdict, "ratio": ratio}]}
    assert f"risk 12/60 20.0 % 10–20 % {words} all" in evaluated(windows=[window, window])


def test_nobody_of_whom_anything_was_decided_has_no_lead() -> None:
    marked = {"precision": NONE_OF_NONE, "recall": share(1, 2)}
    told = evaluated(windows=[{**WINDOW, "marked": marked}, WINDOW])
    assert "in risk at a landmark, 0/0 left." in told
    assert "Lead: nobody left of whom anything was decided before." in told
    assert "Episodes" not in told


def test_who_left_without_a_mark_has_no_median() -> None:
    marked = {"precision": share(0, 4), "recall": share(0, 2)}
    lead = {**NOBODY_LEFT, "churned": 2, "at_least": [(4, 0)], "missed": 2, "after_notice": 1}
    told = evaluated(windows=[{**WINDOW, "marked": marked}, WINDOW], lead=lead, money={"marked": 0})
    assert "Lead: 0/2 were marked before they gave notice or left; 0/2 by 4 weeks or more." in told
    assert "Missed: 2/2, 1 of them marked only after notice." in told
    assert "ARR" not in told


def test_what_people_did_is_told_beside_what_became_of_it() -> None:
    told = evaluated(
        log_rank={"p": 0.0001, "statistic": 12.0, "df": 1},
        association={"cramers_v": 0.4, "p": None},
        overridden={"put_in": share(2, 4), "taken_out": NONE_OF_NONE},
        answered={"played": share(1, 10), "not_played": share(5, 10)},
    )
    assert "log-rank 12.0 on 1 df, p < 0.001; Cramér's V 0.40, too few left for a p-value." in told
    assert "Overrides: put into risk 2/4 (50.0 %, 10–20 %) left in 26 weeks, taken out 0/0." in told
    assert "with one 1/10 (10.0 %, 10–20 %) left, without 5/10" in told


def test_a_mix_that_shifted_is_said() -> None:
    drift = {"psi": 0.3, "limit": 0.1, "before": "2026-05-03"}
    assert "PSI 0.300, limit for so many accounts 0.100: the mix has shifted." in evaluated(drift=drift)


QUIET: Mapping[str, Any] = {
    "quarters": [],
    "entered": [],
    "review": {"books": [], "loads": [], "bites": []},
    "drift": None,
    "episodes": None,
    "advice": [],
    "risk": ["risk"],
}


def test_a_review_of_nothing_says_that_nothing_stands_out() -> None:
    assert said(lay_out_review(QUIET)) == "Criteria to look at none stands out."


def test_a_playbook_and_a_load_have_a_line_each() -> None:
    book = {
        "quarter": "2026 Q2",
        "playbook": "call",
        "opened": 5,
        "closed": 3,
        "days_to_close": None,
        "success": share(2, 3),
    }
    load = {"quarter": "2026 Q2", "tasks": 4, "owners": 2, "most": 3, "hours": 6.4}
    told = said(lay_out_review({**QUIET, "review": {"books": [book], "loads": [load], "bites": []}}))
    assert "2026 Q2 call 5 3 – 2/3" in told
    assert "4 open tasks of 2 owners, 3 of the busiest; 6 hours" in told


@pytest.mark.parametrize(
    ("before", "now", "criterion"),
    [
        ([10, 90], [31, 69], "risk holds 31 of 100 accounts: too many to call."),
        ([40, 60], [30, 70], "none stands out."),
        ([80, 20], [30, 60], "calm grew from 20 of 100 accounts to 60 of 90."),
        ([99, 1], [1, 19], "none stands out."),
    ],
)
def test_a_list_too_long_to_call_from_and_a_segment_that_grew(
    before: list[int], now: list[int], criterion: str
) -> None:
    drift = {"mix_before": before, "mix_now": now}
    told = said(lay_out_review({**QUIET, "labels": ["risk", "calm"], "drift": drift}))
    assert told.endswith(criterion)


@pytest.mark.parametrize(
    ("held", "held_before", "segment", "criterion"),
    [
        (0, 0, "risk", "risk: arr over 3 did not bite last quarter (as before)."),
        (0, 100, "risk", "risk: arr over 3 did not bite last quarter (before in 10.0 % of account-weeks)."),
        (950, 950, "risk", "risk: arr over 3 holds for 95.0 %: it tells nobody apart."),
        (950, 950, "calm", "none stands out."),
        (500, 500, "risk", "none stands out."),
    ],
)
def test_a_condition_that_never_or_always_holds(
    held: int, held_before: int, segment: str, criterion: str
) -> None:
    bite = {"segment": segment, "condition": "arr over 3", "known": 1000, "known_before": 1000}
    bites = [{**bite, "held": held, "held_before": held_before}]
    told = said(lay_out_review({**QUIET, "review": {"books": [], "loads": [], "bites": bites}}))
    assert told == f"Criteria to look at {criterion}"
    few = [{**bites[0], "known": 199}]
    assert "none stands out" in said(
        lay_out_review({**QUIET, "review": {"books": [], "loads": [], "bites": few}})
    )


def test_false_alarms_and_advice_are_criteria_to_look_at() -> None:
    advice = [
        {"kind": "look", "segments": ["risk"], "says": "leaves less than the rest"},
        {"kind": "fine", "segments": ["calm"], "says": "as it is meant"},
    ]
    told = said(lay_out_review({**QUIET, "episodes": {"entries": 20, "right": 4}, "advice": advice}))
    assert told == (
        "Criteria to look at false positives, or saved: 16 of 20 entries into risk did not end within 26 "
        "weeks. risk: leaves less than the rest."
    )
