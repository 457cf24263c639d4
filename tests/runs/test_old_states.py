"""What older versions left is read, found in order, and gone on from: for every release there has been."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from segkit import __version__
from segkit.errors import Exit
from segkit.runs import assign
from segkit.workspace import open_workspace
from tests.cli.command import segkit
from tests.golden.states import NEXT, STATES
from tests.runs.small import NOW, SUNDAYS, tree

RELEASES = sorted(path.stem for path in STATES.glob("[0-9]*.zip"))
CHANGES = Path(__file__).resolve().parents[2] / "CHANGELOG.md"
MAKING = len(RELEASES) == 1 and f"[Unreleased] {__version__}" in CHANGES.read_text("utf-8")
PRIMARIES = {"A": "needs_review", "B": "active", "C": "at_risk", "D": "active"}
"""As published by the second of the two runs."""


@pytest.fixture(params=RELEASES)
def left(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The workspace as that version left it; beside it lies the next export."""
    shutil.unpack_archive(STATES / f"{request.param}.zip", tmp_path)
    return tmp_path / "workspace"


def test_this_version_is_among_them() -> None:
    assert __version__ in RELEASES, "python -m tests.golden.states"


def test_it_is_read_and_in_order(left: Path) -> None:
    before = tree(left)
    done = segkit("doctor", left)
    assert done.returncode == Exit.DONE, done.stdout
    assert f"2 published runs to {SUNDAYS[10]}" in done.stdout
    history = segkit("report", "history", left, "--format", "csv").stdout
    assert [line[:10] for line in history.splitlines()[1:]] == [str(SUNDAYS[10]), str(SUNDAYS[9])]
    told = segkit("explain", "Acme", left)
    assert (told.returncode, "needs_review since this week; before that active" in told.stdout) == (0, True)
    assert tree(left) == before


def test_the_same_exports_are_nothing_new(left: Path) -> None:
    """A version in the making may still read rules otherwise than it did; one that is out may not."""
    run = assign(open_workspace(left), now=NOW)
    assert run.as_of == SUNDAYS[10]
    assert not run.fresh or MAKING
    assert dict(run.assignments.select("account_id", "primary").iter_rows()) == PRIMARIES


def test_the_next_week_goes_on_from_it_and_decides_what_one_from_nothing_decides(left: Path) -> None:
    parent = (left / "state/HEAD").read_text().strip()
    anew = shutil.copytree(left, left.parent / "anew", ignore=shutil.ignore_patterns("out", "state"))
    for folder in (left, anew):
        shutil.copy(left.parent / NEXT, folder / "exports")
    run, whole = (assign(open_workspace(folder), now=NOW) for folder in (left, anew))
    assert run.folder is not None
    assert json.loads((run.folder / "run.json").read_text())["parent"] == parent
    assert run.assignments.equals(whole.assignments)
    assert run.transitions.equals(whole.transitions.filter(pl.col("as_of") == SUNDAYS[11]))
