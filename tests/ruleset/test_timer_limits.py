"""Timers that read well and that the membership scan could not count."""

from __future__ import annotations

import pytest

from tests.ruleset.load import HEAD, check


@pytest.mark.parametrize(
    ("timers", "answers"),
    [
        ("enter_after: 40 weeks, exit_after: 40 weeks", []),
        ("enter_after: 2 of 30 weeks", []),
        (
            "enter_after: 2 of 31 weeks",
            [("enter_after", "31 weeks are too many to remember one by one, as 'n of m' does")],
        ),
        (
            "enter_after: 2 of 3 weeks, exit_after: 40 weeks",
            [("exit_after", "40 weeks are too many to remember one by one, as 'n of m' does")],
        ),
        (
            "expire_after: 0",
            [("expire_after", "expire_after counts weeks of an unknown exit: at least 1")],
        ),
        ("expire_after: soon", [("expire_after", "'soon' is no time")]),
    ],
)
def test_timers_that_cannot_be_counted_are_refused(timers: str, answers: list[tuple[str, str]]) -> None:
    line = f"  - {{name: a, enter: notice_given, {timers}}}"
    _, problems = check(f"{HEAD}segments:\n{line}\n")
    assert [(p.code, p.what) for p in problems] == [("R113", what) for _, what in answers]
    for problem, (key, _) in zip(problems, answers, strict=True):
        assert problem.where is not None
        assert problem.where.column == line.index(f"{key}: ") + len(key) + 3


def test_times_of_a_playbook_that_nobody_could_count_are_refused() -> None:
    _, problems = check(
        f"{HEAD}segments:\n  - {{name: a, enter: notice_given, playbook: p}}\nplaybooks:\n  p:\n"
        "    due: soon\n    within: 6 weeks\n    effort: 90 min\n    variants:\n"
        "      - {when: notice_given, effort: a lot}\n"
    )
    assert [(p.code, p.what) for p in problems] == [
        ("R113", "'soon' is no time"),
        ("R113", "'a lot' is no time"),
    ]
