"""`segkit tune`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from segkit.cli.options import Folder


def tune(
    workspace: Folder = None,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[=VALUE,…]",
            help="A threshold or a timer (at_risk.enter_after) to vary, at most three times. Default: two "
            "thresholds that risk hangs on, and how long it waits.",
        ),
    ] = None,
    capacity: Annotated[
        float | None,
        typer.Option(
            min=0.1, metavar="N", help="Alarms the team can answer each week. Default: as many as now."
        ),
    ] = None,
    lead: Annotated[
        int, typer.Option(min=1, metavar="WEEKS", help="How long before the end an alarm is in time.")
    ] = 4,
    risk: Annotated[
        str | None,
        typer.Option(metavar="SEGMENTS", help="Segments that are meant to show who leaves, by commas."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="What stands in tuning.json, on stdout.")] = False,
) -> None:
    """Try other thresholds and timers on history: would more of those who left have been seen in time?

    Chosen on the first 60 % of history and judged on the rest; a change is printed only if it holds there,
    and never made. Exit code 1 where too few left to tell.
    """
    import json
    import sys

    from segkit.cli.answer import short
    from segkit.cli.terminal import busy, show_lines, write_data
    from segkit.reports.tuning.lines import lay_out_tuning
    from segkit.runs.tuning import tune as try_all
    from segkit.workspace import open_workspace

    opened = open_workspace(workspace)
    named = None if risk is None else [name.strip() for name in risk.split(",") if name.strip()]
    with busy(as_json):
        done = try_all(
            opened, now=datetime.now(UTC), vary=vary or (), risk=named, capacity=capacity, lead_weeks=lead
        )
    if as_json:
        write_data(json.dumps(done.data, indent=1, ensure_ascii=False).encode() + b"\n")
    else:
        where = short(done.folder)
        shown = f" {workspace}" if workspace else ""
        show_lines(
            lay_out_tuning(done.data, where, f"segkit compare {where}/suggested.yaml{shown}"), sys.stdout
        )
    if done.found.verdict == "too few":
        raise typer.Exit(1)
