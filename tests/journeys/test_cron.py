"""cron: never nonsense, never half a result."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.command import segkit
from tests.runs.small import ACCOUNTS, RULES, ran, tree, write, write_week

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


def write_words_for_numbers(exports: Path) -> None:
    write_accounts(exports, re.sub(r",(\d+),(2026)", r",many,\2", ACCOUNTS))


HARM = {
    "missing column": (break_accounts, "exports/accounts.csv:1 D102"),
    "empty file": (empty_usage, "exports/usage_11.csv D103"),
    "only a header": (only_headers, "exports/accounts.csv:1 D103"),
    "missing file": (lose_accounts, "exports/accounts.csv D101"),
    "a web page": (send_a_web_page, "exports/accounts.csv:1 D104"),
    "an account twice": (repeat_an_account, "exports/accounts.csv:6 D203"),
    "dates as not declared": (write_dates_the_other_way, "exports/accounts.csv:2 D107"),
    "wrong type in every row": (write_words_for_numbers, "exports/accounts.csv:2 D103"),
    "days in two files": (overlap_two_files, "exports/usage_99.csv D105"),
    "snapshots that disagree": (let_two_snapshots_disagree, "exports/more_2026-11-15.csv:2 D108"),
}


@pytest.mark.parametrize("harm", HARM)
def test_bad_input_keeps_the_old_results_and_ends_with_4(tmp_path: Path, harm: str) -> None:
    ran(tmp_path, weeks=11)
    before = published(tmp_path)
    write_week(tmp_path, 11)
    do, place_and_code = HARM[harm]
    do(tmp_path / "exports")
    exports = tree(tmp_path / "exports")
    done = segkit("assign", "-q", cwd=tmp_path)
    assert done.returncode == 4, done.stderr
    assert done.stderr.startswith(f"{place_and_code} ")
    assert "\n  hint: " in done.stderr
    assert "Traceback" not in done.stderr
    assert published(tmp_path) == before
    assert tree(tmp_path / "exports") == exports


SLIPS = {
    "unknown metric": (("events_7d under 3", "evnts_7d under 3"), "rules.yaml:7:12 R104"),
    "wrong type": (("events_7d under 3", 'events_7d under "3"'), "rules.yaml:7:28 R106"),
    "cyclic rule": (
        ("events_7d at least 3\nother", "events_7d at least 3 and not member(busy)\nother"),
        "rules.yaml:12:41 R108",
    ),
    "logins without a definition": (("events_7d under 3", "logins_7d under 3"), "rules.yaml:7:12 R109"),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_broken_rule_keeps_the_old_results_and_ends_with_2(tmp_path: Path, slip: str) -> None:
    ran(tmp_path, weeks=11)
    before = published(tmp_path)
    write_week(tmp_path, 11)
    (old, new), place_and_code = SLIPS[slip]
    assert old in RULES
    rules = RULES.replace(old, new, 1)
    if slip == "cyclic rule":
        rules = rules.replace("    enter: events_7d at least 5", "    enter: member(active)")
    (tmp_path / "rules.yaml").write_text(rules)
    done = segkit("assign", "-q", cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith(f"{place_and_code} ")
    assert "\n  hint: " in done.stderr
    assert published(tmp_path) == before


def test_a_value_of_the_wrong_type_costs_its_row_and_is_told(tmp_path: Path) -> None:
    ran(tmp_path, weeks=11)
    write_week(tmp_path, 11)
    with (tmp_path / "exports/usage_11.csv").open("a") as file:
        file.write("last Sunday,A,click\n")
    done = segkit("assign", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "1 refused (not in the declared format 1)" in done.stdout
    header, row = (tmp_path / "out/latest/rejected/usage.csv").read_text().splitlines()
    assert header == "file,line,column,code,reason,raw"
    assert row.startswith("usage_11.csv,8,at,D202,")
    assert "last Sunday" in row


def test_a_week_that_the_exports_do_not_hold_is_refused(tmp_path: Path) -> None:
    ran(tmp_path, weeks=10)
    before = published(tmp_path)
    done = segkit("assign", "-q", "--as-of", "2026-11-22", cwd=tmp_path)
    assert done.returncode == 4
    assert done.stderr.startswith("exports/usage_09.csv D106 ")
    assert "hint: the last covered week ends 2026-11-08" in done.stderr
    assert published(tmp_path) == before


@pytest.mark.parametrize("day", ["2026-11-18", "2999-01-06"])
def test_a_day_that_ends_no_week_or_lies_ahead_is_wrong_usage(tmp_path: Path, day: str) -> None:
    done = segkit("assign", write(tmp_path), "--as-of", day)
    assert done.returncode == 2
    assert done.stderr.startswith(f"S15{4 if day > '2030' else 3} {day} ")
    assert not (tmp_path / "out").exists()


def test_usage_of_a_stranger_is_told_and_kept_apart(tmp_path: Path) -> None:
    write(tmp_path)
    with (tmp_path / "exports/usage_11.csv").open("a") as file:
        file.write("2026-11-22,Z,click\n")
    done = segkit("assign", tmp_path)
    assert done.returncode == 0
    assert "1 of 125 usage rows belong to no known account" in " ".join(done.stdout.split())
    checked = segkit("check", "data", cwd=tmp_path).stderr
    assert checked.startswith("exports/usage_11.csv:8 D109 warning: ")
    assert "hint: add these accounts to the accounts export" in checked
    assert "\nZ," not in (tmp_path / "out/latest/assignments.csv").read_text()


def test_the_week_after_the_repair_goes_on_as_if_nothing_had_been(tmp_path: Path) -> None:
    ran(tmp_path, weeks=10)
    good = (tmp_path / "exports/accounts.csv").read_text()
    break_accounts(tmp_path / "exports")
    write_week(tmp_path, 10)
    assert segkit("assign", "-q", tmp_path).returncode == 4
    (tmp_path / "exports/accounts.csv").write_text(good)
    write_week(tmp_path, 11)
    assert segkit("assign", "-q", tmp_path).returncode == 0
    ran(tmp_path / "anew")
    one, two = (side / "out/latest/assignments.csv" for side in (tmp_path, tmp_path / "anew"))
    assert one.read_bytes() == two.read_bytes()


def test_a_run_killed_at_any_moment_leaves_the_old_run_or_the_new_one(tmp_path: Path) -> None:
    ran(tmp_path, weeks=11)
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
