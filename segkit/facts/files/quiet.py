"""A damaged Parquet file makes Polars panic: the error is caught, and what Rust prints of it swallowed."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

PANIC = b"panicked at"


@contextmanager
def no_panic_text() -> Iterator[None]:
    """What the process writes to its stderr meanwhile is passed on afterwards, unless it speaks of a panic.

    The text goes past Python, straight to file descriptor 2, so that the descriptor itself is lent out: once
    for all threads that are within such a block.
    """
    _enter()
    try:
        yield
    finally:
        _leave()


class _Lent:
    """The descriptor while it is lent out: the real one, and where the text goes."""

    lock = threading.Lock()
    inside = 0
    real: int | None = None
    kept: IO[bytes] | None = None


def _enter() -> None:
    with _Lent.lock:
        _Lent.inside += 1
        if _Lent.inside > 1:
            return
        try:
            sys.stderr.flush()
            _Lent.real = os.dup(2)
        except (OSError, ValueError, AttributeError):
            # No stderr at all, as under some schedulers: nobody can be bothered.
            return
        _Lent.kept = tempfile.TemporaryFile()  # noqa: SIM115 (closed by whoever leaves last)
        os.dup2(_Lent.kept.fileno(), 2)


def _leave() -> None:
    with _Lent.lock:
        _Lent.inside -= 1
        real, kept = _Lent.real, _Lent.kept
        if _Lent.inside or real is None or kept is None:
            return
        os.dup2(real, 2)
        os.close(real)
        _Lent.real = _Lent.kept = None
        with kept:
            kept.seek(0)
            said = kept.read()
        if said and PANIC not in said:
            with suppress(OSError):
                os.write(2, said)
