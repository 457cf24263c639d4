"""`compare`: what another rule set would have decided over all of history, beside what this one decides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
from msgspec import Struct
from msgspec.structs import replace

from segkit import reports
from segkit.engine import decide
from segkit.errors import ConfigError, Place, Problem
from segkit.facts.load import Loaded
from segkit.lock import hold
from segkit.reports.first.screen import NO_CURRENCY
from segkit.reports.frames import crm
from segkit.ruleset.model import RuleSet
from segkit.runs.comparison import DOCUMENT, Saved, document, load, what_changed
from segkit.runs.erasing.generation import start as begin
from segkit.runs.evaluate import history_of, risk_of
from segkit.runs.folders.files import write_folder
from segkit.runs.folders.history import COMPARISONS, Published
from segkit.runs.folders.manifest import run_id
from segkit.runs.given.inputs import read_facts, read_rules
from segkit.runs.given.lives import lives_of, strangers
from segkit.studies.caught import Marks, Outcomes, outcomes
from segkit.studies.compare import Side, compare
from segkit.studies.evaluate import refusal
from segkit.workspace import Workspace


class Compared(Struct, frozen=True):
    """`document`: everything comparison.json says. `accounts`: the columns of accounts.csv."""

    folder: Path
    document: Mapping[str, Any]
    accounts: pl.DataFrame

    @property
    def same(self) -> bool:
        """No account was ever anywhere else."""
        return bool(self.document["same"])


def compare_rules(workspace: Workspace, new_rules: Path, *, now: datetime) -> Compared:
    """Decides every covered period under the rules of the workspace and under `new_rules`.

    The answer lies in `out/compare/`; nothing is published. Raises: ConfigError, InputError, IoError.
    """
    if new_rules.is_dir():
        what = "is a folder; the new rule file comes first"
        raise ConfigError(
            Problem("S160", what, Place(str(new_rules)), f"segkit compare NEW_RULES {new_rules}")
        )
    other = replace(workspace, rules=new_rules)
    with hold(workspace.state / "lock", now=now):
        head = begin(workspace.state, workspace.out)
        rules, changed = read_rules(workspace)[0], read_rules(other)[0]
        old, marks, loaded = _side(workspace, rules, now, head)
        # Lists may name segments that only one rule set has: each reads the exports for itself.
        if changed.logic == rules.logic:
            new, marked = replace(old, rules=changed), marks
        else:
            new, marked, _ = _side(other, changed, now, head)
        left = _outcomes(marks, marked, loaded)
        return _written(workspace, (old, new), left, loaded, head)


def show_comparison(workspace: Workspace, saved: Path, *, now: datetime) -> Compared:
    """A comparison that was made before, if everything it hangs on is as it was.

    Raises: ConfigError (S161) where it is none, (S162) with everything that changed since;
    InputError, IoError.
    """
    found = load(saved)
    with hold(workspace.state / "lock", now=now):
        head = begin(workspace.state, workspace.out)
        rules = read_rules(workspace)[0]
        loaded = read_facts(workspace, rules, now=now, head=head, cache=True)
    path = workspace.root / found.new_path
    changed = read_rules(replace(workspace, rules=path))[0] if path.is_file() else None
    changes = what_changed(found, rules, changed, loaded, head)
    if changes:
        hint = f"make it anew: segkit compare {found.new_path}"
        where = Place(str(found.file))
        raise ConfigError(Problem("S162", f"out of date: {each}", where, hint) for each in changes)
    return Compared(found.file.parent, found.document, found.accounts)


def _side(
    workspace: Workspace, rules: RuleSet, now: datetime, head: Published | None
) -> tuple[Side, Marks, Loaded]:
    loaded = read_facts(workspace, rules, now=now, head=head, cache=True)
    decisions = decide(rules, loaded.facts, None)
    answers, names = (
        reports.answers(rules, loaded, decisions, decisions.transitions),
        loaded.samples.pseudonyms,
    )
    shown = decisions.accounts if names is None else tuple(map(names.account, decisions.accounts))
    told = replace(
        decisions, accounts=shown, assignments=answers.assignments, transitions=answers.transitions
    )
    history = history_of(decisions)
    return Side(rules, told), Marks(history, risk_of(rules, history.labels, None)[0]), loaded


def _outcomes(old: Marks, new: Marks, loaded: Loaded) -> Outcomes:
    lives = lives_of(loaded.facts, loaded.facts.roster.accounts, old.history.ends)
    churned = int((lives.churned.day > old.history.ends[0]).sum())
    return outcomes(old, new, lives, refusal(churned, strangers(loaded)))


def _worth(side: Side, loaded: Loaded) -> tuple[pl.DataFrame, str | None]:
    """account_id, name, arr at as_of; the currency, None where amounts cannot be summed or there are none."""
    listed = side.decisions.assignments.select("account_id", "name", "arr")
    currencies = crm(loaded.facts)["currency"].drop_nulls().unique().sort().to_list()
    worth = bool((listed["arr"].fill_null(0) != 0).any()) and len(currencies) <= 1
    return listed, ([*currencies, NO_CURRENCY][0] if worth else None)


def _written(
    workspace: Workspace, sides: tuple[Side, Side], left: Outcomes, loaded: Loaded, head: Published | None
) -> Compared:
    accounts, currency = _worth(sides[0], loaded)
    found = compare(*sides, accounts)
    old, new = (side.rules for side in sides)
    as_of, state, key = loaded.facts.as_of, head.name if head else "", loaded.samples.key
    run = run_id(as_of, loaded.digest, old.logic, None, "compare", new.logic, state, *key)
    name = f"{as_of}-{run}"
    files = {
        "accounts.csv": reports.to_csv(found.accounts),
        "weeks.csv": reports.to_csv(found.weeks),
        "segments.csv": reports.to_csv(found.segments),
        "causes.csv": reports.to_csv(found.causes),
    }
    told = document(workspace, name, old, new, loaded, head, found, left, currency)
    saved = Saved.of(workspace.out / COMPARISONS / name / DOCUMENT, told, files)
    hidden = loaded.samples.pseudonyms is not None
    write_folder(saved.file.parent, {**files, DOCUMENT: saved.content}, private=hidden)
    return Compared(saved.file.parent, saved.document, found.accounts)
