"""Whole rule files with many mistakes: every one is told in one go, at its place, with a way out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ruleset.load import check

CASES = sorted((Path(__file__).parents[1] / "golden" / "rules").glob("*.yaml"))
MARK = "--- expect ---\n"


def shown(text: str) -> str:
    lines = []
    for problem in check(text)[1]:
        place = problem.where
        assert place is not None
        lines += [
            str(problem) if problem.severity == "error" else f"{problem} (warning)",
            f"    {place.text}",
            f"    {' ' * ((place.column or 1) - 1)}{'^' * place.width}",
        ]
        lines += [f"  hint: {problem.hint}"] if problem.hint else []
    return "\n".join(line.rstrip() for line in lines) + "\n"


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_problems_of_a_file_are_those_written_below_it(path: Path) -> None:
    written, expected = path.read_text(encoding="utf-8").split(MARK)
    assert shown(written) == expected
