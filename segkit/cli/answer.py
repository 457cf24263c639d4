"""What `assign` shows and writes when it is done."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from segkit.cli.terminal import say, show_lines, show_screen, write_data
from segkit.errors import ConfigError, Place, Problem

if TYPE_CHECKING:
    import polars as pl

    from segkit.reports import Line
    from segkit.runs import Replay, Run
    from segkit.runs.comparing import Compared

FORMATS = ("csv", "xlsx", "parquet", "json", "jsonl", "md", "table")
SUFFIXES = {
    "": "csv",
    ".csv": "csv",
    ".xlsx": "xlsx",
    ".parquet": "parquet",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".md": "md",
}


class Wish(Struct, frozen=True):
    """Where else the assignments should go, and how."""

    output: str | None
    format: str
    raw: bool = False
    """CSV for a program: nothing keeps a spreadsheet from running text as a formula."""

    @classmethod
    def of(cls, output: str | None, format: str | None, *, raw: bool = False) -> Wish:
        """Raises: ConfigError (S155) for a format that is none, a suffix that says none, a place for none,
        raw text where there is no CSV;
        (S158) for a workbook without the library that writes it.
        """
        if format is not None and format not in FORMATS:
            raise ConfigError(
                Problem("S155", f"no format is called {format!r}", hint=f"one of {', '.join(FORMATS)}")
            )
        kind = format
        path = place_of(output)
        if path is not None:
            kind = format or SUFFIXES.get(path.suffix.lower())
            if kind is None:
                hint = f"say it: --format {', '.join(FORMATS[:-1])} or {FORMATS[-1]}"
                raise ConfigError(Problem("S155", "its suffix says no format", Place(str(path)), hint))
        if kind == "xlsx":
            needs_xlsxwriter()
        wish = cls(output or ("-" if format else None), kind or "csv", raw)
        if raw and (wish.output is None or wish.format != "csv"):
            hint = "-o FILE.csv says where to; other formats have no formulas"
            raise ConfigError(Problem("S155", "--raw-text is for CSV", hint=hint))
        return wish


def place_of(output: str | None) -> Path | None:
    """Where a file is to be written; None for stdout or nowhere. Raises: ConfigError (S155)."""
    if output in (None, "", "-"):
        return None
    path = Path(str(output))
    # A file is written beside its place and renamed: never over a device, a pipe or a link to one.
    device = Path(os.path.abspath(path)).parts[1:2] in (("dev",), ("proc",))
    if device or (path.exists() and not path.is_file()):
        what = "is a folder" if path.is_dir() else "is no file"
        raise ConfigError(Problem("S155", what, Place(str(path)), "name a file; - is stdout"))
    return path


def needs_xlsxwriter() -> None:
    """Raises: ConfigError (S158) where it is not installed."""
    if find_spec("xlsxwriter") is None:
        what, hint = "writing .xlsx needs the library xlsxwriter", 'pip install "segkit[xlsx]"'
        raise ConfigError(Problem("S158", what, hint=hint))


def give(run: Run, wish: Wish, workspace: Path | None, *, quiet: bool, verbose: bool) -> None:
    """The first screen on stdout, or on stderr when stdout carries the assignments.

    `workspace` as it was given. Raises: GuardError after the screen, with nothing written, where a dry run
    shows what would not be published.
    """
    out = sys.stderr if wish.output == "-" else sys.stdout
    if run.guards.tripped:
        from segkit.runs.guards.judge import refusal

        if run.screen is not None and not quiet:
            show_screen(run.screen, out)
        raise refusal(run.guards, run.as_of, None)
    if wish.output is not None:
        from segkit.reports import to_bytes

        content = to_bytes(run.assignments, wish.format, name="assignments", raw=wish.raw)
        write_content(content, wish.output)
    if quiet:
        return
    _warn(len(run.warnings), workspace)
    for name in run.guards.needless:
        say(f"{name} did not trip: there was nothing to accept")
    if run.screen is None:
        say(f"Nothing new: {run.as_of} is published with the same facts and rules.")
        if run.folder is not None:
            say(f"Results: {_where(run.folder)}")
        return
    if verbose:
        from segkit.reports.first.health import equation

        for count in run.screen.health.sources:
            say(equation(count))
    screen = run.screen.written_to(_where(run.folder)) if run.folder else run.screen
    show_screen(screen, out)


def give_table(lines: Sequence[Line], rows: pl.DataFrame, wish: Wish, *, name: str) -> None:
    """The lines for a person, or the rows where and how they are wanted."""
    if wish.output is None:
        show_lines(lines, sys.stdout)
        return
    from segkit.reports import to_bytes

    write_content(to_bytes(rows, wish.format, name=name), wish.output)


def give_document(
    lines: Sequence[Line], rows: pl.DataFrame, document: Mapping[str, Any], wish: Wish, *, name: str
) -> None:
    """The same where JSON holds more than the rows."""
    if wish.output is None or wish.format != "json":
        give_table(lines, rows, wish, name=name)
        return
    write_content(json.dumps(document, indent=1, ensure_ascii=False).encode() + b"\n", wish.output)


def write_content(content: bytes, output: str) -> None:
    """To a file, or to stdout for -."""
    if output == "-":
        write_data(content)
        return
    from segkit.runs.folders.files import replace_file

    replace_file(Path(output), content)


def _warn(count: int, workspace: Path | None) -> None:
    if count:
        where = f" {workspace}" if workspace else ""
        say(f"{count} {'warning' if count == 1 else 'warnings'} about the rules: segkit check rules{where}")


def _where(folder: Path) -> str:
    """Where people find the results: by the link to the newest run, where there is one."""
    latest = folder.parent.parent / "latest"
    newest = latest.is_symlink() and latest.resolve() == folder.resolve()
    return f"{short(latest if newest else folder)}/ (report.html, assignments.csv and more)"


def short(folder: Path | None) -> str:
    """Relative to the current folder where that is shorter."""
    if folder is None:
        return ""
    near = os.path.relpath(folder)
    return min(near, str(folder), key=len)


def give_replay(done: Replay, workspace: Path | None, *, quiet: bool) -> None:
    from segkit.reports.replayed import against_lines

    if quiet:
        return
    _warn(len(done.warnings), workspace)
    show_screen(done.screen.written_to(_where(done.folder)))
    show_lines(against_lines(done.against), sys.stdout)
    if not done.differences.is_empty():
        print(f"  {short(done.folder)}/differences.md")
    if done.published:
        print("It is now the published run.")


def give_comparison(found: Compared, wish: Wish, *, as_json: bool, quiet: bool) -> None:
    """On stdout, or on stderr when stdout carries data."""
    from segkit.reports.comparison import lay_out_comparison

    if wish.output is not None:
        from segkit.reports import to_bytes

        write_content(to_bytes(found.accounts, wish.format, name="accounts"), wish.output)
    if as_json:
        write_data(json.dumps(found.document, indent=1, ensure_ascii=False).encode() + b"\n")
    if not quiet:
        out = sys.stderr if as_json or wish.output == "-" else sys.stdout
        show_lines(lay_out_comparison(found.document, short(found.folder)), out)
