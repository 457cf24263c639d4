"""Runs that are killed, whose disk refuses something, or that start at the same time: what is left behind.

A week of a small workspace is decided again and again, from the same week before it. After every trial HEAD
must name the old run or the new one, all bytes of published runs must be as they were written, and the next
run must publish what an undisturbed one publishes, and sweep.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from tempfile import mkdtemp

from benchmarks.harm import ERRORS, Harm, calls_of, harmed, warm
from benchmarks.process import PYTHON, ROOT
from benchmarks.table import Row, show
from segkit.runs.doctor import examine
from tests.runs import small
from tests.runs.small import write, write_week

BEFORE, WEEK = "2026-11-15", "2026-11-22"
FLAG = "  - name: fell\n    enter: events_7d.vs_expected at most -50%\n"
RULES = small.RULES.replace("flags:\n", f"flags:\n{FLAG}")
STARTS = 20
TOGETHER = 2
"""Trials at a time."""
OPEN_FILES = 24
"""More files than a run has open at once."""
TOLD = (0, 2, 4, 5)
"""Exit codes of a run whose disk fails: done without what could not be written, rules, exports or disk."""


@dataclass(frozen=True, slots=True)
class Left:
    """What a trial left. Empty sentences: nothing is wrong."""

    harm: Harm
    code: int
    new: bool
    """Whether HEAD named the new run."""
    torn: str
    stuck: str


def run(kills: int, calls: int | None = None) -> int:
    """1 when anything was torn, or a run after a crash did not succeed. `calls`: of how many calls each kind
    of failure is tried; None: of all.
    """
    home = Path(mkdtemp())
    try:
        base = write(home / "base", weeks=11, rules=RULES)
        warm(base)
        calls_of(base, "--as-of", BEFORE)
        write_week(base, 11)
        whole = Path(shutil.copytree(base, home / "whole", symlinks=True))
        made, takes = calls_of(whole, "--as-of", WEEK)
        harms = [*_kills(kills, made, takes), *_failures(whole, made, calls)]
        found = list(_tried(harms, base, whole))
        ran, busy, slowest = _at_once(Path(shutil.copytree(base, home / "starts", symlinks=True)))
    finally:
        shutil.rmtree(home, ignore_errors=True)
    return _told(found, made, takes, (ran, busy, slowest))


def _kills(number: int, made: int, takes: float) -> list[Harm]:
    """Half of them by the clock, half by the calls, both spread over the whole run."""
    by_call = number // 2
    by_time = number - by_call
    times = [Harm("killed after", takes * (at + 1) / by_time) for at in range(by_time)]
    return [*times, *(Harm("killed at call", at) for at in _spread(made, by_call))]


def _failures(whole: Path, made: int, calls: int | None) -> list[Harm]:
    sizes = sorted({path.stat().st_size for path in whole.rglob("*") if path.is_file()})
    limits = [size - 1 for size in sizes if size > 1]
    few = made if calls is None else calls
    return [
        *(Harm("failing call", at, error) for error in ERRORS for at in _spread(made, few)),
        *(Harm("file size", limits[at - 1]) for at in _spread(len(limits), few)),
        *(Harm("open files", at) for at in _spread(OPEN_FILES, few)),
    ]


def _spread(last: int, number: int) -> list[int]:
    """At most so many of 1 … last, evenly."""
    number = min(last, number)
    return sorted({round(last * (at + 1) / number) for at in range(number)})


def _tried(harms: Sequence[Harm], base: Path, whole: Path) -> Iterator[Left]:
    """In processes that work side by side, each forked before anything works with frames."""
    with get_context("fork").Pool(TOGETHER) as workers:
        found = workers.imap_unordered(partial(_trial, base, whole), harms, chunksize=4)
        for number, left in enumerate(found, 1):
            if sys.stderr.isatty():
                print(f"\r{number} of {len(harms)}: {left.harm}", end="\033[K", file=sys.stderr)
            for wrong in filter(None, (left.torn, left.stuck)):
                print(f"{left.harm}: exit {left.code}; {wrong}", flush=True)
            yield left


def _trial(base: Path, whole: Path, harm: Harm) -> Left:
    folder = base.parent / f"trial-{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(base, folder, symlinks=True)
    code, said = harmed(folder, harm, "--as-of", WEEK)
    head = _head(folder)
    torn = _damage(folder)
    if head not in (_head(base), _head(whole)):
        torn = f"HEAD names {head}"
    if code not in TOLD and code >= 0:
        torn = torn or said
    after, said = harmed(folder, None, "--as-of", WEEK)
    stuck = _damage(folder) or _over(folder, whole)
    if after:
        stuck = f"the next run ended with {after}: {said}"
    return Left(harm, code, head == _head(whole), torn, stuck)


def _head(folder: Path) -> str:
    return (folder / "state" / "HEAD").read_text().strip()


def _damage(folder: Path) -> str:
    """What `doctor` finds: HEAD names a complete run, and every byte of all of them is as it was written."""
    return "; ".join(each.what for each in examine(folder) if each.state == "bad")


def _over(folder: Path, whole: Path) -> str:
    """What differs from a run that nothing befell: what is published, and nothing lies about."""
    if _head(folder) != _head(whole) or os.readlink(folder / "out" / "latest") != _head(whole):
        return f"published is {_head(folder)}"
    left = [path.name for path in folder.rglob("*") if path.name.startswith((".tmp-", "tmp"))]
    if left or (folder / "out" / "preview").exists():
        return f"left over: {', '.join(left) or 'a preview'}"
    ours, theirs = (_decided(each / "out" / _head(whole)) for each in (folder, whole))
    differing = [name for name in ours.keys() | theirs if ours.get(name) != theirs.get(name)]
    return f"other bytes: {', '.join(sorted(differing))}" if differing else ""


def _decided(run: Path) -> dict[str, bytes]:
    found = {str(path.relative_to(run)): path.read_bytes() for path in run.rglob("*") if path.is_file()}
    del found["run.json"]
    return found


def _at_once(folder: Path) -> tuple[int, int, float]:
    """(ran, refused, seconds from the first start to the slowest refusal) of STARTS processes."""
    command = [PYTHON, "-m", "segkit", "assign", "-q", "--as-of", WEEK, str(folder)]
    began = time.perf_counter()
    processes = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) for _ in range(STARTS)]
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


def _told(found: Sequence[Left], made: int, takes: float, starts: tuple[int, int, float]) -> int:
    ran, busy, slowest = starts
    print(f"\na run makes {made} calls in {takes:.2f} s")
    for kind in dict.fromkeys(left.harm.kind for left in found):
        ours = [left for left in found if left.harm.kind == kind]
        codes = Counter(left.code for left in ours)
        new = sum(left.new for left in ours)
        told = ", ".join(f"{times} × {code}" for code, times in sorted(codes.items()))
        print(f"{kind:<14} {len(ours):>4} trials: {len(ours) - new} old, {new} new; exit codes {told}")
    print(f"{STARTS} starts at once: {ran} ran, {busy} were refused")
    rows = [
        Row("neither the old nor the new run, or a bug", 0, sum(bool(left.torn) for left in found)),
        Row("the next run failed or left something over", 0, sum(bool(left.stuck) for left in found)),
        Row("starts at once: neither ran nor were refused", 0, STARTS - ran - busy),
        Row("starts at once: more than one decided", 0, ran - 1),
        Row("starts at once: slowest refusal, s", 2.0, slowest),
    ]
    return show("crashes", rows)
