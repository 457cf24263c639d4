"""cron: a log for machines, and a run that waits for another one to end."""

from __future__ import annotations

import fcntl
import json
import threading
import time
from pathlib import Path
from typing import Any
from unittest import mock

from segkit.cli.journal import Journal
from segkit.errors import IoError, Problem
from tests.cli.command import segkit
from tests.runs.small import write


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_good_run_and_a_no_op_in_one_log(tmp_path: Path) -> None:
    write(tmp_path / "cs")
    for _ in range(2):
        assert segkit("assign", "-q", tmp_path / "cs", "--log-file", tmp_path / "log").returncode == 0
    told = lines(tmp_path / "log")
    assert [line["event"] for line in told] == [
        *("started", "published", "ended"),
        *("started", "nothing new", "ended"),
    ]
    assert told[0]["workspace"] == str(tmp_path / "cs")
    assert told[1]["as_of"] == "2026-11-22"
    assert told[1]["counts"]["accounts"] == 4
    assert set(told[1]["seconds"]) >= {"rules", "read", "decide", "report"}
    assert [told[2]["exit"], told[5]["exit"]] == [0, 0]


def test_a_failed_run_says_what_was_wrong_and_its_exit_code(tmp_path: Path) -> None:
    write(tmp_path / "cs")
    (tmp_path / "cs/rules.yaml").write_text(
        "version: 1\nname: x\nsegments:\n  - {name: a, enter: logns_7d < 3}\n"
    )
    assert segkit("assign", "-q", tmp_path / "cs", "--log-file", tmp_path / "log").returncode == 2
    told = lines(tmp_path / "log")
    assert [line["event"] for line in told][0::2] == ["started", "ended"]
    assert told[1]["code"] == "R104"
    assert told[1]["where"].endswith("rules.yaml:4:22")
    assert told[-1]["exit"] == 2


def test_a_log_that_cannot_be_written_is_told_before_anything_is_done(tmp_path: Path) -> None:
    write(tmp_path)
    done = segkit("assign", tmp_path, "--log-file", tmp_path / "no" / "log")
    assert done.returncode == 5
    assert "cannot write the log" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_log_on_a_full_disk_is_told_as_such(tmp_path: Path) -> None:
    write(tmp_path)
    done = segkit("assign", tmp_path, "--log-file", "/dev/full")
    assert done.returncode == 5
    assert done.stderr == "/dev/full I102 cannot write the log: No space left on device\n"
    assert not (tmp_path / "out").exists()


def test_what_went_wrong_first_is_told_though_the_log_fails_too(tmp_path: Path) -> None:
    """The disk is full from the second line on."""
    write(tmp_path)
    (tmp_path / "rules.yaml").write_text("version: 1\n")
    real, lines = Journal.write, []

    def once(self: Journal, event: str, **told: object) -> None:
        lines.append(event)
        if len(lines) > 1:
            raise IoError(Problem("I102", "cannot write the log: No space left on device"))
        real(self, event, **told)

    with mock.patch.object(Journal, "write", once):
        done = segkit("assign", tmp_path, "--log-file", tmp_path / "log")
    assert done.returncode == 2
    assert "R110" in done.stderr
    assert lines == ["started", "problem", "ended"]


def test_a_run_waits_for_another_one_to_end(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "state").mkdir()
    with (tmp_path / "state/lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert segkit("assign", "-q", tmp_path, "--wait", "0.2").returncode == 5
        ends = threading.Timer(0.4, lambda: fcntl.flock(lock, fcntl.LOCK_UN))
        ends.start()
        began = time.monotonic()
        assert segkit("assign", "-q", tmp_path, "--wait", "60").returncode == 0
        assert time.monotonic() - began >= 0.3
