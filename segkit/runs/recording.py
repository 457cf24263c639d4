"""`test --record`: a test of the rules from a real account of a workspace; writes nothing."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from msgspec.structs import replace

from segkit.engine.decisions import planned
from segkit.errors import ConfigError, Problem
from segkit.reports.ruletests.recording import Recorded, record
from segkit.runs.folders import history
from segkit.runs.given.inputs import read_facts, read_rules
from segkit.runs.given.whose import account_called
from segkit.runs.testing import workspace_of
from segkit.workspace import open_workspace, rule_arguments


def record_test(rules: Path | None, account: str, *, now: datetime) -> Recorded:
    """`rules` None: those of the workspace around. `account`: id, name or domain.

    Raises: ConfigError (S156 for an account that is none, T108 for one that never was on the roster),
    InputError, IoError.
    """
    workspace = workspace_of(rules) or open_workspace(None)
    if rules is not None:
        workspace = replace(workspace, rules=rules)
    known, _ = read_rules(workspace)
    head = history.head(workspace.state, workspace.out)
    loaded = read_facts(workspace, known, now=now, head=head)
    found, name = account_called(loaded.facts, account, loaded.samples.pseudonyms)
    told = record(planned(known, loaded.facts), found, rule_arguments(workspace)["attributes"])
    if told is None:
        raise ConfigError(Problem("T108", f"{name} was on the roster in no week that is covered"))
    return told
