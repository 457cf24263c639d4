"""Why, in as few words as the screen has room for."""

from __future__ import annotations

from segkit.reports.first.reasons import fitted, telling
from segkit.reports.words import cells


def test_a_value_that_met_two_limits_comes_once_with_the_strictest() -> None:
    said = "events_28d.change -56% (at most -50%); events_28d.change -56% (at most -30%)"
    assert telling(said) == ["events_28d.change -56% (at most -50%)"]
    assert telling("logins_28d 9 (at least 2); logins_28d 9 (over 8)") == ["logins_28d 9 (over 8)"]


def test_limits_on_both_sides_are_both_kept() -> None:
    said = ["tenure_days 200 (under 365)", "tenure_days 200 (at least 90)"]
    assert telling("; ".join(said)) == said


def test_what_is_compared_with_comes_behind_what_happened() -> None:
    assert telling("events_28d.previous 90 (at least 20); nps_latest is missing; logins_28d 1 (under 2)") == [
        "logins_28d 1 (under 2)",
        "events_28d.previous 90 (at least 20)",
        "nps_latest is missing",
    ]


def test_that_a_shown_value_is_not_missing_goes_without_saying() -> None:
    assert telling("nps_latest is not missing; nps_latest 3 (at most 6)") == ["nps_latest 3 (at most 6)"]
    assert telling("nps_latest is not missing") == ["nps_latest is not missing"]


def test_that_it_is_held_stays_in_front() -> None:
    assert telling("held: a.previous 3 (over 2); b 1 (under 2)") == [
        "held: b 1 (under 2)",
        "a.previous 3 (over 2)",
    ]


def test_no_condition_no_words() -> None:
    assert telling("") == []
    assert fitted([], 40, 2) == []


def test_conditions_are_shown_whole_and_the_rest_is_counted() -> None:
    parts = [f"metric_{n} 12 (at least 10)" for n in range(5)]
    assert fitted(parts, 60, 2) == [
        "metric_0 12 (at least 10); metric_1 12 (at least 10);",
        "metric_2 12 (at least 10); and 2 more",
    ]


def test_one_very_long_condition_is_cut_behind_a_word() -> None:
    lines = fitted(["plan one (in [" + ", ".join(["Enterprise"] * 30) + "])"], 60, 2)
    assert len(lines) == 2
    assert lines[1].endswith("Enterprise …")
    assert max(map(cells, lines)) <= 60
