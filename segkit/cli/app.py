"""The command line as a whole, and the one place where what went wrong becomes an exit code."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from typing import Annotated

import typer

from segkit import __version__
from segkit.cli.problems import crash, show
from segkit.cli.verbs import Verbs
from segkit.errors import Exit, SegkitError, of_the_disk

HELP = """Tells customer-success teams which accounts need them, from the files they already have.

Exit codes: 0 done, 1 ran and found problems, 2 wrong usage or configuration, 3 a guard tripped,
4 input unreadable or refused, 5 lock or disk, 70 a bug in segkit, 130 interrupted."""

app = typer.Typer(
    name="segkit",
    cls=Verbs,
    help=HELP,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"segkit {__version__}")
        raise typer.Exit


@app.callback()
def _top(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    pass


def run() -> int:
    """The exit code. Nothing a user does wrong ends in a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A terminal that knows no "→" shows "?": no reason to fail after the work is done.
            stream.reconfigure(errors="replace")
    try:
        app(prog_name="segkit")
    except SystemExit as end:
        return _flushed(int(end.code or 0))
    except SegkitError as error:
        show(error.problems)
        return int(error.exit)
    except KeyboardInterrupt:
        return int(Exit.INTERRUPTED)
    except BrokenPipeError:
        return _flushed(Exit.DONE)
    except BaseException as error:  # Polars panics are no Exceptions.
        return _unforeseen(error)
    return int(Exit.DONE)


def _unforeseen(error: BaseException) -> int:
    problem = of_the_disk(error)
    if problem is None:
        crash(error)
        return int(Exit.BUG)
    show([problem])
    _flushed(Exit.IO, told=True)
    return int(Exit.IO)


def _flushed(code: int, *, told: bool = False) -> int:
    """Empties stdout, which Python must not try in vain when it ends. `told`: that it is full is known."""
    try:
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        # Where the reader (`| head`) has gone, nothing is left to say.
        return int(code) if told or isinstance(error, BrokenPipeError) else _unforeseen(error)
    return int(code)
