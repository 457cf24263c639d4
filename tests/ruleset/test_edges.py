"""Limits of what a rule file may say, on both sides."""

from __future__ import annotations

import pytest

from tests.ruleset.load import HEAD, SEGMENTS, check


@pytest.mark.parametrize(
    ("last", "fine"), [("2026-01-04", False), ("2026-01-05", True), ("2026-01-06", True)]
)
def test_a_history_that_is_left_out_may_be_one_day_long(last: str, fine: bool) -> None:
    text = (
        f"{HEAD}{SEGMENTS}baselines:\n  exclude_history: [{{account: A, from: '2026-01-05', to: '{last}'}}]\n"
    )
    rules, problems = check(text)
    assert (rules is not None) == fine, problems
    assert fine or "lies after" in problems[0].what


def test_a_threshold_may_stand_in_where() -> None:
    text = f"""{HEAD}
thresholds: {{long: 300}}
metrics: {{long_sessions_28d: {{count: usage, where: seconds over $long, window: 28d}}}}
segments:
  - {{name: busy, enter: long_sessions_28d at least 3}}
"""
    rules, problems = check(text)
    assert rules is not None, problems
    text = text.replace("$long,", "$lung,")
    rules, problems = check(text)
    assert rules is None
    assert "unknown threshold '$lung'" in problems[0].what
