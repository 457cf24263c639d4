"""`segkit report`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

report = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


@report.callback()
def _top() -> None:
    """Show what lies behind the decisions."""


@report.command("baseline", short_help="One account against what was expected of it.")
def baseline(
    account: Annotated[str, typer.Argument(help="Id or name.")],
    metric: Annotated[str, typer.Argument(help="For example events_28d.")],
    workspace: Annotated[
        Path | None,
        typer.Argument(help="Folder with segkit.yaml. Default: the current one or its nearest parent."),
    ] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option("--as-of", formats=["%Y-%m-%d"], help="Last day of the last period."),
    ] = None,
    output: Annotated[
        str | None, typer.Option("-o", "--output", help="Write every period to a file; - is stdout.")
    ] = None,
    format: Annotated[
        str | None,
        typer.Option(help="csv, parquet, json, jsonl, md or table. Default: the file's suffix, else csv."),
    ] = None,
) -> None:
    """Show the series, what was expected, the usual ups and downs, the excuses and the basis.

    A plot and the last twelve periods on the screen; every period with -o FILE or --format csv.
    """
    from segkit.cli.answer import Wish
    from segkit.cli.terminal import show_lines, write_data
    from segkit.reports import to_bytes
    from segkit.reports.baseline import lay_out_baseline
    from segkit.runs.baseline import expected_of
    from segkit.workspace import open_workspace

    wish = Wish.of(output, format)
    day = as_of.date() if as_of else None
    found = expected_of(open_workspace(workspace), account, metric, now=datetime.now(UTC), as_of=day)
    if wish.output is None:
        import sys

        show_lines(lay_out_baseline(found.name, found.metric, found.unit, found.rows), sys.stdout)
        return
    content = to_bytes(found.rows, wish.format, name="baseline")
    if wish.output == "-":
        write_data(content)
    else:
        from segkit.runs.files import replace_file

        replace_file(Path(wish.output), content)
