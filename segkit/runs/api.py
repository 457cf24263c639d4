"""The public way in: a workspace that can be assigned, replayed and checked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from os import PathLike
from pathlib import Path

from segkit.errors import Problem, SegkitError
from segkit.ruleset import check_rules
from segkit.runs.assign import assign
from segkit.runs.inputs import rule_arguments
from segkit.runs.replay import replay
from segkit.runs.run import Replay, Run
from segkit.runs.seen import with_seen
from segkit.workspace import Workspace, open_workspace


@dataclass(frozen=True, slots=True)
class Opened:
    """A workspace folder, read. Each call takes the lock, so that only one runs at a time."""

    workspace: Workspace

    def assign(self, as_of: date | None = None, *, dry_run: bool = False) -> Run:
        """Decides every period since the last run, to `as_of` or the last covered period, and publishes.

        Raises: ConfigError, InputError, IoError.
        """
        return assign(self.workspace, now=datetime.now(UTC), as_of=as_of, dry_run=dry_run)

    def replay(self, start: date | None = None, end: date | None = None, *, publish: bool = False) -> Replay:
        """Decides all of history anew, beside what is published. Raises: ConfigError, InputError, IoError."""
        return replay(self.workspace, now=datetime.now(UTC), start=start, end=end, publish=publish)


def open(path: str | PathLike[str] | None = None, *, rules: str | PathLike[str] | None = None) -> Opened:  # noqa: A001
    """The workspace at `path`, else in the current folder or its nearest parent.

    `rules` replaces the rule file the workspace names. Raises: ConfigError.
    """
    workspace = open_workspace(Path(path) if path is not None else None)
    return Opened(replace(workspace, rules=Path(rules)) if rules is not None else workspace)


def check(path: str | PathLike[str] | None = None) -> list[Problem]:
    """Everything wrong with a workspace file and its rules; empty when all is well.

    Reads no exports, but to name the event that may be the login which the rules miss.
    """
    try:
        workspace = open_workspace(Path(path) if path is not None else None)
    except SegkitError as error:
        return list(error.problems)
    return with_seen(workspace, check_rules(workspace.rules, **rule_arguments(workspace))[1])
