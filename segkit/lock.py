"""One run at a time per workspace: a kernel lock that a killed process gives back.

Imports nothing heavy: who finds the lock held should know within a moment.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from pathlib import Path
from time import monotonic, sleep

from segkit.errors import IoError, Place, Problem, io_problems

LOOK_AGAIN = 0.05
"""Seconds between two looks at a lock that is held. There are always two: `doctor` holds what it looks at."""
_AHEAD: ContextVar[int | None] = ContextVar("ahead", default=None)
"""A lock that this process took before it knew what for; the first `hold` of that file goes on with it."""


@contextmanager
def hold(path: Path, *, now: datetime, wait: float = 0.0) -> Iterator[None]:
    """Holds the lock file for the length of a block.

    Raises: IoError (I101) when another process still holds it after `wait` seconds; its pid, host and start
    are in the message.
    """
    fd = _from_ahead(path)
    if fd is None:
        fd = _take(path, now, wait)
    try:
        yield
    finally:
        os.close(fd)


def take_ahead(path: Path, *, now: datetime) -> None:
    """Takes the lock file now, for the `hold` that will ask for it, else until the process ends.

    Raises: IoError (I101, I102) as `hold` does.
    """
    _AHEAD.set(_take(path, now, 0.0))


def _from_ahead(path: Path) -> int | None:
    fd = _AHEAD.get()
    if fd is None:
        return None
    try:
        same = os.path.samestat(os.fstat(fd), os.lstat(path))
    except OSError:
        return None
    if same:
        _AHEAD.set(None)
    return fd if same else None


def _take(path: Path, now: datetime, wait: float) -> int:
    """The open lock file, locked and signed."""
    with io_problems("take the lock", path):
        path.parent.mkdir(parents=True, exist_ok=True)
        # O_NOFOLLOW: a planted link must not make us write into another file.
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    try:
        until = monotonic() + max(wait, LOOK_AGAIN)
        while not _taken(fd):
            if monotonic() >= until:
                raise _busy(path, fd)
            sleep(LOOK_AGAIN)
        with io_problems("write the lock", path):
            os.ftruncate(fd, 0)
            us = {
                "pid": os.getpid(),
                "host": os.uname().nodename,
                "start": now.isoformat("T", "seconds"),
            }
            os.pwrite(fd, json.dumps(us).encode(), 0)
    except BaseException:
        os.close(fd)
        raise
    return fd


def _taken(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def holder(path: Path) -> str | None:
    """Who holds the lock; None where it is free. Raises: IoError (I102)."""
    with io_problems("look at the lock", path):
        try:
            fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _who(fd)
        finally:
            os.close(fd)
    return None


def _who(fd: int) -> str:
    try:
        told = json.loads(os.pread(fd, 4096, 0))
        return f"process {told['pid']} on {told['host']}, started {told['start']}"
    except (ValueError, KeyError, TypeError):
        return "another process"


def _busy(path: Path, fd: int) -> IoError:
    return IoError(
        Problem(
            "I101",
            f"another run is at work in this workspace: {_who(fd)}",
            Place(str(path)),
            "wait until it has ended; the lock frees itself when that process ends, however it ends",
        )
    )
