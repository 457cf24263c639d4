"""The command line: arguments in, one call, exit code out."""

from __future__ import annotations

import os
import signal
import sys

from segkit.errors import Exit, SegkitError

__all__ = ["main"]


def main() -> None:
    """Runs the command line and ends the process."""
    _open_streams()
    # Nobody's plugin sees or changes what is validated here; looking for them reads what is installed.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")
    # What kills politely ends a run as Ctrl-C does: with 130, and nothing half done left lying about.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(_started())


def _open_streams() -> None:
    """Where whoever started us closed one of the three streams, the next file that is opened would be taken
    for it; what is said there goes nowhere instead.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_RDWR)
            if nowhere != number:
                os.dup2(nowhere, number)
                os.close(nowhere)
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8"))


def _started() -> int:
    from segkit.cli.ahead import lock_ahead
    from segkit.cli.problems import show

    try:
        lock_ahead(sys.argv[1:])
        from segkit.cli.app import run
    except SegkitError as error:
        show(error.problems)
        return int(error.exit)
    except KeyboardInterrupt:
        return int(Exit.INTERRUPTED)
    return run()
