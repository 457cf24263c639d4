"""The first stages of every run: the rules and the facts of a workspace."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from segkit.engine import usage_fold
from segkit.errors import ConfigError, Problem
from segkit.facts.load import Loaded, load
from segkit.ruleset import check_rules
from segkit.ruleset.expr import Metric
from segkit.ruleset.model import RuleSet
from segkit.workspace import Workspace


def rule_arguments(workspace: Workspace) -> Mapping[str, Any]:
    """What the rules of this workspace may speak about: keyword arguments of check_rules."""
    accounts = workspace.sources.get("accounts")
    return {
        "calendar": workspace.calendar,
        "definitions": workspace.definitions,
        "attributes": dict(accounts.attributes) if accounts else {},
        "columns": {name: dict(source.attributes) for name, source in workspace.sources.items()},
        "sources": set(workspace.sources),
    }


def read_rules(workspace: Workspace) -> tuple[RuleSet, tuple[Problem, ...]]:
    """The rule set and the warnings about it. Raises: ConfigError with every fault found."""
    rules, problems = check_rules(workspace.rules, **rule_arguments(workspace))
    errors = [problem for problem in problems if problem.severity == "error"]
    if rules is None or errors:
        raise ConfigError(errors or problems)
    return rules, tuple(problems)


def today(workspace: Workspace, now: datetime) -> date:
    """The day it is in the workspace's zone."""
    return now.astimezone(ZoneInfo(workspace.timezone)).date()


def read_facts(
    workspace: Workspace,
    rules: RuleSet | None,
    *,
    now: datetime,
    as_of: date | None = None,
    ledger: pl.DataFrame | None = None,
    cache: bool = False,
    also: Collection[Metric] = (),
) -> Loaded:
    """Every accepted and refused row up to as_of, usage folded to what `rules` and the metrics `also` read;
    `cache` keeps the folds.

    Raises: InputError; ConfigError for an as_of in the future.
    """
    return load(
        workspace.sources,
        exports=workspace.exports,
        calendar=workspace.calendar,
        timezone=workspace.timezone,
        as_of=as_of,
        today=today(workspace, now),
        fold=usage_fold(rules, also) if rules else None,
        cache=workspace.state / "cache" if cache else None,
        ledger=ledger,
        quiet_days=workspace.quiet_days,
        snapshot_grace=workspace.snapshot_grace,
    )
