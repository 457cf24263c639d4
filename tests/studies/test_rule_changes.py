"""What two rule sets say otherwise, each change in a sentence."""

from __future__ import annotations

import pytest

from segkit.studies.rule_changes import rule_changes
from tests.ruleset.load import rules

OLD = """\
version: 1
name: test
peers: [industry]
thresholds:
  few: {default: 3, by: industry, values: {Retail: 5}}
  fall: -30%
metrics:
  runs_28d: {count: usage, window: 28d}
segments:
  - {name: a, enter: logins_28d under $few, enter_after: 2 weeks}
  - name: b
    enter: runs_28d over 3 and events_28d.change under $fall
    exit: runs_28d under 2
    min_stay: 4 weeks
otherwise: rest
flags: [{name: soon, enter: days_to_renewal under 90}]
"""


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("default: 3", "default: 4", "threshold few: 3 → 4"),
        ("fall: -30%", "fall: -40%", "threshold fall: -30% → -40%"),
        ("Retail: 5", "Retail: 6", "threshold few: its values by industry changed"),
        (
            "{default: 3, by: industry, values: {Retail: 5}}",
            "3",
            "threshold few: its values by industry changed",
        ),
        ("  fall:", "  more: 7\n  fall:", "threshold more is new"),
        ("{count: usage, window", "{count: usage, where: count over 1, window", "metric runs_28d changed"),
        ("peers: [industry]", "peers: [industry, region]", "peers: industry → industry, region"),
        ("peers: [industry]\n", "", "peers: industry → none"),
        ("otherwise: rest", "otherwise: others", "segments, otherwise: rest → others"),
        ("enter_after: 2 weeks", "enter_after: 2 of 3 weeks", "a, enter_after: 2 → 2 of 3"),
        ("min_stay: 4", "min_stay: 5", "b, min_stay: 4 → 5"),
        ("under 2\n", "under 1\n", "b, exit: runs_28d under 2 → runs_28d under 1"),
        ("    exit: runs_28d under 2\n", "", "b, exit: runs_28d under 2 → nothing"),
        ("runs_28d over 3 and", "runs_28d over 4 and arr over 1 and", "b, enter: changed"),
        ("name: soon", "name: later", "flag later is new"),
    ],
)
def test_a_change_is_told(was: str, now: str, said: str) -> None:
    assert OLD.count(was) == 1
    assert said in rule_changes(rules(OLD), rules(OLD.replace(was, now)))


def test_nothing_is_said_of_the_same_rules() -> None:
    assert rule_changes(rules(OLD), rules(OLD)) == ()


def test_a_threshold_that_is_gone() -> None:
    without = OLD.replace("  fall: -30%\n", "").replace("$fall", "-30%")
    assert "threshold fall is gone" in rule_changes(rules(OLD), rules(without))


def test_another_order_is_told_once() -> None:
    first, second, rest = OLD.index("  - {name: a"), OLD.index("  - name: b"), OLD.index("otherwise")
    turned = OLD[:first] + OLD[second:rest] + OLD[first:second] + OLD[rest:]
    assert rule_changes(rules(OLD), rules(turned)) == ("the order of segments changed",)


def test_baselines_of_their_own() -> None:
    assert rule_changes(rules(OLD), rules(OLD + "baselines: {min_volume: 7}\n")) == ("baselines changed",)
