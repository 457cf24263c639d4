"""Every metric that the exports can tell, the first uses of features, and what they say of who left."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from msgspec import Struct

from segkit import reports
from segkit.engine.adoption import ALSO, first_uses
from segkit.engine.panel import build_panel
from segkit.facts.load import Loaded
from segkit.facts.types import Facts
from segkit.periods import epoch_day
from segkit.ruleset.expr import Metric
from segkit.ruleset.model import RuleSet
from segkit.runs.discovering.candidates import candidates, measures
from segkit.runs.discovering.proposals import Proposal, proposals
from segkit.runs.folders import history
from segkit.runs.folders.files import write_folder
from segkit.runs.given.inputs import read_facts, read_rules
from segkit.runs.given.lives import doings_of, lives_of, strangers
from segkit.studies.discover import Discovery, Measure
from segkit.studies.discover import discover as study
from segkit.studies.evaluate import History, as_data, refusal
from segkit.studies.evaluate.history import NEVER, Ints
from segkit.workspace import Workspace

FOLDER, DOCUMENT, TABLE = "discover", "discovery.json", "findings.csv"
USAGE = "usage"
INSTALL = 'pip install "segkit[discover]"'


class Discovered(Struct, frozen=True):
    found: Discovery
    data: dict[str, Any]
    """What stands in discovery.json."""
    folder: Path


class Known(Struct, frozen=True):
    """What is looked at, before anybody looks at who left."""

    history: History
    measures: Mapping[str, Measure]
    first: Mapping[str, Ints]
    signup: Ints
    seen_from: int


def discover(workspace: Workspace, *, now: datetime, within: int = 30) -> Discovered:
    """`within`: first days in which a feature is taken up. The answer lies in out/discover/.

    Nothing else changes. Without scikit-learn all is told but natural groups. Raises: ConfigError,
    InputError, IoError.
    """
    rules, _ = read_rules(workspace)
    text = Path(rules.path).read_bytes().decode("utf-8-sig")
    metrics = candidates(rules, workspace.sources)
    head = history.head(workspace.state, workspace.out)
    loaded = read_facts(workspace, rules, now=now, head=head, also=(*metrics, ALSO))
    known = known_of(rules, loaded.facts, metrics)
    lives = lives_of(loaded.facts, loaded.facts.roster.accounts, known.history.ends)
    found = study(
        known.history,
        lives,
        known.measures,
        known.first,
        known.signup,
        seen_from=known.seen_from,
        within=within,
        refused=refusal(int((lives.churned.day > known.history.ends[0]).sum()), strangers(loaded)),
        groups=find_spec("sklearn") is not None,
    )
    by_key = {each.key: each for each in metrics}
    tried = proposals(workspace, text, rules, by_key, known.measures, found)
    return _written(workspace, loaded, rules, found, known, tried)


def known_of(rules: RuleSet, facts: Facts, metrics: Sequence[Metric]) -> Known:
    """Usage must be folded to what `metrics` and ALSO read."""
    ends = np.array([epoch_day(facts.calendar.end(int(each))) for each in facts.periods], np.int64)
    code = np.where(facts.roster.on, 0, -1).astype(np.int16)
    then = History(ends, ("account",), code)
    panel = build_panel(rules, facts, metrics)
    coverage = facts.coverage.get(USAGE)
    stated = doings_of(facts, rules, facts.roster.accounts, ()).signup
    assert stated is not None, "doings always say who signed up when"
    return Known(
        then,
        measures(metrics, rules, panel),
        first_uses(rules, facts),
        stated,
        epoch_day(coverage.first) if coverage is not None else NEVER,
    )


def _written(
    workspace: Workspace,
    loaded: Loaded,
    rules: RuleSet,
    found: Discovery,
    known: Known,
    tried: Sequence[Proposal],
) -> Discovered:
    units = {name: each.unit for name, each in known.measures.items()}
    data: dict[str, Any] = as_data(
        {
            "workspace": workspace.name,
            "rules": rules.name,
            "logic": rules.logic,
            "outcomes_until": loaded.facts.as_of,
            **as_data(found),
            "units": units,
            "groups_need": None if found.grouping is not None else INSTALL,
            "proposals": [
                {"flag": each.flag, "about": each.about, "entry": each.entry, "rules": f"{each.flag}.yaml"}
                for each in tried
            ],
        }
    )
    files = {
        DOCUMENT: json.dumps(data, indent=1, ensure_ascii=False).encode() + b"\n",
        TABLE: reports.to_csv(_table(found)),
        **{f"{each.flag}.yaml": each.rules.encode() for each in tried},
    }
    folder = workspace.out / FOLDER
    write_folder(folder, files)
    return Discovered(found, data, folder)


def _table(found: Discovery) -> pl.DataFrame:
    """One row per question, the clearest first."""
    rows = [
        {
            "about": each.name,
            "side": each.side,
            "limit": each.limit,
            "left": each.share.k,
            "of": each.share.n,
            "others_left": each.rest.k,
            "others": each.rest.n,
            "ratio": None if each.ratio is None else round(each.ratio.ratio, 4),
            "ratio_low": None if each.ratio is None else round(each.ratio.low, 4),
            "ratio_high": None if each.ratio is None else round(each.ratio.high, 4),
            "p": float(f"{each.p:.4g}"),
            "p_among_many": float(f"{each.among_many:.4g}"),
            "found": each.found,
        }
        for each in found.answers
    ]
    return pl.DataFrame(rows, schema=COLUMNS)


COLUMNS = {
    "about": pl.String,
    "side": pl.String,
    "limit": pl.Float64,
    "left": pl.Int64,
    "of": pl.Int64,
    "others_left": pl.Int64,
    "others": pl.Int64,
    "ratio": pl.Float64,
    "ratio_low": pl.Float64,
    "ratio_high": pl.Float64,
    "p": pl.Float64,
    "p_among_many": pl.Float64,
    "found": pl.Boolean,
}
