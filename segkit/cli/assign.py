"""`segkit assign`."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from segkit.cli.options import Folder


def assign(
    workspace: Folder = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            "--as-of",
            formats=["%Y-%m-%d"],
            metavar="YYYY-MM-DD",
            help="Last day of the period. Default: the last covered one.",
        ),
    ] = None,
    rules: Annotated[
        Path | None, typer.Option(exists=True, help="Another rule file than the workspace names.")
    ] = None,
    usage: Annotated[Path | None, typer.Option(help="Without a workspace: the usage file.")] = None,
    accounts: Annotated[Path | None, typer.Option(help="Without a workspace: the accounts file.")] = None,
    accept: Annotated[
        list[str] | None,
        typer.Option(metavar="GUARD", help="Publish although this guard trips, for this as_of only."),
    ] = None,
    because: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Why; recorded with what is accepted.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing at all.")] = False,
    output: Annotated[
        str | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="Write the assignments to a file too; - is stdout."
        ),
    ] = None,
    format: Annotated[
        str | None,
        typer.Option(
            metavar="FORMAT",
            help="csv, xlsx, parquet, json, jsonl, md or table. Default: the file's suffix, else csv.",
        ),
    ] = None,
    raw_text: Annotated[
        bool,
        typer.Option(
            "--raw-text", help="In that CSV, no ' before text that a spreadsheet would run as a formula."
        ),
    ] = False,
    wait: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="How long to wait for another run to end.")
    ] = 0,
    log_file: Annotated[
        Path | None, typer.Option("--log-file", metavar="FILE", help="Append what happened, as JSON lines.")
    ] = None,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Only what goes wrong.")] = False,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Every source's rows, too.")] = False,
) -> None:
    """Decide which account belongs to which segment, and publish it with all that changed.

    Reads the exports that segkit.yaml names, decides every period since the last run and writes out/latest/.
    When a guard trips, nothing is published: out/preview/ shows what would have been, and the message says
    how to accept it.

    Without a workspace: segkit assign --usage usage.csv --accounts accounts.csv
    """
    from segkit.cli.accept import how_to_accept, with_reason
    from segkit.cli.answer import Wish, give
    from segkit.cli.journal import journal
    from segkit.cli.terminal import busy

    wish = Wish.of(output, format, raw=raw_text)
    if (usage and workspace) or (accounts and not usage):
        raise typer.BadParameter("--usage (with or without --accounts) replaces a workspace")
    day = as_of.date() if as_of else None
    accepted = with_reason(accept or [], because)
    if usage is not None:
        from segkit.runs import assign_files

        now = datetime.now(UTC)
        where = None
        decide = partial(assign_files, usage, accounts, now=now, rules=rules, as_of=day, accept=accepted)
    else:
        import segkit

        opened = segkit.open(workspace, rules=rules)
        where = opened.workspace.root
        decide = partial(opened.assign, day, dry_run=dry_run, accept=accepted, wait=wait)
    typed = {"--rules": rules, "--usage": usage, "--accounts": accounts}
    told = {"verb": "assign", "workspace": str(where) if where else None}
    with journal(log_file, **told) as log, how_to_accept(where, typed, accepted):
        with busy(quiet):
            run = decide()
        log.ran(run)
        give(run, wish, workspace, quiet=quiet, verbose=verbose)
