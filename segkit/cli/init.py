"""`segkit init`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def init(
    folder: Annotated[Path, typer.Argument(help="Made if it is not there.")] = Path(),
    example: Annotated[
        bool,
        typer.Option("--example", help="The shipped example with its data: segkit assign works at once."),
    ] = False,
) -> None:
    """Make a workspace: a commented segkit.yaml, the shipped rules and a place for the exports.

    Nothing that is there is overwritten.
    """
    from segkit.cli.starter import example_files, exports_in, starter_files, write_new

    files = example_files() if example else starter_files(folder)
    write_new(folder, files)
    where = "" if folder == Path() else f" {folder}"
    if example:
        print(f"The example lies in {folder.resolve()}\n\n  next: segkit assign{where}")
        return
    print(f"A workspace lies in {folder.resolve()}")
    print("  segkit.yaml        what your exports are called and what their columns mean")
    print("  rules/saas.yaml    the segments: read them aloud, change what does not fit")
    print("  exports/           put your exports here; README.md in it says which")
    lying = exports_in(folder)
    if lying:
        step = f"move {', '.join(lying[:5])}{' …' if len(lying) > 5 else ''} into exports/, then "
    elif exports_in(folder / "exports"):
        step = ""
    else:
        step = "put accounts.csv and usage.csv into exports/, then "
    print(f"\n  next: {step}segkit check all{where}")
