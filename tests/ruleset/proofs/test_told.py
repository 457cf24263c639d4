"""Whole rule files and all that is proved of them: where, what, what to do, and the account that shows it."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from segkit.errors import Problem
from segkit.periods import Calendar
from segkit.ruleset.definitions import EVERYTHING
from segkit.ruleset.load import check_rules_text
from segkit.ruleset.proofs import prove
from segkit.yamltext import read_text

CASES = sorted((Path(__file__).parents[2] / "golden" / "proofs").glob("*.yaml"))
MARK = "--- expect ---\n"


def told(text: str) -> list[Problem]:
    """A file may name its `unit` of time and the day on which it is looked at in comments."""
    given = dict(re.findall(r"^# (unit|today): (\S+)$", text, re.MULTILINE))
    calendar = Calendar(given.get("unit", "week"))  # type: ignore[arg-type]
    rules, problems = check_rules_text(text, path="r.yaml", calendar=calendar, definitions=EVERYTHING)
    assert rules is not None, problems
    doc = read_text(text, "r.yaml")
    today = date.fromisoformat(given["today"]) if "today" in given else None
    return prove(rules, lambda span: doc.at(span.line, span.column, span.width), problems, today)


def shown(text: str) -> str:
    lines = []
    for problem in told(text):
        place = problem.where
        assert place is not None
        assert problem.severity == "warning"
        lines.append(f"{place.line}:{place.column}+{place.width} {problem.code} {problem.what}")
        lines += [f"  hint: {problem.hint}"] if problem.hint else []
        if problem.witness is not None:
            for week in problem.witness.weeks:
                lines.append(f"  like: {', '.join(f'{key} {value}' for key, value in week)}")
            lines.append(f"  shows: {problem.witness.shows}")
    return "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_what_is_proved_of_a_file_is_written_below_it(path: Path) -> None:
    written, expected = path.read_text(encoding="utf-8").split(MARK)
    assert shown(written) == expected
