"""Arguments and options that several verbs share, worded once."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from segkit.resources import FILE

Folder = Annotated[
    Path | None,
    typer.Argument(help="Folder with segkit.yaml. Default: the current one or its nearest parent."),
]
LastDay = Annotated[
    datetime | None,
    typer.Option("--as-of", formats=["%Y-%m-%d"], help="Last day of the last period."),
]
TableFormat = Annotated[
    str | None,
    typer.Option(help="csv, parquet, json, jsonl, md or table. Default: the file's suffix, else csv."),
]


def is_workspace(path: Path) -> bool:
    """Whether what was given for an id is the folder of a workspace, or its file."""
    return (path / FILE).is_file() or (path.name == FILE and path.is_file())
