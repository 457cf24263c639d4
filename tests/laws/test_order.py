"""The order law: row order, threads and time zone change no decided byte, and weeks add up to one replay."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from benchmarks.determinism import ACCEPTED, BECAUSE, DECIDED, OUTAGE, Setting, shuffle
from segkit.errors import GuardError, InputError
from segkit.reports import to_csv
from segkit.runs import assign, replay
from segkit.workspace import open_workspace
from tests.journeys.example import NOW, copy

ROOT = Path(__file__).resolve().parents[2]
LAST = date(2026, 11, 15)


@pytest.fixture
def zone() -> Iterator[None]:
    before = os.environ.get("TZ")
    yield
    os.environ.pop("TZ", None)
    if before is not None:
        os.environ["TZ"] = before
    time.tzset()


def weekly(folder: Path, last: date, weeks: int) -> tuple[bytes, bytes, bytes]:
    """assignments.csv and worklist.csv of the week `last` and all transitions, from one run a week.

    The week that no row lies in is refused, as cron would see it; the next run decides both weeks and trips a
    guard, as does the week in which half of the accounts have none. Both are accepted; no other trips one.
    """
    workspace = open_workspace(folder)
    head, rows = b"", b""
    for back in range(weeks - 1, -1, -1):
        as_of = last - timedelta(weeks=back)
        if as_of == OUTAGE:
            with pytest.raises(InputError, match="D106 no usage row lies in the week"):
                assign(workspace, now=NOW, as_of=as_of)
            continue
        accept = {ACCEPTED[as_of]: BECAUSE} if as_of in ACCEPTED else {}
        for name in accept:
            with pytest.raises(GuardError, match=name):
                assign(workspace, now=NOW, as_of=as_of)
        run = assign(workspace, now=NOW, as_of=as_of, accept=accept)
        assert run.folder is not None
        head, body = (run.folder / "transitions.csv").read_bytes().split(b"\n", 1)
        rows += body
    assignments, worklist = ((run.folder / name).read_bytes() for name in ("assignments.csv", "worklist.csv"))
    return assignments, worklist, head + b"\n" + rows


@pytest.mark.parametrize("last", [date(2026, 1, 11), date(2026, 10, 4)], ids=["a week missing", "an outage"])
def test_weekly_runs_decide_what_one_replay_decides(last: date, tmp_path: Path, zone: None) -> None:
    """The replay reads shuffled rows in another time zone, without the tables that the runs kept.

    A whole year of weekly runs is `make determinism`.
    """
    assignments, worklist, transitions = weekly(copy(tmp_path / "weekly"), last, 8)
    other = copy(tmp_path / "replay")
    for number, path in enumerate(sorted((other / "exports").iterdir())):
        shuffle(path, number)
    os.environ["TZ"] = "Asia/Kolkata"
    time.tzset()
    whole = replay(open_workspace(other), now=NOW, end=last)
    assert to_csv(whole.assignments) == assignments
    assert to_csv(whole.transitions) == transitions
    assert to_csv(whole.worklist) == worklist


def test_weekly_runs_of_the_command_give_the_same_bytes(tmp_path: Path) -> None:
    """By the command, in other zones, with other threads and shuffled rows, against runs in process."""
    settings = (Setting(1, "America/New_York", 1), Setting(8, "Asia/Kolkata", 2))
    plain = copy(tmp_path / "plain")
    others = [copy(tmp_path / f"other{setting.threads}") for setting in settings]
    for folder, setting in zip(others, settings, strict=True):
        for path in sorted((folder / "exports").iterdir()):
            shuffle(path, setting.shuffle or 0)
    # Modules compiled once, as an installation has them, not in each of the four processes.
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    for back in (1, 0):
        as_of = LAST - timedelta(weeks=back)
        assign(open_workspace(plain), now=NOW, as_of=as_of)
        for folder, setting in zip(others, settings, strict=True):
            subprocess.run(
                [sys.executable, "-m", "segkit", "assign", "-q", "--as-of", str(as_of), str(folder)],
                env={**inherited, **setting.env, "PYTHONPATH": str(ROOT)},
                check=True,
            )
            for name in DECIDED:
                here, there = (side / "out/latest" / name for side in (plain, folder))
                assert here.read_bytes() == there.read_bytes(), (as_of, setting, name)
