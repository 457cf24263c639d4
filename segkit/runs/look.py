"""`check data`: reads the exports as a run would, decides nothing, and leaves `out/quality.json`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from segkit.errors import IoError, Problem, SegkitError
from segkit.reports import Line
from segkit.reports.quality import NAME, lines, quality, unreadable
from segkit.ruleset import check_rules
from segkit.runs.folders import history
from segkit.runs.folders.files import replace_file
from segkit.runs.given.inputs import drifted, read_facts
from segkit.runs.given.places import near, placed
from segkit.workspace import Workspace, open_workspace, rule_arguments


class Looked(Struct, frozen=True):
    """lines: per source how it was read. refused: rows of all sources."""

    problems: tuple[Problem, ...]
    lines: tuple[Line, ...] = ()
    refused: int = 0


def look(path: Path | None, *, now: datetime, ascii_only: bool = False) -> Looked:
    """What is wrong with the exports, by themselves and against the published run."""
    try:
        workspace = open_workspace(path)
    except SegkitError as error:
        return Looked(error.problems)
    try:
        head = history.head(workspace.state, workspace.out)
        rules, _ = check_rules(workspace.rules, **rule_arguments(workspace))
        loaded = read_facts(workspace, rules, now=now, head=head, folded=False)
        loaded = drifted(workspace, loaded, head)
    except SegkitError as error:
        return Looked(
            (*error.problems, *_kept(workspace, unreadable(placed(error.problems, near(workspace.root)))))
        )
    unwritten = _kept(workspace, quality(loaded, placed(loaded.problems, near(workspace.root))))
    return Looked(
        (*loaded.problems, *unwritten),
        tuple(lines(loaded, ascii_only=ascii_only)),
        sum(count.rejected for count in loaded.facts.counts),
    )


def _kept(workspace: Workspace, content: bytes) -> tuple[Problem, ...]:
    """Writes quality.json; that it could not be written is a warning, for the answer is on the screen."""
    try:
        replace_file(workspace.out / NAME, content)
    except IoError as error:
        return tuple(replace(problem, severity="warning") for problem in error.problems)
    return ()
