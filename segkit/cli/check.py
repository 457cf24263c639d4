"""`segkit check`."""

from __future__ import annotations

import gc
import sys
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from segkit.errors import Exit, Problem


class What(StrEnum):
    RULES = "rules"
    DATA = "data"
    ALL = "all"


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


def check(
    what: Annotated[
        str, typer.Argument(metavar="rules|data|all", help="The YAML files, the exports, or both.")
    ] = What.RULES.value,
    path: Annotated[
        Path | None,
        typer.Argument(help="A workspace or a rule file. Default: the workspace you are in."),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Warnings and refused rows count as problems.")
    ] = False,
    explain: Annotated[
        str | None, typer.Option("--explain", metavar="CODE", help="Say what a problem is: R104.")
    ] = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="Mend in the rules what can mean one thing only.")
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Show what --fix would change; change nothing.")
    ] = False,
    format: Annotated[
        Format, typer.Option(help="How problems are told: text, json or github (annotations).")
    ] = Format.TEXT,
) -> None:
    """Say everything that is wrong with the YAML files or the exports, and decide nothing.

    With the exports, out/quality.json says the same. Exit code 1 when there are problems.
    """
    if what == What.RULES:
        # It ends before there is anything to collect, and loading is a tenth quicker.
        gc.disable()
    from segkit.cli.findings import mend_rules, tell
    from segkit.cli.terminal import show_lines, speaks_utf8

    if explain is not None:
        from segkit.pages import page

        print(page(explain), end="")
        return
    if what not in list(What):
        raise typer.BadParameter(f"say what to check: segkit check all {what}", param_hint=f"'{what}'")
    today = date.today()
    if fix or diff:
        mend_rules(path, today, write=fix and not diff, diff=diff)
    problems: list[Problem] = []
    refused = 0
    if what != What.DATA:
        import segkit

        problems += segkit.check(path, today=today)
    if what != What.RULES:
        from segkit.runs.look import look

        found = look(path, now=datetime.now(UTC), ascii_only=not speaks_utf8(sys.stdout))
        show_lines(found.lines, sys.stdout if format is Format.TEXT else sys.stderr)
        problems += [problem for problem in found.problems if problem not in problems]
        refused = found.refused
    if what == What.ALL and not any(problem.severity == "error" for problem in problems):
        from segkit.runs.trying import try_rules

        told, unsupported = try_rules(path, now=datetime.now(UTC))
        show_lines(told, sys.stdout if format is Format.TEXT else sys.stderr)
        problems += unsupported
    said, errors = tell(dict.fromkeys(problems), refused, format.value)
    if errors or (strict and said):
        raise typer.Exit(int(Exit.PROBLEMS))
