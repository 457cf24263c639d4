"""`evaluate`: published or replayed decisions, and what the exports say happened later."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import numpy as np
import polars as pl
from msgspec import Struct

from segkit.engine import decide
from segkit.engine.renamed import in_todays_names
from segkit.engine.results import OUTSIDE, UNKNOWN, Codes, Decisions
from segkit.errors import ConfigError, Problem
from segkit.facts.load import Loaded
from segkit.periods import Calendar, epoch_day, from_epoch_day
from segkit.ruleset.model import MAIN, RuleSet
from segkit.ruleset.suggest import did_you_mean
from segkit.runs.folders import history, outputs
from segkit.runs.folders.files import replace_file
from segkit.runs.folders.history import Published
from segkit.runs.folders.keyfile import pseudonyms
from segkit.runs.given.inputs import read_facts, read_rules
from segkit.runs.given.lives import doings_of, lives_of, on_roster, strangers
from segkit.runs.review import review
from segkit.studies.evaluate import Evaluation, History, as_data
from segkit.studies.evaluate import evaluate as study
from segkit.workspace import Workspace

NAME = "evaluation.json"
BY_NAME = ("at_risk", "churning")
"""Segments that show risk where nobody says which do."""
LEFT = "left"


class Decided(Struct, frozen=True):
    """The main dimension of every decided period."""

    accounts: tuple[str, ...]
    history: History
    source: str
    """published or replayed."""
    runs: int
    live: int
    """Periods that were the last of their run: decided when they had just ended."""


class Evaluated(Struct, frozen=True):
    found: Evaluation
    data: dict[str, Any]
    """What stands in evaluation.json."""


def evaluate(
    workspace: Workspace,
    *,
    now: datetime,
    risk: Sequence[str] | None = None,
    per_period: int | None = None,
    replayed: bool = False,
    reviewed: bool = False,
) -> Evaluated:
    """The published decisions, frozen as they were, else or with `replayed` those of today's rules and files.

    `reviewed`: with what a review looks at, which takes today's rules over all of history, too.
    Writes out/evaluation.json, in which no account is named. Raises: ConfigError (S180) for a risk segment
    that is none; InputError, IoError.
    """
    rules, _ = read_rules(workspace)
    head = history.head(workspace.state, workspace.out)
    anew = replayed or head is None
    loaded = read_facts(workspace, rules, now=now, head=head, folded=anew or reviewed)
    decided = replay(rules, loaded) if anew or head is None else frozen(workspace, rules, head, loaded)
    on = on_roster(loaded.facts, decided.accounts, decided.history.ends)
    # Who has left by what is known today was no account any more then, whatever was published.
    code = np.where(on, decided.history.code, OUTSIDE).astype(np.int16)
    then = History(decided.history.ends, decided.history.labels, code)
    chosen, how = risk_of(rules, then.labels, risk)
    found = study(
        then,
        lives_of(loaded.facts, decided.accounts, then.ends),
        on,
        chosen,
        per_period=per_period,
        strangers=strangers(loaded),
        doings=doings_of(loaded.facts, rules, decided.accounts, chosen),
    )
    data = _data(workspace, rules, loaded, decided, found, how)
    if reviewed:
        runs = list(history.lineage(workspace.out, head))[::-1]
        data["review"] = as_data(review(rules, loaded, runs))
    replace_file(workspace.out / NAME, json.dumps(data, indent=1, ensure_ascii=False).encode() + b"\n")
    return Evaluated(found, data)


def replay(rules: RuleSet, loaded: Loaded) -> Decided:
    """All of history by today's rules and files."""
    decisions = decide(rules, loaded.facts)
    return Decided(decisions.accounts, history_of(decisions), "replayed", 0, 0)


def history_of(decisions: Decisions) -> History:
    """The main dimension as it was decided."""
    main = decisions.dimensions[MAIN]
    ends = np.array([epoch_day(day) for day in decisions.as_of], np.int64)
    return History(ends, main.labels, main.primary)


def frozen(workspace: Workspace, rules: RuleSet, head: Published, loaded: Loaded) -> Decided:
    """What was published, period by period, each as the run that decided it left it.

    Raises: IoError (I103) when a run is damaged; (I105) when nobody knows any more whose its pseudonyms are.
    """
    runs = list(history.lineage(workspace.out, head))[::-1]
    used = any(run.pseudonymised for run in runs)
    names = pseudonyms(workspace.state, make=False, used=True) if used else None
    real = {names.account(each): each for each in loaded.facts.roster.accounts} if names else {}
    moves = pl.concat([_moves(run, real if run.pseudonymised else {}, oldest=run is runs[0]) for run in runs])
    moves = in_todays_names(moves, rules.renamed)
    today = [*(segment.name for segment in rules.main.segments), rules.main.otherwise]
    older = sorted(set(moves["to"].unique()) - {*today, LEFT, "unknown"})
    labels = (*today, *older)
    accounts = tuple(moves["account_id"].unique().sort())
    ends = _ends(workspace.calendar, moves["as_of"].min(), head.as_of)
    return Decided(
        accounts,
        History(
            np.array([epoch_day(day) for day in ends], np.int64),
            labels,
            _codes(moves, accounts, ends, labels),
        ),
        "published",
        len(runs),
        len(runs),
    )


def _moves(run: Published, real: Mapping[str, str], *, oldest: bool) -> pl.DataFrame:
    """account_id, as_of, to: of the main dimension, in the order in which they happened.

    real: pseudonym -> account.
    """
    moved = run.frame(outputs.TRANSITIONS).filter(pl.col("dimension") == MAIN)
    if oldest and run.parent is not None:  # Of those before it nothing is known but what they led to.
        moved = run.frame(outputs.ASSIGNMENTS).rename({"primary": "to"})
    return moved.select(pl.col("account_id").replace(real), "as_of", pl.col("to").fill_null(LEFT))


def _ends(calendar: Calendar, first: Any, last: date) -> list[date]:
    begin = calendar.index(first) if first is not None else calendar.index(last)
    return [calendar.end(index) for index in range(begin, calendar.index(last) + 1)]


def _codes(
    moves: pl.DataFrame, accounts: Sequence[str], ends: Sequence[date], labels: Sequence[str]
) -> Codes:
    """[A, T] each account where its last move took it."""
    known = {name: code for code, name in reversed(list(enumerate(labels)))}
    known |= {LEFT: OUTSIDE, "unknown": UNKNOWN}
    place = {day: at for at, day in enumerate(ends)}
    last = moves.unique(["account_id", "as_of"], keep="last", maintain_order=True)
    which = pl.Series(accounts, dtype=pl.String).search_sorted(last["account_id"]).to_numpy()
    when = np.array([place[day] for day in last["as_of"]], np.int64)
    came = np.array([known[name] for name in last["to"]], np.int16)
    at = np.full((len(accounts), len(ends)), -1, np.int64)
    at[which, when] = np.arange(len(came))
    # The row of the last move so far; rows are numbered by account and period, so that maximum finds it.
    order = np.lexsort((when, which))
    rank = np.empty(len(came), np.int64)
    rank[order] = np.arange(len(came))
    at[which, when] = rank
    at = np.maximum.accumulate(at, axis=1)
    sorted_codes = np.append(came[order], OUTSIDE).astype(np.int16)
    found: Codes = sorted_codes[at]
    return found


def risk_of(
    rules: RuleSet, labels: Sequence[str], asked: Sequence[str] | None
) -> tuple[tuple[str, ...], str]:
    """(segments, how they were chosen). Raises: ConfigError (S180)."""
    if asked:
        for name in asked:
            if name not in labels:
                hint = did_you_mean(name, list(labels))
                raise ConfigError(Problem("S180", f"no segment is called '{name}'", hint=hint))
        return tuple(dict.fromkeys(asked)), "as asked"
    named = tuple(
        segment.name for segment in rules.main.segments if {segment.name, *segment.was} & {*BY_NAME}
    )
    if named:
        return named, "by their names"
    first = rules.main.segments[0].name
    return (first,), "the first segment of the rules, for none is called at_risk or churning"


def _data(
    workspace: Workspace, rules: RuleSet, loaded: Loaded, decided: Decided, found: Evaluation, how: str
) -> dict[str, Any]:
    ends = decided.history.ends
    head = {
        "workspace": workspace.name,
        "unit": workspace.calendar.unit,
        "rules": rules.name,
        "logic": rules.logic,
        "decisions": {
            "source": decided.source,
            "runs": decided.runs,
            "live": decided.live,
            "periods": len(ends),
            "first": from_epoch_day(ends[0]),
            "last": from_epoch_day(ends[-1]),
            "accounts": len(decided.accounts),
        },
        "outcomes_until": loaded.facts.as_of,
        "risk_chosen": how,
    }
    told: dict[str, Any] = as_data({**head, **as_data(found)})
    return told
