"""`predict`: probabilities for every account at as_of, and a file of traits that rules can read."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from msgspec import Struct

from segkit import reports
from segkit.engine.decisions import decided, planned
from segkit.engine.panel import Panel, Texts
from segkit.errors import ConfigError, Problem
from segkit.facts.load import Loaded
from segkit.periods import epoch_day
from segkit.ruleset.model import MAIN
from segkit.runs.evaluate import risk_of
from segkit.runs.folders import history
from segkit.runs.folders.files import write_folder
from segkit.runs.given.inputs import read_facts, read_rules
from segkit.runs.given.lives import happenings, lives_of, strangers
from segkit.studies.evaluate import History, Lives, as_data, refusal
from segkit.studies.predict import HORIZONS, Foretold
from segkit.studies.predict import predict as study
from segkit.studies.predict.baseline import cells, onward
from segkit.studies.predict.examples import Floats
from segkit.workspace import Workspace

FOLDER, DOCUMENT, TABLE = "predict", "prediction.json", "predictions.csv"
KINDS = {"churn": "churned", "expansion": "expanded", "escalation": "escalated"}
"""What can be foretold -> the kind of outcome."""
HIGH, RAISED = 3.0, 1.5
"""Multiples of the rate of all from which on a probability is called so."""


class Predicted(Struct, frozen=True):
    data: dict[str, Any]
    """What stands in prediction.json."""
    table: pl.DataFrame
    folder: Path
    traits: str
    """The name of the file of traits in the folder."""


def predict(workspace: Workspace, *, now: datetime, kind: str = "churn") -> Predicted:
    """`kind`: one of KINDS. The answer lies in out/predict/; nothing else changes.

    Raises: ConfigError (S158) without scikit-learn, (S195) for another kind or where nothing of it is known,
    (S192) where those who left are missing; InputError, IoError.
    """
    if kind not in KINDS:
        raise ConfigError(Problem("S195", f"'{kind}' cannot be foretold", hint=f"one of {', '.join(KINDS)}"))
    if find_spec("sklearn") is None:
        what, hint = "predict needs the library scikit-learn", 'pip install "segkit[predict]"'
        raise ConfigError(Problem("S158", what, hint=hint))
    rules, _ = read_rules(workspace)
    loaded = read_facts(workspace, rules, now=now, head=history.head(workspace.state, workspace.out))
    plan = planned(rules, loaded.facts)
    main = decided(plan).dimensions[MAIN]
    facts = plan.facts
    ends = np.array([epoch_day(facts.calendar.end(int(each))) for each in facts.periods], np.int64)
    then = History(ends, main.labels, main.primary)
    lives = lives_of(facts, facts.roster.accounts, ends)
    refused = refusal(int((lives.churned.day > ends[0]).sum()), strangers(loaded))
    if refused is not None:
        raise ConfigError(Problem("S192", refused.why, hint=refused.hint))
    event = lives.churned if kind == "churn" else happenings(facts, facts.roster.accounts, KINDS[kind])
    if not len(event.day):
        hint = f"export outcomes of kind {KINDS[kind]}: docs/data.md"
        raise ConfigError(Problem("S195", f"no {KINDS[kind]} is known", hint=hint))
    values = numbers(plan.panel, then)
    risk, _ = risk_of(rules, main.labels, None)
    calls = max(int(np.isin(main.primary[:, -1], [main.labels.index(name) for name in risk]).sum()), 1)
    found = [study(then, lives, event, values, days, calls) for days in HORIZONS]
    return _written(workspace, loaded, rules.logic, kind, calls, then, lives, found)


def numbers(panel: Panel, then: History) -> dict[str, Floats]:
    """Name -> [A, T]: every number the rules read, each segment, and how long the account has been in it."""
    found: dict[str, Floats] = {
        key: np.asarray(column.value, np.float64)
        for key, column in panel.columns.items()
        if not isinstance(column, Texts)
    }
    for code, name in enumerate(then.labels):
        found[f"is {name}"] = (then.code == code).astype(np.float64)
    found["periods in it"] = np.minimum(then.run_length(), 52).astype(np.float64)
    return found


def _written(
    workspace: Workspace,
    loaded: Loaded,
    logic: str,
    kind: str,
    calls: int,
    then: History,
    lives: Lives,
    found: list[Foretold],
) -> Predicted:
    facts = loaded.facts
    told = (facts.as_of.isoformat(), loaded.digest, logic, kind, version("scikit-learn"), version("numpy"))
    model = hashlib.sha256("|".join(told).encode()).hexdigest()[:12]
    names = loaded.samples.pseudonyms
    ids = facts.roster.accounts if names is None else tuple(map(names.account, facts.roster.accounts))
    here = np.flatnonzero(~np.isnan(found[0].probability))
    order = (f"{kind}_{HORIZONS[1]}d", "account_id")
    table = _table(kind, ids, here, then, found).sort(order, descending=[True, False])
    traits = pl.concat(_traits(kind, ids, here, each, facts.as_of.isoformat(), model) for each in found)
    file = f"traits_{facts.as_of}.csv"
    data: dict[str, Any] = as_data(
        {
            "workspace": workspace.name,
            "as_of": facts.as_of,
            "outcome": KINDS[kind],
            "kind": kind,
            "model": model,
            "rules_logic": logic,
            "calls": calls,
            "accounts": len(here),
            "bands": {"high": HIGH, "raised": RAISED},
            "traits": file,
            "horizons": tuple(
                {"days": each.days, "method": each.method, "why": each.why, **as_data(each.judged)}
                for each in found
            ),
        }
    )
    files = {
        DOCUMENT: json.dumps(data, indent=1, ensure_ascii=False).encode() + b"\n",
        TABLE: reports.to_csv(table),
        file: reports.to_csv(traits),
    }
    folder = workspace.out / FOLDER
    write_folder(folder, files)
    return Predicted(data, table, folder, file)


def _table(
    kind: str, ids: tuple[str, ...], here: np.ndarray, then: History, found: list[Foretold]
) -> pl.DataFrame:
    columns: dict[str, Any] = {
        "account_id": [ids[at] for at in here],
        "segment": [then.labels[code] for code in then.code[here, -1]],
    }
    for each in found:
        columns[f"{kind}_{each.days}d"] = np.round(each.probability[here], 4)
    for each in found:
        columns[f"method_{each.days}d"] = [each.method] * len(here)
    columns["because"] = [found[1].reasons[at] for at in here]
    cell, size = cells(then), len(then.labels)
    span = float(np.median(np.diff(then.ends))) if len(then.ends) > 1 else 7.0
    for each in found:
        shares = onward(cell, then.code.astype(np.int64), max(round(each.days / span), 1), size)
        mine = shares[cell[here, -1]]
        columns[f"segment_in_{each.days}d"] = [then.labels[at] for at in mine.argmax(axis=1)]
        columns[f"likely_{each.days}d"] = np.round(mine.max(axis=1), 3)
    return pl.DataFrame(columns)


def _traits(
    kind: str, ids: tuple[str, ...], here: np.ndarray, each: Foretold, as_of: str, model: str
) -> pl.DataFrame:
    """Columns of the source `traits`, and the model that says so."""
    chance = each.probability[here]
    usual = float(chance.mean()) if len(chance) else 0.0
    band = np.where(chance >= HIGH * usual, "high", np.where(chance >= RAISED * usual, "raised", "usual"))
    return pl.DataFrame(
        {
            "account_id": [ids[at] for at in here],
            "trait": f"{kind}_{each.days}d",
            "value": band.tolist(),
            "observed_at": as_of,
            "probability": np.round(chance, 4),
            "model": f"{each.method}-{model}",
        },
        schema_overrides={
            "trait": pl.String,
            "observed_at": pl.String,
            "model": pl.String,
            "value": pl.String,
        },
    )
