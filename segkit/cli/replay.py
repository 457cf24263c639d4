"""`segkit replay`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from segkit.cli.options import Folder


def replay(
    workspace: Folder = None,
    start: Annotated[
        datetime | None,
        typer.Option(
            "--from",
            formats=["%Y-%m-%d"],
            metavar="YYYY-MM-DD",
            help="Keep transitions from this period on. Default: all.",
        ),
    ] = None,
    end: Annotated[
        datetime | None,
        typer.Option(
            "--to",
            formats=["%Y-%m-%d"],
            metavar="YYYY-MM-DD",
            help="Last day of the last period. Default: the last covered one.",
        ),
    ] = None,
    publish: Annotated[bool, typer.Option("--publish", help="Make the replay the published run.")] = False,
    rules: Annotated[
        Path | None, typer.Option(exists=True, help="Another rule file than the workspace names.")
    ] = None,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Only what goes wrong.")] = False,
) -> None:
    """Decide all of history anew with today's files and rules, and list what differs from what was published.

    History always begins at the first covered period, whatever --from says. Published runs stay as they are;
    the replay lies beside them in out/replays/.
    """
    import segkit
    from segkit.cli.accept import how_to_accept
    from segkit.cli.answer import give_replay
    from segkit.cli.terminal import busy

    if start and end and end < start:
        raise typer.BadParameter(f"--from {start.date()} lies after --to {end.date()}")
    opened = segkit.open(workspace, rules=rules)
    with how_to_accept(opened.workspace.root, {"--rules": rules}, {}), busy(quiet):
        done = opened.replay(start.date() if start else None, end.date() if end else None, publish=publish)
    give_replay(done, workspace, quiet=quiet)
