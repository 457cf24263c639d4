"""A CS-ops editor: what one customer did becomes a test of the rules, without the customer in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from segkit.errors import Exit
from tests.cli.command import segkit
from tests.runs.small import RULES, write

TOLD = RULES.replace("events_7d at least 5\nplaybooks", 'industry is "Retail"\nplaybooks')
ACCOUNTS = """\
account_id,name,arr,signup_date,csm,industry
A,Acme,5123,2026-01-01,Ann,Retail
B,Borg,512,2026-01-01,Bob,Banking
C,Cosmo,987,2026-01-01,,Retail
D,Dyna,123,2026-10-05,Bob,Games
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("recorded"), rules=TOLD, accounts=ACCOUNTS)


def test_what_a_customer_did_is_a_test_that_passes(folder: Path) -> None:
    done = segkit("test", "--record", "Acme", "-o", "tests/rules.test.yaml", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert "a test of 11 weeks, 11 of them asked; it passes" in done.stdout
    written = (folder / "tests/rules.test.yaml").read_text()
    assert "name: 'recorded: active, needs_review, at_risk'" in written
    assert "events_7d: 5x9 0x2" in written
    assert "arr: 5100x11" in written
    assert "industry: Retail" in written
    assert "primary: active x9 needs_review at_risk" in written
    assert "because: events_7d 0 (under 3)" in written
    assert not [word for word in ("Acme", "5123", "Ann", "2026") if word in written]
    again = segkit("test", cwd=folder)
    assert (again.returncode, again.stdout) == (0, "1 of 1 test passed.\n")


def test_who_joined_later_begins_later_and_texts_nobody_asks_for_are_hidden(folder: Path) -> None:
    done = segkit("test", "--record", "D", cwd=folder)
    assert done.returncode == 0
    assert "events_7d: 3x7" in done.stdout
    assert "industry: other" in done.stdout
    assert "Games" not in done.stdout


def test_weeks_that_a_test_cannot_show_are_not_asked_for(folder: Path) -> None:
    done = segkit("test", "--record", "C", cwd=folder)
    # C was at risk from the first week on, for its waiting time was waived.
    assert "# In 1 of 11 weeks ('_')" in done.stdout
    assert "primary: _ at_risk" in done.stdout
    (folder / "c.test.yaml").write_text(done.stdout)
    assert segkit("test", "rules.yaml", "--tests", "c.test.yaml", cwd=folder).returncode == 0


def test_a_changed_rule_breaks_the_promise(folder: Path) -> None:
    segkit("test", "--record", "A", "-o", "a.test.yaml", cwd=folder)
    (folder / "new.yaml").write_text(TOLD.replace("enter_after: 2 weeks", "enter_after: 3 weeks"))
    done = segkit("test", "new.yaml", "--tests", "a.test.yaml", cwd=folder)
    assert done.returncode == 1
    assert "primary, week 11: at_risk expected, needs_review found" in done.stdout


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        (["--record", "Nobody"], Exit.USAGE, "S156 no account is called 'Nobody'"),
        (["--record", "A", "--coverage"], Exit.USAGE, "--record makes a test and runs none"),
        (["-o", "x.yaml"], Exit.USAGE, "-o says where a recorded test goes"),
        (["--record", "A", "-o", "rules.yaml"], Exit.USAGE, "T109 is there already"),
    ],
)
def test_what_is_typed_wrongly_is_said(folder: Path, typed: list[str], code: int, said: str) -> None:
    done = segkit("test", *typed, cwd=folder)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in " ".join(done.stderr.replace("│", " ").split())
