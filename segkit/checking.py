"""`segkit.check`: what is wrong with the YAML of a workspace, without loading the dataframe library."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from segkit.errors import Problem, SegkitError
from segkit.ruleset import check_rules
from segkit.workspace import limit_problems, open_workspace, rule_arguments


def check(path: str | PathLike[str] | None = None) -> list[Problem]:
    """Everything wrong with a workspace file and its rules; empty when all is well.

    Reads no exports, but to name the event that may be the login which the rules miss.
    """
    try:
        workspace = open_workspace(Path(path) if path is not None else None)
    except SegkitError as error:
        return list(error.problems)
    rules, problems = check_rules(workspace.rules, **rule_arguments(workspace))
    problems += limit_problems(workspace, rules)
    if not any(problem.code == "R109" for problem in problems):
        return problems
    from segkit.runs.seen import with_seen

    return with_seen(workspace, problems)
