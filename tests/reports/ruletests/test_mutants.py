"""A fault that a test notices, and one that none does."""

from __future__ import annotations

from pathlib import Path

from segkit.reports.ruletests import read_cases
from segkit.runs.testing import rules_alone
from segkit.yamltext import read_text
from tests.mutants import mutants, survives

RULES = """\
version: 1
name: one
segments:
  - name: quiet
    enter: events_7d under 3
"""
ONE_SIDE = "tests: [{name: quiet, metrics: {events_7d: 0 2}, expect: {primary: quiet}}]"
BOTH = "tests: [{name: quiet, metrics: {events_7d: 0 2 3}, expect: {member: {quiet: yes x2 no}}}]"


def unnoticed(folder: Path, tests: str) -> list[str]:
    (folder / "rules.yaml").write_text(RULES)
    rules = rules_alone(folder / "rules.yaml")
    cases, problems = read_cases(read_text(tests), rules, {})
    assert problems == ()
    return [mutant.what for mutant in mutants(rules) if survives(mutant, cases)]


def test_a_threshold_tried_on_one_side_only_leaves_faults_unnoticed(tmp_path: Path) -> None:
    assert unnoticed(tmp_path, ONE_SIDE) == [
        "quiet, enter: events_7d under 3 => events_7d at most 3",
        "quiet, enter: events_7d under 3 => events_7d under 4",
        "quiet, exit_after: Times(need=1, of=1) => Times(need=2, of=2)",
    ]


def test_tried_on_both_sides_it_leaves_none(tmp_path: Path) -> None:
    assert unnoticed(tmp_path, BOTH) == []
