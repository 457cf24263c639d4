"""cron: never nonsense, never half a result."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.command import segkit
from tests.runs.small import tree, write, write_week

ROOT = Path(__file__).resolve().parents[2]


def published(folder: Path) -> tuple[str, dict[str, bytes]]:
    return (folder / "state/HEAD").read_text(), tree(folder / "out/runs")


def break_accounts(exports: Path) -> None:
    (exports / "accounts.csv").write_text("account,title\nA,Acme\n")


def empty_usage(exports: Path) -> None:
    (exports / "usage_11.csv").write_text("")


def lose_accounts(exports: Path) -> None:
    (exports / "accounts.csv").unlink()


def send_a_web_page(exports: Path) -> None:
    (exports / "accounts.csv").write_text("<!DOCTYPE html><html><body>Please log in</body></html>")


@pytest.mark.parametrize("harm", [break_accounts, empty_usage, lose_accounts, send_a_web_page])
def test_bad_input_keeps_the_old_results_and_ends_with_4(tmp_path: Path, harm: object) -> None:
    segkit("assign", "-q", write(tmp_path, weeks=11))
    before = published(tmp_path)
    write_week(tmp_path, 11)
    harm(tmp_path / "exports")  # type: ignore[operator]
    done = segkit("assign", "-q", tmp_path)
    assert done.returncode == 4
    assert done.stderr
    assert "Traceback" not in done.stderr
    assert published(tmp_path) == before


def test_the_week_after_the_repair_goes_on_as_if_nothing_had_been(tmp_path: Path) -> None:
    segkit("assign", "-q", write(tmp_path, weeks=10))
    good = (tmp_path / "exports/accounts.csv").read_text()
    break_accounts(tmp_path / "exports")
    write_week(tmp_path, 10)
    assert segkit("assign", "-q", tmp_path).returncode == 4
    (tmp_path / "exports/accounts.csv").write_text(good)
    write_week(tmp_path, 11)
    assert segkit("assign", "-q", tmp_path).returncode == 0
    segkit("assign", "-q", write(tmp_path / "anew"))
    one, two = (side / "out/latest/assignments.csv" for side in (tmp_path, tmp_path / "anew"))
    assert one.read_bytes() == two.read_bytes()


def test_a_run_killed_at_any_moment_leaves_the_old_run_or_the_new_one(tmp_path: Path) -> None:
    segkit("assign", "-q", write(tmp_path, weeks=11))
    write_week(tmp_path, 11)
    for delay in (0.9, 1.3, 1.8):
        process = subprocess.Popen(
            [sys.executable, "-m", "segkit", "assign", "-q", str(tmp_path)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        head = (tmp_path / "state/HEAD").read_text().strip()
        assert (tmp_path / "out" / head / "run.json").is_file()
    assert segkit("assign", "-q", tmp_path).returncode == 0
    assert (tmp_path / "state/HEAD").read_text().startswith("runs/2026-11-22-")
    assert not list((tmp_path / "out/runs").glob(".tmp-*"))
