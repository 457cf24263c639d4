"""`segkit assign`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer


def assign(
    workspace: Annotated[
        Path | None,
        typer.Argument(help="Folder with segkit.yaml. Default: the current one or its nearest parent."),
    ] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            "--as-of",
            formats=["%Y-%m-%d"],
            metavar="YYYY-MM-DD",
            help="Last day of the period. Default: the last covered one.",
        ),
    ] = None,
    rules: Annotated[Path | None, typer.Option(help="Another rule file than the workspace names.")] = None,
    usage: Annotated[Path | None, typer.Option(help="Without a workspace: the usage file.")] = None,
    accounts: Annotated[Path | None, typer.Option(help="Without a workspace: the accounts file.")] = None,
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
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Only what goes wrong.")] = False,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Every source's rows, too.")] = False,
) -> None:
    """Decide which account belongs to which segment, and publish it with all that changed.

    Reads the exports that segkit.yaml names, decides every period since the last run and writes out/latest/.

    Without a workspace: segkit assign --usage usage.csv --accounts accounts.csv
    """
    from segkit.cli.answer import Wish, give
    from segkit.cli.terminal import busy

    wish = Wish.of(output, format)
    if (usage and workspace) or (accounts and not usage):
        raise typer.BadParameter("--usage (with or without --accounts) replaces a workspace")
    day = as_of.date() if as_of else None
    with busy(quiet):
        if usage is not None:
            from segkit.runs import assign_files

            run = assign_files(usage, accounts, now=datetime.now(UTC), rules=rules, as_of=day)
        else:
            import segkit

            run = segkit.open(workspace, rules=rules).assign(day, dry_run=dry_run)
    give(run, wish, workspace, quiet=quiet, verbose=verbose)
