"""The order law: row order, threads and time zone change no decided byte, and weeks add up to one replay."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from benchmarks.determinism import BECAUSE, DECIDED, OUTAGE, Setting, shuffle
from segkit.errors import InputError
from segkit.reports import to_csv
from segkit.runs import assign, replay
from segkit.workspace import open_workspace
from tests.journeys.example import NOW, thinned

ROOT = Path(__file__).resolve().parents[2]
LAST = date(2026, 11, 15)
TRIPPING = (date(2025, 12, 28), date(2026, 9, 6))
"""The weeks after one without a row, and without the rows of half of the accounts."""


@pytest.fixture
def zone() -> Iterator[None]:
    before = os.environ.get("TZ")
    yield
    os.environ.pop("TZ", None)
    if before is not None:
        os.environ["TZ"] = before
    time.tzset()


def weekly(folder: Path, last: date, weeks: int) -> tuple[bytes, bytes]:
    """assignments.csv of the week `last` and all transitions, from one run a week.

    The week that no row lies in is refused, as cron would see it; the next run decides both weeks and trips a
    guard, as does the week in which half of the accounts have none. Both are accepted; no other trips one.
    That nothing is published until then, tests/journeys/test_guards.py shows.
    """
    workspace = open_workspace(folder)
    head, rows = b"", b""
    for back in range(weeks - 1, -1, -1):
        as_of = last - timedelta(weeks=back)
        if as_of == OUTAGE:
            with pytest.raises(InputError, match="D106 no usage row lies in the week"):
                assign(workspace, now=NOW, as_of=as_of)
            continue
        accept = {"fewer_rows": BECAUSE} if as_of in TRIPPING else {}
        run = assign(workspace, now=NOW, as_of=as_of, accept=accept)
        assert run.folder is not None
        assert run.guards.accepted == accept
        head, body = (run.folder / "transitions.csv").read_bytes().split(b"\n", 1)
        rows += body
    return (run.folder / "assignments.csv").read_bytes(), head + b"\n" + rows


def reordered(folder: Path, seed: int) -> Path:
    for number, path in enumerate(sorted((folder / "exports").iterdir())):
        shuffle(path, seed + number)
    return folder


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A third of the example's accounts."""
    return thinned(tmp_path_factory.mktemp("plain") / "saas")


@pytest.fixture(scope="module")
def shuffled(plain: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return reordered(shutil.copytree(plain, tmp_path_factory.mktemp("shuffled") / "saas"), 0)


@pytest.mark.parametrize(
    ("last", "weeks"), [(date(2026, 1, 4), 4), (date(2026, 9, 13), 3)], ids=["a week missing", "an outage"]
)
def test_weekly_runs_decide_what_one_replay_decides(
    plain: Path, shuffled: Path, last: date, weeks: int, tmp_path: Path, zone: None
) -> None:
    """The replay reads shuffled rows in another time zone, without the tables that the runs kept.

    Work lists are not compared: what stood before the first run is due from that run on.

    The whole example is `make determinism`, a whole year `python -m benchmarks determinism --weeks 52`.
    """
    assignments, transitions = weekly(shutil.copytree(plain, tmp_path / "weekly"), last, weeks)
    os.environ["TZ"] = "Asia/Kolkata"
    time.tzset()
    whole = replay(open_workspace(shuffled), now=NOW, end=last)
    assert to_csv(whole.assignments) == assignments
    assert to_csv(whole.transitions) == transitions


def test_weekly_runs_of_the_command_give_the_same_bytes(tmp_path: Path) -> None:
    """By the command, in other zones, with other threads and shuffled rows, against runs in process.

    The second week, which goes on from what the first left, with eight threads only.
    """
    settings = (Setting(8, "Asia/Kolkata", 2), Setting(1, "America/New_York", 1))
    ours = thinned(tmp_path / "ours", since="2026-Q4")
    others = [
        reordered(shutil.copytree(ours, tmp_path / f"other{each.shuffle}"), each.shuffle or 0)
        for each in settings
    ]
    for back in (1, 0):
        as_of = LAST - timedelta(weeks=back)
        assign(open_workspace(ours), now=NOW, as_of=as_of)
        for folder, setting in list(zip(others, settings, strict=True))[: 1 + back]:
            subprocess.run(
                [sys.executable, "-m", "segkit", "assign", "-q", "--as-of", str(as_of), str(folder)],
                env={**os.environ, **setting.env, "PYTHONPATH": str(ROOT)},
                check=True,
            )
            for name in DECIDED:
                here, there = (side / "out/latest" / name for side in (ours, folder))
                assert here.read_bytes() == there.read_bytes(), (as_of, setting, name)
