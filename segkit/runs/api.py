"""The public way in: a workspace that can be assigned and replayed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from segkit.runs.assign import assign
from segkit.runs.replay import replay
from segkit.runs.run import Replay, Run
from segkit.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from segkit.reports.explained.explanation import Explanation


class Opened(Struct, frozen=True):
    """A workspace folder, read. Each call takes the lock, so that only one runs at a time."""

    workspace: Workspace

    def assign(
        self,
        as_of: date | None = None,
        *,
        dry_run: bool = False,
        accept: Mapping[str, str] | None = None,
        wait: float = 0.0,
    ) -> Run:
        """Decides every period since the last run, to `as_of` or the last covered period, and publishes.

        `wait`: seconds to wait for another run of this workspace to end.

        `accept`: guard -> why what it sees is all right for this as_of. A dry run raises no GuardError;
        what trips is in its `guards.tripped`.

        Raises: ConfigError, GuardError, InputError, IoError.
        """
        now = datetime.now(UTC)
        run = assign(self.workspace, now=now, as_of=as_of, dry_run=dry_run, accept=accept, wait=wait)

        def explaining(account: str) -> Explanation:
            # Only who asks why waits for it.
            from segkit.runs.explain import explain

            return explain(self.workspace, account, now=now, as_of=run.as_of)

        return replace(run, explaining=explaining)

    def replay(self, start: date | None = None, end: date | None = None, *, publish: bool = False) -> Replay:
        """Decides all of history anew, beside what is published.

        Raises: ConfigError, GuardError (where a guard keeps it from being published), InputError, IoError.
        """
        return replay(self.workspace, now=datetime.now(UTC), start=start, end=end, publish=publish)


def open(path: str | PathLike[str] | None = None, *, rules: str | PathLike[str] | None = None) -> Opened:  # noqa: A001
    """The workspace at `path`, else in the current folder or its nearest parent.

    `rules` replaces the rule file the workspace names. Raises: ConfigError.
    """
    workspace = open_workspace(Path(path) if path is not None else None)
    return Opened(replace(workspace, rules=Path(rules)) if rules is not None else workspace)
