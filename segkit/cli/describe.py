"""`segkit describe`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Page(StrEnum):
    MD = "md"
    HTML = "html"


def describe(
    path: Annotated[
        Path | None, typer.Argument(help="A workspace or a rule file. Default: the workspace you are in.")
    ] = None,
    since: Annotated[
        Path | None, typer.Option("--since", metavar="RULES", help="A rule file as it was: say what changed.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Where to: rules.html, rules.md.")
    ] = None,
    format: Annotated[
        Page | None, typer.Option(help="md or html. Default: the suffix of the file, else md.")
    ] = None,
) -> None:
    """Tell the rules as a page for everybody: who is where in plain words, in which order, what is done about
    it; in a workspace also how many accounts that are, and one of them.

    What stands in its blocks can be pasted back as rules.
    """
    from segkit.reports.described import markdown, page
    from segkit.runs.describing import describe
    from segkit.runs.folders.files import replace_file

    told = describe(path, since)
    html = format is Page.HTML or (format is None and output is not None and output.suffix == ".html")
    text = page(told) if html else markdown(told)
    if output is None:
        print(text, end="")
    else:
        replace_file(output, text.encode())
