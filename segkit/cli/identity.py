"""`segkit identity`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer


def identity(
    asked: Annotated[
        str | None,
        typer.Argument(
            metavar="ID",
            help="A user, address, domain, account or other id to look into. Default: all of them.",
        ),
    ] = None,
    workspace: Annotated[
        Path | None,
        typer.Argument(help="Folder with segkit.yaml. Default: the current one or its nearest parent."),
    ] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option("--as-of", formats=["%Y-%m-%d"], help="Last day of the last period."),
    ] = None,
    output: Annotated[
        str | None, typer.Option("-o", "--output", help="Write every line to a file; - is stdout.")
    ] = None,
    format: Annotated[
        str | None,
        typer.Option(help="csv, parquet, json, jsonl, md or table. Default: the file's suffix, else csv."),
    ] = None,
) -> None:
    """Show whose the ids are: what found no account, what is claimed twice, who moved, who is one person,
    which users behave like machines; or one id with all its evidence.

    A folder with a segkit.yaml in place of ID is the workspace.
    """
    import sys

    from segkit.cli.answer import Wish
    from segkit.cli.terminal import show_lines, write_data
    from segkit.reports import to_bytes
    from segkit.reports.identity import lay_out_audit, lay_out_id
    from segkit.runs.identity import evidence_table, identity_audit, identity_of
    from segkit.workspace import open_workspace

    wish = Wish.of(output, format)
    if asked is not None and workspace is None and _is_workspace(Path(asked)):
        workspace, asked = Path(asked), None
    opened = open_workspace(workspace)
    now, day = datetime.now(UTC), as_of.date() if as_of else None
    if asked is None:
        audited = identity_audit(opened, now=now, as_of=day)
        lines = lay_out_audit(opened.name, audited.as_of, audited.found, audited.everybody)
        table = audited.found.findings()
    else:
        found = identity_of(opened, asked, now=now, as_of=day)
        lines = [line for each in found for line in (*lay_out_id(each), ())]
        table = evidence_table(found)
    if wish.output is None:
        show_lines(lines, sys.stdout)
        return
    content = to_bytes(table, wish.format, name="identity")
    if wish.output == "-":
        write_data(content)
    else:
        from segkit.runs.files import replace_file

        replace_file(Path(wish.output), content)


def _is_workspace(path: Path) -> bool:
    from segkit.workspace import FILE

    return (path / FILE).is_file() or (path.name == FILE and path.is_file())
