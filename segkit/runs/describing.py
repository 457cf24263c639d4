"""`describe`: the rule set of a workspace with what its published run says of it, or a rule file alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from segkit.engine.renamed import in_todays_names
from segkit.errors import ConfigError, Place, Problem
from segkit.reports.described import Described, described, today_of
from segkit.reports.words import day
from segkit.ruleset.model import RuleSet
from segkit.runs.folders import history
from segkit.runs.folders.versions import changed_since
from segkit.runs.given.inputs import read_rules
from segkit.runs.testing import rules_alone, workspace_of
from segkit.studies.rule_changes import rule_changes
from segkit.workspace import Workspace, open_workspace

ASSIGNMENTS = "assignments.parquet"


def describe(path: Path | None, since: Path | None) -> Described:
    """`path`: a workspace or a rule file. `since`: the rule file as it was; without one the rules are held
    against those before them that decided a published run, where one was. Raises: SegkitError.
    """
    workspace, rules = _read(path)
    changes: Sequence[str] = () if since is None else rule_changes(_other(since, workspace), rules)
    name = None if since is None else since.name
    today = None
    head = None if workspace is None else history.head(workspace.state, workspace.out)
    if head is not None and ASSIGNMENTS in head.files:
        rows = in_todays_names(head.frame(ASSIGNMENTS), rules.renamed, *(d.name for d in rules.dimensions))
        today = today_of(rows, rules, same_rules=head.logic == rules.logic)
    last = None if workspace is None or since is not None else changed_since(workspace, rules, head)
    if last is not None:
        name, changes = f"version {last.version}, which decided until {day(last.last)}", last.changes
    return described(rules, today, name, changes)


def _read(path: Path | None) -> tuple[Workspace | None, RuleSet]:
    if path is None or path.is_dir() or path.name == "segkit.yaml":
        workspace = open_workspace(path)
        return workspace, read_rules(workspace)[0]
    around = workspace_of(path)
    if around is None:
        return None, rules_alone(path)
    here = around if path.resolve() == around.rules.resolve() else None
    return here, read_rules(replace(around, rules=path))[0]


def _other(path: Path, workspace: Workspace | None) -> RuleSet:
    if path.is_dir():
        raise ConfigError(Problem("S160", "is a folder; name the rule file as it was", Place(str(path))))
    return rules_alone(path) if workspace is None else read_rules(replace(workspace, rules=path))[0]
