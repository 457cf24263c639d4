"""A published run as a workbook: a sheet per segment, what moved, what is to be done, the rules, the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from msgspec import Struct

from segkit.facts.types import SourceCount
from segkit.reports.definitions import Definitions
from segkit.reports.first.calls import pressing
from segkit.reports.first.health import reasons
from segkit.reports.sheets import ROWS, book
from segkit.reports.words import plural
from segkit.ruleset.expr import Condition
from segkit.ruleset.model import Playbook, RuleSet
from segkit.ruleset.printing import format_condition

FIRST = ("account_id", "name", "csm", "arr", "since", "weeks_in", "previous", "because", "earliest_exit")
"""What somebody looks for in a list of accounts, before all else."""
SAID_ELSEWHERE = ("primary", "as_of", "ruleset", "logic")
"""The same in every row of a sheet."""
COLUMNS = {
    "since": "last day of the first week in the segment; of flags and tasks see their own sheets",
    "weeks_in": "how many weeks it has been in it, 1 in the first",
    "previous": "the segment before",
    "because": "the conditions that decided, each with value and limit; held: why it still stays",
    "earliest_exit": "last day of the week in which its timers let it leave, if all asks for it from now on",
    "also": "other segments that it is in; one further up comes first",
    "trial": "segments on trial that it would be in; nobody acts on it",
    "basis": "what its expected use rests on: own past, peers, how many years of its own",
    "confidence": "first_season: no year of its own to look at yet",
    "peers": "the group it is compared with, and how many of it had something to compare",
    "data_age_days": "days from the newest day of the exports to the day that is told of",
    "stale": "nothing that reads usage has been known of it for weeks",
    "paused": "until when and why it is not judged",
    "override": "by whom and until when somebody said otherwise",
    "cause": "what made the move: behaviour, time, data, the list of accounts, rules, somebody's word",
    "standing": "stood before the first run: the day that due and within count from",
    "due": "the day to have begun by; within: the day by which it is to have worked",
    "planned": "last day of the week in which its owner does it; empty where there are no hours for it",
    "urgency": "how much it presses; urgency times ARR makes the order of the list",
    "key": "names the task for as long as it lasts, for other tools",
}
"""What the head of a column does not say by itself."""
TRANSITIONS, WORKLIST, DEFINITIONS, NOTES = "Transitions", "Work list", "Definitions", "Data notes"


class Told(Struct, frozen=True):
    """What a run left, as its files have it; `run` is its run.json."""

    assignments: pl.DataFrame
    transitions: pl.DataFrame
    worklist: pl.DataFrame
    definitions: Definitions
    run: Mapping[str, Any]
    workspace: str
    same_rules: bool
    """Whether the rules that are told are those that decided."""


def workbook(rules: RuleSet, told: Told) -> bytes:
    """Segments of the main dimension in their order, then those that only the run knows, then the rest.

    A segment without accounts has its sheet, too: whoever refers to it finds it every week.
    """
    rows, acted = told.assignments, pressing(rules)
    known = [segment.name for segment in rules.main.segments]
    others = [rules.main.otherwise, *sorted(set(rows["primary"].drop_nulls()))]
    with book() as made:
        for name in dict.fromkeys([*known, *others]):
            found = _first(rows.filter(pl.col("primary") == name)).sort(
                pl.col("arr"), descending=True, nulls_last=True, maintain_order=True
            )
            made.sheet(name, found, kept=2, urgent=name in acted, wrapped=True)
        moves = told.transitions.sort("as_of", descending=True, maintain_order=True)
        left = made.sheet(TRANSITIONS, moves, kept=2)
        made.sheet(WORKLIST, told.worklist.select(pl.exclude("key"), "key"), kept=2)
        made.sheet(DEFINITIONS, _definitions(rules, told.definitions), wrapped=True)
        made.sheet(NOTES, _notes(told, left), wrapped=True)
    return made.content


def _first(rows: pl.DataFrame) -> pl.DataFrame:
    rest = [name for name in rows.columns if name not in (*FIRST, *SAID_ELSEWHERE)]
    return rows.select(*FIRST, *rest)


def _definitions(rules: RuleSet, told: Definitions) -> pl.DataFrame:
    rows = [
        (part, each.name, label, text)
        for part, of in told.parts
        for each in of
        for label, text in (("means", each.means), *each.said)
        if text
    ]
    rows += [("named", name, "is", text) for name, text in told.named]
    for play in rules.playbooks.values():
        rows += [("playbooks", play.name, label, text) for label, text in _playbook(play) if text]
    rows += [("columns", name, "says", text) for name, text in COLUMNS.items()]
    return _texts(("part", "name", "what", "says"), rows)


def _playbook(play: Playbook) -> list[tuple[str, str]]:
    return [
        ("goal", play.goal),
        ("due", play.due),
        ("steps", "; ".join(play.steps)),
        ("works when", _condition(play.success)),
        ("is given", play.within),
        ("is done by", play.owner),
        ("takes", play.effort),
        (f"goes to {play.escalate_to} when", _condition(play.escalate_when)),
    ]


def _condition(condition: Condition | None) -> str:
    return "" if condition is None else format_condition(condition)


def _notes(told: Told, unseen: int) -> pl.DataFrame:
    """`unseen`: transitions that found no room."""
    run = told.run
    ruleset = run["ruleset"]
    rows = [
        ("workspace", told.workspace),
        ("as of", f"{run['as_of']}: {run['as_of_why']}"),
        ("run", run["run"]),
        ("rules", f"{ruleset['name']}, version {ruleset['version']}"),
    ]
    if not told.same_rules:
        rows.append(("rules", "changed since this run: the definitions are those of today"))
    if run["pseudonymised"]:
        rows.append(("names", "are pseudonyms"))
    rows += [(f"rows of {each['source']}", _rows(each)) for each in run["rows"]]
    rows += [("left out on purpose", _left_out(each)) for each in run["left_out"]]
    rows += [(f"accepted {each['guard']}", each["because"]) for each in run["guards"] if each.get("because")]
    # Runs of earlier versions kept the remarks of the engine alone.
    rows += [("to look at", remark) for remark in run.get("remarks", run["notes"])]
    if unseen:
        rows.append(
            ("transitions", f"only the newest {ROWS:,}; {plural(unseen, 'older one')} in the run folder")
        )
    return _texts(("about", "note"), rows)


def _rows(source: Mapping[str, Any]) -> str:
    count = SourceCount(
        source["source"],
        source["files"],
        source["read"],
        source["accepted"],
        source["rejected"],
        source["excluded"],
        reasons=source["reasons"],
    )
    return (
        f"{count.read:,} read = {count.accepted:,} accepted + {count.rejected:,} refused"
        f" + {count.excluded:,} left out{reasons(count)}"
    )


def _left_out(each: Mapping[str, Any]) -> str:
    accounts, people = plural(each["accounts"], "account"), plural(each["people"], "person", "people")
    return f"{each['reason']}: {accounts}, {people}"


def _texts(names: Sequence[str], rows: Sequence[tuple[str, ...]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
