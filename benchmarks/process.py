"""One whole process, measured from outside: wall time, CPU seconds, peak memory of that process alone."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
COMPILED = Path(__file__).parent / "data" / "compiled"
"""Modules are compiled once, as they are where segkit is installed; the first, untimed round does it."""
PYTHON = sys.executable


@dataclass(frozen=True, slots=True)
class Cost:
    wall: float
    cpu: float
    megabytes: float


def measure(command: Sequence[str | Path], *, env: Mapping[str, str] | None = None) -> Cost:
    """Run to the end; a failure ends the benchmark with what the process said."""
    around = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    began = time.perf_counter()
    process = subprocess.Popen(
        [str(part) for part in command],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**around, "PYTHONPYCACHEPREFIX": str(COMPILED), **(env or {})},
    )
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(map(str, command))} ended with {process.returncode}\n{said.decode()}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def segkit(*arguments: str | Path) -> list[str | Path]:
    return [PYTHON, "-m", "segkit", *arguments]
