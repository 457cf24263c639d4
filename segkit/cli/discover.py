"""`segkit discover`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from segkit.cli.options import Folder


def discover(
    workspace: Folder = None,
    within: Annotated[
        int,
        typer.Option(min=1, max=365, metavar="DAYS", help="First days in which a feature is taken up."),
    ] = 30,
    as_json: Annotated[
        bool, typer.Option("--json", help="What stands in discovery.json, on stdout.")
    ] = False,
) -> None:
    """Ask of every metric and of features used early: do those accounts leave at another pace?

    Limits lie where values part by themselves, whoever left; a difference is told only if it holds against
    all that was asked. Says which metrics say the same, and with segkit[discover] whether accounts fall into
    natural groups. Findings end in a flag to try with segkit compare; nothing is applied. Exit code 1 where
    too few left to tell.
    """
    import json
    import sys

    from segkit.cli.answer import short
    from segkit.cli.terminal import busy, show_lines, write_data
    from segkit.reports.discovery import lay_out_discovery
    from segkit.runs.discovering import discover as find
    from segkit.workspace import open_workspace

    opened = open_workspace(workspace)
    with busy(as_json):
        done = find(opened, now=datetime.now(UTC), within=within)
    if as_json:
        write_data(json.dumps(done.data, indent=1, ensure_ascii=False).encode() + b"\n")
    else:
        shown = str(workspace) if workspace else ""
        show_lines(lay_out_discovery(done.data, short(done.folder), shown), sys.stdout)
    if done.found.verdict in ("too few", "refused"):
        raise typer.Exit(1)
