"""`segkit evaluate`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from segkit.cli.options import Folder


def evaluate(
    workspace: Folder = None,
    risk: Annotated[
        str | None,
        typer.Option(
            metavar="SEGMENTS",
            help="Segments that are meant to show who leaves, by commas. Default: at_risk and churning "
            "where they exist, else the first of the rules.",
        ),
    ] = None,
    capacity: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Calls the team can make each week: how many would be right."),
    ] = None,
    replayed: Annotated[
        bool,
        typer.Option("--replayed", help="Judge what today's rules and files say of all of history instead."),
    ] = False,
    review: Annotated[
        bool,
        typer.Option("--review", help="Add the quarterly review: figures by quarter, playbooks, criteria."),
    ] = False,
    html: Annotated[
        str | None,
        typer.Option("--html", metavar="FILE", help="As a page with pictures, to send on; - is stdout."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="What stands in evaluation.json, on stdout.")
    ] = False,
) -> None:
    """Hold decisions against what happened later: who left, were they marked, how long before.

    The published decisions are judged as they were published; a workspace without any is replayed. Exit code
    1 where nothing can be said of who leaves.
    """
    import json
    import sys

    from segkit.cli.answer import place_of, short, write_content
    from segkit.cli.terminal import busy, show_lines, write_data
    from segkit.reports.evaluation import lay_out_evaluation
    from segkit.reports.review import lay_out_review
    from segkit.runs.evaluate import NAME
    from segkit.runs.evaluate import evaluate as judge
    from segkit.workspace import open_workspace

    if as_json and html == "-":
        raise typer.BadParameter("--json and --html both write to stdout; choose one")
    place_of(html)
    opened = open_workspace(workspace)
    named = None if risk is None else [name.strip() for name in risk.split(",") if name.strip()]
    with busy(as_json):
        done = judge(
            opened, now=datetime.now(UTC), risk=named, per_period=capacity, replayed=replayed, reviewed=review
        )
    if html:
        from segkit.reports.html.outcomes import evaluation_page

        write_content(evaluation_page(done.data).encode(), html)
    if as_json:
        write_data(json.dumps(done.data, indent=1, ensure_ascii=False).encode() + b"\n")
    elif html != "-":
        written = [short(opened.out / NAME), *([html] if html else [])]
        lines = lay_out_evaluation(done.data, ", ".join(written))
        if review:
            lines = [*lines[:-2], *lay_out_review(done.data), *lines[-2:]]
        show_lines(lines, sys.stdout)
    if done.found.refused is not None:
        raise typer.Exit(1)
