"""`report traits`, `report topics`: what accounts said, by segment of the published run; writes nothing."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
from msgspec import Struct

from segkit.engine.renamed import in_todays_names
from segkit.errors import ConfigError, Place, Problem
from segkit.facts.load import Loaded
from segkit.reports.voices import by_topic, by_trait, shown_traits
from segkit.ruleset.model import RuleSet
from segkit.runs.folders import outputs
from segkit.runs.folders.published import published
from segkit.runs.given.inputs import read_facts, read_rules
from segkit.workspace import Workspace


class Heard(Struct, frozen=True):
    """order: segments as the rules have them. rows: columns TRAITS or TOPICS."""

    as_of: date
    order: tuple[str, ...]
    rows: pl.DataFrame


def traits_of(workspace: Workspace, *, now: datetime) -> Heard:
    """Raises: ConfigError (S163 nothing published, S184 no traits source), InputError, IoError."""
    if "traits" not in workspace.sources:
        hint = "traits: {files: traits.csv} with account_id, trait, value, observed_at"
        raise ConfigError(
            Problem("S184", "no source says what accounts want", Place(str(workspace.file)), hint)
        )
    rules, loaded, rows = _read(workspace, now)
    traits = shown_traits(loaded.facts, hidden=loaded.samples.pseudonyms is not None)
    return Heard(loaded.facts.as_of, _order(rules), by_trait(rows, traits))


def topics_of(workspace: Workspace, *, now: datetime) -> Heard:
    """Raises: ConfigError (S163 nothing published, S184 no topics declared), InputError, IoError."""
    if not workspace.topics:
        hint = "topics: {price: [price*, expensive], training: [training, how to]}"
        raise ConfigError(Problem("S184", "no topics are declared", Place(str(workspace.file)), hint))
    rules, loaded, rows = _read(workspace, now)
    return Heard(loaded.facts.as_of, _order(rules), by_topic(rows, loaded.facts, workspace.topics))


def _read(workspace: Workspace, now: datetime) -> tuple[RuleSet, Loaded, pl.DataFrame]:
    """The facts as of the published run, and its assignments under the ids of the exports."""
    rules, _ = read_rules(workspace)
    head = published(workspace)
    loaded = read_facts(workspace, rules, as_of=head.as_of, now=now, head=head, folded=False)
    rows = in_todays_names(head.frame(outputs.ASSIGNMENTS), rules.renamed)
    names = loaded.samples.pseudonyms
    if names is not None:
        real = {names.account(each): each for each in loaded.facts.roster.accounts}
        rows = rows.with_columns(pl.col("account_id").replace(real))
    return rules, loaded, rows


def _order(rules: RuleSet) -> tuple[str, ...]:
    return (*(segment.name for segment in rules.main.segments), rules.main.otherwise, "unknown")
