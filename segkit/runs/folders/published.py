"""The published run as people are handed it: its page, and all of it as a workbook."""

from __future__ import annotations

import json

from segkit.errors import ConfigError, Place, Problem
from segkit.reports.definitions import definitions
from segkit.reports.pseudonymous import Why
from segkit.reports.workbook import Told, workbook
from segkit.runs.folders import history, outputs
from segkit.runs.folders.history import MANIFEST, Published
from segkit.runs.given.inputs import read_rules
from segkit.workspace import Workspace

PAGE = "report.html"


def published(workspace: Workspace) -> Published:
    """Raises: ConfigError (S163) before the first run; IoError (I103)."""
    head = history.head(workspace.state, workspace.out)
    if head is None:
        hint = f"segkit assign {workspace.root}"
        raise ConfigError(Problem("S163", "nothing is published yet", Place(str(workspace.root)), hint))
    return head


def page_of(head: Published) -> bytes:
    """As the run wrote it. Raises: IoError (I103)."""
    return head.content(PAGE)


def workbook_of(workspace: Workspace, head: Published) -> bytes:
    """Definitions are those of the rule file as it is now; the workbook says so where it has changed since.

    Raises: ConfigError, IoError (I103).
    """
    rules, _ = read_rules(workspace)
    run = json.loads((head.folder / MANIFEST).read_text("utf-8"))
    said = definitions(rules)
    told = Told(
        assignments=head.frame(outputs.ASSIGNMENTS),
        transitions=head.frame(outputs.TRANSITIONS),
        worklist=head.frame(outputs.WORKLIST),
        definitions=said.told(Why.of(rules).hide) if head.pseudonymised else said,
        run=run,
        workspace=workspace.name,
        same_rules=rules.logic == head.logic,
    )
    return workbook(rules, told)
