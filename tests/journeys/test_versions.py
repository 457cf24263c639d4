"""What changed in the rules since the last version: told by describe and report.html, from the run itself."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from segkit.runs.folders import versions
from segkit.runs.given.inputs import read_rules
from segkit.workspace import open_workspace
from tests.cli.command import segkit
from tests.runs.small import RULES, write, write_week

NEW = RULES.replace("version: 1", "version: 2").replace("events_7d under 3", "events_7d under 2")
CHANGE = "at_risk, enter: events_7d under 3 → events_7d under 2"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten weeks under version 1, the eleventh and the twelfth under version 2."""
    folder = write(tmp_path_factory.mktemp("versions"), weeks=10)
    assert segkit("assign", "-q", cwd=folder).returncode == 0
    assert "What changed" not in segkit("describe", cwd=folder).stdout
    (folder / "rules.yaml").write_text(NEW)
    early = segkit("describe", cwd=folder).stdout
    assert "## What changed since version 1, which decided until 8 Nov 2026" in early
    for week in (10, 11):
        write_week(folder, week)
        assert segkit("assign", "-q", cwd=folder).returncode == 0
    return folder


def test_a_run_keeps_the_rules_it_was_decided_with(folder: Path) -> None:
    first, *_, last = sorted((folder / "out/runs").iterdir())
    assert (first / "state/rules.yaml").read_text() == RULES
    assert (last / "state/rules.yaml").read_text() == NEW
    told = json.loads((last / "run.json").read_text())
    assert "state/rules.yaml" in told["files"]
    changed = told["ruleset"]["changed"]
    assert (changed["version"], changed["last"], changed["changes"]) == (1, "2026-11-08", [CHANGE])
    assert json.loads((first / "run.json").read_text())["ruleset"]["changed"] is None
    assert str(folder) not in (last / "run.json").read_text()


def test_describe_says_it_by_itself_also_weeks_later(folder: Path) -> None:
    said = segkit("describe", cwd=folder).stdout
    assert "## What changed since version 1, which decided until 8 Nov 2026" in said
    assert "events\\_7d under 3 → events\\_7d under 2" in said
    assert "What changed since rules.yaml" in segkit("describe", "--since", "rules.yaml", cwd=folder).stdout


def test_the_page_of_the_run_says_it_too(folder: Path) -> None:
    page = (folder / "out/latest/report.html").read_text()
    assert "What changed since version 1, which decided until 8 Nov 2026" in page
    assert f"<li>{CHANGE}</li>" in page


def test_what_no_rule_file_says_is_not_made_up(tmp_path: Path) -> None:
    folder = write(tmp_path, weeks=4)
    segkit("assign", "-q", cwd=folder)
    with (folder / "segkit.yaml").open("a") as file:
        file.write("definitions:\n  activity: {except_events: [ping]}\n")
    said = segkit("describe", cwd=folder).stdout
    assert "- nothing in the rule file: the definitions or the calendar of segkit.yaml" in said


def test_rules_that_this_version_cannot_read_any_more_are_told_as_that(folder: Path) -> None:
    """As a run of long ago may have them: what changed since cannot be said, which is no reason to stop."""
    workspace = open_workspace(folder)
    rules, _ = read_rules(workspace)
    told = {"logic": "other", "files": {versions.RULES: ""}, "version": 1, "as_of": date(2020, 1, 5)}
    old = SimpleNamespace(content=lambda name: b"segments: [of another time]", **told)
    changed = versions.changed_since(workspace, rules, cast(Any, old))
    assert changed is not None
    assert (changed.version, changed.changes) == (1, (versions.UNREADABLE,))
    assert versions.changed_since(workspace, rules, None) is None
    none = SimpleNamespace(**{**told, "files": {}})
    assert versions.changed_since(workspace, rules, cast(Any, none)) is None
