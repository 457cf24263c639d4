"""Other values in a rule file, everything else as it was written."""

from __future__ import annotations

import pytest

from segkit.ruleset.edit import edited, with_flag

TEXT = """\
# Ours.
thresholds:
  drop: -30%     # the usual
  rest: {default: 5, by: industry, values: {Retail: 7}}
segments:
  - name: at_risk
    enter: events_28d.vs_expected at most $drop
    enter_after: 2 weeks
  - {name: power, enter: events_28d over $rest}
"""


def test_a_value_takes_the_place_of_the_old_one_and_nothing_else_moves() -> None:
    found = edited(TEXT, "r", {"drop": "-40%", "rest": "6", "at_risk.enter_after": "3 weeks"})
    assert found == (
        TEXT.replace("-30%", "-40%").replace("default: 5", "default: 6").replace("2 weeks", "3 weeks")
    )


def test_a_timer_that_is_not_written_yet_comes_before_the_condition() -> None:
    found = edited(TEXT, "r", {"at_risk.min_stay": "4 weeks", "power.enter_after": "3 weeks"})
    assert "    min_stay: 4 weeks\n    enter: events_28d.vs_expected" in found
    assert "{name: power, enter_after: 3 weeks, enter: events_28d over $rest}" in found


def test_what_is_no_setting_is_refused() -> None:
    for name in ("nobody.enter_after", "at_risk.enter", "missing"):
        with pytest.raises(LookupError, match=name):
            edited(TEXT, "r", {name: "1"})


ENTRY = "- name: quiet\n  means: 'Of such: 1/2'\n  enter: events_28d at most 3\n"


def test_one_more_flag_goes_before_the_others_as_they_are_written() -> None:
    listed = TEXT + "flags:\n    # ours\n    -   name: due\n        enter: events_28d over 1\nplaybooks: {}\n"
    inside = "    - name: quiet\n      means: 'Of such: 1/2'\n      enter: events_28d at most 3\n"
    assert with_flag(listed, "r", ENTRY) == listed.replace("    -   name", f"{inside}    -   name")
    flow = TEXT + "flags: [{name: due, enter: events_28d over 1}]\n"
    one = "{enter: events_28d at most 3, means: 'Of such: 1/2', name: quiet}, "
    assert with_flag(flow, "r", ENTRY) == flow.replace("[{name: due", f"[{one}{{name: due")


def test_without_flags_one_begins_the_list() -> None:
    begun = "flags:\n  - name: quiet\n    means: 'Of such: 1/2'\n    enter: events_28d at most 3\n"
    assert with_flag(TEXT, "r", ENTRY) == TEXT + begun
    assert with_flag("flags: []\n" + TEXT, "r", ENTRY) == "\n" + TEXT + begun


def test_a_setting_is_found_in_whichever_list_its_segment_stands() -> None:
    text = (
        "thresholds: {a: {default: 3, by: industry}, b: 4}\n"
        "segments: [{name: one, enter: x, min_stay: 2}]\n"
        "dimensions:\n  size:\n    - name: two\n      enter: >\n        x\n        and y\n  other:\n"
        "  - {enter_after: '2 weeks', name: three, enter: z}\n"
        "flags:\n  - enter: w\n    name: four\n    cooldown: 1\n"
    )
    values = {"a": "5", "b": "6", "one.min_stay": "7", "two.exit_after": "8", "three.enter_after": "9"}
    assert edited(text, "r", {**values, "four.cooldown": "10", "four.min_stay": "11"}) == (
        "thresholds: {a: {default: 5, by: industry}, b: 6}\n"
        "segments: [{name: one, enter: x, min_stay: 7}]\n"
        "dimensions:\n  size:\n    - name: two\n      exit_after: 8\n      enter: >\n        x\n"
        "        and y\n  other:\n"
        "  - {enter_after: 9, name: three, enter: z}\n"
        "flags:\n  - min_stay: 11\n    enter: w\n    name: four\n    cooldown: 10\n"
    )


def test_a_value_over_two_lines_goes_as_a_whole() -> None:
    text = "\ufeffthresholds:\n  a: '-3\n    0%'\n  b: 4\nsegments: []\n"
    assert edited(text, "r", {"a": "-40%"}) == "thresholds:\n  a: -40%\n  b: 4\nsegments: []\n"


def test_an_empty_list_of_flags_goes_whole_wherever_it_stands() -> None:
    text = "name: x\nflags: [\n  ]\nsegments: []\n"
    assert with_flag(text, "r", "- name: a\n  enter: x\n") == (
        "name: x\n\nsegments: []\nflags:\n  - name: a\n    enter: x\n"
    )
