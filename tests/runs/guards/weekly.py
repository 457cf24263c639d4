"""What the guards would have said of every week of a history, had a run been published each Monday.

The weeks are judged as those that cron slept through, by the same code, without the weekly runs.
"""

from __future__ import annotations

from datetime import date, datetime
from itertools import pairwise
from pathlib import Path

from segkit.engine import decide
from segkit.errors import Tripped
from segkit.periods import epoch_day
from segkit.runs.folders.history import Published
from segkit.runs.given.inputs import read_facts, read_rules
from segkit.runs.guards.case import SETTLED, Case, Delivery
from segkit.runs.guards.delivered import listed
from segkit.runs.guards.judge import GUARDS
from segkit.workspace import open_workspace


def weekly(folder: Path, now: datetime, as_of: date | None = None) -> tuple[dict[str, Tripped], int]:
    """Guard -> what tripped in any week after the third, and how many weeks there are. Of the exports only
    the snapshots of accounts are judged: they alone say what each week's export was.
    """
    workspace = open_workspace(folder)
    rules, _ = read_rules(workspace)
    loaded = read_facts(workspace, rules, now=now, as_of=as_of, cache=True)
    decisions = decide(rules, loaded.facts, None)
    third = workspace.calendar.end(int(loaded.facts.periods[SETTLED - 1]))
    past = Published(folder, "", "", third, "", "", None, {}, runs=SETTLED)
    case = Case(Delivery(loaded, now.date(), head=past, past=past), decisions, decisions.transitions)
    found = {name: tripped for name, guard in GUARDS.items() if (tripped := guard(case)) is not None}
    sizes = [listed(loaded.ledger, epoch_day(day)) for day in decisions.as_of] if loaded.ledger.width else []
    assert all(after >= 0.8 * before for before, after in pairwise(sizes))
    return found, len(decisions.as_of)
