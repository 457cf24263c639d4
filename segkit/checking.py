"""`segkit.check`: what is wrong with the YAML of a workspace, without loading the dataframe library."""

from __future__ import annotations

from datetime import date
from os import PathLike
from pathlib import Path

from segkit.errors import Problem, SegkitError
from segkit.periods import Calendar
from segkit.ruleset.ignores import without_ignored
from segkit.ruleset.load import check_doc
from segkit.ruleset.model import Definitions, RuleSet
from segkit.ruleset.proofs import prove
from segkit.workspace import FILE, Workspace, limit_problems, open_workspace, rule_arguments
from segkit.yamltext import YamlDoc, read_yaml


def check(path: str | PathLike[str] | None = None, *, today: date | None = None) -> list[Problem]:
    """Everything wrong with a workspace file and its rules, or with a rule file; empty when all is well.

    Warnings that a comment in the rules ignores are left out. `today`: what is due by then is told; None:
    nothing is. Reads no exports, but to name the event that may be the login which the rules miss.
    """
    given = Path(path) if path is not None else None
    try:
        if given is not None and given.is_file() and given.name != FILE:
            workspace, rules = _around(given), given
        else:
            workspace = open_workspace(given)
            rules = workspace.rules
        doc = read_yaml(rules)
    except SegkitError as error:
        return list(error.problems)
    found, problems = _checked(doc, workspace)
    if found is not None:
        problems = prove(found, lambda span: doc.at(span.line, span.column, span.width), problems, today)
    problems = without_ignored(problems, doc.lines, doc.path, today)
    if workspace is None:
        return problems
    problems += limit_problems(workspace, found) if rules == workspace.rules else []
    if not any(problem.code == "R109" for problem in problems):
        return problems
    from segkit.runs.seen import with_seen

    return with_seen(workspace, problems)


def _around(rules: Path) -> Workspace | None:
    """The workspace that a rule file lies in; its words are the workspace's."""
    for folder in rules.resolve().parents:
        if (folder / FILE).is_file():
            return open_workspace(folder)
    return None


def _checked(doc: YamlDoc, workspace: Workspace | None) -> tuple[RuleSet | None, list[Problem]]:
    if workspace is not None:
        return check_doc(doc, **rule_arguments(workspace))
    anything = Definitions(login="active_day")
    return check_doc(doc, Calendar(), anything, attributes={}, columns={}, sources=None)
