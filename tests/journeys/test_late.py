"""An analyst: rows that come late are told, a replay shows what they change, and can be published."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from segkit.runs import assign
from segkit.workspace import open_workspace
from tests.cli.command import segkit
from tests.runs.small import NOW, ran, tree, write, write_week

SAID = "usage: 3 rows came late, for the week to 8 Nov 2026, which is published (D308)"


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eleven weeks by two runs; then three rows of the tenth come, with the twelfth week."""
    folder = ran(tmp_path_factory.mktemp("twice"), weeks=10)
    write_week(folder, 10)
    assign(open_workspace(folder), now=NOW)
    write_week(folder, 11)
    with (folder / "exports/usage_09.csv").open("a") as file:
        file.write("2026-11-08,C,click\n" * 3)
    return folder


@pytest.fixture
def late(twice: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(twice, tmp_path, symlinks=True, dirs_exist_ok=True))


def test_late_rows_are_told_and_change_no_published_week(late: Path) -> None:
    before = tree(late / "out/runs")
    done = segkit("assign", late)
    assert SAID in " ".join(done.stdout.split())
    assert before.items() <= tree(late / "out/runs").items()


def test_a_replay_says_what_they_change_and_why(late: Path) -> None:
    done = segkit("replay", late, "--to", "2026-11-15")
    report = done.stdout[done.stdout.index("Against what was published") :].splitlines()
    assert report[:6] == [
        "Against what was published                                 2 runs to 15 Nov 2026",
        "  The rules are the same.",
        "  usage: 3 rows came late, for the week to 8 Nov 2026, which is published.",
        "  at_risk → active                         1 account   8 Nov 2026 to 15 Nov 2026",
        "  For the week to 15 Nov 2026:",
        "    =Cosmo                             at_risk → active",
    ]
    assert max(map(len, report[:6])) == 80


def test_publishing_it_leaves_the_report_beside_the_new_truth(late: Path) -> None:
    segkit("replay", late, "--publish", "-q")
    name = (late / "state/HEAD").read_text().strip()
    said = (late / "out" / name / "differences.md").read_text()
    assert "| at_risk | active | 1 | 8 Nov 2026 | 15 Nov 2026 |" in said
    assert "came late" not in segkit("assign", late).stdout


def test_check_data_says_how_late_rows_arrive(tmp_path: Path) -> None:
    write(tmp_path)
    arrivals = ["2026-11-10T12:00:00"] * 96 + ["2026-11-11T09:00:00"] * 3 + ["2026-12-31T00:00:00"]
    rows = "".join(f"2026-11-10T08:00:00,A,{arrived}\n" for arrived in arrivals)
    (tmp_path / "exports/usage_99.csv").write_text(f"at,account_id,arrived_at\n{rows}")
    said = segkit("check", "data", tmp_path).stdout
    assert (
        "rows arrived: 96.0 % within a day of the event, 99.0 % within 7, the last after 28 days or more"
        in said
    )
    found = json.loads((tmp_path / "out/quality.json").read_text())["sources"]["usage"]
    assert found["arrived_after_days"] == {"0": 96, "1": 3, "28": 1}
