"""All settings over all of history, what came of each, and the files that say so."""

from __future__ import annotations

import difflib
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from msgspec import Struct

from segkit import reports
from segkit.engine.plan import Plan
from segkit.engine.trial import trial, trial_plan
from segkit.errors import ConfigError, Problem
from segkit.periods import epoch_day
from segkit.reports.tuning.picture import picture
from segkit.ruleset.edit import edited
from segkit.ruleset.model import RuleSet
from segkit.runs.evaluate import risk_of
from segkit.runs.folders import history
from segkit.runs.folders.files import write_folder
from segkit.runs.given.inputs import read_facts, read_rules
from segkit.runs.given.lives import lives_of, strangers
from segkit.runs.tuning.parameters import candidates, parameters
from segkit.studies.evaluate import History, as_data, refusal
from segkit.studies.evaluate.history import Ints
from segkit.studies.tune import Ground, Tally, Tuning
from segkit.studies.tune import tune as study
from segkit.workspace import Workspace

FOLDER = "tune"
"""Below out/: written anew each time."""
DOCUMENT, TABLE, PICTURE, RULES = "tuning.json", "settings.csv", "settings.svg", "suggested.yaml"


class Tuned(Struct, frozen=True):
    found: Tuning
    data: dict[str, Any]
    """What stands in tuning.json."""
    folder: Path
    patch: str
    """A unified diff of the rule file; empty where nothing is suggested."""


def tune(
    workspace: Workspace,
    *,
    now: datetime,
    vary: Sequence[str] = (),
    risk: Sequence[str] | None = None,
    capacity: float | None = None,
    lead_weeks: int = 4,
) -> Tuned:
    """Every combination over all of history, by today's files; the answer lies in out/tune/.

    Raises: ConfigError (S180, S190, S191), (S192) where those who left are missing; InputError, IoError.
    """
    rules, _ = read_rules(workspace)
    text = Path(rules.path).read_bytes().decode("utf-8-sig")
    chosen, how = risk_of(rules, [segment.name for segment in rules.main.segments], risk)
    varied = parameters(vary, text, rules, chosen)
    tried, current = candidates(workspace, text, rules, varied)
    head = history.head(workspace.state, workspace.out)
    loaded = read_facts(workspace, rules, now=now, head=head)
    plan = trial_plan(rules, loaded.facts)
    facts = plan.facts
    ends = np.array([epoch_day(facts.calendar.end(int(each))) for each in facts.periods], np.int64)
    lives = lives_of(facts, facts.roster.accounts, ends)
    refused = refusal(int((lives.churned.day > ends[0]).sum()), strangers(loaded))
    if refused is not None:
        raise ConfigError(Problem("S192", refused.why, hint=refused.hint))
    codes = [place for place, segment in enumerate(rules.main.segments) if segment.name in chosen]
    ground = Ground.of(_today(plan, ends), lives, lead_weeks)
    tallies = [Tally.empty(ground) for _ in tried]
    for place, start, stop, code in trial(plan, [each.rules for each in tried]):
        tallies[place].add(ground, start, stop, code, codes)
    names, values = [each.name for each in varied], [each.values for each in tried]
    found = study(ground, names, values, tallies, current, lead_weeks, capacity)
    return _written(workspace, rules, text, found, chosen, how)


def _today(plan: Plan, ends: Ints) -> History:
    """By the rules as they are."""
    parts = [code for _, _, _, code in trial(plan, [plan.rules])]
    code = np.concatenate(parts) if parts else np.zeros((0, len(ends)), np.int16)
    return History(
        ends, (*(segment.name for segment in plan.rules.main.segments), plan.rules.main.otherwise), code
    )


def _written(
    workspace: Workspace, rules: RuleSet, text: str, found: Tuning, risk: Sequence[str], how: str
) -> Tuned:
    folder = workspace.out / FOLDER
    patch, new = "", None
    if found.verdict == "suggested":
        best, now = (found.settings[place].values for place in (found.best, found.current))
        values = {
            name: value for name, value, was in zip(found.parameters, best, now, strict=True) if value != was
        }
        new = edited(text, rules.path, values)
        patch = _patch(text, new, _shown(workspace, rules))
    data: dict[str, Any] = as_data(
        {
            "workspace": workspace.name,
            "unit": workspace.calendar.unit,
            "rules": rules.name,
            "logic": rules.logic,
            "risk": tuple(risk),
            "risk_chosen": how,
            **as_data(found),
            "patch": patch,
        }
    )
    files = {
        DOCUMENT: json.dumps(data, indent=1, ensure_ascii=False).encode() + b"\n",
        TABLE: reports.to_csv(_table(found)),
        PICTURE: picture(data).encode(),
    }
    if new is not None:
        files[RULES] = new.encode()
    write_folder(folder, files)
    return Tuned(found, data, folder, patch)


def _shown(workspace: Workspace, rules: RuleSet) -> str:
    path, root = Path(rules.path).resolve(), workspace.root.resolve()
    return str(path.relative_to(root)) if path.is_relative_to(root) else path.name


def _patch(old: str, new: str, name: str) -> str:
    lines = difflib.unified_diff(
        old.splitlines(keepends=True), new.splitlines(keepends=True), name, name, n=2
    )
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


def _table(found: Tuning) -> pl.DataFrame:
    """One row per setting, over the part that settings are chosen on."""
    rows = []
    for place, each in enumerate(found.settings):
        figures = each.found
        marks = (("current", found.current), ("best", found.best), ("knee", found.knee))
        rows.append(
            {
                **dict(zip(found.parameters, each.values, strict=True)),
                "is": ", ".join(name for name, at in marks if at == place),
                "front": each.front,
                "alarms": figures.alarms,
                "alarms_a_week": round(figures.per_week, 3),
                "ends": figures.ends,
                "caught_in_time": figures.caught,
                "recall_low": round(each.recall.low, 4),
                "recall_high": round(each.recall.high, 4),
                "by_chance": round(figures.by_chance, 2),
                **{f"lead_{weeks}_weeks": k for weeks, k in figures.at_least},
                "median_lead_weeks": figures.median_lead,
                "alarms_right": figures.right,
                "alarms_known": figures.known,
                "moves_a_year": None if figures.moves_a_year is None else round(figures.moves_a_year, 3),
                "weeks_later": None if each.later is None else round(each.later, 2),
            }
        )
    return pl.DataFrame(rows, infer_schema_length=None)
