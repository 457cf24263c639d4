"""`segkit check`."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from segkit.errors import Exit


class What(StrEnum):
    RULES = "rules"
    DATA = "data"
    ALL = "all"


def check(
    what: Annotated[
        str, typer.Argument(metavar="rules|data|all", help="The YAML files, the exports, or both.")
    ] = What.RULES.value,
    workspace: Annotated[
        Path | None,
        typer.Argument(help="Folder with segkit.yaml. Default: the current one or its nearest parent."),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as problems.")] = False,
) -> None:
    """Say everything that is wrong with the YAML files or the exports, and write nothing.

    Exit code 1 when there are problems.
    """
    from segkit.cli.problems import show
    from segkit.cli.terminal import say

    if what not in list(What):
        raise typer.BadParameter(f"say what to check: segkit check all {what}", param_hint=f"'{what}'")
    problems = []
    if what != What.DATA:
        import segkit

        problems += segkit.check(workspace)
    if what != What.RULES:
        from segkit.runs.look import look

        found, equations = look(workspace, now=datetime.now(UTC))
        for line in equations:
            print(line)
        problems += [problem for problem in found if problem not in problems]
    show(problems)
    told = set(problems)
    errors = sum(problem.severity == "error" for problem in told)
    say(f"{_count(errors, 'error')}, {_count(len(told) - errors, 'warning')}." if told else "All is well.")
    if errors or (strict and told):
        raise typer.Exit(int(Exit.PROBLEMS))


def _count(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'s' * (number != 1)}"
