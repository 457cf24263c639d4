"""`segkit compare`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from segkit.cli.options import Folder
from segkit.errors import Exit


def compare(
    new_rules: Annotated[
        Path | None, typer.Argument(help="The rule file to try. With --show: the workspace.")
    ] = None,
    workspace: Folder = None,
    saved: Annotated[
        Path | None,
        typer.Option("--show", metavar="SAVED", help="Show a comparison in out/compare/, if it still holds."),
    ] = None,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="End with 1 when anything was ever decided otherwise.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Write comparison.json to stdout.")] = False,
    output: Annotated[
        str | None,
        typer.Option("-o", "--output", metavar="FILE", help="Write the accounts that differ; - is stdout."),
    ] = None,
    format: Annotated[
        str | None,
        typer.Option(
            metavar="FORMAT",
            help="csv, xlsx, parquet, json, jsonl, md or table. Default: the file's suffix, else csv.",
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Only what goes wrong.")] = False,
) -> None:
    """Try a rule file on all of history, beside the rules of the workspace. Nothing is published.

    Says which accounts and how much ARR would be elsewhere today and by which condition, how often accounts
    would have moved, how many tasks would have come of it, and who of those that left would have been seen.
    The answer is kept in out/compare/; --show refuses it once rules, exports or the published run are others.
    """
    from segkit.cli.answer import Wish, give_comparison
    from segkit.cli.terminal import busy
    from segkit.runs.comparing import compare_rules, show_comparison
    from segkit.workspace import open_workspace

    wish = Wish.of(output, format)
    if json and wish.output == "-":
        raise typer.BadParameter("--json and --format both write to stdout; choose one")
    if (new_rules is None) == (saved is None) or (saved and workspace):
        raise typer.BadParameter("name one rule file: segkit compare NEW_RULES [WORKSPACE]")
    now = datetime.now(UTC)
    with busy(quiet):
        if saved is not None:
            found = show_comparison(open_workspace(new_rules or _near(saved)), saved, now=now)
        else:
            assert new_rules is not None
            found = compare_rules(open_workspace(workspace), new_rules, now=now)
    give_comparison(found, wish, as_json=json, quiet=quiet)
    if exit_code and not found.same:
        raise typer.Exit(int(Exit.PROBLEMS))


def _near(saved: Path) -> Path | None:
    """The workspace that a saved comparison lies in."""
    return next((folder for folder in saved.resolve().parents if (folder / "segkit.yaml").is_file()), None)
