"""`segkit check`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer

from segkit.cli.options import Folder
from segkit.errors import Exit


class What(StrEnum):
    RULES = "rules"
    DATA = "data"
    ALL = "all"


def check(
    what: Annotated[
        str, typer.Argument(metavar="rules|data|all", help="The YAML files, the exports, or both.")
    ] = What.RULES.value,
    workspace: Folder = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Warnings and refused rows count as problems.")
    ] = False,
) -> None:
    """Say everything that is wrong with the YAML files or the exports, and decide nothing.

    With the exports, out/quality.json says the same. Exit code 1 when there are problems.
    """
    from segkit.cli.problems import show
    from segkit.cli.terminal import say, show_lines, speaks_utf8

    if what not in list(What):
        raise typer.BadParameter(f"say what to check: segkit check all {what}", param_hint=f"'{what}'")
    problems = []
    refused = 0
    if what != What.DATA:
        import segkit

        problems += segkit.check(workspace)
    if what != What.RULES:
        from segkit.runs.look import look

        found = look(workspace, now=datetime.now(UTC), ascii_only=not speaks_utf8(sys.stdout))
        show_lines(found.lines, sys.stdout)
        problems += [problem for problem in found.problems if problem not in problems]
        refused = found.refused
    show(problems)
    told = set(problems)
    errors = sum(problem.severity == "error" for problem in told)
    said = [_count(errors, "error"), _count(len(told) - errors, "warning")] if told else []
    said += [_count(refused, "refused row")] if refused else []
    say(f"{', '.join(said)}." if said else "All is well.")
    if errors or (strict and said):
        raise typer.Exit(int(Exit.PROBLEMS))


def _count(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'s' * (number != 1)}"
