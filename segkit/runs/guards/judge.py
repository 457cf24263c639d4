"""Every guard over one run: all that trip at once, and what a person has accepted of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from segkit.errors import ConfigError, GuardError, Place, Problem, Tripped
from segkit.ruleset.suggest import did_you_mean
from segkit.runs.guards import outage
from segkit.runs.guards.case import Case
from segkit.runs.guards.findings import Finding, Verdict
from segkit.runs.history import Published

Guard = Callable[[Case], Tripped | None]
GUARDS: Mapping[str, Guard] = {outage.NAME: outage.suspected_outage}
"""Name, as it is accepted by -> the guard. What it returns depends on the case alone."""


def judge(case: Case, accept: Mapping[str, str], head: Published | None) -> Verdict:
    """`accept`: guard -> why. What was accepted of the published run `head` holds on for its as_of, as long
    as the guard sees the same.
    """
    found = [tripped for guard in GUARDS.values() if (tripped := guard(case)) is not None]
    same = head is not None and head.as_of == case.facts.as_of
    before = {(f.tripped.name, f.tripped.saw): f.because for f in head.guards} if head and same else {}
    findings = tuple(Finding(t, accept.get(t.name) or before.get((t.name, t.saw))) for t in found)
    names = {tripped.name for tripped in found}
    return Verdict(findings, tuple(name for name in accept if name not in names))


def acceptable(accept: Mapping[str, str]) -> dict[str, str]:
    """Guard -> why, the reasons without space around them.

    Raises: ConfigError (S157) for what is no guard; (S159) for one without a reason.
    """
    problems = []
    for name, because in accept.items():
        if name not in GUARDS:
            hint = did_you_mean(name, GUARDS) or f"guards: {', '.join(GUARDS)}"
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
