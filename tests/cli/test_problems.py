"""What went wrong, as text on stderr."""

from __future__ import annotations

from pathlib import Path

import pytest

from segkit.cli.problems import crash, render
from segkit.errors import Place, Problem


def test_a_problem_shows_place_line_caret_and_hint() -> None:
    place = Place("rules.yaml", 3, 14, "    - logins_28d undr 2", 4)
    problem = Problem("R101", "I do not understand 'undr'", place, "did you mean 'under'?")
    assert render(problem) == (
        "rules.yaml:3:14 R101 I do not understand 'undr'\n"
        "        - logins_28d undr 2\n"
        "                 ^^^^\n"
        "  hint: did you mean 'under'?"
    )


def test_paths_below_the_current_folder_are_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert render(Problem("D101", "missing", Place(str(tmp_path / "a.csv")))) == "a.csv D101 missing"


def test_a_warning_says_that_it_is_one() -> None:
    assert render(Problem("R201", "no margin", severity="warning")) == "R201 warning: no margin"


def test_the_caret_meets_its_place_in_a_very_long_line() -> None:
    text = "x" * 500 + "HERE" + "x" * 500
    shown, caret = render(Problem("R101", "no", Place("f", 1, 501, text, 4))).splitlines()[1:]
    assert shown[caret.index("^") :][:4] == "HERE"
    assert len(shown) <= 110


def test_file_content_cannot_steer_the_terminal() -> None:
    text = render(Problem("D202", "not a date: '\x1b[31m::error'", Place("f", 1, 1, "\x1b]0;x\x07")))
    assert "\x1b" not in text
    assert "\x07" not in text


def test_a_crash_file_holds_no_message_and_no_values(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    try:
        raise RuntimeError("secret@example.com")
    except RuntimeError as error:
        crash(error)
    (file,) = tmp_path.iterdir()
    said = capsys.readouterr().err
    assert "RuntimeError" in file.read_text()
    assert "secret" not in file.read_text() + said
    assert str(file) in said
