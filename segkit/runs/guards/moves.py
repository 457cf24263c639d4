"""Do more accounts move at once, or does a segment change its size more, than a week can explain?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

import numpy as np
import polars as pl

from segkit.engine.results import UNKNOWN
from segkit.errors import Tripped
from segkit.limits import OFF
from segkit.ruleset.model import FLAGS, MAIN
from segkit.runs.guards.case import Case

MOVES, RULES, SIZE = "many_moves", "rule_moves", "segment_size"
LEAST = 20
"""Accounts that must be concerned."""
MOVED_SHARE, RULE_SHARE, TIMES = 0.1, 0.25, 3.0
_MOVED = ("behaviour", "data", "timer")
_RULE = "rule_change"


def many_moves(case: Case) -> Tripped | None:
    """Many accounts have another primary segment in a period, by what they did or by the data."""
    limit = MOVED_SHARE if case.limits.many_moves is None else case.limits.many_moves
    return _moved(
        case,
        MOVES,
        _MOVED,
        limit,
        "move to another segment in the",
        "look in transitions.csv at what moved them: something that broke in the exports, or their own "
        "doing; if it is real, accept it",
    )


def rule_moves(case: Case) -> Tripped | None:
    """Changed rules put many accounts into another segment."""
    limit = RULE_SHARE if case.limits.rule_moves is None else case.limits.rule_moves
    return _moved(
        case,
        RULES,
        (_RULE,),
        limit,
        "are put into another segment by the changed rules, told with the",
        "look in transitions.csv at the rows of cause rule_change; if that is meant, accept it",
    )


def _moved(
    case: Case, name: str, causes: tuple[str, ...], limit: float, what: str, what_to_do: str
) -> Tripped | None:
    if case.delivery.settled is None:
        return None
    rows = case.transitions.filter((pl.col("dimension") == MAIN) & pl.col("cause").is_in(causes))
    moved: dict[date, int] = dict(rows.group_by("as_of").agg(pl.len()).iter_rows())
    found, unit = [], case.facts.calendar.unit
    for place, day in _decided(case):
        number, accounts = moved.get(day, 0), int(case.decisions.on_roster[:, place].sum())
        if number >= LEAST and number > limit * accounts:
            found.append(f"{number} of {accounts} accounts ({number / accounts:.1%}) {what} {unit} to {day}")
    if not found:
        return None
    return Tripped(name, "; ".join(found), f"at most {limit:.0%}, or {LEAST - 1}", what_to_do)


def segment_size(case: Case) -> Tripped | None:
    """A segment or flag has many times more or fewer accounts than in the period before."""
    if case.delivery.settled is None:
        return None
    found, limits, unit = [], set(), case.facts.calendar.unit
    for place, day in _decided(case):
        for segment, before, now in _sizes(case, place, day):
            written = case.limits.of_segment(SIZE, segment)
            limit = TIMES if written is None else written
            small, large = sorted((before, now))
            if limit < OFF and large >= LEAST and large >= limit * small:
                found.append(
                    f"{segment} has {now} accounts in the {unit} to {day}, {before} the {unit} before"
                )
                limits.add(limit)
    if not found:
        return None
    return Tripped(
        SIZE,
        "; ".join(found),
        f"less than {' or '.join(f'{limit:g}' for limit in sorted(limits))} times as many or as few",
        "look in transitions.csv at who came and went and why; if it is real, accept it",
    )


def _decided(case: Case) -> Iterator[tuple[int, date]]:
    """Place among the decided periods, and last day, of each that is judged."""
    for place, day in enumerate(case.decisions.as_of):
        if case.judges(day):
            yield place, day


def _sizes(case: Case, place: int, day: date) -> Iterator[tuple[str, int, int]]:
    """Segment of the main dimension or flag, accounts a period before (by today's rules), and now."""
    decisions = case.decisions
    rows = case.transitions.filter((pl.col("as_of") == day) & (pl.col("cause") != _RULE))
    main = decisions.dimensions[MAIN]
    codes = main.primary[:, place]
    sizes = {str(main.label(code)): codes == code for code in (*range(len(main.labels)), UNKNOWN)}
    segments = {label for each in decisions.dimensions.values() for label in each.labels}
    segments |= {*decisions.trials}
    flags = {flag: decisions.member[flag][:, place] for flag in sorted(decisions.member.keys() - segments)}
    for name, members in ((MAIN, sizes), (FLAGS, flags)):
        moves = rows.filter(pl.col("dimension") == name)
        came, went = Counter(moves["to"].to_list()), Counter(moves["from"].to_list())
        for label, here in members.items():
            now = int(np.count_nonzero(here))
            yield label, now - came[label] + went[label], now
