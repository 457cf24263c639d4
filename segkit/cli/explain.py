"""`segkit explain`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from segkit.cli.options import Folder, is_workspace
from segkit.errors import ConfigError, Place, Problem


def explain(
    account: Annotated[str, typer.Argument(help="Id, name or domain.")],
    workspace: Folder = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            "--as-of", formats=["%Y-%m-%d"], help="Last day of a period. Default: the published one."
        ),
    ] = None,
    timeline: Annotated[
        bool, typer.Option("--timeline", help="Draw a metric and the segments over the last year, too.")
    ] = False,
    rows: Annotated[
        bool, typer.Option("--rows", help="List rows of the exports behind its values, with file and line.")
    ] = False,
    html: Annotated[
        str | None, typer.Option("--html", metavar="FILE", help="As a page to send on; - is stdout.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Everything, as JSON on stdout.")] = False,
) -> None:
    """Say why an account is where it is: every condition with its value, since when, when it can leave, why
    it is in no other segment, and how it got there.

    Nothing is written.
    """
    import sys

    from segkit.cli.answer import place_of, write_content
    from segkit.cli.terminal import busy, show_lines, write_data
    from segkit.reports.explained.story import lay_out_story
    from segkit.runs.explain import explain
    from segkit.workspace import open_workspace

    if workspace is None and is_workspace(Path(account)):
        what, hint = "is a workspace; the account comes first", f"segkit explain ACCOUNT {account}"
        raise ConfigError(Problem("S156", what, Place(account), hint))
    place_of(html)
    day = as_of.date() if as_of else None
    opened = open_workspace(workspace)
    with busy(quiet=False):
        told = explain(opened, account, now=datetime.now(UTC), as_of=day, timeline=timeline, rows=rows)
    if html:
        from segkit.reports.html.page import story_page

        write_content(story_page(told).encode(), html)
    if json:
        write_data(told.to_json())
    elif html != "-":
        show_lines(lay_out_story(told), sys.stdout)
