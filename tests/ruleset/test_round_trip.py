"""What is printed reads back as the same: conditions, values, whole rule sets."""

from __future__ import annotations

from hypothesis import given
from msgspec.structs import replace

from segkit.resources import shipped_rules
from segkit.ruleset import fingerprint, format_condition, format_ruleset
from segkit.ruleset.expr import Condition
from segkit.ruleset.model import RuleSet
from tests.draws import one_in
from tests.ruleset.load import check
from tests.ruleset.strategies import CONDITIONS, rule_sets


def read_again(text: str) -> Condition:
    frame = """\
version: 1
name: test
thresholds: {some: 5, drop: -30%}
metrics: {runs_28d: {count: usage, window: 28d}}
segments:
  - {name: one, enter: notice_given}
  - {name: two, enter: notice_given}
  - {name: three, enter: notice_given}
flags: [{name: raised, enter: notice_given}]
conditions:
  it: |-
    """
    found, problems = check(frame + text + "\n")
    assert not [problem for problem in problems if problem.severity == "error"], (text, problems)
    assert found is not None
    return found.conditions["it"]


@one_in(1)
@given(CONDITIONS)
def test_a_printed_condition_reads_back_as_the_same(condition: Condition) -> None:
    assert read_again(format_condition(condition)) == condition


@one_in(1)
@given(rule_sets())
def test_a_printed_rule_set_reads_back_with_the_same_fingerprint(rules: RuleSet) -> None:
    text = format_ruleset(rules)
    found, problems = check(text, calendar=rules.calendar, definitions=rules.definitions)
    assert not [problem for problem in problems if problem.severity == "error"], (text, problems)
    assert found is not None
    assert found.logic == fingerprint(rules)
    assert replace(found, logic="", scan_order=(), path="") == rules


def test_the_shipped_rules_read_back_with_the_same_fingerprint() -> None:
    rules, _ = check(shipped_rules().read_text(encoding="utf-8"))
    assert rules is not None
    again, _ = check(format_ruleset(rules))
    assert again == replace(rules, path="r.yaml")


def test_old_names_and_trials_are_written_again_and_are_no_part_of_the_logic() -> None:
    text = """\
version: 1
name: test
segments:
  - {name: one, enter: notice_given}
  - {name: tried, status: trial, enter: not notice_given}
dimensions:
  other:
    - {name: two, was: [second, zwei], enter: notice_given}
"""
    rules, _ = check(text)
    assert rules is not None
    again, _ = check(format_ruleset(rules))
    assert again is not None
    assert [(s.name, s.was, s.trial_of) for s in again.segments] == [
        ("one", (), ""),
        ("two", ("second", "zwei"), ""),
        ("tried", (), "segments"),
    ]
    plain, _ = check(text.replace("was: [second, zwei], ", "").replace("  - {name: tried", "# {name: tried"))
    assert plain is not None
    assert plain.logic == rules.logic == again.logic
