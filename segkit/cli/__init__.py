"""The command line: arguments in, one call, exit code out."""

from __future__ import annotations

import os
import signal
import sys

from segkit.errors import Exit, SegkitError

__all__ = ["main"]


def main() -> None:
    """Runs the command line and ends the process."""
    # Nobody's plugin sees or changes what is validated here; looking for them reads what is installed.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")
    # What kills politely ends a run as Ctrl-C does: with 130, and nothing half done left lying about.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(_started())


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
