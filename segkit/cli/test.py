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
    record: Annotated[
        str | None,
        typer.Option("--record", metavar="ACCOUNT", help="Make a test of what a real account did."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="Where a recorded test goes. Default: stdout."),
    ] = None,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Only what goes wrong.")] = False,
) -> None:
    """Let made-up accounts live through the rules, week by week, and say where they are not as expected.

    Nothing is read but the rules and their tests. Exit code 1 when a test fails. With --record the exports of
    the workspace are read, too: a test is made of what one account did and where it was, and passes.
    """
    import sys

    if record is not None:
        if tests or coverage or junit is not None:
            raise typer.BadParameter("--record makes a test and runs none")
        return _record(rules, record, output, quiet)
    if output is not None:
        raise typer.BadParameter("-o says where a recorded test goes: --record ACCOUNT")

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


def _record(rules: Path | None, account: str, output: Path | None, quiet: bool) -> None:
    from datetime import UTC, datetime

    from segkit.cli.terminal import busy
    from segkit.errors import ConfigError, Place, Problem
    from segkit.runs.folders.files import replace_file
    from segkit.runs.recording import record_test

    if output is not None and output.exists():
        hint = "name a new file, or write the test to stdout and add it to the others by hand"
        raise ConfigError(Problem("T109", "is there already", Place(str(output)), hint))
    with busy(quiet):
        made = record_test(rules, account, now=datetime.now(UTC))
    if output is None:
        typer.echo(made.text, nl=False)
    else:
        replace_file(output, made.text.encode())
        if not quiet:
            typer.echo(
                f"{output}: a test of {made.weeks} {made.unit}s, {made.asked} of them asked; it passes."
            )
