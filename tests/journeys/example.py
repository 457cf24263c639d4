"""The shipped example, run once in a folder of its own.

`python -m tests.journeys.example` prints its first screen, for tests/golden/first_screen.txt.
"""

from __future__ import annotations

import gzip
import io
import shutil
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import polars as pl

from segkit.engine.results import Decisions
from segkit.reports import lay_out, plain
from segkit.resources import shipped_example
from segkit.runs import assign
from segkit.runs.decided import decide_from
from segkit.workspace import open_workspace

NOW = datetime(2026, 11, 16, 6, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Example:
    """The workspace after its first run: the screen of that run, and what it decided of every period."""

    folder: Path
    screen: str
    decisions: Decisions


def copy(folder: Path) -> Path:
    shutil.copytree(shipped_example(), folder, ignore=shutil.ignore_patterns("out", "state", "truth"))
    return folder


def thinned(folder: Path, since: str = "") -> Path:
    """The example with every third account and a snapshot for every third month, as a world of less work.

    since: of which quarter on there is usage, such as 2026-Q2.
    """
    exports = copy(folder) / "exports"
    for path in exports.glob("usage_*"):
        if path.name < f"usage_{since}":
            path.unlink()
    snapshots = sorted(exports.glob("accounts_*.csv"))
    for path in set(snapshots[1:-1]) - set(snapshots[::3]):
        path.unlink()
    whole = pl.concat([texts(path) for path in exports.glob("accounts_*.csv")])
    names = whole["account_id"].unique().sort().gather_every(3).implode()
    people = texts(exports / "contacts.csv").filter(pl.col("account_id").is_in(names))["email"]
    for path in exports.iterdir():
        rows = texts(path)
        ours = pl.col("account_id").is_in(names)
        if "email" in rows.columns:
            ours |= pl.col("account_id").is_null() & pl.col("email").is_in(people.implode())
        buffer = io.BytesIO()
        rows.filter(ours).write_csv(buffer)
        content = buffer.getvalue()
        path.write_bytes(gzip.compress(content, 1) if path.suffix == ".gz" else content)
    return folder


def texts(path: Path) -> pl.DataFrame:
    """The rows of an export as they are written."""
    return pl.read_csv(path, infer_schema=False)


def first_run(folder: Path) -> Example:
    decided = []

    def kept(*args: Any) -> Any:
        decided.append(decide_from(*args))
        return decided[0]

    with mock.patch("segkit.runs.assign.decide_from", kept):
        run = assign(open_workspace(folder), now=NOW)
    assert run.screen is not None
    screen = run.screen.written_to("examples/saas/out/latest/ (report.html, assignments.csv and more)")
    return Example(folder, plain(lay_out(screen)), decided[0].decisions)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temp:
        sys.stdout.write(first_run(copy(Path(temp) / "saas")).screen)
