"""cron: never nonsense, never half a result."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.command import segkit
from tests.runs.small import ACCOUNTS, tree, write, write_week

ROOT = Path(__file__).resolve().parents[2]


def published(folder: Path) -> tuple[str, dict[str, bytes]]:
    return (folder / "state/HEAD").read_text(), tree(folder / "out/runs")


def write_accounts(exports: Path, text: str, name: str = "accounts.csv") -> None:
    (exports / name).write_text(text)


def break_accounts(exports: Path) -> None:
    write_accounts(exports, "account,title\nA,Acme\n")


def empty_usage(exports: Path) -> None:
    (exports / "usage_11.csv").write_text("")


def only_headers(exports: Path) -> None:
    write_accounts(exports, "account_id,name\n")


def lose_accounts(exports: Path) -> None:
    (exports / "accounts.csv").unlink()


def send_a_web_page(exports: Path) -> None:
    write_accounts(exports, "<!DOCTYPE html><html><body>Please log in</body></html>")


def repeat_an_account(exports: Path) -> None:
    write_accounts(exports, ACCOUNTS + "A,Other,1,2026-01-01,\n")


def write_dates_the_other_way(exports: Path) -> None:
    write_accounts(exports, ACCOUNTS.replace("2026-01-01", "01.01.2026").replace("2026-10-05", "05.10.2026"))


def overlap_two_files(exports: Path) -> None:
    settings = exports.parent / "segkit.yaml"
    settings.write_text(settings.read_text().replace(", delivery: append", ""))
    shutil.copy(exports / "usage_10.csv", exports / "usage_99.csv")
    with (exports / "usage_99.csv").open("a") as file:
        file.write("2026-11-15,A,click\n")


def let_two_snapshots_disagree(exports: Path) -> None:
    settings = exports.parent / "segkit.yaml"
    both = '["accounts_{date}.csv", "more_{date}.csv"]'
    settings.write_text(settings.read_text().replace("accounts.csv", both))
    write_accounts(exports, ACCOUNTS, "accounts_2026-11-15.csv")
    write_accounts(exports, ACCOUNTS.replace("Acme", "Acne"), "more_2026-11-15.csv")


HARM = {
    "missing column": (break_accounts, "D102"),
    "empty file": (empty_usage, "D103"),
    "only a header": (only_headers, "D103"),
    "missing file": (lose_accounts, "D101"),
    "a web page": (send_a_web_page, "D104"),
    "an account twice": (repeat_an_account, "D203"),
    "dates as not declared": (write_dates_the_other_way, "D107"),
    "days in two files": (overlap_two_files, "D105"),
    "snapshots that disagree": (let_two_snapshots_disagree, "D108"),
}


@pytest.mark.parametrize("harm", HARM)
def test_bad_input_keeps_the_old_results_and_ends_with_4(tmp_path: Path, harm: str) -> None:
    segkit("assign", "-q", write(tmp_path, weeks=11))
    before = published(tmp_path)
    write_week(tmp_path, 11)
    do, code = HARM[harm]
    do(tmp_path / "exports")
    done = segkit("assign", "-q", tmp_path)
    assert done.returncode == 4, done.stderr
    assert code in done.stderr
    assert "Traceback" not in done.stderr
    assert published(tmp_path) == before


def test_a_week_that_the_exports_do_not_hold_is_refused(tmp_path: Path) -> None:
    segkit("assign", "-q", write(tmp_path, weeks=10))
    before = published(tmp_path)
    done = segkit("assign", "-q", tmp_path, "--as-of", "2026-11-22")
    assert done.returncode == 4
    assert "D106" in done.stderr
    assert published(tmp_path) == before


def test_usage_of_a_stranger_is_told_and_kept_apart(tmp_path: Path) -> None:
    write(tmp_path)
    with (tmp_path / "exports/usage_11.csv").open("a") as file:
        file.write("2026-11-22,Z,click\n")
    done = segkit("assign", tmp_path)
    assert done.returncode == 0
    assert "1 of 125 usage rows belong to no known account" in " ".join(done.stdout.split())
    assert "\nZ," not in (tmp_path / "out/latest/assignments.csv").read_text()


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
