"""Every guard over one run: all that trip at once, and what a person has accepted of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import TypeVar

from segkit.errors import ConfigError, GuardError, Place, Problem, Tripped
from segkit.ruleset.suggest import did_you_mean
from segkit.runs.guards import delivered, moves, outage, volume
from segkit.runs.guards.case import Case, Delivery
from segkit.runs.guards.findings import Finding, Verdict

T = TypeVar("T")

OF_DELIVERY: Mapping[str, Callable[[Delivery], Tripped | None]] = {
    delivered.AGE: delivered.max_age,
    delivered.EMPTY: delivered.empty_export,
    delivered.LOST: delivered.lost_rows,
    delivered.REFUSED: delivered.refused_rows,
}
GUARDS: Mapping[str, Callable[[Case], Tripped | None]] = {
    outage.NAME: outage.suspected_outage,
    volume.FEWER: volume.fewer_rows,
    volume.MORE: volume.more_rows,
    moves.MOVES: moves.many_moves,
    moves.RULES: moves.rule_moves,
    moves.SIZE: moves.segment_size,
}
"""Name, as it is accepted by -> the guard. What it returns depends on what it is given alone."""


def doubtful(delivery: Delivery) -> bool:
    """Whether the exports themselves trip a guard, and the published run does not record that somebody
    accepted it.
    """
    found = _tripped(OF_DELIVERY.values(), delivery)
    return bool(_verdict(found, {}, delivery).tripped)


def judge(case: Case, accept: Mapping[str, str]) -> Verdict:
    """`accept`: guard -> why. What was accepted of the published run holds on for its as_of, as long as the
    guard sees the same.
    """
    found = [*_tripped(OF_DELIVERY.values(), case.delivery), *_tripped(GUARDS.values(), case)]
    return _verdict(found, accept, case.delivery)


def _tripped(guards: Iterable[Callable[[T], Tripped | None]], judged: T) -> list[Tripped]:
    return [tripped for guard in guards if (tripped := guard(judged)) is not None]


def _verdict(found: list[Tripped], accept: Mapping[str, str], delivery: Delivery) -> Verdict:
    head = delivery.head
    same = head is not None and head.as_of == delivery.facts.as_of
    before = {(f.tripped.name, f.tripped.saw): f.because for f in head.guards} if head and same else {}
    findings = tuple(Finding(t, accept.get(t.name) or before.get((t.name, t.saw))) for t in found)
    names = {tripped.name for tripped in found}
    return Verdict(findings, tuple(name for name in accept if name not in names))


def acceptable(accept: Mapping[str, str]) -> dict[str, str]:
    """Guard -> why, the reasons without space around them.

    Raises: ConfigError (S157) for what is no guard; (S159) for one without a reason.
    """
    problems = []
    known = (*OF_DELIVERY, *GUARDS)
    for name, because in accept.items():
        if name not in known:
            hint = did_you_mean(name, known) or f"guards: {', '.join(known)}"
            problems.append(Problem("S157", f"no guard is called '{name}'", hint=hint))
        elif not because.strip():
            what = f"{name} is accepted without a reason"
            problems.append(Problem("S159", what, hint='say it: --because "the export cannot be repeated"'))
    if problems:
        raise ConfigError(problems)
    return {name: because.strip() for name, because in accept.items()}


def refusal(verdict: Verdict, as_of: date, kept: Path | None) -> GuardError:
    """`kept`: the folder that holds what would have been published; None where nothing was written."""
    problems = [
        Problem("G101", f"{t.name}: {t.saw}; expected: {t.expected}", hint=t.what_to_do)
        for t in verdict.tripped
    ]
    what = "nothing was published; what would have been can be looked at here, summary.md first"
    if kept is None:
        what = "nothing was written: a run that trips a guard is not published"
    place = Place(str(kept)) if kept else None
    problems.append(Problem("G102", what, place, severity="warning"))
    return GuardError(problems, tripped=verdict.tripped, as_of=as_of)
