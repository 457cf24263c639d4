"""A fault that a test notices, and one that none does."""

from __future__ import annotations

from pathlib import Path

from segkit.reports.ruletests import Boundaries, Watch, boundaries, faults, read_cases
from segkit.runs.testing import rules_alone
from segkit.yamltext import read_text

RULES = """\
version: 1
name: one
segments:
  - name: quiet
    enter: events_7d under 3
"""
ONE_SIDE = "tests: [{name: quiet, metrics: {events_7d: 0 2}, expect: {primary: quiet}}]"
BOTH = "tests: [{name: quiet, metrics: {events_7d: 0 2 3}, expect: {member: {quiet: yes x2 no}}}]"


def unnoticed(folder: Path, tests: str, rule_file: str = RULES) -> list[str]:
    (folder / "rules.yaml").write_text(rule_file)
    rules = rules_alone(folder / "rules.yaml")
    cases, problems = read_cases(read_text(tests), rules, {})
    assert problems == ()
    return [fault.what for fault in Watch.of(rules, cases).unnoticed(faults(rules))]


def test_a_threshold_tried_on_one_side_only_leaves_faults_unnoticed(tmp_path: Path) -> None:
    assert unnoticed(tmp_path, ONE_SIDE) == [
        "enter: events_7d under 3 => events_7d at most 3",
        "enter: events_7d under 3 => events_7d under 4",
        "exit_after: 1 => 2",
    ]


def test_tried_on_both_sides_it_leaves_none(tmp_path: Path) -> None:
    assert unnoticed(tmp_path, BOTH) == []


def test_the_order_of_segments_is_tried_where_an_account_can_be_in_both(tmp_path: Path) -> None:
    further = RULES + "  - name: still\n    enter: events_7d under 1\n"
    asked = BOTH.replace("yes x2 no", "yes x2 no, still: yes no x2")
    assert "segments: still before quiet" in unnoticed(tmp_path, asked, further)
    apart = RULES + "  - name: loud\n    enter: events_7d at least 3\n"
    asked = BOTH.replace("yes x2 no", "yes x2 no, loud: no x2 yes")
    assert unnoticed(tmp_path, asked, apart) == ["exit_after: 1 => 2"]


def test_a_move_that_comes_later_is_noticed(tmp_path: Path) -> None:
    moves = "tests: [{name: q, metrics: {events_7d: 5 0 5}, expect: {moves: [{week: 2}, {week: 3}]}}]"
    assert "exit_after: 1 => 2" not in unnoticed(tmp_path, moves)


def test_limits_of_a_segment_are_counted(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(RULES)
    rules = rules_alone(tmp_path / "rules.yaml")
    cases, _ = read_cases(read_text(ONE_SIDE), rules, {})
    assert boundaries(rules, cases) == {
        "quiet": Boundaries(
            3,
            (
                "enter: events_7d under 3 => events_7d at most 3",
                "enter: events_7d under 3 => events_7d under 4",
            ),
        )
    }
