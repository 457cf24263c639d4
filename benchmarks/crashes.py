"""Runs that are killed, whose disk fails, or that start at the same time: what is left behind.

A week of the example is decided again and again, from the same week before it. Every trial ends with a look
at all bytes that published runs left, and with a run that must succeed and sweep.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from benchmarks.process import PYTHON, ROOT
from benchmarks.table import Row, show
from segkit.runs.doctor import examine

BEFORE, WEEK = "2026-11-08", "2026-11-15"
STARTS = 20
CALLS = ("replace", "symlink", "rename", "mkdir", "chmod", "open", "unlink", "fsync")
"""Calls of the operating system that change what lies on a disk."""


def run(trials: int) -> int:
    """1 when anything was torn, or a run after a crash did not succeed."""
    home = Path(mkdtemp())
    try:
        base = _week_before(home / "base")
        torn, stuck = _kills(base, home, trials)
        mixed, calls = _failing_calls(base, home)
        ran, busy, slowest = _at_once(base, home)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    print(f"{trials} kills, {calls} failing calls, {STARTS} starts at once: {ran} ran, {busy} were refused")
    rows = [
        Row("kills: history torn", 0, torn),
        Row("kills: the next run failed or left something over", 0, stuck),
        Row("failing calls: neither the old nor the new run", 0, mixed),
        Row("starts at once: neither ran nor were refused", 0, STARTS - ran - busy),
        Row("starts at once: more than one decided", 0, ran - 1),
        Row("starts at once: slowest refusal, s", 2.0, slowest),
    ]
    return show("crashes", rows)


def _week_before(folder: Path) -> Path:
    ignored = shutil.ignore_patterns("out", "state")
    shutil.copytree(ROOT / "examples" / "saas", folder, ignore=ignored)
    if _ended(folder, BEFORE) != 0:
        sys.exit("the week before could not be decided")
    return folder


def _start(folder: Path, as_of: str) -> subprocess.Popen[bytes]:
    command = [PYTHON, "-m", "segkit", "assign", "-q", "--as-of", as_of, str(folder)]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)


def _ended(folder: Path, as_of: str = WEEK) -> int:
    return _start(folder, as_of).wait()


def _copied(base: Path, home: Path) -> Path:
    folder = home / "trial"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(base, folder, symlinks=True)
    return folder


def _whole(folder: Path) -> bool:
    """The pointer names a complete run, and every byte of all of them is as it was written."""
    return all(each.state != "bad" for each in examine(folder))


def _left_over(folder: Path) -> bool:
    return any(path.name.startswith(".tmp-") for path in folder.rglob("*"))


def _kills(base: Path, home: Path, trials: int) -> tuple[int, int]:
    """(torn, stuck) of kills spread evenly over a run."""
    began = time.perf_counter()
    _ended(_copied(base, home))
    takes = time.perf_counter() - began
    torn = stuck = 0
    for trial in range(trials):
        folder = _copied(base, home)
        process = _start(folder, WEEK)
        time.sleep(takes * (trial + 1) / trials)
        process.send_signal(signal.SIGKILL)
        process.wait()
        torn += not _whole(folder)
        head = (folder / "state" / "HEAD").read_text()
        done = _ended(folder) == 0 and WEEK in (folder / "state" / "HEAD").read_text()
        stuck += not done or _left_over(folder) or not _whole(folder)
        print(f"\rkill {trial + 1} of {trials}: {'new' if WEEK in head else 'old'} run", end="", flush=True)
    print()
    return torn, stuck


def _failing_calls(base: Path, home: Path) -> tuple[int, int]:
    """(mixed, calls) with the N-th call failing, for every N of a run; each in a process of its own."""
    mixed, nth = 0, 0
    while True:
        nth += 1
        folder = _copied(base, home)
        command = [PYTHON, "-m", "benchmarks.crashes", str(nth), str(folder)]
        code = subprocess.run(command, cwd=ROOT, stderr=subprocess.DEVNULL, check=False).returncode
        mixed += not _whole(folder) or code not in (0, 5)
        print(f"\rcall {nth}: exit {code}", end="", flush=True)
        if code == 0 and not (folder / "failed").exists():
            print()
            return mixed, nth - 1


def fail(nth: int, folder: Path) -> int:
    """`assign` in this process, with the N-th of CALLS failing as a full disk does."""
    from segkit.cli.app import run as command

    count = 0

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **more: Any) -> Any:
            nonlocal count
            count += 1
            if count == nth:
                (folder / "failed").touch()
                raise OSError(28, "No space left on device")
            return real(*arguments, **more)

        return call

    sys.argv = ["segkit", "assign", "-q", "--as-of", WEEK, str(folder)]
    for name in CALLS:
        setattr(os, name, counted(getattr(os, name)))
    return command()


def _at_once(base: Path, home: Path) -> tuple[int, int, float]:
    """(ran, refused, seconds of the slowest refusal) of STARTS processes."""
    folder = _copied(base, home)
    began = time.perf_counter()
    processes = [_start(folder, WEEK) for _ in range(STARTS)]
    codes: dict[int, int] = {}
    slowest = 0.0
    while len(codes) < STARTS:
        for number, process in enumerate(processes):
            code = process.poll() if number not in codes else None
            if code is not None:
                codes[number] = code
                slowest = time.perf_counter() - began if code == 5 else slowest
        time.sleep(0.01)
    return sum(code == 0 for code in codes.values()), sum(code == 5 for code in codes.values()), slowest


if __name__ == "__main__":
    sys.exit(fail(int(sys.argv[1]), Path(sys.argv[2])))
