"""`segkit report baseline`: one account against what was expected of it."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import polars as pl
import pytest

from segkit.reports.words import cells
from tests.cli.command import segkit
from tests.runs.small import tree, write

WEEKS_OF_B = [3, 3, 3, 3, 3, 0, 3, 3, 3, 3, 3]
"""From the first whole week that the files cover."""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("report"))


def test_the_screen_shows_plot_table_and_basis(workspace: Path) -> None:
    done = segkit("report", "baseline", "acme", "events_7d", workspace)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0] == "Acme  events_7d against what was expected"
    said = " ".join(" ".join(lines).split())
    assert "Basis: previous. Its own last twelve weeks; too few other accounts to compare with." in said
    assert "First season: no year of its own tells yet what is usual in these weeks." in said
    assert max(cells(line) for line in lines) <= 80


def test_csv_has_every_period(workspace: Path) -> None:
    done = segkit("report", "baseline", "B", "events_7d", workspace, "--format", "csv")
    rows = pl.read_csv(BytesIO(done.stdout.encode()))
    assert rows["value"].to_list() == WEEKS_OF_B
    assert rows["expected"][10] == pytest.approx(27 / 10)
    assert rows["vs_expected"].null_count() == 11, "3 a week are under min_volume"


def test_json_and_files_work_as_for_assign(workspace: Path, tmp_path: Path) -> None:
    target = tmp_path / "b.json"
    assert segkit("report", "baseline", "B", "events_7d", workspace, "-o", target).returncode == 0
    assert len(json.loads(target.read_text())["baseline"]) == 11


def test_it_writes_nothing_else(workspace: Path) -> None:
    before = tree(workspace)
    segkit("report", "baseline", "B", "logins_7d", workspace)
    segkit("report", "baseline", "B", "active_users_28d", workspace)
    assert tree(workspace) == before


@pytest.mark.parametrize(
    ("account", "metric", "said"),
    [
        ("Acmee", "events_7d", "did you mean 'Acme'?"),
        ("Acme", "evnts_7d", "did you mean 'events_28d'?"),
        ("Acme", "notice_given", "is no number"),
    ],
)
def test_what_does_not_exist_is_refused_with_a_hint(
    workspace: Path, account: str, metric: str, said: str
) -> None:
    done = segkit("report", "baseline", account, metric, workspace)
    assert done.returncode == 2
    assert said in done.stderr
