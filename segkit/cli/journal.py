"""`--log-file`: what a run did, as JSON lines for machines that collect logs. It quotes no export."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import typer
from msgspec import Struct

from segkit.errors import Exit, GuardError, IoError, Place, Problem, SegkitError

if TYPE_CHECKING:
    from segkit.runs import Run


class Journal(Struct, frozen=True):
    """One object a line: `at` (UTC), `event`, and what belongs to it; a line is written at once."""

    path: Path | None
    file: BinaryIO | None

    def write(self, event: str, **told: object) -> None:
        """Raises: IoError (I102)."""
        if self.file is None:
            return
        line = {"at": datetime.now(UTC).isoformat("T", "milliseconds"), "event": event, **told}
        with _writing(self.path):
            self.file.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")

    def problems(self, problems: tuple[Problem, ...]) -> None:
        """What went wrong; it is told on stderr, too, also where the log cannot be written any more."""
        with suppress(IoError):
            for problem in problems:
                where = str(problem.where) if problem.where else None
                self.write(
                    "problem", code=problem.code, severity=problem.severity, what=problem.what, where=where
                )

    def ran(self, run: Run) -> None:
        """What was published, or that nothing was new; with the seconds of each stage and the rows."""
        if self.file is None:
            return
        if run.folder is None:
            self.write("decided", run=run.id, as_of=str(run.as_of))
            return
        told = json.loads((run.folder / "run.json").read_text("utf-8"))
        event = "published" if run.fresh else "nothing new"
        names = ("rows", "counts", "guards", "removes", "seconds") if run.fresh else ()
        more = {name: told[name] for name in names}
        self.write(event, run=run.id, as_of=str(run.as_of), folder=str(run.folder), **more)


@contextmanager
def journal(path: Path | None, **told: object) -> Iterator[Journal]:
    """Lines `started` and `ended` (with the exit code) around the block; whatever it raises goes on.

    Raises: IoError (I102) where the file cannot be opened or written to.
    """
    if path is None:
        yield Journal(None, None)
        return
    with _writing(path):
        file = path.open("ab", buffering=0)  # nothing is left to be written at the end
    with file:
        log = Journal(path, file)
        log.write("started", **told)
        code = int(Exit.BUG)
        try:
            yield log
            code = int(Exit.DONE)
        except typer.Exit as end:
            code = end.exit_code
            if isinstance(end.__cause__, GuardError):
                log.problems(end.__cause__.problems)
            raise
        except SegkitError as error:
            code = int(error.exit)
            log.problems(error.problems)
            raise
        except KeyboardInterrupt:
            code = int(Exit.INTERRUPTED)
            raise
        finally:
            with suppress(IoError) if code else nullcontext():  # what went wrong first is what is told
                log.write("ended", exit=code)


@contextmanager
def _writing(path: Path | None) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        what = f"cannot write the log: {error.strerror or error}"
        raise IoError(Problem("I102", what, Place(str(path)))) from error
