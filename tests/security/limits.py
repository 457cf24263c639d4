"""The command line in a process of its own, with what it cost."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


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
    read, write = os.pipe()
    process = subprocess.Popen([sys.executable, *what], cwd=cwd, stdout=subprocess.DEVNULL, stderr=write)
    os.close(write)
    with os.fdopen(read, encoding="utf-8") as stream:
        said = stream.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    scale = 1 if sys.platform == "darwin" else 1024
    return Cost(process.returncode, said, used.ru_utime + used.ru_stime, used.ru_maxrss * scale)


def limited(bytes_: int) -> None:
    """No file may grow beyond this."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_, resource.RLIM_INFINITY))
