"""Every problem that can be told has a page, and no page is about one that cannot."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from segkit.errors import ConfigError, Exit
from segkit.pages import page, pages
from tests.cli.command import segkit

ROOT = Path(__file__).resolve().parents[1]
SOURCE = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "segkit").rglob("*.py"))
RAISED = set(re.findall(r'"([A-Z]\d{3})"', SOURCE))


def test_every_code_has_its_page_and_every_page_its_code() -> None:
    assert set(pages()) == RAISED


@pytest.mark.parametrize("code", sorted(code for code in RAISED if code.startswith("R")))
def test_a_page_about_rules_says_what_why_an_example_and_what_instead(code: str) -> None:
    parts = ("What it does: ", "Why it is bad: ", "Example: ", "Instead: ")
    assert [part for part in parts if f"\n{part}" not in page(code)] == []


def test_check_explain_prints_the_page() -> None:
    done = segkit("check", "--explain", "r304")
    assert done.returncode == 0
    assert done.stdout.startswith("## R304 no margin between enter and exit\n\nWhat it does: ")
    assert "R305" not in done.stdout
    assert segkit("check", "--explain", "D109").stdout.count("\n") >= 3


def test_a_code_that_no_problem_has_is_told() -> None:
    done = segkit("check", "--explain", "R340")
    assert done.returncode == Exit.USAGE
    assert "S164 no problem has the code 'R340'" in done.stderr
    with pytest.raises(ConfigError):
        page("nonsense")
