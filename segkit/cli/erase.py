"""`segkit erase`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from segkit.cli.options import Folder

if TYPE_CHECKING:
    from segkit.runs.erasing.erase import Erased, Meant

SHOWN = 20
"""How many files that still hold somebody are named one by one."""


def erase(
    asked: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="An account id, user id or e-mail address; user:7 where one id is that of several.",
        ),
    ],
    workspace: Folder = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Forget an account or a person for ever: in every run, in the state, in all exports to come.

    Asks first. Exports are left alone; those that still hold the id are named.
    """
    import sys

    from segkit.cli.terminal import busy, say
    from segkit.errors import ConfigError, Problem
    from segkit.runs.erasing.erase import erase as forget
    from segkit.runs.erasing.erase import who
    from segkit.workspace import open_workspace

    opened = open_workspace(workspace)
    if not yes:
        if not sys.stdin.isatty():
            hint = "say --yes where nobody can be asked"
            raise ConfigError(Problem("S172", "erasing cannot be undone, and nobody confirmed it", hint=hint))
        with busy(False):
            meant = who(opened, asked, now=datetime.now(UTC))
        say(_meant(meant))
        if input("Erase for ever? Type yes: ").strip().lower() != "yes":
            say("Nothing was erased.")
            return
    with busy(False):
        done = forget(opened, asked, now=datetime.now(UTC))
    for line in _told(done):
        print(line)


def _meant(meant: Meant) -> str:
    """`account:A1 (Acme), 14 user ids, 12 addresses`"""
    kinds = {"user": ("user id", "user ids"), "email": ("address", "addresses")}
    parts = [meant.id + (f" ({', '.join(sorted(meant.gone.names))})" if meant.gone.names else "")]
    for kind in sorted({each.partition(":")[0] for each in meant.gone.ids}):
        count = meant.count(kind) - (kind == meant.kind)
        one, many = kinds.get(kind, (f"{kind} id", f"{kind} ids"))
        parts += (
            [f"{count} {'further ' * (kind == meant.kind)}{one if count == 1 else many}"] if count else []
        )
    return ", ".join(parts) + ("" if meant.known else "; nothing here holds it yet")


def _told(done: Erased) -> list[str]:
    runs = done.rewritten.runs
    anew = f"{runs} {'run' if runs == 1 else 'runs'} written anew, the cache emptied"
    lines = [f"Erased: {_meant(done.meant)}.", f"{anew}; their rows are dropped from now on."]
    lines += [f"Removed, as it cannot be rewritten: {name}" for name in done.rewritten.removed]
    if not done.remains:
        return [*lines, "No file here holds them any more."]
    lines.append("These files still hold them; delete the rows, or export again:")
    lines += [f"  {holder.path} ({holder.rows:,} rows)" for holder in done.remains[:SHOWN]]
    more = len(done.remains) - SHOWN
    return [*lines, f"  and {more} more files"] if more > 0 else lines
