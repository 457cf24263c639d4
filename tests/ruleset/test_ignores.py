"""Which problems a comment ignores: those of its codes on its line of its file, and no other."""

from __future__ import annotations

from datetime import date

import pytest

from segkit.errors import Place, Problem, Severity
from segkit.ruleset.ignores import without_ignored


def problem(code: str, line: int | None, path: str = "r", severity: Severity = "warning") -> Problem:
    return Problem(code, "what", None if line is None else Place(path, line, 3), severity=severity)


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        (problem("R304", 2), False),
        (problem("R301", 2), False),
        (problem("R304", 4), False),
        (problem("R302", 2), True),
        (problem("R304", 1), True),
        (problem("R304", 3), True),
        (problem("R301", 4), True),
        (problem("R304", 2, "other"), True),
        (problem("R304", None), True),
        (problem("R304", 2, severity="error"), True),
    ],
)
def test_a_comment_is_about_its_line_or_the_next_one(told: Problem, kept: bool) -> None:
    lines = ["first", "second # segkit: ignore[R304, R301] seen", "# segkit: ignore[R304] also", "fourth"]
    found = without_ignored([told], lines, "r", None, lambda code: False)
    assert found == ([told] if kept else [])


@pytest.mark.parametrize(
    ("today", "over"), [("2026-06-29", False), ("2026-06-30", False), ("2026-07-01", True)]
)
def test_after_its_day_a_comment_ignores_nothing_and_is_told(today: str, over: bool) -> None:
    told = problem("R304", 1)
    lines = ["  x # segkit: ignore[R304] seen until 2026-06-30"]
    found = without_ignored([told], lines, "r", date.fromisoformat(today), lambda code: True)
    assert [each.code for each in found] == (["R304", "R331"] if over else [])
    if over:
        assert found[1].where == Place("r", 1, 5, lines[0], 44)


@pytest.mark.parametrize(
    ("comment", "what", "instead"),
    [
        ("ignore[R304] seen", "nothing to ignore here: there is no R304", ""),
        ("ignore[R304, R301] seen", "nothing to ignore here: there is no R304 and no R301", ""),
        (
            "ignore[R304, R302] seen",
            "nothing to ignore here: there is no R304",
            "# segkit: ignore[R302] seen",
        ),
        ("ignore[R302, R320] seen", None, None),
    ],
)
def test_what_a_comment_ignores_for_nothing_can_be_taken_away(
    comment: str, what: str | None, instead: str | None
) -> None:
    told = problem("R302", 2)
    found = without_ignored([told], ["a", f"x # segkit: {comment}"], "r", None, lambda code: code != "R320")
    unused = [(each.code, each.what, each.instead) for each in found if each is not told]
    assert unused == ([] if what is None else [("R330", what, instead)])


@pytest.mark.parametrize(
    ("comment", "what"),
    [
        ("ignore R304", "which problem is ignored? its code stands in brackets"),
        ("ignore[R304 seen", "which problem is ignored? its code stands in brackets"),
        ("ignore[R30] seen", "'R30' is no code"),
        ("ignore[] seen", "'' is no code"),
        ("ignore[R304]", "why is it ignored? a reason stands behind the brackets"),
        ("ignore[R304] until 2026-06-30", "why is it ignored? a reason stands behind the brackets"),
        ("ignore[R304] seen until 2026-06-31", "'2026-06-31' is no date"),
    ],
)
def test_a_comment_that_cannot_be_read_is_told_at_its_place(comment: str, what: str) -> None:
    told = problem("R304", 2)
    lines = ["a", f"x: 1  # segkit: {comment}  "]
    found = without_ignored([told], lines, "r", None, lambda code: True)
    assert [(each.code, each.what) for each in found] == [("R304", "what"), ("R332", what)]
    assert found[1].where == Place("r", 2, 7, lines[1], len(comment) + 10)
