"""What findings, a prediction, groups and past runs say of figures that a small team seldom has."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from segkit.reports.discovery import lay_out_discovery
from segkit.reports.groups import lay_out_groups
from segkit.reports.pasts import lay_out_pasts
from segkit.reports.prediction import lay_out_prediction
from tests.reports.telling import said, share

NONE_OF_NONE = share(0, 0)


FOUND: Mapping[str, Any] = {
    "workspace": "Team",
    "outcomes_until": "2026-11-15",
    "refused": None,
    "landmarks": ["2026-03-01"],
    "left": share(15, 150),
    "starters": share(0, 0),
    "within_days": 28,
    "asked": 0,
    "metrics": 0,
    "features": 0,
    "too_few": 0,
    "answers": [],
    "alike": [],
    "grouping": {"groups": [], "why": "other samples are grouped otherwise", "stability": [], "metrics": []},
    "proposals": [],
    "units": {"arr": "money"},
}


def discovered(**more: Any) -> str:
    return said(lay_out_discovery({**FOUND, **more}, "out/discovery", ""))


def test_nothing_found_is_said_with_the_reason() -> None:
    assert "Too few to tell: under 20 accounts left, so nothing was asked." in discovered()
    assert "Nothing is shown to tell: no difference holds against all that was asked." in discovered(asked=4)
    assert "None that can be relied on: other samples are grouped otherwise." in discovered()


def test_what_says_the_same_is_counted_and_not_listed() -> None:
    answer = {
        "found": True,
        "name": "arr",
        "side": "high",
        "limit": 3.0,
        "share": share(12, 60),
        "rest": share(3, 90),
        "ratio": None,
        "earlier": (share(6, 30), share(1, 45)),
        "later": (share(6, 30), share(2, 45)),
    }
    alike = [{"name": "arr", "others": [("mrr", 0.99)]}]
    told = discovered(answers=[answer, {**answer, "name": "mrr"}], alike=alike, asked=2)
    assert "arr at least 3 12/60 3/90 too few for it" in told
    assert "1 more in findings.csv" in told
    assert "mrr (0.99)" in told


def test_groups_are_told_with_what_sets_them_apart() -> None:
    group = {
        "accounts": 40,
        "limits": [{"name": "arr", "at_least": True, "value": 3.0}],
        "both": 39,
        "met": 41,
    }
    grouping = {
        "groups": [group, {**group, "accounts": 1}],
        "accounts": 41,
        "why": "they are found again in other samples",
        "stability": [(2, 0.9), (3, 0.4)],
        "spread": 0.2,
        "cloud": 0.4,
        "metrics": ["arr"],
    }
    told = discovered(grouping=grouping)
    assert "2 groups of 41 accounts: they are found again in other samples (adjusted Rand 0.90;" in told
    assert "1: 40 accounts; nearly arr at least 3 (39 of them, 41 in all)" in told
    assert "Looked at arr. Adjusted Rand: 2 groups 0.90, 3 groups 0.40." in told


def test_a_prediction_without_events_says_what_it_is_and_no_more() -> None:
    horizon = {
        "days": 30,
        "method": "rate",
        "why": "only 3 events to judge a model by",
        "examples": 0,
        "events": 0,
        "learned_events": 3,
        "skill": None,
        "bins": [],
        "called": NONE_OF_NONE,
    }
    data = {
        "workspace": "Team",
        "outcome": "churned",
        "as_of": "2026-11-15",
        "accounts": 9,
        "kind": "churn",
        "bands": {"high": 2.0, "raised": 1.5},
        "traits": "traits.csv",
        "model": "abc",
        "calls": 5,
        "horizons": [horizon],
    }
    told = said(lay_out_prediction(data, [], "out/predict"))
    assert (
        "Within 30 days: the rate by segment and time in it is used only 3 events to judge a model by."
        in told
    )
    for word in ("Judged", "Error saved", "Foretold", "Most likely"):
        assert word not in told
    known = {**horizon, "examples": 90, "events": 5, "skill": 0.1, "skill_low": -0.02, "called": share(1, 5)}
    told = said(lay_out_prediction({**data, "horizons": [known]}, [], "out/predict"))
    assert "(Brier skill): +10.0 %, in 95 of 100 resamples -2.0 % or more." in told
    assert "Of the 5 most endangered each time: 1/5." in told


GROUP = {"metric": "events_28d", "level": "region", "accounts": 40, "change": -0.3, "unit": "share"}


def groups(many: int, verdict: str = "unusual", unknown: int = 0) -> str:
    rows = [
        {**GROUP, "group": f"r{at}", "last_years": None, "verdict": verdict if at < many else "unknown"}
        for at in range(many + unknown)
    ]
    schema = {**dict.fromkeys(("last_years", "change"), pl.Float64), "verdict": pl.String}
    found = pl.DataFrame(rows, schema_overrides=schema)
    return said(lay_out_groups("Team", date(2026, 11, 15), found))


def test_groups_against_past_years_are_told_to_a_screen_and_counted_beyond() -> None:
    assert "r0 events_28d 40 −30 %" in groups(1)
    assert groups(30).endswith("r9 events_28d 40 −30 %")
    assert groups(31, "seasonal", unknown=2).endswith(
        "and 1 more: -o groups.csv 2 of which too little is known: -o groups.csv"
    )
    assert groups(0, unknown=2).endswith("No group is large or old enough to be compared with past years.")


RUN = {
    "as_of": date(2026, 11, 15),
    "accounts": 4,
    "transitions": 1,
    "rows": 120,
    "refused": 0,
    "verb": "assign",
    "accepted": None,
    "supersedes": None,
    "rules_changed": False,
    "periods": 1,
    "older_gone": False,
}


def pasts(*runs: Mapping[str, Any]) -> str:
    return said(lay_out_pasts("Team", pl.DataFrame([{**RUN, **run} for run in runs])))


def test_past_runs_say_what_was_out_of_the_ordinary() -> None:
    assert pasts({}).endswith("15 Nov 2026 4 1 120 0")
    assert pasts({"verb": "replay"}).endswith("0 replay")
    assert pasts({"accepted": "lost_rows"}).endswith("0 accepted lost_rows")
    assert pasts({"supersedes": "x"}).endswith("0 replaced a run")
    assert pasts({"periods": 3}).endswith("0 3 periods at once")
    assert pasts({"rules_changed": True, "periods": 3}).endswith("0 other rules")
    assert pasts({"verb": "replay", "accepted": "lost_rows"}).endswith("0 replay, accepted lost_rows")
    assert pasts({}, {"older_gone": True}).endswith("older runs were not kept (keep: in segkit.yaml)")
    assert pasts(*[{}] * 26).endswith("120 0")
    assert pasts(*[{}] * 27).endswith("and 1 more: -o history.csv")
