"""`segkit predict`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from segkit.cli.options import Folder


def predict(
    workspace: Folder = None,
    kind: Annotated[
        str, typer.Option("--of", metavar="KIND", help="churn, expansion or escalation.")
    ] = "churn",
    as_json: Annotated[
        bool, typer.Option("--json", help="What stands in prediction.json, on stdout.")
    ] = False,
) -> None:
    """How likely each account is to leave within 30, 60 and 90 days, and why.

    A rate by segment and time in it is the baseline; a model is used only where it is shown to beat it on
    weeks that neither has seen. Writes out/predict/ with a file of traits that rules can read. Needs
    segkit[predict].
    """
    import json
    import sys

    from segkit.cli.answer import short
    from segkit.cli.terminal import busy, show_lines, write_data
    from segkit.reports.prediction import lay_out_prediction
    from segkit.runs.predict import predict as foretell
    from segkit.workspace import open_workspace

    opened = open_workspace(workspace)
    with busy(as_json):
        done = foretell(opened, now=datetime.now(UTC), kind=kind)
    if as_json:
        write_data(json.dumps(done.data, indent=1, ensure_ascii=False).encode() + b"\n")
    else:
        show_lines(lay_out_prediction(done.data, done.table.to_dicts(), short(done.folder)), sys.stdout)
