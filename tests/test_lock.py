"""One run at a time."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from threading import Timer

import pytest

from segkit.errors import Exit, IoError
from segkit.lock import hold, holder, take_ahead

NOW = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)


def test_the_lock_says_who_holds_it(tmp_path: Path) -> None:
    with hold(tmp_path / "state" / "lock", now=NOW):
        holder = json.loads((tmp_path / "state" / "lock").read_text())
    assert holder["pid"] == os.getpid()
    assert holder["start"] == "2026-11-22T08:30:00+00:00"


def test_a_second_run_is_refused_with_pid_host_and_start(tmp_path: Path) -> None:
    with hold(tmp_path / "lock", now=NOW), pytest.raises(IoError) as error, hold(tmp_path / "lock", now=NOW):
        pass
    problem = error.value.problems[0]
    assert error.value.exit == Exit.IO
    assert problem.code == "I101"
    assert str(os.getpid()) in problem.what
    assert "2026-11-22T08:30:00" in problem.what


def test_the_lock_is_free_again_afterwards(tmp_path: Path) -> None:
    with hold(tmp_path / "lock", now=NOW):
        pass
    with hold(tmp_path / "lock", now=NOW):
        pass


def test_a_killed_process_gives_the_lock_back(tmp_path: Path) -> None:
    program = (
        "import fcntl, os, signal, sys\n"
        "fd = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)\n"
        "fcntl.flock(fd, fcntl.LOCK_EX)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "lock")], check=False)
    with hold(tmp_path / "lock", now=NOW):
        pass


def test_a_link_in_place_of_the_lock_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / "lock").symlink_to(victim)
    with pytest.raises(IoError), hold(tmp_path / "lock", now=NOW):
        pass
    assert victim.read_text() == "precious"


def test_a_lock_taken_ahead_is_held_once_and_then_free(tmp_path: Path) -> None:
    take_ahead(tmp_path / "lock", now=NOW)
    assert holder(tmp_path / "lock") is not None
    with hold(tmp_path / "other", now=NOW):
        assert holder(tmp_path / "lock") is not None, "another lock is another matter"
    with hold(tmp_path / "lock", now=NOW), pytest.raises(IoError), hold(tmp_path / "lock", now=NOW):
        pass
    assert holder(tmp_path / "lock") is None


def test_a_lock_taken_ahead_that_somebody_removed_is_taken_anew(tmp_path: Path) -> None:
    take_ahead(tmp_path / "lock", now=NOW)
    (tmp_path / "lock").unlink()
    with hold(tmp_path / "lock", now=NOW):
        assert holder(tmp_path / "lock") is not None
    assert holder(tmp_path / "lock") is None


def test_somebody_who_only_looks_keeps_nobody_from_starting(tmp_path: Path) -> None:
    """`doctor` holds the lock for as long as it takes to see that it is free."""
    (tmp_path / "lock").touch()
    with (tmp_path / "lock").open() as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)
        Timer(0.02, lambda: fcntl.flock(looking, fcntl.LOCK_UN)).start()
        with hold(tmp_path / "lock", now=NOW):
            pass
