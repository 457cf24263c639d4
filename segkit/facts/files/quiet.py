"""A damaged Parquet file makes Polars panic: the error is caught, and what Rust prints of it swallowed."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PANIC = b"panicked at"


@contextmanager
def no_panic_text() -> Iterator[None]:
    """What the block writes to the process's stderr is passed on afterwards, unless it speaks of a panic.

    The text goes past Python, straight to file descriptor 2, so that the descriptor itself is lent out.
    """
    try:
        sys.stderr.flush()
        real = os.dup(2)
    except (OSError, ValueError, AttributeError):
        # No stderr at all, as under some schedulers: nobody can be bothered.
        yield
        return
    with tempfile.TemporaryFile() as kept:
        os.dup2(kept.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(real, 2)
            os.close(real)
            kept.seek(0)
            said = kept.read()
            if said and PANIC not in said:
                with suppress(OSError):
                    os.write(2, said)
