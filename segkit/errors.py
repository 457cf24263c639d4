"""What went wrong, where, and what to do about it: values, not text."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from enum import IntEnum
from pathlib import Path
from typing import Literal, Self

from msgspec import Struct

Severity = Literal["error", "warning"]


class Exit(IntEnum):
    """Process exit codes; their numbers are part of the public interface."""

    DONE = 0
    PROBLEMS = 1
    USAGE = 2
    GUARD = 3
    INPUT = 4
    IO = 5
    BUG = 70
    INTERRUPTED = 130


class Place(Struct, frozen=True):
    """A position in a user's file; lines and columns count from 1."""

    path: str
    line: int | None = None
    column: int | None = None
    text: str | None = None
    """The source line itself, for the caret."""
    width: int = 1
    """How many characters the caret underlines."""

    def __str__(self) -> str:
        parts = [self.path]
        if self.line is not None:
            parts.append(str(self.line))
            if self.column is not None:
                parts.append(str(self.column))
        return ":".join(parts)


class Witness(Struct, frozen=True):
    """A made-up account that shows a fault: what it does week by week, and what comes of it.

    Values are written as in the tests of rules: `-30%`, `missing`, `_` for not known, `yes`.
    """

    weeks: tuple[tuple[tuple[str, str], ...], ...]
    """Per week (column, value), in the order of columns."""
    shows: str

    def __str__(self) -> str:
        first, *later = self.weeks
        said = ", ".join(f"{key} {value}" for key, value in first) or "anything at all"
        for before, week in zip(self.weeks, later, strict=False):
            told = dict(before)
            changed = ", ".join(f"{key} {value}" for key, value in week if told.get(key) != value)
            said += f"; then {changed}"
        return f"an account with {said}: {self.shows}"


class Problem(Struct, frozen=True):
    """One fault in what the user gave: a stable code, a place, a sentence, a way out."""

    code: str
    what: str
    where: Place | None = None
    hint: str | None = None
    severity: Severity = "error"
    witness: Witness | None = None
    """An account that shows it, where one can be made up."""
    instead: str | None = None
    """What means the same, or what alone can be meant, and may stand at `where` instead."""

    def __str__(self) -> str:
        head = f"{self.where} " if self.where else ""
        return f"{head}{self.code} {self.what}"


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """By line and column; first those that have none."""

    def place(problem: Problem) -> tuple[int, int]:
        where = problem.where or Place("")
        return where.line or 0, where.column or 0

    return sorted(problems, key=place)


class Tripped(Struct, frozen=True):
    """A limit on a whole run that the run does not keep."""

    name: str
    """Of the guard, as it is accepted by."""
    saw: str
    expected: str
    what_to_do: str


class SegkitError(Exception):
    """Raised at the door of a room; carries every problem found, never just the first.

    SegkitError
    ├── ConfigError   wrong usage, workspace or rule file      (exit 2)
    ├── GuardError    a limit on the whole run tripped         (exit 3)
    ├── InputError    exports unreadable, empty or refused     (exit 4)
    └── IoError       lock held, disk full, not writable       (exit 5)
    """

    exit = Exit.BUG

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def with_problems(self, problems: Iterable[Problem]) -> Self:
        """The same error with other problems."""
        return type(self)(problems)


class ConfigError(SegkitError):
    exit = Exit.USAGE


class GuardError(SegkitError):
    """Nothing was published: these guards tripped, and nobody has accepted what they saw."""

    exit = Exit.GUARD

    def __init__(
        self, problems: Problem | Iterable[Problem], *, tripped: Iterable[Tripped], as_of: date
    ) -> None:
        super().__init__(problems)
        self.tripped = tuple(tripped)
        self.as_of = as_of

    def with_problems(self, problems: Iterable[Problem]) -> Self:
        return type(self)(problems, tripped=self.tripped, as_of=self.as_of)


class InputError(SegkitError):
    exit = Exit.INPUT


class IoError(SegkitError):
    exit = Exit.IO


WHOLE = "what is published is whole: the run before, or this one"
_OF_THE_DISK = {
    getattr(errno, name)
    for name in ("EACCES", "EDQUOT", "EFBIG", "EIO", "EMFILE", "ENFILE", "ENOSPC", "EPERM", "EROFS")
}


@contextmanager
def io_problems(doing: str, path: Path) -> Iterator[None]:
    """Turns an OSError of the block into an IoError (I102) that names the path."""
    try:
        yield
    except OSError as error:
        why = error.strerror or str(error)
        raise IoError(
            Problem(
                "I102",
                f"cannot {doing}: {why}",
                Place(str(error.filename or path)),
                WHOLE,
            )
        ) from error


def of_the_disk(error: BaseException) -> Problem | None:
    """An OSError that nobody foresaw, where a disk, a quota or a right is to blame and not we."""
    if not isinstance(error, OSError) or error.errno not in _OF_THE_DISK:
        return None
    where = Place(str(error.filename)) if error.filename else None
    return Problem("I102", f"the disk refused: {error.strerror}", where, WHOLE)
