"""A test made from a real account: what its rules read of it, week by week, and where the engine put it.

Nobody is named, dates of no week are told, texts that the rules do not ask for are `other`, and numbers have
as few digits as the decisions allow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import polars as pl
import yaml
from msgspec import Struct

from segkit.engine.decide_block import work
from segkit.engine.panel import Texts, Values
from segkit.engine.plan import Plan
from segkit.periods import from_epoch_day
from segkit.reports.ruletests.cases import Case, Columns, read_cases
from segkit.reports.ruletests.running import Ran, run_cases
from segkit.reports.ruletests.series import MAX_WEEKS
from segkit.reports.ruletests.spelled import spelled, spelled_labels
from segkit.reports.ruletests.verdicts import judge
from segkit.ruleset import expr as x
from segkit.ruleset.model import MAIN, RuleSet
from segkit.yamltext import read_text

DIGITS = (2, 3, 4, 6, 9)
"""Significant digits that are tried, the fewest first; nine are all there are."""
GONE, UNKNOWN, MISSING, ANY = "gone", "_", "missing", "_"
OTHER = "other"
"""Instead of a text that no condition asks for."""

Weeks = list[float | str]


class Recorded(Struct, frozen=True):
    """text: a file of tests with one case. asked: weeks of the primary that it asks for, of `weeks`."""

    text: str
    weeks: int
    asked: int
    unit: str


def record(plan: Plan, account: str, attributes: Mapping[str, str]) -> Recorded | None:
    """`plan`: of the whole history; `attributes`: declared ones. None for who never was on the roster.

    The account of a test is as old as its first week. Where it therefore is elsewhere than the real one was
    (its waiting was waived, somebody overrode the rules, a pause held it), the test asks nothing.
    """
    place = plan.facts.roster.accounts.index(account)
    here = np.flatnonzero(plan.facts.roster.on[place, plan.first :])
    if not len(here):
        return None
    first = max(int(here[0]), int(here[-1]) + 1 - MAX_WEEKS)
    span = slice(first, int(here[-1]) + 1)
    columns = Columns.of(plan.rules, attributes)
    real = _real(plan, place, span)
    exact = _outcome(_ran(plan.rules, _given(plan, place, span, columns, None), attributes))
    for digits in DIGITS:
        given = _given(plan, place, span, columns, digits)
        ran = _ran(plan.rules, given, attributes)
        if _outcome(ran) == exact or digits == DIGITS[-1]:
            break
    case = {**given, "expect": _expected(ran, real)}
    asked = sum(a == b for a, b in zip(_outcome(ran)[PRIMARY], real[PRIMARY], strict=True))
    text = _written(case, len(real[PRIMARY]), asked, plan.facts.calendar.unit)
    cases, problems = read_cases(read_text(text), plan.rules, attributes)
    assert not any(problem.severity == "error" for problem in problems), problems
    assert all(verdict.passed for verdict in judge(run_cases(plan.rules, cases)))
    return Recorded(text, len(real[PRIMARY]), asked, plan.facts.calendar.unit)


def _given(plan: Plan, place: int, span: slice, columns: Columns, digits: int | None) -> dict[str, Any]:
    """The case without what is expected of it; `digits` None: numbers and texts as they are, and no test."""
    on = plan.facts.roster.on[place, plan.first :][span]
    asked = _asked_texts(plan.rules)
    sections: dict[str, dict[str, Any]] = {"metrics": {}, "attributes": {}, "traits": {}}
    for key, operand in columns.read.items():
        column = plan.panel.columns[key]
        at = slice(plan.first - plan.panel.first + span.start, plan.first - plan.panel.first + span.stop)
        if isinstance(column, Texts):
            weeks = _texts(column, place, at, asked, on, hidden=digits is not None)
            section = "traits" if isinstance(operand, x.Trait) else "attributes"
            name = operand.name if isinstance(operand, x.Trait) else key
            sections[section][name] = weeks[0] if len(set(weeks)) == 1 else weeks
            continue
        shape = columns.shape(key)
        values = _numbers(column, place, at, on, shape.unit, digits)
        section = "metrics" if isinstance(operand, x.Metric) else "attributes"
        if shape.unit == "date":
            sections[section][key] = values[0] if len(set(values)) == 1 else values
        else:
            sections[section][key] = spelled(values, percent=shape.unit == "share")
    told = {name: found for name, found in sections.items() if found}
    return {"name": "recorded", "weeks": span.stop - span.start, **told}


def _numbers(column: Values, place: int, at: slice, on: np.ndarray, unit: str, digits: int | None) -> Weeks:
    value, missing = column.value[place, at], column.missing[place, at]
    kept = digits is None or _in_steps(value)
    found: Weeks = []
    for number, lacks, here in zip(value.tolist(), missing.tolist(), on.tolist(), strict=True):
        if not here:
            found.append(GONE)
        elif np.isnan(number):
            found.append(MISSING if lacks else UNKNOWN)
        elif unit == "truth":
            found.append("yes" if number else "no")
        elif unit == "date":
            day = from_epoch_day(int(number))
            found.append((day if digits in (None, DIGITS[-1]) else day.replace(day=1)).isoformat())
        else:
            found.append(number if kept else float(f"{number:.{digits}g}"))
    return found


def _in_steps(value: np.ndarray) -> bool:
    """Grows or falls with the calendar: fewer digits would hide no more, and break its steps."""
    known = value[~np.isnan(value)]
    steps = np.diff(known)
    return bool(len(steps) > 1 and steps[0] != 0 and (steps == steps[0]).all())


def _texts(
    column: Texts, place: int, at: slice, told: frozenset[str], on: np.ndarray, *, hidden: bool
) -> list[str]:
    codes, missing = column.codes[place, at], column.missing[place, at]
    found = []
    for code, lacks, here in zip(codes.tolist(), missing.tolist(), on.tolist(), strict=True):
        if not here:
            found.append(GONE)
        elif code < 0:
            found.append(MISSING if lacks else UNKNOWN)
        else:
            text = column.labels[code]
            found.append(text if text in told or not hidden else OTHER)
    return found


def _asked_texts(rules: RuleSet) -> frozenset[str]:
    """Texts that a condition or a threshold asks for."""
    asked = {value for threshold in rules.thresholds.values() for value in threshold.values}
    for segment in rules.segments:
        for condition in (segment.enter, segment.exit, segment.at_once):
            operands = () if condition is None else x.operands(condition)
            asked |= {each.value for each in operands if isinstance(each, x.Text)}
    return frozenset(asked)


def _ran(rules: RuleSet, given: Mapping[str, Any], attributes: Mapping[str, str]) -> Ran:
    text = _dump({"tests": [{**given, "expect": {"moves": []}}]})
    cases, problems = read_cases(read_text(text), rules, attributes)
    assert cases, problems
    return run_cases(rules, cases)


Outcome = dict[tuple[bool, str], list[str]]
"""(False, dimension) -> label of each week; (True, segment or flag) -> yes or no; GONE off the roster."""
PRIMARY = (False, MAIN)


def _outcome(ran: Ran) -> Outcome:
    case: Case = ran.cases[0]
    decisions = ran.decisions
    found = {
        (False, name): [each.label(code) or GONE for code in each.primary[0, : case.weeks].tolist()]
        for name, each in decisions.dimensions.items()
    }
    return found | {(True, name): _members(each[0], case.on) for name, each in decisions.member.items()}


def _real(plan: Plan, place: int, span: slice) -> Outcome:
    """Where the account was."""
    done = work(plan, place, place + 1)
    on = plan.facts.roster.on[place, plan.first :][span].tolist()
    found: Outcome = {}
    for dimension in plan.rules.dimensions:
        labels = {at: segment.name for at, segment in enumerate(dimension.segments)}
        labels |= {len(dimension.segments): dimension.otherwise, -1: "unknown"}
        codes = done.primaries[dimension.name].code[0, span].tolist()
        found[False, dimension.name] = [labels.get(code, GONE) for code in codes]
    return found | {(True, name): _members(each.member[0, span], on) for name, each in done.scanned.items()}


def _members(inside: np.ndarray, on: Any) -> list[str]:
    weeks = zip(inside.tolist(), on, strict=False)
    return [("yes" if now else "no") if here else GONE for now, here in weeks]


def _expected(ran: Ran, real: Outcome) -> dict[str, Any]:
    """Nothing is asked of weeks in which the made-up account is elsewhere than the real one was."""
    found = _outcome(ran)
    asked = {
        key: [week if week == was else ANY for week, was in zip(found[key], real[key], strict=True)]
        for key in found
    }
    told: dict[str, Any] = {"primary": spelled_labels(asked[PRIMARY])}
    others, members = (
        {name: spelled_labels(asked[is_member, name]) for is_member, name in found if is_member == wanted}
        for wanted in (False, True)
    )
    del others[MAIN]
    members = {name: weeks for name, weeks in members.items() if "yes" in found[True, name]}
    told |= {key: value for key, value in (("dimensions", others), ("member", members)) if value}
    if found[PRIMARY] == real[PRIMARY]:
        told["moves"] = list(_moves(ran))
    return told


def _moves(ran: Ran) -> Iterator[dict[str, Any]]:
    days = {day: week for week, day in enumerate(ran.decisions.as_of[: ran.cases[0].weeks], 1)}
    rows = ran.decisions.transitions.filter(pl.col("dimension") == MAIN, pl.col("from").is_not_null())
    for row in rows.filter(pl.col("as_of").is_in(list(days))).iter_rows(named=True):
        told = {"week": days[row["as_of"]], **{key: row[key] for key in ("from", "to", "cause", "because")}}
        yield {key: value for key, value in told.items() if value}


def _written(case: Mapping[str, Any], weeks: int, asked: int, unit: str) -> str:
    lines = ["# Made by segkit test --record from a real account, which is not named: numbers have as few"]
    lines += ["# digits as its decisions allow, texts that no condition asks for are 'other'."]
    if asked < weeks:
        lines += [
            f"# In {weeks - asked} of {weeks} {unit}s ('_') the real account was elsewhere: its waiting was"
        ]
        lines += ["# waived, or somebody overrode or paused it, which a made-up account cannot show."]
    path = list(dict.fromkeys(case["expect"]["primary"].replace(" x", " ").split()))
    names = [label for label in path if label not in (ANY, GONE) and not label.isdigit()]
    named = {**case, "name": f"recorded: {', '.join(names)}"}
    return "\n".join(lines) + "\n" + _dump({"tests": [named]})


def _dump(value: Any) -> str:
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=10_000)
