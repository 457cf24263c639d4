"""Every form of a rule gets the faults that it can have; those that nobody could see are left out."""

from __future__ import annotations

from segkit.reports.ruletests import faults
from segkit.ruleset import format_condition
from tests.ruleset.load import HEAD, rules


def planted(segments: str, more: str = "") -> list[str]:
    return [each.what for each in faults(rules(HEAD + more + "segments:\n" + segments))]


def test_a_threshold_moves_by_one_where_it_is_counted_and_for_each_group_that_has_its_own() -> None:
    thresholds = (
        "thresholds:\n  few: {default: 3, by: industry, values: {Retail: 5}}\n  fall: -30%\n  unread: 7\n"
    )
    segments = "  - {name: quiet, enter: logins_28d under $few and events_28d.change under $fall}\n"
    assert [what for what in planted(segments, thresholds) if what.startswith("$")] == [
        "$few -0.01",
        "$few of Retail -0.01",
        "$few +0.01",
        "$few of Retail +0.01",
        "$fall -0.01",
        "$fall +0.01",
    ]


def test_of_several_warnings_one_more_or_less_is_asked_and_each_is_left_out_once() -> None:
    several = "{at_least: 2, of: [arr over 3, seats over 4, notice_given]}"
    was = "enter: at least 2 of (arr over 3, seats over 4, notice_given) => "
    found = planted(f"  - {{name: risk, enter: {several}, exit: not notice_given}}\n")
    assert [what.removeprefix(was) for what in found[:5]] == [
        "at least 3 of (arr over 3, seats over 4, notice_given)",
        "at least 1 of (arr over 3, seats over 4, notice_given)",
        "at least 2 of (seats over 4, notice_given)",
        "at least 2 of (arr over 3, notice_given)",
        "at least 2 of (arr over 3, seats over 4)",
    ]


def test_both_ends_of_a_range_move() -> None:
    assert planted("  - {name: soon, enter: days_to_renewal between 0 and 90}\n")[:4] == [
        "enter: days_to_renewal between 0 and 90 => days_to_renewal between -1 and 90",
        "enter: days_to_renewal between 0 and 90 => days_to_renewal between 1 and 90",
        "enter: days_to_renewal between 0 and 90 => days_to_renewal between 0 and 89",
        "enter: days_to_renewal between 0 and 90 => days_to_renewal between 0 and 91",
    ]


def test_a_named_condition_is_changed_once_and_wherever_it_is_used() -> None:
    named = "conditions:\n  gone: not notice_given\n"
    text = HEAD + named + "segments:\n  - {name: a, enter: gone}\n  - {name: b, enter: gone and arr over 3}\n"
    changed = next(each for each in faults(rules(text)) if each.what.endswith("=> notice_given"))
    shown = [format_condition(segment.enter) for segment in changed.rules.segments]
    assert changed.segment == "a"
    assert shown == ["gone", "gone and arr over 3"]
    assert [format_condition(each.enter.of) for each in changed.rules.segments[:1]] == ["notice_given"]  # type: ignore[union-attr]


def test_timers_are_longer_and_shorter_and_a_stay_that_is_over_before_the_exit_is_not_tried() -> None:
    timers = "enter_after: 2 of 3 weeks, exit_after: 2 weeks, cooldown: 4 weeks"
    left_out = planted(f"  - {{name: a, enter: notice_given, {timers}, min_stay: 1 week}}\n")
    assert [what for what in left_out if not what.startswith("enter:")] == [
        "enter_after: 2 of 3 => 1 of 3",
        "exit_after: 2 => 1",
        "cooldown: 4 => 3",
        "enter_after: 2 of 3 => 3",
        "exit_after: 2 => 3",
        "cooldown: 4 => 5",
    ]
    assert "min_stay: 5 => 4" in planted(
        f"  - {{name: a, enter: notice_given, {timers}, min_stay: 5 weeks}}\n"
    )


def test_limits_of_an_exit_that_enter_keeps_back_are_left_out() -> None:
    """Where enter holds nobody leaves: that an exit begins earlier could not be seen."""

    def of_exit(enter: str, exit: str) -> list[str]:
        text = f"  - {{name: a, enter: '{enter}', exit: '{exit}'}}\n"
        return [what.split("=> ")[1] for what in planted(text) if what.startswith("exit: ")]

    assert of_exit("tenure_days under 5", "tenure_days at least 5") == [
        "tenure_days over 5",
        "tenure_days at least 6",
        "not tenure_days at least 5",
    ]
    assert of_exit("arr under 5", "arr at least 5") == [
        "arr over 5",
        "arr at least 6",
        "not arr at least 5",
    ]
    assert of_exit("arr at most 5", "arr over 5") == ["arr over 6", "not arr over 5"]
    assert of_exit("core_adoption_28d at most 50%", "core_adoption_28d over 50%") == [
        "core_adoption_28d over 51%",
        "not core_adoption_28d over 50%",
    ]


def test_segments_of_ranges_that_do_not_meet_are_not_swapped() -> None:
    def swapped(*enter: str) -> bool:
        text = "".join(f"  - {{name: s{at}, enter: '{each}'}}\n" for at, each in enumerate(enter))
        return "segments: s1 before s0" in planted(text)

    assert not swapped("tenure_days under 90", "90 <= tenure_days < 365")
    assert not swapped("tenure_days between 1 and 9", "tenure_days > 9")
    assert not swapped("tenure_days > 9", "tenure_days between 1 and 9")
    assert not swapped("arr under 3 or arr over 9", "arr between 3 and 9")
    assert not swapped("notice_given", "not notice_given")
    assert swapped("tenure_days under 90", "80 <= tenure_days < 365")
    assert swapped("notice_given", "arr over 3")
    assert swapped("arr is missing", "arr over 3")
