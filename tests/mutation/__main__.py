"""python -m tests.mutation ROOM: plants a random sample of small faults, one at a time, and names those that
no test of the room notices.

Each fault meets the tests that run its line, those first that have killed others in its module, then file by
file the quick ones, as long as these take SECONDS without a fault:
what only a longer or another test would notice counts as survived. So does a fault after which the tests run
on for ever; how many those are is told.
"""

from __future__ import annotations

import argparse
import importlib
import os
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

os.environ.setdefault("POLARS_MAX_THREADS", "1")

from tests.mutation.faults import Fault, faults
from tests.mutation.watching import ROOT, Meet, Seen, afresh, served, watch

SECONDS = 45.0
"""Of tests that one fault meets."""
PATIENCE = 5
"""So many times what they take without a fault."""


@dataclass(frozen=True, slots=True)
class Room:
    folder: str
    tests: tuple[str, ...]


ROOMS = {
    "guards": Room("segkit/runs/guards", ("tests/runs/guards", "tests/journeys/test_guards.py")),
    "membership": Room(
        "segkit/engine/members",
        (
            *(
                f"tests/engine/test_{name}.py"
                for name in (
                    "membership",
                    "transitions",
                    "decide",
                    "vanished",
                    "trial",
                    "pauses",
                    "last_periods",
                    "ragged",
                    "causes",
                    "overridden",
                )
            ),
            "tests/laws/test_oracle.py",
            "tests/laws/test_overrides.py",
            "tests/laws/test_resume.py",
            "tests/facts/test_overrides.py",
            "tests/runs/test_vanished.py",
            "tests/journeys/test_overrides.py",
            "tests/journeys/test_identity.py",
        ),
    ),
    "rules": Room(
        "segkit/ruleset",
        (
            "tests/ruleset",
            "tests/cli/test_check_rules.py",
            "tests/engine/test_compile.py",
            "tests/journeys/test_editor.py",
            "tests/journeys/test_rename.py",
        ),
    ),
}


def main(args: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("room", choices=ROOMS)
    parser.add_argument("--seed", type=int, default=1, help="which faults are drawn (default: 1)")
    parser.add_argument("--size", type=int, default=60, help="how many (default: 60)")
    given = parser.parse_args(args)
    room = ROOMS[given.room]
    _load_libraries()
    every = [each for path in sorted((ROOT / room.folder).rglob("*.py")) for each in faults(path)]
    drawn = random.Random(given.seed).sample(every, min(given.size, len(every)))
    seen = watch(ROOT / room.folder, room.tests)
    counted: Counter[str] = Counter()
    killers: dict[Path, Counter[str]] = defaultdict(Counter)

    def see(meet: Meet, imported: bool) -> None:
        for fault in drawn:
            if fault.imported is not imported:
                continue
            began = time.monotonic()
            result, test = outcome(fault, seen, killers[fault.path], meet)
            counted[result] += 1
            if test:
                killers[fault.path][test] += 1
            print(f"{result:<9} {time.monotonic() - began:4.1f} s  {told(fault)}", flush=True)

    see(afresh, True)
    served(room.tests, lambda meet: see(meet, False))

    from segkit.studies.evaluate.numbers import wilson  # now that nothing is imported afresh any more

    low, high = wilson(counted["killed"], len(drawn))
    print(
        f"{given.room}, seed {given.seed}: {len(drawn)} of {len(every)} faults, {counted['killed']} killed, "
        f"{counted['survived']} survived, {counted['not run']} in lines that no test runs, "
        f"{counted['timeout']} never came to an end: {counted['killed'] / len(drawn):.1%} "
        f"({low:.0%}-{high:.0%})"
    )
    return 0


def outcome(fault: Fault, seen: Seen, killers: Counter[str], meet: Meet) -> tuple[str, str | None]:
    """What the tests that run a fault's line make of it, and which of them killed it."""
    tests = list(_tests(fault, seen, killers))
    if not tests:
        return "not run", None
    took = sum(seen.seconds[test] for test in tests)
    return meet(fault.path, fault.planted(fault.path.read_text()), tests, 20 + PATIENCE * took)


def _tests(fault: Fault, seen: Seen, killers: Counter[str]) -> Iterator[str]:
    """File by file, so that what tests of a file share is made once."""
    path, (first, last) = str(fault.path), fault.lines
    of_module = {test: files[path] for test, files in seen.touched.items() if path in files}
    run = [test for test, lines in of_module.items() if any(first <= line <= last for line in lines)]
    # What runs when a module is imported runs in no test; a module of tables alone is read from elsewhere.
    found = run or (list(of_module) or list(seen.seconds) if fault.imported else [])
    by_file: dict[str, list[str]] = {}
    for test in sorted(found, key=lambda test: seen.seconds[test]):
        by_file.setdefault(test.split("::")[0], []).append(test)
    quick = sorted(by_file.values(), key=lambda tests: sum(seen.seconds[test] for test in tests))
    left = SECONDS
    for test in sorted(chain(*quick), key=lambda test: -killers[test]):
        if left > 0:
            yield test
        left -= seen.seconds[test]


def told(fault: Fault) -> str:
    text = fault.path.read_text()
    place = f"{fault.path.relative_to(ROOT)}:{fault.line}:{fault.column + 1}"
    return f"{place}  {' '.join(fault.old(text).split())}  ->  {' '.join(fault.new.split())}"


def _load_libraries() -> None:
    """What every fork would load again; nothing of segkit, which must be loaded with its fault."""
    for name in ("jinja2", "numpy", "pandera.polars", "polars", "pydantic", "typer.testing", "yaml"):
        importlib.import_module(name)
    assert "segkit" not in sys.modules


if __name__ == "__main__":
    sys.exit(main())
