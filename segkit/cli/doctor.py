"""`segkit doctor`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def doctor(
    workspace: Annotated[
        Path | None,
        typer.Argument(help="Folder with segkit.yaml. Default: the current one or its nearest parent."),
    ] = None,
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
