"""`segkit identity`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from segkit.cli.options import Folder, LastDay, TableFormat, is_workspace


def identity(
    asked: Annotated[
        str | None,
        typer.Argument(
            metavar="ID",
            help="A user, address, domain, account or other id to look into. Default: all of them.",
        ),
    ] = None,
    workspace: Folder = None,
    as_of: LastDay = None,
    output: Annotated[
        str | None, typer.Option("-o", "--output", help="Write every line to a file; - is stdout.")
    ] = None,
    format: TableFormat = None,
) -> None:
    """Show whose the ids are: what found no account, what is claimed twice, who moved, who is one person,
    which users behave like machines; or one id with all its evidence.

    A folder with a segkit.yaml in place of ID is the workspace.
    """
    from segkit.cli.answer import Wish, give_table
    from segkit.reports.identity import lay_out_audit, lay_out_id
    from segkit.runs.identity import evidence_table, identity_audit, identity_of
    from segkit.workspace import open_workspace

    wish = Wish.of(output, format)
    if asked is not None and workspace is None and is_workspace(Path(asked)):
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
    give_table(lines, table, wish, name="identity")
