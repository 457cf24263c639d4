"""`--log-file`: what a run did, as JSON lines for machines that collect logs. It quotes no export."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import typer

from segkit.errors import Exit, GuardError, IoError, Place, Problem, SegkitError

if TYPE_CHECKING:
    from segkit.runs import Run


@dataclass(frozen=True, slots=True)
class Journal:
    """One object a line: `at` (UTC), `event`, and what belongs to it; a line is written at once."""

    file: TextIO | None

    def write(self, event: str, **told: object) -> None:
        if self.file is not None:
            line = {"at": datetime.now(UTC).isoformat("T", "milliseconds"), "event": event, **told}
            self.file.write(json.dumps(line, ensure_ascii=False) + "\n")
            self.file.flush()

    def problems(self, problems: tuple[Problem, ...]) -> None:
        for problem in problems:
            where = str(problem.where) if problem.where else None
            self.write(
                "problem", code=problem.code, severity=problem.severity, what=problem.what, where=where
            )

    def ran(self, run: Run) -> None:
        """What was published, or that nothing was new; with the seconds of each stage and the rows."""
        if run.folder is None:
            self.write("decided", run=run.id, as_of=str(run.as_of))
            return
        told = json.loads((run.folder / "run.json").read_text("utf-8"))
        event = "published" if run.fresh else "nothing new"
        names = ("rows", "counts", "guards", "seconds") if run.fresh else ()
        more = {name: told[name] for name in names}
        self.write(event, run=run.id, as_of=str(run.as_of), folder=str(run.folder), **more)


@contextmanager
def journal(path: Path | None, **told: object) -> Iterator[Journal]:
    """Lines `started` and `ended` (with the exit code) around the block; whatever it raises goes on.

    Raises: IoError (I102) where the file cannot be opened.
    """
    if path is None:
        yield Journal(None)
        return
    try:
        file = path.open("a", encoding="utf-8")
    except OSError as error:
        what = f"cannot write the log: {error.strerror or error}"
        raise IoError(Problem("I102", what, Place(str(path)))) from error
    with file:
        log = Journal(file)
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
            log.write("ended", exit=code)
