"""What rules make of the accounts there are: who came in of late, and what the data cannot bear out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import numpy as np
from msgspec import Struct

from segkit.engine.counting.values import Values
from segkit.engine.panel import Panel
from segkit.engine.results import Decisions
from segkit.errors import Place, Problem
from segkit.periods import Calendar
from segkit.ruleset import expr as x
from segkit.ruleset.catalogue import METRICS
from segkit.ruleset.model import RuleSet, Segment
from segkit.ruleset.printing import format_number, format_percent

LATELY = 90
"""Days over which those who came in are counted."""
MOSTLY = 0.5
"""Share of accounts without a value from which a metric is mostly unknown."""
ENOUGH = 20
"""Accounts with a value under which nothing is said of what was ever seen."""


class Tried(Struct, frozen=True):
    """One segment or flag. entered: accounts that came in of late; inside: those that are in at as_of."""

    name: str
    entered: int
    inside: int
    waits: int
    """Periods that enter has to hold at least."""


def tried(rules: RuleSet, decisions: Decisions) -> tuple[Tried, ...]:
    since = decisions.as_of[-1] - timedelta(days=LATELY)
    late = np.array([day > since for day in decisions.as_of])
    found = []
    for segment in rules.segments:
        member = decisions.member[segment.name]
        before = np.concatenate([np.zeros((len(member), 1), dtype=bool), member[:, :-1]], axis=1)
        came = (member & ~before)[:, late].any(axis=1)
        waits = 1 if segment.at_once is not None else segment.enter_after.need
        found.append(Tried(segment.name, int(came.sum()), int(member[:, -1].sum()), waits))
    return tuple(found)


def unsupported(
    rules: RuleSet, panel: Panel, place: Callable[[x.Span], Place], calendar: Calendar
) -> list[Problem]:
    """R310, R320: what is unknown for all or most. R321: numbers that nobody was ever beyond."""
    first: dict[str, tuple[x.Metric, x.Leaf]] = {}
    for segment in rules.segments:
        for column, leaf in _read(segment):
            first.setdefault(column.key, (column, leaf))
    return [
        problem
        for column, leaf in first.values()
        for problem in _unknown(column, leaf, panel, place, calendar)
    ] + list(_unseen(rules, panel, place))


def _read(segment: Segment) -> Iterator[tuple[x.Metric, x.Leaf]]:
    for condition in (segment.enter, segment.exit):
        for leaf in x.leaves(condition) if condition is not None else ():
            for operand in x.operands(leaf):
                if isinstance(operand, x.Metric):
                    yield operand, leaf


def _unknown(
    metric: x.Metric, leaf: x.Leaf, panel: Panel, place: Callable[[x.Span], Place], calendar: Calendar
) -> Iterator[Problem]:
    values = panel.columns.get(metric.key)
    if not isinstance(values, Values):
        return
    known, there = ~np.isnan(values.value), panel.life
    periods = there.shape[1]
    days, need = (calendar.end(periods - 1) - calendar.start(0)).days + 1, days_back(metric)
    if not known.any() and days < need:
        what = f"{metric.key} looks back {need} days, and the exports reach back {days}"
        hint = "it is unknown until then: use a shorter window, or older exports"
        yield Problem("R310", what, place(leaf.span), hint, "warning")
        return
    now = int(there[:, -1].sum())
    without = int((there[:, -1] & ~known[:, -1]).sum())
    if now and without / now > MOSTLY:
        what = f"{metric.key} is unknown for {without} of {now} accounts, and moves none of them"
        hint = "segkit check data says what is missing"
        yield Problem("R320", what, place(leaf.span), hint, "warning")


def days_back(metric: x.Metric) -> int:
    """Days of history without which a metric through its view has no value for anybody."""
    spec = METRICS.get(metric.name)
    window = metric.window or (spec.default_window if spec else None) or 7
    match metric.view:
        case "last_year" | "vs_last_year":
            return 364 + window
        case "previous" | "change" | "delta":
            return 2 * window if metric.window else 28 + window
        case _:
            return window


def _unseen(rules: RuleSet, panel: Panel, place: Callable[[x.Span], Place]) -> Iterator[Problem]:
    told: set[x.Span] = set()
    for segment in rules.segments:
        for metric, leaf in _read(segment):
            if not isinstance(leaf, x.Compare) or leaf.left != metric or leaf.span in told:
                continue
            values, limit = panel.columns.get(metric.key), _limit(leaf.right, rules)
            if not isinstance(values, Values) or limit is None:
                continue
            told.add(leaf.span)
            seen = values.value[panel.life & ~np.isnan(values.value)]
            if len(seen) == 0 or (~np.isnan(values.value)).any(axis=1).sum() < ENOUGH:
                continue
            low, high = float(seen.min()), float(seen.max())
            if low < limit < high or limit in (low, high) or low == high:
                continue
            ends = " to ".join(_written(end, leaf.right) for end in (low, high))
            what = f"{metric.key} was never beyond {_written(limit, leaf.right)}: {ends} is all that was seen"
            hint = "choose a number within it; is the unit another one?"
            yield Problem("R321", what, place(leaf.span), hint, "warning")


def _limit(operand: x.Operand, rules: RuleSet) -> float | None:
    if isinstance(operand, x.Limit):
        threshold = rules.thresholds[operand.name]
        return threshold.default if threshold.by is None else None
    return operand.value if isinstance(operand, x.Number) else None


def _written(value: float, like: x.Operand) -> str:
    rounded = float(f"{value:.4g}")
    share = isinstance(like, x.Number) and (like.text.endswith("%") or like.unit == "share")
    return format_percent(rounded) if share else format_number(rounded)
