"""The key `baselines:` of a rule file, and metrics by name outside of one."""

from __future__ import annotations

from datetime import date

import pytest

from segkit.errors import ConfigError
from segkit.ruleset import format_ruleset
from segkit.ruleset.expr import Metric
from segkit.ruleset.model import Baselines, LeftOut
from segkit.ruleset.named import metric_named
from tests.ruleset.load import check, rules

PLAIN = """\
version: 1
name: small
peers: [industry]
segments:
  - name: at_risk
    enter: events_28d.vs_expected at most -30%
"""
WRITTEN = (
    PLAIN
    + """\
baselines:
  peer_excuse: seasonal_only
  min_volume: 3
  exclude_history:
    - {account: A1, from: 2025-03-01, to: 2025-04-15}
"""
)


def test_without_the_key_the_defaults_hold() -> None:
    assert rules(PLAIN).baselines == Baselines("always", 5.0, ())


def test_all_keys_are_read() -> None:
    left_out = LeftOut("A1", date(2025, 3, 1), date(2025, 4, 15))
    assert rules(WRITTEN).baselines == Baselines("seasonal_only", 3.0, (left_out,))


def test_printed_and_read_again_they_are_the_same() -> None:
    assert rules(format_ruleset(rules(WRITTEN))).logic == rules(WRITTEN).logic


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("seasonal_only", "off"),
        ("min_volume: 3", "min_volume: 4"),
        ("2025-03-01", "2025-03-02"),
        ("A1", "A2"),
    ],
)
def test_every_key_is_logic(old: str, new: str) -> None:
    assert rules(WRITTEN.replace(old, new)).logic != rules(WRITTEN).logic


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("2025-03-01", "2025-02-30", "'2025-02-30' is no date"),
        ("2025-03-01", "2025-05-01", "2025-05-01 lies after 2025-04-15"),
        ("seasonal_only", "sometimes", "always"),
        ("min_volume", "min_volum", "min_volum"),
    ],
)
def test_mistakes_are_found_where_they_stand(old: str, new: str, what: str) -> None:
    found = check(WRITTEN.replace(old, new))[1]
    assert any(what in str(problem) + (problem.hint or "") for problem in found)
    assert all(problem.where is not None and problem.where.line for problem in found)


@pytest.mark.parametrize("view", ["expected", "vs_expected", "z_score", "vs_usual", "peers", "vs_peers"])
def test_the_views_are_known_words(view: str) -> None:
    text = PLAIN.replace("vs_expected at most -30%", f"{view} at most -2")
    unit = [p for p in check(text)[1] if p.code == "R105"]
    assert unit == []


def test_names_typed_by_hand() -> None:
    read = rules(PLAIN)
    assert metric_named("events_28d", read) == Metric("events", 28)
    assert metric_named("events_28d.vs_expected", read) == Metric("events", 28)
    assert metric_named("variation_12w", read) == Metric("variation_12w")
    assert metric_named("arr", read) == Metric("arr")


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("evnts_28d", "events_28d"),
        ("events", "events_28d"),
        ("arr_28d", "write arr"),
        ("notice_given", "nothing can be expected"),
        ("days_to_feature", "brackets"),
    ],
)
def test_a_name_that_means_no_metric_is_refused(typed: str, hint: str) -> None:
    with pytest.raises(ConfigError) as refused:
        metric_named(typed, rules(PLAIN))
    problem = refused.value.problems[0]
    assert hint in f"{problem.what} {problem.hint}"
