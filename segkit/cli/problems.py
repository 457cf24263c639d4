"""Problems on stderr: `file:line:col CODE what`, the line with a caret, a hint."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from segkit.errors import Place, Problem


def show(problems: Iterable[Problem]) -> None:
    """Where stderr itself cannot be written to, the exit code tells."""
    try:
        for problem in dict.fromkeys(problems):
            print(render(problem), file=sys.stderr)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def render(problem: Problem) -> str:
    level = "warning: " if problem.severity == "warning" else ""
    where = f"{_place(problem.where)} " if problem.where else ""
    lines = [printable(f"{where}{problem.code} {level}{problem.what}"), *_caret(problem.where)]
    if problem.witness:
        lines.append(printable(f"  example: {problem.witness}"))
    if problem.hint:
        lines.append(printable(f"  hint: {problem.hint}"))
    return "\n".join(lines)


def _place(place: Place) -> str:
    return f"{relative(place.path)}{str(place)[len(place.path) :]}"


def relative(path: str) -> str:
    """A path below the current folder as seen from there, any other as it is."""
    whole = Path(path)
    below = whole.is_absolute() and whole.is_relative_to(Path.cwd())
    return str(whole.relative_to(Path.cwd()) if below else whole)


def _caret(place: Place | None) -> list[str]:
    if place is None or place.text is None or place.column is None:
        return []
    text = printable(place.text.rstrip("\r\n"))
    # A long line is cut around the fault.
    start = max(0, place.column - 60) if len(text) > 100 else 0
    width = max(1, min(place.width, 100))
    return [f"    {text[start : start + 100]}", f"    {' ' * (place.column - 1 - start)}{'^' * width}"]


def printable(text: str) -> str:
    """What a file contains must not steer the terminal: one cell stays for every character."""
    return "".join(character if character.isprintable() else " " for character in text)


def crash(error: BaseException) -> None:
    """Says that this is our fault, and leaves where it happened, without messages: they may hold data."""
    import tempfile
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    calls = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    kind = f"{type(error).__module__}.{type(error).__name__}"
    last = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    print(f"segkit: a bug in segkit ({kind} at {last})", file=sys.stderr)
    print("  what is published is whole: the run before, or this one", file=sys.stderr)
    try:
        fd, path = tempfile.mkstemp(prefix="segkit-crash-", suffix=".txt")
        with os.fdopen(fd, "w", encoding="utf-8") as file:
            file.write("\n".join([kind, *calls]) + "\n")
    except OSError:
        return
    print(f"  what happened, without your data, is in {path}; please send it to us", file=sys.stderr)
