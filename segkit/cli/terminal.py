"""The first screen on a terminal or in a pipe; data as bytes on stdout."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Timer
from typing import TYPE_CHECKING, TextIO

from segkit.progress import heard_by

if TYPE_CHECKING:
    from segkit.reports import Line, Screen

_SOON = 1.0
"""Seconds after which progress is shown."""
STYLES = {
    "plain": "",
    "title": "bold",
    "heading": "bold cyan",
    "dim": "dim",
    "good": "green",
    "warn": "yellow",
    "name": "bold",
    "move": "cyan",
}


def show_screen(screen: Screen, out: TextIO | None = None) -> None:
    from segkit.reports import lay_out

    show_lines(lay_out(screen), out or sys.stdout)


def show_lines(lines: Sequence[Line], out: TextIO) -> None:
    """Styled on a terminal, plain text everywhere else: no escape sequence reaches a file or a pipe."""
    if not out.isatty():
        from segkit.reports import plain

        out.write(plain(list(lines)))
        return
    from rich.console import Console
    from rich.text import Text

    from segkit.reports.words import clean

    console = Console(file=out, highlight=False, markup=False, emoji=False)
    for line in lines:
        text = Text()
        for piece in line:
            text.append(clean(piece.text), style=STYLES[piece.role])
        text.rstrip()
        console.print(text, soft_wrap=True)


def speaks_utf8(out: TextIO) -> bool:
    """Whether signs beyond ASCII can be shown."""
    return (out.encoding or "").lower().replace("-", "") == "utf8" and os.environ.get("TERM") != "dumb"


@contextmanager
def busy(quiet: bool) -> Iterator[None]:
    """Shows on a terminal how far work is that takes longer than a second, and leaves no trace; nothing
    anywhere else."""
    if quiet or not sys.stderr.isatty() or os.environ.get("TERM") in ("dumb", "unknown"):
        yield
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False)
    task = bar.add_task("Reading the exports", total=None)

    def show(stage: str, done: int, whole: int) -> None:
        bar.update(task, description=stage, completed=done, total=whole)

    late = Timer(_SOON, bar.start)
    late.start()
    try:
        with heard_by(show):
            yield
    finally:
        late.cancel()
        late.join()  # it may be starting the bar just now
        bar.stop()


def write_data(content: bytes) -> None:
    """Data on stdout, byte for byte; on a terminal without what would steer it."""
    sys.stdout.flush()
    if sys.stdout.isatty():
        text = content.decode("utf-8", "replace")
        content = "".join(c for c in text if c.isprintable() or c in "\n\t").encode()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def say(text: str) -> None:
    """A remark beside the data."""
    print(text, file=sys.stderr)
