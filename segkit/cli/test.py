"""`segkit test`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from segkit.errors import Exit


def try_rules(
    rules: Annotated[
        Path | None, typer.Argument(help="A rule file. Default: that of the workspace you are in.")
    ] = None,
    tests: Annotated[
        list[Path] | None,
        typer.Option(
            "--tests", metavar="FILE", help="Tests. Default: tests/NAME.test.yaml beside the rules."
        ),
    ] = None,
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Say which rules, conditions and limits no test has tried.")
    ] = False,
    junit: Annotated[
        Path | None, typer.Option("--junit", metavar="FILE", help="Write the results for a CI system, too.")
    ] = None,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Only what goes wrong.")] = False,
) -> None:
    """Let made-up accounts live through the rules, week by week, and say where they are not as expected.

    Nothing is read but the rules and their tests. Exit code 1 when a test fails.
    """
    import sys

    from segkit.cli.problems import show
    from segkit.cli.terminal import show_lines
    from segkit.reports import ruletests
    from segkit.runs.testing import run_tests

    done = run_tests(rules, tests or [], with_coverage=coverage)
    unit = done.rules.calendar.unit
    show(done.problems)
    if junit is not None:
        from segkit.runs.folders.files import replace_file

        replace_file(junit, ruletests.junit(done.verdicts, done.rules.name, unit).encode())
    told = [] if quiet and done.passed else ruletests.lines(done.verdicts, unit)
    told += ruletests.coverage_lines(done.covered, done.limits) if done.covered is not None else []
    show_lines(told, sys.stdout)
    if not done.passed:
        raise typer.Exit(int(Exit.PROBLEMS))
