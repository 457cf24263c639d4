"""What was expected of one account, from the files of a workspace; writes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from segkit.engine import baseline_series
from segkit.errors import ConfigError, Problem
from segkit.facts.types import Facts
from segkit.reports.frames import crm
from segkit.reports.pseudonymous import grouped
from segkit.ruleset.named import metric_named
from segkit.ruleset.suggest import did_you_mean
from segkit.runs import history
from segkit.runs.inputs import read_facts, read_rules
from segkit.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Expected:
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
    """`account` is an id or a name. Raises: ConfigError, InputError, IoError."""
    rules, _ = read_rules(workspace)
    wanted = metric_named(metric, rules)
    head = history.head(workspace.state, workspace.out)
    loaded = read_facts(workspace, rules, as_of=as_of, now=now, head=head, also=(wanted,))
    facts, names = loaded.facts, loaded.samples.pseudonyms
    asked = account if names is None else names.meant(account, facts.roster.accounts) or account
    found, name = _account(facts, asked, told=names is None)
    rows = baseline_series(rules, facts, found, wanted)
    if names is not None:
        found = name = names.account(found)
        rows = grouped(rules, rows, names)
    return Expected(found, name, wanted.base, facts.calendar.unit, rows)


def _account(facts: Facts, asked: str, *, told: bool) -> tuple[str, str]:
    """(id, name). `told`: whether errors may name accounts. Raises: ConfigError (S156) for none or several of
    that name."""
    known = crm(facts).select("account_id", "name")
    found = known.filter(pl.col("account_id") == asked)
    if found.is_empty():
        found = known.filter(pl.col("name").str.to_lowercase() == asked.strip().lower())
    if found.height == 1:
        return str(found["account_id"][0]), str(found["name"][0])
    if found.height:
        hint = f"by id: {', '.join(found['account_id'])}" if told else "ask by id"
        raise ConfigError(Problem("S156", f"{found.height} accounts are called '{asked}'", hint=hint))
    close = did_you_mean(asked, [*known["name"], *known["account_id"]] if told else [])
    raise ConfigError(Problem("S156", f"no account is called '{asked}'", hint=close))
