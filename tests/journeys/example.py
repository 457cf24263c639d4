"""The shipped example, run once in a folder of its own.

`python -m tests.journeys.example` prints its first screen, for tests/golden/first_screen.txt.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from segkit.reports import lay_out, plain
from segkit.resources import shipped_example
from segkit.runs import assign
from segkit.workspace import open_workspace

NOW = datetime(2026, 11, 16, 6, 0, tzinfo=UTC)


def copy(folder: Path) -> Path:
    shutil.copytree(shipped_example(), folder, ignore=shutil.ignore_patterns("out", "state", "truth"))
    return folder


def first_screen(folder: Path) -> str:
    """What the first `segkit assign` of the workspace shows."""
    run = assign(open_workspace(folder), now=NOW)
    assert run.screen is not None
    return plain(
        lay_out(run.screen.written_to("examples/saas/out/latest/ (report.html, assignments.csv and more)"))
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temp:
        sys.stdout.write(first_screen(copy(Path(temp) / "saas")))
