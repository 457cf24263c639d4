"""Whoever looks after cron: what was published so far, and whether all of it is as it was written."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from pathlib import Path
from unittest import mock

import polars as pl
import pytest

from segkit.runs import assign
from segkit.workspace import open_workspace
from tests.cli.command import segkit
from tests.runs.small import NOW, RULES, ran, tree, write, write_week


@pytest.fixture(scope="module")
def done_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = ran(tmp_path_factory.mktemp("three"), weeks=10)
    write_week(folder, 10)
    assign(open_workspace(folder), now=NOW)
    write_week(folder, 11)
    (folder / "rules.yaml").write_text(RULES.replace("events_7d under 3", "events_7d under 4"))
    assign(open_workspace(folder), now=NOW)
    return folder


@pytest.fixture
def three_runs(done_once: Path, tmp_path: Path) -> Path:
    """Ten weeks at once, one week, and one by other rules."""
    return Path(shutil.copytree(done_once, tmp_path, symlinks=True, dirs_exist_ok=True))


def test_past_runs_at_a_glance(three_runs: Path) -> None:
    lines = segkit("report", "history", three_runs).stdout.splitlines()
    assert lines[0] == "Small" + " " * 69 + "3 runs"
    assert lines[1].split() == ["as", "of", "accounts", "moves", "rows", "refused", "remarks"]
    assert lines[2].endswith("  other rules")
    assert lines[2].split()[:4] == ["22", "Nov", "2026", "4"]
    assert lines[4].endswith("  9 periods at once")
    assert max(map(len, lines)) <= 80


def test_every_run_with_its_segments_as_data(three_runs: Path) -> None:
    told = json.loads(segkit("report", "history", three_runs, "--format", "json").stdout)["history"]
    assert [(run["as_of"], run["periods"]) for run in told] == [
        ("2026-11-22", 11),
        ("2026-11-15", 1),
        ("2026-11-08", 9),
    ]
    newest = pl.read_csv(three_runs / "out/latest/assignments.csv")["primary"].value_counts()
    assert {name: told[0][name] for name in newest["primary"]} == dict(newest.iter_rows())


def test_nothing_published_yet(tmp_path: Path) -> None:
    write(tmp_path)
    assert segkit("report", "history", tmp_path).stdout == "Nothing was published yet.\n"
    assert "history: nothing was published yet" in segkit("doctor", tmp_path).stdout


def test_every_success_leaves_a_sign_of_life_and_a_failure_none(tmp_path: Path) -> None:
    sign = write(tmp_path, weeks=11) / "state/succeeded"
    assert segkit("assign", "-q", tmp_path).returncode == 0
    first = sign.read_text().split()
    assert first[1:] == ["2026-11-15", (tmp_path / "out/latest").resolve().name[-8:]]
    write_week(tmp_path, 11)
    usage = tmp_path / "exports/usage_11.csv"
    whole = usage.read_bytes()
    usage.write_bytes(b"<html>" + whole)
    assert segkit("assign", "-q", tmp_path).returncode == 4
    assert sign.read_text().split() == first
    usage.write_bytes(whole)
    assert segkit("assign", "-q", tmp_path).returncode == 0
    assert sign.read_text().split()[1] == "2026-11-22"


def test_the_doctor_finds_everything_in_order_and_writes_nothing(three_runs: Path) -> None:
    before = tree(three_runs)
    done = segkit("doctor", three_runs)
    assert done.returncode == 0
    assert "ok   history: 3 published runs to 2026-11-22, " in done.stdout
    assert "ok   lock: free" in done.stdout
    assert tree(three_runs) == before


@pytest.mark.parametrize("name", ["assignments.csv", "state/latches.parquet"])
def test_the_doctor_finds_a_changed_file_of_an_old_run(three_runs: Path, name: str) -> None:
    oldest = min((three_runs / "out/runs").iterdir())
    with (oldest / name).open("ab") as file:
        file.write(b"x")
    done = segkit("doctor", three_runs)
    assert done.returncode == 1
    assert f"bad  {oldest / name} is not as it was written" in done.stdout


def test_the_doctor_says_who_holds_the_lock_and_which_rules_are_wrong(three_runs: Path) -> None:
    (three_runs / "rules.yaml").write_text(RULES.replace("events_7d under 3", "event_7d under 3"))
    with (three_runs / "state/lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = segkit("doctor", three_runs)
    assert done.returncode == 1
    assert "look lock: held by process " in done.stdout
    assert f"bad  {three_runs / 'rules.yaml'} has 1 error\n     hint: segkit check rules" in done.stdout


def test_the_doctor_tells_what_the_next_run_mends_and_what_was_never_published(three_runs: Path) -> None:
    oldest, *_, newest = sorted((three_runs / "out/runs").iterdir())
    (three_runs / "out/latest").unlink()
    (three_runs / "out/latest").symlink_to(f"runs/{oldest.name}")
    (three_runs / "out/runs/2026-11-22-aborted").mkdir()
    done = segkit("doctor", three_runs)
    assert done.returncode == 0
    assert f"look {three_runs / 'out/latest'} does not show the published run" in done.stdout
    assert f"look 1 runs in {three_runs / 'out/runs'} were superseded or never published" in done.stdout
    (newest / "run.json").unlink()
    done = segkit("doctor", three_runs)
    assert done.returncode == 1
    assert "run.json" in done.stdout


def test_the_doctor_sees_a_folder_that_cron_may_not_write_to(three_runs: Path) -> None:
    def may(path: Path, mode: int) -> bool:
        return Path(path) != three_runs / "state"

    with mock.patch.object(os, "access", may):
        done = segkit("doctor", three_runs)
    assert done.returncode == 1
    assert f"bad  {three_runs / 'state'} cannot be written to\n     hint: the user of cron" in done.stdout


def test_the_doctor_sees_a_head_that_names_nothing(three_runs: Path) -> None:
    (three_runs / "state/HEAD").write_text("runs/2026-11-22-00000000\n")
    done = segkit("doctor", three_runs)
    assert done.returncode == 1
    assert "bad  " in done.stdout
    assert "the run that HEAD names is not there" in done.stdout
