"""The command line as a process: exit codes, streams, formats."""

from __future__ import annotations

import errno
import io
import json
import os
import re
import shlex
import subprocess
import sys
import zipfile
from pathlib import Path

import polars as pl
import pytest

from segkit.errors import Exit
from tests.cli.command import segkit
from tests.runs.small import RULES, ran, tree, write


def test_assign_shows_the_first_screen_without_escape_bytes(tmp_path: Path) -> None:
    done = segkit("assign", write(tmp_path))
    assert done.returncode == Exit.DONE
    assert done.stdout.startswith("Small ")
    assert "Call first" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr
    assert done.stderr == ""


def test_a_second_assign_says_that_nothing_is_new(tmp_path: Path) -> None:
    ran(tmp_path)
    done = segkit("assign", cwd=tmp_path / "exports")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.splitlines() == [
        "Nothing new: 2026-11-22 is published with the same facts and rules.",
        "Results: ../out/latest/ (report.html, assignments.csv and more)",
    ]


def test_quiet_is_silent_when_all_is_well(tmp_path: Path) -> None:
    done = segkit("assign", "-q", write(tmp_path))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_data_on_stdout_are_nothing_but_data(tmp_path: Path) -> None:
    done = segkit("assign", write(tmp_path), "-o", "-")
    rows = pl.read_csv(io.StringIO(done.stdout))
    assert rows["account_id"].to_list() == ["A", "B", "C", "D"]
    assert done.stdout.encode() == (tmp_path / "out/latest/assignments.csv").read_bytes()
    assert "Call first" in done.stderr


def test_a_file_of_its_own_takes_its_format_from_the_suffix(tmp_path: Path) -> None:
    write(tmp_path / "ws")
    assert segkit("assign", "ws", "-q", "-o", "mine.json", cwd=tmp_path).returncode == 0
    assert len(json.loads((tmp_path / "mine.json").read_text())["assignments"]) == 4


def read_workbook(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as book:
        return re.findall(r"<t[^>]*>([^<]*)</t>", book.read("xl/sharedStrings.xml").decode())


def test_every_format_can_be_written_by_its_suffix(tmp_path: Path) -> None:
    write(tmp_path / "ws")
    for suffix in ("csv", "xlsx", "parquet", "json", "jsonl", "ndjson", "md"):
        assert segkit("assign", "ws", "-q", "-o", f"new/mine.{suffix}", cwd=tmp_path).returncode == 0
    made = tmp_path / "new"
    names = ["A", "B", "C", "D"]
    assert pl.read_csv(made / "mine.csv")["account_id"].to_list() == names
    assert pl.read_parquet(made / "mine.parquet")["account_id"].to_list() == names
    assert [
        line["account_id"] for line in map(json.loads, (made / "mine.jsonl").read_text().splitlines())
    ] == names
    assert (made / "mine.ndjson").read_bytes() == (made / "mine.jsonl").read_bytes()
    assert (made / "mine.md").read_text().startswith("| account_id | name |")
    assert {"account_id", "Acme", "at_risk"} <= set(read_workbook(made / "mine.xlsx"))


def test_a_suffix_that_says_no_format_is_refused_before_any_work(tmp_path: Path) -> None:
    done = segkit("assign", write(tmp_path), "-o", tmp_path / "mine.xls")
    assert done.returncode == Exit.USAGE
    assert "S155 its suffix says no format" in done.stderr
    assert not (tmp_path / "out").exists()
    assert segkit("assign", tmp_path, "-q", "-o", tmp_path / "mine.txt", "--format", "csv").returncode == 0


def test_a_workbook_without_its_library_is_refused_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segkit.cli.answer.find_spec", lambda _: None)
    done = segkit("assign", write(tmp_path), "-o", tmp_path / "mine.xlsx")
    assert done.returncode == Exit.USAGE
    assert 'hint: pip install "segkit[xlsx]"' in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_terminal_that_knows_no_arrow_is_no_error(tmp_path: Path) -> None:
    write(tmp_path)
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "segkit", "assign", str(tmp_path)],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(root), "PYTHONIOENCODING": "ascii"},
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"? Call them" in done.stdout


def test_warnings_about_the_rules_are_one_line_and_check_prints_them(tmp_path: Path) -> None:
    write(tmp_path / "ws", rules=RULES + "conditions:\n  unhappy: nps_latest under 7\n")
    done = segkit("assign", "ws", cwd=tmp_path)
    assert done.stderr == "1 warning about the rules: segkit check rules ws\n"
    done = segkit("check", "rules", "ws", cwd=tmp_path)
    assert done.returncode == 0
    assert "\nws/rules.yaml:30:12 R202 warning: " in done.stderr
    assert done.stderr.endswith("no errors, 3 warnings.\n")
    assert segkit("check", "rules", "ws", "--strict", cwd=tmp_path).returncode == Exit.PROBLEMS


def test_check_of_a_folder_says_what_is_missing(tmp_path: Path) -> None:
    done = segkit("check", write(tmp_path))
    assert done.returncode == Exit.USAGE
    assert f"segkit check all {tmp_path}" in "".join(done.stderr.split("\n"))


def test_the_same_problem_is_told_once(tmp_path: Path) -> None:
    write(tmp_path)
    with (tmp_path / "segkit.yaml").open("a") as file:
        file.write("exports: nowhere\n")
    done = segkit("check", "all", tmp_path)
    assert done.stderr.count("D101") == 1


def test_a_replay_that_ends_before_it_begins_is_wrong_usage(tmp_path: Path) -> None:
    done = segkit("replay", write(tmp_path), "--from", "2026-11-22", "--to", "2026-11-15")
    assert done.returncode == Exit.USAGE


def test_bare_files_are_named_as_the_user_named_them(tmp_path: Path) -> None:
    (tmp_path / "u.csv").write_text("when,account_id\n2026-11-02,A\n")
    (tmp_path / "good.csv").write_text("at,account_id\n2026-11-02,A\n2026-11-20,A\n")
    (tmp_path / "a.csv").write_text("id\nA\n")
    done = segkit("assign", "--usage", "u.csv", cwd=tmp_path)
    assert (done.returncode, done.stderr.split()[:2]) == (Exit.INPUT, ["u.csv:1", "D102"])
    done = segkit("assign", "--usage", "good.csv", "--accounts", "a.csv", cwd=tmp_path)
    assert (done.returncode, done.stderr.split()[:2]) == (Exit.INPUT, ["a.csv:1", "D102"])


def test_an_unknown_format_lists_the_known_ones(tmp_path: Path) -> None:
    done = segkit("assign", write(tmp_path), "--format", "xls")
    assert done.returncode == Exit.USAGE
    assert "csv, xlsx, parquet, json, jsonl, md, table" in done.stderr


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    write(tmp_path)
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        f"{sys.executable} -m segkit assign {tmp_path} -q -o - | head -c 1",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert (done.stdout, done.stderr) == ("a", "")


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    before = tree(write(tmp_path))
    done = segkit("assign", tmp_path, "--dry-run")
    assert done.returncode == 0
    assert "Nothing was written." in done.stdout
    assert tree(tmp_path) == before


@pytest.mark.parametrize("value", ["15.11.2026", "2026-13-01", "last week"])
def test_a_date_that_is_none_is_wrong_usage(value: str) -> None:
    done = segkit("assign", "--as-of", value)
    assert done.returncode == Exit.USAGE
    assert "Traceback" not in done.stderr


def test_a_folder_without_a_workspace_is_wrong_usage(tmp_path: Path) -> None:
    done = segkit("assign", tmp_path)
    assert done.returncode == Exit.USAGE
    assert "hint:" in done.stderr


def test_a_future_date_is_refused(tmp_path: Path) -> None:
    done = segkit("assign", write(tmp_path), "--as-of", "2999-01-06")
    assert done.returncode in (Exit.USAGE, Exit.INPUT)
    assert not (tmp_path / "out/latest").exists()


def test_a_held_lock_ends_at_once(tmp_path: Path) -> None:
    import fcntl

    write(tmp_path)
    (tmp_path / "state").mkdir()
    with (tmp_path / "state/lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        done = segkit("assign", tmp_path)
    assert done.returncode == Exit.IO
    assert "I101 another run is at work" in done.stderr


def test_a_place_that_cannot_be_written_is_an_io_error(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "out").write_text("a file in the way")
    done = segkit("assign", tmp_path)
    assert done.returncode == Exit.IO
    assert "I102" in done.stderr
    assert "Traceback" not in done.stderr


FULL = {
    "results on a full disk": (["assign", "-o", "-"], ">/dev/full", Exit.IO),
    "a table on a full disk": (["report", "history"], ">/dev/full", Exit.IO),
    "problems on a full disk": (["assign", "nowhere"], "2>/dev/full", Exit.USAGE),
    "problems that nobody hears": (["assign", "nowhere"], "2>&- ", Exit.USAGE),
    "answers that nobody hears": (["assign", "--help"], "<&- >&- ", Exit.DONE),
}


@pytest.mark.parametrize("case", FULL)
def test_streams_that_refuse_are_the_fault_of_the_disk(tmp_path: Path, case: str) -> None:
    arguments, redirected, code = FULL[case]
    if code == Exit.IO:
        ran(tmp_path)
    root = Path(__file__).resolve().parents[2]
    command = shlex.join([sys.executable, "-m", "segkit", *arguments])
    done = subprocess.run(
        ["bash", "-c", f"{command} {redirected}"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert (done.returncode, done.stdout) == (code, "")
    if code != Exit.IO:
        assert done.stderr == ""
    else:
        assert done.stderr.splitlines()[-2:] == [
            "I102 the disk refused: No space left on device",
            "  hint: what is published is whole: the run before, or this one",
        ]


def test_a_disk_that_refuses_where_nobody_foresaw_it_is_no_bug(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", "/srv/cs")

    monkeypatch.setattr("segkit.runs.api.open_workspace", fail)
    done = segkit("assign")
    assert done.returncode == Exit.IO
    assert done.stderr.startswith("/srv/cs I102 the disk refused: Permission denied\n")


def test_check_finds_all_mistakes_with_their_lines(tmp_path: Path) -> None:
    write(tmp_path)
    rules = (tmp_path / "rules.yaml").read_text()
    (tmp_path / "rules.yaml").write_text(
        rules.replace("exit: events_7d", "exit: evnts_7d").replace("arr under", "arr undr")
    )
    done = segkit("check", "rules", ".", cwd=tmp_path)
    assert done.returncode == Exit.PROBLEMS
    assert "rules.yaml:9:11 R104" in done.stderr
    assert "did you mean" in done.stderr
    assert "R101" in done.stderr
    assert "^" in done.stderr
    assert done.stderr.endswith("\n2 errors, no warnings.\n")


def test_check_data_prints_the_row_equation(tmp_path: Path) -> None:
    write(tmp_path)
    with (tmp_path / "exports/usage_11.csv").open("a") as file:
        file.write("2026-11-22,,click\n")
    done = segkit("check", "data", tmp_path)
    assert done.returncode == 0
    assert "accounts: 4 rows = 4 accepted + 0 refused" in done.stdout
    assert "usage: 125 rows = 124 accepted + 1 refused (no id 1)\n" in done.stdout
    assert "  D204 1 × no id, e.g. usage_11.csv:8 no account_id in the row\n" in done.stdout
    assert done.stderr == "1 refused row.\n"
    assert segkit("check", "data", tmp_path, "--strict").returncode == Exit.PROBLEMS
    assert not (tmp_path / "state").exists()


def test_check_all_of_a_good_workspace_is_content(tmp_path: Path) -> None:
    done = segkit("check", "all", write(tmp_path))
    assert done.returncode == 0


def test_replay_tells_what_differs(tmp_path: Path) -> None:
    ran(tmp_path)
    done = segkit("replay", tmp_path)
    assert done.returncode == 0
    assert "Nothing differs." in done.stdout


@pytest.mark.parametrize("which", ["ruleset", "workspace"])
def test_schemas_are_json(which: str) -> None:
    assert json.loads(segkit("schema", which).stdout)["type"] == "object"


def test_an_interrupt_ends_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("segkit.runs.api.open_workspace", stop)
    done = segkit("assign")
    assert (done.returncode, done.stdout, done.stderr) == (Exit.INTERRUPTED, "", "")


def test_a_bug_ends_with_70_and_a_short_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("secret@example.com")

    monkeypatch.setattr("segkit.runs.api.open_workspace", fail)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    done = segkit("assign")
    assert done.returncode == Exit.BUG
    assert "secret" not in done.stderr
    assert "a bug in segkit" in done.stderr


def test_the_help_lists_every_verb_once_those_of_every_day_first() -> None:
    everyday, more = segkit("--help").stdout.split("\nCommands:\n")[1].split("\nMore commands:\n")
    first, rest = ([line.split()[0] for line in part.splitlines() if line] for part in (everyday, more))
    assert first[:3] == ["init", "check", "assign"]
    assert {"replay", "identity", "erase", "doctor", "schema"} <= set(rest)
    assert not set(first) & set(rest)
