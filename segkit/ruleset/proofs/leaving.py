"""Exits: the margin to the entry, and whether an exit can stay unknown for good."""

from __future__ import annotations

from collections.abc import Iterator

from segkit.errors import Problem
from segkit.ruleset import expr as x
from segkit.ruleset.model import Segment
from segkit.ruleset.proofs import domain as d
from segkit.ruleset.proofs.search import search
from segkit.ruleset.proofs.simple import Form, constant, fixed_at
from segkit.ruleset.proofs.subject import Subject
from segkit.ruleset.proofs.ways import NOT_TRUE, N, T

_STEADY = frozenset({"tenure_days", "days_to_renewal"})
"""They go one way only and never waver around a limit."""

_ORDERS = frozenset({"<", "<=", ">", ">="})


def margins(subject: Subject) -> Iterator[Problem]:
    """R304: the least change of one value takes an account from enter to exit."""
    for segment in subject.rules.segments:
        if segment.exit is None:
            continue
        for key, op, limit in dict.fromkeys(_limits(subject.form(segment.enter))):
            found = _no_margin(subject, segment, key, op, limit)
            if found is not None:
                yield found
                break


def _limits(form: Form) -> Iterator[tuple[str, str, float]]:
    """Comparisons of a wavering column with a number, anywhere in a condition."""
    match form:
        case x.All(of=of) | x.Any(of=of) | x.AtLeast(_, of=of):
            for part in of:
                yield from _limits(part)
        case x.Not(of=of):
            for key, op, limit in _limits(of):
                yield key, d.OPPOSITE[op], limit
        case x.Compare(left=x.Metric() | x.Attribute() as column, op=op, right=right) if op in _ORDERS:
            value = constant(right)
            name = column.name if isinstance(column, x.Metric) else ""
            if value is not None and name not in _STEADY:
                yield column.key, op, value


def _no_margin(subject: Subject, segment: Segment, key: str, op: str, limit: float) -> Problem | None:
    assert segment.exit is not None
    enter, exit_ = subject.form(segment.enter), subject.form(segment.exit)
    inside, outside, far = _around(subject, key, op, limit)
    if inside is None or outside is None or not _answers(exit_, key, outside, far):
        return None
    account = subject.account(
        (fixed_at(enter, key, inside), T),
        (fixed_at(enter, key, outside), NOT_TRUE),
        (fixed_at(exit_, key, outside), T),
        (fixed_at(exit_, key, far), NOT_TRUE),
    )
    if account is None:
        return None
    shown = subject.written
    weeks = [{**account, key: inside}, {**account, key: outside}]
    witness = subject.witness(weeks, f"enter of {segment.name} holds, and then exit does")
    what = (
        f"{segment.name} has no margin between enter and exit:"
        f" {key} {shown(key, inside)} lets an account in, {shown(key, outside)} out"
    )
    hint = f"let exit ask for clearly more than enter: {key} further away from {shown(key, limit)}"
    return subject.problem("R304", what, segment.exit, hint, witness)


def _answers(exit_: Form, key: str, outside: float, far: float) -> bool:
    """Whether some comparison of the exit holds just outside of the entry and not far inside."""
    for other, op, limit in _limits(exit_):
        numbers = d.satisfying(op, limit)
        if other == key and _in(numbers, outside) and not _in(numbers, far):
            return True
    return False


def _in(numbers: tuple[d.Interval, ...], value: float) -> bool:
    return any(each.holds(value) for each in numbers)


def _around(subject: Subject, key: str, op: str, limit: float) -> tuple[float | None, float | None, float]:
    """A value on the entering side of a limit, its neighbour on the other, and one far inside."""
    box = subject.usual.domain(subject.variables[key])
    step = 1.0 if box.whole else 0.001
    sign = -1.0 if op[0] == "<" else 1.0
    inside = limit if op.endswith("=") else limit + sign * step
    outside = limit - sign * step if op.endswith("=") else limit
    far = limit + sign * (abs(limit) * 10 + 10)
    far = min(max(far, box.low.low), box.high.high)

    def kept(value: float) -> float | None:
        value = float(f"{value:.9g}")
        return value if _in(box.numbers, value) else None

    return kept(inside), kept(outside), far


def unknown(subject: Subject) -> Iterator[Problem]:
    """R305: an exit that is unknown for good where some value cannot exist."""
    ground = subject.ground(True, frozenset({d.MISSING}))
    for segment in subject.rules.segments:
        if segment.exit is None:
            continue
        found = search(ground, [(subject.form(segment.exit), N)]).account
        missing = [key for key, value in (found or {}).items() if value is d.MISSING]
        if found is None or not missing:
            continue
        unit = subject.rules.calendar.unit
        witness = subject.witness(
            [found], f"exit is neither true nor false, and it stays for {segment.expire_after} {unit}s"
        )
        names = " and ".join(missing)
        verb = "is" if len(missing) == 1 else "are"
        what = f"whether an account leaves {segment.name} stays unknown where {names} {verb} missing"
        hint = f"say what then: '{missing[0]} is missing' under any:, or 'is not missing' under all:"
        yield subject.problem("R305", what, segment.exit, hint, witness)
