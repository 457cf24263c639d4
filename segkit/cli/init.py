"""`segkit init`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from segkit.runs.starting import Start


def init(
    folder: Annotated[Path, typer.Argument(help="Made if it is not there.")] = Path(),
    example: Annotated[
        bool,
        typer.Option("--example", help="The shipped example with its data: segkit assign works at once."),
    ] = False,
    rules: Annotated[
        str,
        typer.Option(
            "--rules",
            metavar="NAME",
            help="Which shipped rules: saas, saas-small-team (20 to 100 accounts), seasonal-retail.",
        ),
    ] = "saas",
) -> None:
    """Make a workspace: a commented segkit.yaml, shipped rules and a place for the exports.

    Exports that lie in the folder, or in its exports/, are recognised and mapped. Nothing that is there is
    overwritten.
    """
    from segkit.cli.starter import README, example_files, starter_files, write_new

    where = "" if folder == Path() else f" {folder}"
    if example:
        write_new(folder, example_files(rules))
        print(f"The example lies in {folder.resolve()}; its rules, yours to change, in rules/{rules}.yaml")
        print(f"\n  next: segkit assign{where}")
        return
    files, start = starter_files(folder, rules)
    write_new(folder, files)
    print(f"A workspace lies in {folder.resolve()}")
    told = {
        "segkit.yaml": "what your exports are called and what their columns mean",
        f"rules/{rules}.yaml": "the segments: read them aloud, change what does not fit",
        "rules/tests/": "made-up accounts that say what the rules must do: segkit test",
    }
    if README in files:
        told["exports/"] = "put your exports here; README.md in it says which"
    elif start.exports != ".":
        told["exports/"] = "put your exports here; the README.md in it is yours and stays"
    width = max(18, *map(len, told))
    for name, what in told.items():
        print(f"  {name:<{width}} {what}")
    _told(start)
    step = "" if start.files else "put accounts.csv and usage.csv into exports/, then "
    print(f"\n  next: {step}segkit {'assign' if start.ready else 'check all'}{where}")


def _told(start: Start) -> None:
    """What lies there, one line for each kind of file."""
    if start.files:
        print("\nWhat lies there:")
        widths = [max(len(line[at]) for line in start.files) for at in range(3)]
        for line in start.files:
            cells = [cell.ljust(width) for cell, width in zip(line, widths, strict=False)]
            print("  " + "  ".join([*cells, line[3]]))
    if start.files and start.unknown:
        print(f"  and {start.unknown} not known by {'their' if start.unknown > 1 else 'its'} header")
    for remark in start.remarks:
        print(f"  {remark}")
    if start.problem is not None:
        print(f"\nNot ready yet: {start.problem.what}")
        if start.problem.hint:
            print(f"  {start.problem.hint}")
