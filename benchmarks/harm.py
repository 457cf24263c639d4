"""A run in a process of its own that is killed, or whose disk refuses something, at a chosen moment.

The process is forked from one that has imported everything, so that hundreds of runs take minutes. Nothing
here may work with frames before it forks: Polars starts its threads with the first one, and no fork has them.
"""

from __future__ import annotations

import errno
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from segkit.cli.app import run
from segkit.errors import Exit
from segkit.reports.html.page import environment
from segkit.ruleset import check_rules
from segkit.runs import api
from segkit.workspace import open_workspace, rule_arguments

CALLS = frozenset(
    {
        "open",
        "os.chmod",
        "os.listdir",
        "os.mkdir",
        "os.remove",
        "os.rename",
        "os.rmdir",
        "os.scandir",
        "os.symlink",
        "os.truncate",
        "fcntl.flock",
    }
)
"""What Python reports to an audit hook before it asks the operating system; a hook that raises is a call that
fails. What Polars asks by itself is refused by limits of the process instead.
"""
ERRORS = (errno.ENOSPC, errno.EIO, errno.EACCES)


@dataclass(frozen=True, slots=True)
class Harm:
    """`at`: seconds after which, or number of the call at which it happens; or the size in bytes that no file
    may exceed; or how many files may be open beside those of the start.
    """

    kind: Literal["killed after", "killed at call", "failing call", "file size", "open files"]
    at: float
    error: int = 0
    """Of a failing call."""

    def __str__(self) -> str:
        return f"{self.kind} {self.at:g} {errno.errorcode.get(self.error, '')}".rstrip()


def warm(folder: Path) -> None:
    """Does once what every run of this workspace would do anew; afterwards forking is still harmless."""
    workspace = open_workspace(folder)
    check_rules(workspace.rules, **rule_arguments(workspace))
    for name in environment().list_templates(extensions=["html"]):
        environment().get_template(name)
    assert api  # imported so that no run has to


def calls_of(folder: Path, *arguments: str) -> tuple[int, float]:
    """(calls, seconds) of a run that nothing befalls."""
    began = time.perf_counter()
    code, said = _ended(*_forked(folder, arguments, lambda: _before_calls(folder, lambda _: _say("."))))
    if code:
        sys.exit(f"a run that nothing befell ended with {code}: {said}")
    return len(said), time.perf_counter() - began


def harmed(folder: Path, harm: Harm | None, *arguments: str) -> tuple[int, str]:
    """How the run ended, its exit code or negative the signal that killed it, and what it said on stderr."""
    began = time.perf_counter()
    pid, said = _forked(folder, arguments, lambda: _befall(folder, harm))
    if harm is not None and harm.kind == "killed after":
        time.sleep(max(0.0, harm.at - (time.perf_counter() - began)))
        os.kill(pid, signal.SIGKILL)
    return _ended(pid, said)


def _forked(folder: Path, arguments: tuple[str, ...], prepare: Callable[[], None]) -> tuple[int, int]:
    """The process of a run, and where what it says can be read."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writer)
        return pid, reader
    try:
        os.dup2(writer, 2)
        sys.stderr = os.fdopen(writer, "w")
        tempfile.tempdir = str(folder.parent)
        sys.argv = ["segkit", "assign", "-q", *arguments, str(folder)]
        prepare()
        code = run()
        sys.stderr.flush()
        os._exit(code)
    except BaseException:
        _say(traceback.format_exc())
        os._exit(int(Exit.BUG))


def _ended(pid: int, said: int) -> tuple[int, str]:
    with os.fdopen(said, errors="replace") as reader:
        text = reader.read()
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), text


def _say(text: str) -> None:
    os.write(2, text.encode())


def _befall(folder: Path, harm: Harm | None) -> None:
    if harm is None or harm.kind == "killed after":
        return
    if harm.kind == "file size":
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(harm.at), int(harm.at)))
    elif harm.kind == "open files":
        here = max(map(int, os.listdir("/proc/self/fd")))
        resource.setrlimit(resource.RLIMIT_NOFILE, (here + int(harm.at), here + int(harm.at)))
    else:
        count = 0

        def happen(path: str) -> None:
            nonlocal count
            count += 1
            if count != harm.at:
                return
            if harm.kind == "killed at call":
                os.kill(os.getpid(), signal.SIGKILL)
            raise OSError(harm.error, os.strerror(harm.error), path)

        _before_calls(folder, happen)


def _before_calls(folder: Path, happen: Callable[[str], None]) -> None:
    """`happen` is called with the path before every call that concerns the folder, or an open file of it."""

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in CALLS:
            path = os.fsdecode(arguments[0]) if isinstance(arguments[0], str | bytes | os.PathLike) else ""
            if not path.startswith("/") or path.startswith(str(folder)):
                happen(path)

    def fsync(fd: Any) -> None:
        happen("")
        real(fd)

    real = os.fsync
    os.fsync = fsync
    sys.addaudithook(hook)
