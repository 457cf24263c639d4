"""`check data`: reads the exports as a run would, decides nothing and writes nothing."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from segkit.errors import Problem, SegkitError
from segkit.reports.health import equation, reasons
from segkit.runs.inputs import read_facts
from segkit.workspace import open_workspace


def look(path: Path | None, *, now: datetime) -> tuple[list[Problem], list[str]]:
    """Problems, and one line per source: rows read = accepted + refused + left out."""
    try:
        workspace = open_workspace(path)
        loaded = read_facts(workspace, None, now=now)
    except SegkitError as error:
        return list(error.problems), []
    lines = [equation(count) + reasons(count) for count in loaded.facts.counts]
    return list(loaded.problems), lines
