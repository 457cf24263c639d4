"""`check all`: the rules on all of history, in memory; nothing is written and nothing published."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from segkit.engine.decisions import decided, planned
from segkit.errors import Problem, SegkitError
from segkit.periods import WEEKDAYS, Calendar
from segkit.reports.first.layout import Line, Piece
from segkit.reports.words import number
from segkit.ruleset.ignores import WITH_DATA, without_ignored
from segkit.runs.folders import history
from segkit.runs.given.inputs import read_facts, read_rules, today
from segkit.studies.tried import LATELY, Tried, tried, unsupported
from segkit.workspace import open_workspace
from segkit.yamltext import read_yaml

_ORDINALS = (
    "",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
)


def try_rules(path: Path | None, *, now: datetime) -> tuple[list[Line], list[Problem]]:
    """What the rules would have done of late, and what of them the exports cannot bear out.

    Nothing where rules or exports cannot be used: what is wrong with them is told already.
    """
    try:
        workspace = open_workspace(path)
        rules, _ = read_rules(workspace)
        head = history.head(workspace.state, workspace.out)
        loaded = read_facts(workspace, rules, now=now, head=head)
        doc = read_yaml(workspace.rules)
    except SegkitError:
        return [], []
    plan = planned(rules, loaded.facts)
    decisions = decided(plan)
    found = unsupported(
        rules, plan.panel, lambda span: doc.at(span.line, span.column, span.width), workspace.calendar
    )
    day = today(workspace, now)
    problems = without_ignored(found, doc.lines, doc.path, day, lambda code: code in WITH_DATA)
    return lines(tried(rules, decisions), workspace.calendar), problems


def lines(found: tuple[Tried, ...], calendar: Calendar) -> list[Line]:
    """A line per segment and flag."""
    wide = max(len(each.name) for each in found)
    columns = f"  {'':<{wide}}  {'came in':>8}  {'are in':>8}  earliest, after the first breach"
    told: list[Line] = [
        (Piece(f"Accounts under these rules, in the last {LATELY} days", "heading"),),
        (Piece(columns, "dim"),),
    ]
    for each in found:
        counts = f"{number(each.entered):>8}  {number(each.inside):>8}"
        told.append(
            (Piece(f"  {each.name:<{wide}}  ", "name"), Piece(f"{counts}  {earliest(each.waits, calendar)}"))
        )
    return [*told, ()]


def earliest(waits: int, calendar: Calendar) -> str:
    """When a run can show somebody who starts to fit: the day after the last week that has to hold."""
    ordinal = _ORDINALS[waits] if waits < len(_ORDINALS) else f"{waits}th"
    if calendar.unit == "week":
        return f"{ordinal} {WEEKDAYS[(calendar.week_ends + 1) % 7].capitalize()}"
    return f"end of the {ordinal} {calendar.unit}"
