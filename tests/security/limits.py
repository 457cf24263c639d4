"""The command line in a process of its own, with what it cost."""

from __future__ import annotations

import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_BETWEEN = """
import os, resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(code, used.ru_utime + used.ru_stime, used.ru_maxrss)
"""
"""A small process in between: the peak of a child counts from the memory of the process that started it."""


@dataclass(frozen=True, slots=True)
class Cost:
    returncode: int
    stderr: str
    cpu: float
    """Seconds of the processor; those of the clock hang on what else runs."""
    memory: int
    """Bytes at the peak."""


def measured(*arguments: object, cwd: Path | None = None, program: str | None = None) -> Cost:
    """`segkit ARGUMENTS`, or a Python program."""
    what = ["-m", "segkit", *map(str, arguments)] if program is None else ["-c", program]
    command = [sys.executable, "-S", "-c", _BETWEEN, sys.executable, *what]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=True)
    returncode, cpu, memory = done.stdout.split()
    scale = 1 if sys.platform == "darwin" else 1024
    return Cost(int(returncode), done.stderr, float(cpu), int(memory) * scale)


def limited(bytes_: int) -> None:
    """No file may grow beyond this."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_, resource.RLIM_INFINITY))
