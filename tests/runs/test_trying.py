"""`check all` says what the rules would have done of late, and what the exports cannot bear out."""

from __future__ import annotations

from pathlib import Path

import pytest

from segkit.periods import Calendar
from segkit.runs.trying import earliest, try_rules
from tests.cli.command import segkit
from tests.runs.small import NOW, RULES, write


def told(folder: Path, rules: str) -> tuple[list[str], list[tuple[str, int | None]]]:
    """Lines without blanks, and codes with their lines."""
    lines, problems = try_rules(write(folder, rules=rules), now=NOW)
    texts = [" ".join("".join(piece.text for piece in line).split()) for line in lines]
    return texts, [(p.code, p.where.line if p.where else None) for p in problems]


def test_it_counts_who_came_in_and_says_when_the_earliest_could(tmp_path: Path) -> None:
    lines, problems = told(tmp_path, RULES)
    assert lines[0] == "Accounts under these rules, in the last 90 days"
    assert lines[2:4] == ["at_risk 2 2 second Monday", "active 4 2 first Monday"]
    assert problems == []


def test_a_window_longer_than_the_history_is_told(tmp_path: Path) -> None:
    rules = RULES.replace("enter: events_7d at least 5", "enter: events_28d.last_year at least 5")
    assert told(tmp_path, rules)[1] == [("R310", 22)]
    ignored = rules.replace("at least 5\n", "at least 5  # segkit: ignore[R310] next year\n")
    assert told(tmp_path / "ignored", ignored)[1] == []
    assert segkit("check", "rules", tmp_path / "ignored").stderr.count("R330") == 0


def test_what_is_unknown_for_most_and_what_nobody_ever_did_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segkit.studies.tried.ENOUGH", 2)
    rules = RULES.replace(
        "enter: events_7d at least 5", "enter: events_7d at least 5000 or days_to_renewal under 9"
    )
    assert told(tmp_path, rules)[1] == [("R320", 22), ("R321", 22)]


def test_rules_or_exports_that_cannot_be_used_are_told_elsewhere(tmp_path: Path) -> None:
    assert told(tmp_path, "version: 1\n") == ([], [])


@pytest.mark.parametrize(
    ("waits", "calendar", "said"),
    [
        (1, Calendar(), "first Monday"),
        (3, Calendar("week", 4), "third Saturday"),
        (12, Calendar(), "12th Monday"),
        (2, Calendar("month"), "end of the second month"),
    ],
)
def test_the_earliest_day_is_the_one_after_the_last_week_that_counts(
    waits: int, calendar: Calendar, said: str
) -> None:
    assert earliest(waits, calendar) == said
