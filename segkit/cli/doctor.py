"""`segkit doctor`."""

from __future__ import annotations

import typer

from segkit.cli.options import Folder


def doctor(
    workspace: Folder = None,
) -> None:
    """Look whether everything is in order: libraries, rules, lock, and the bytes of every published run.

    Writes nothing. Exit code 1 where somebody must act.
    """
    from segkit.runs.doctor import examine

    found = examine(workspace)
    for each in found:
        print(f"{each.state:<5}{each.what}")
        if each.hint:
            print(f"     hint: {each.hint}")
    if any(each.state == "bad" for each in found):
        raise typer.Exit(1)
