"""What was expected of one account, from the files of a workspace; writes nothing."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
from msgspec import Struct

from segkit.engine import baseline_series
from segkit.reports.pseudonymous import grouped
from segkit.ruleset.named import metric_named
from segkit.runs.folders import history
from segkit.runs.given.inputs import read_facts, read_rules
from segkit.runs.given.whose import account_called
from segkit.workspace import Workspace


class Expected(Struct, frozen=True):
    """`rows`: see `engine.baseline_series`."""

    account_id: str
    name: str
    metric: str
    unit: str
    """week, month or day."""
    rows: pl.DataFrame


def expected_of(
    workspace: Workspace, account: str, metric: str, *, now: datetime, as_of: date | None = None
) -> Expected:
    """`account` is an id, a name or a domain. Raises: ConfigError, InputError, IoError."""
    rules, _ = read_rules(workspace)
    wanted = metric_named(metric, rules)
    head = history.head(workspace.state, workspace.out)
    loaded = read_facts(workspace, rules, as_of=as_of, now=now, head=head, also=(wanted,))
    facts, names = loaded.facts, loaded.samples.pseudonyms
    found, name = account_called(facts, account, names)
    rows = baseline_series(rules, facts, found, wanted)
    if names is not None:
        found = name = names.account(found)
        rows = grouped(rules, rows, names)
    return Expected(found, name, wanted.base, facts.calendar.unit, rows)
