"""A CS-ops editor: a segment on trial is computed and told, and nobody acts on it."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from tests.cli.command import segkit
from tests.runs.small import RULES, write, write_week

TRIAL = RULES.replace(
    "  - name: active",
    "  - name: idle\n    status: trial\n    playbook: call\n    enter: events_7d under 1\n"
    "    enter_after: 2 weeks\n    exit: events_7d at least 5\n  - name: active",
)


def read(folder: Path, name: str) -> pl.DataFrame:
    return pl.read_csv(folder / "out/latest" / name, try_parse_dates=True)


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pl.DataFrame, str]:
    """Eleven weeks as usual, the twelfth with one on trial: folder, assignments without, screen."""
    folder = write(tmp_path_factory.mktemp("trial"), weeks=11)
    assert segkit("assign", "-q", cwd=folder).returncode == 0
    (folder / "rules.yaml").write_text(TRIAL)
    write_week(folder, 11)
    done = segkit("assign", cwd=folder)
    assert done.returncode == 0
    without = write(tmp_path_factory.mktemp("without"), weeks=12)
    assert segkit("assign", "-q", cwd=without).returncode == 0
    return folder, read(without, "assignments.csv"), done.stdout


def test_it_is_counted_with_all_of_its_past_and_said_to_be_on_trial(
    tried: tuple[Path, pl.DataFrame, str],
) -> None:
    folder, _, screen = tried
    rows = read(folder, "assignments.csv")
    # A is silent for the second week; C was silent for two weeks in September and came back with five.
    assert rows["trial"].to_list() == ["idle", None, None, None]
    said = " ".join(screen.split())
    assert "On trial nobody acts on these idle 1 5,000 of them at_risk 1" in said
    assert max(map(len, screen.splitlines())) <= 80
    page = (folder / "out/latest/report.html").read_text()
    assert "On trial" in page
    assert "## On trial" in (folder / "out/latest/summary.md").read_text()
    again = segkit("assign", cwd=folder)
    assert "nothing" in (again.stdout + again.stderr).lower()


def test_nothing_that_counts_is_otherwise(tried: tuple[Path, pl.DataFrame, str]) -> None:
    folder, without, _ = tried
    rows = read(folder, "assignments.csv").drop("trial")
    assert rows.equals(without)
    told = pl.concat([read(folder, "transitions.csv")["to"], read(folder, "transitions.csv")["from"]])
    assert "idle" not in told.to_list()
    tasks = read(folder, "worklist.csv")
    assert tasks["segments"].unique().to_list() == ["at_risk"]
    assert json.loads((folder / "out/latest/run.json").read_text())["trials"] == ["idle"]


def test_it_is_described_and_compared_as_what_it_is(tried: tuple[Path, pl.DataFrame, str]) -> None:
    folder, _, _ = tried
    described = segkit("describe", cwd=folder).stdout
    assert "## On trial" in described
    assert "status: trial" in described
    (folder / "live.yaml").write_text(TRIAL.replace("    status: trial\n", ""))
    said = " ".join(segkit("compare", "live.yaml", cwd=folder).stdout.split())
    assert "segment idle is on trial no more" in said


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (TRIAL, "R317 warning: idle is on trial: nobody is told to act on it"),
        (
            TRIAL.replace(
                "  - name: active\n    enter: events_7d",
                "  - name: active\n    enter: not member(idle) and events_7d",
            ),
            "R119 'active' counts, and reads idle, which is on trial",
        ),
        (TRIAL.replace("status: trial", "status: Trial"), "R110 'status' must be 'live' or 'trial'"),
        (
            TRIAL.replace("    goal: Back again.", "    success: not member(idle)"),
            "R119 the playbook 'call' counts, and reads idle, which is on trial",
        ),
        (
            RULES.replace("  - name: at_risk", "  - name: at_risk\n    status: trial").replace(
                "  - name: active", "  - name: active\n    status: trial"
            ),
            "R118 every segment here is on trial",
        ),
    ],
)
def test_what_cannot_be_tried_is_told(tmp_path: Path, rules: str, said: str) -> None:
    folder = write(tmp_path, weeks=2, rules=rules)
    done = segkit("check", "rules", cwd=folder)
    assert said in " ".join((done.stdout + done.stderr).split())
