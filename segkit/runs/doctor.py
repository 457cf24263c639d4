"""Is everything in order: libraries, workspace, lock, and every byte that published runs left."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from msgspec import Struct

from segkit.errors import IoError, SegkitError
from segkit.lock import holder
from segkit.reports.words import plural
from segkit.ruleset import check_rules
from segkit.runs.folders import history
from segkit.runs.folders.history import MANIFEST, Published
from segkit.runs.folders.manifest import LIBRARIES, version_of
from segkit.workspace import Workspace, open_workspace, rule_arguments

EXTRAS = {"xlsx": "xlsxwriter"}
"""Extra -> the library that tells whether it is installed."""
State = Literal["ok", "look", "bad"]


class Checked(Struct, frozen=True):
    """One thing that was looked at. look: harmless, but worth knowing; bad: somebody must act."""

    state: State
    what: str
    hint: str | None = None


def examine(path: Path | None) -> tuple[Checked, ...]:
    """Everything that can be checked from where we are; writes nothing and takes no lock."""
    found = [*_environment()]
    try:
        workspace = open_workspace(path)
    except SegkitError as error:
        return (*found, *(Checked("bad", str(problem), problem.hint) for problem in error.problems))
    return (*found, *_workspace(workspace), *_lock(workspace), *_history(workspace))


def _environment() -> Iterator[Checked]:
    versions = ", ".join(f"{name} {version_of(name)}" for name in LIBRARIES)
    yield Checked("ok", f"Python {platform.python_version()}, {versions}")
    there = [name for name, library in EXTRAS.items() if find_spec(library) is not None]
    gone = [name for name in EXTRAS if name not in there]
    if gone:
        hint = f'pip install "segkit[{gone[0]}]" where you need it'
        yield Checked("look", f"not installed: the extra {', '.join(gone)}", hint)


def _workspace(workspace: Workspace) -> Iterator[Checked]:
    yield Checked("ok", f"workspace {workspace.root}")
    _, problems = check_rules(workspace.rules, **rule_arguments(workspace))
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        yield Checked("bad", f"{workspace.rules} has {plural(len(errors), 'error')}", "segkit check rules")
    else:
        yield Checked("ok", f"rules {workspace.rules}")
    for folder in (workspace.state, workspace.out):
        near = next(each for each in (folder, *folder.parents) if each.exists())
        if not os.access(near, os.W_OK | os.X_OK):
            yield Checked("bad", f"{near} cannot be written to", "the user of cron needs to own it")


def _lock(workspace: Workspace) -> Iterator[Checked]:
    who = holder(workspace.state / "lock")
    if who is None:
        yield Checked("ok", "lock: free")
    else:
        yield Checked("look", f"lock: held by {who}", "a run is at work; the lock frees itself when it ends")


def _history(workspace: Workspace) -> Iterator[Checked]:
    try:
        head = history.head(workspace.state, workspace.out)
        runs = list(history.lineage(workspace.out, head))
    except IoError as error:
        yield from (Checked("bad", str(problem), problem.hint) for problem in error.problems)
        return
    if head is None:
        yield Checked("ok", "history: nothing was published yet")
        return
    faults = [fault for run in runs for fault in _damage(run)]
    yield from (Checked("bad", fault, _repair(workspace, fault)) for fault in faults)
    if not faults:
        files = sum(len(run.files) for run in runs)
        since = f", kept since {runs[-1].as_of}" if runs[-1].parent else ""
        said = f"history: {plural(len(runs), 'published run')} to {head.as_of}{since}"
        yield Checked("ok", f"{said}, {plural(files, 'file')} as they were written")
    link = workspace.out / "latest"
    if link.is_symlink() and os.readlink(link) != head.name:
        yield Checked("look", f"{link} does not show the published run", "the next run mends it")
    extra = {folder.name for folder in (workspace.out / "runs").glob("[!.]*")} - {
        run.folder.name for run in runs
    }
    if extra:
        yield Checked(
            "look", f"{len(extra)} runs in {workspace.out / 'runs'} were superseded or never published"
        )


def _damage(run: Published) -> Iterator[str]:
    for name, digest in run.files.items():
        path = run.folder / name
        try:
            content = path.read_bytes()
        except OSError as error:
            yield f"{path}: {error.strerror}"
            continue
        if hashlib.sha256(content).hexdigest() != digest:
            yield f"{path} is not as it was written"
    if not (run.folder / MANIFEST).is_file():
        yield f"{run.folder / MANIFEST} is gone"


def _repair(workspace: Workspace, fault: str) -> str:
    if "/state/" in fault:
        return "bring it back from a backup, or build it anew: segkit replay --publish"
    return "bring it back from a backup; what was decided stands in the run's other files"
