"""Dimensions cut along one number (tenure, revenue): gaps, overlaps; and timers longer than a stage."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

from msgspec import Struct

from segkit.errors import Problem
from segkit.ruleset import expr as x
from segkit.ruleset.model import Dimension, Segment
from segkit.ruleset.proofs.search import search
from segkit.ruleset.proofs.simple import Form, constant, fixed_at
from segkit.ruleset.proofs.subject import Subject
from segkit.ruleset.proofs.ways import T

_DAYS = {"day": 1, "week": 7, "month": 28}
_CALENDAR = {"tenure_days": 1, "days_to_renewal": -1}
"""Metrics that move by the days of a period, and which way."""


class _Stage(Struct, frozen=True):
    segment: Segment
    holds: tuple[bool, ...]
    """Per point of the line."""


def stages(subject: Subject) -> Iterator[Problem]:
    """R306: values between two segments that fit none. R307, R308: values that fit two."""
    for dimension in subject.rules.dimensions[1:]:
        key = _only_column(dimension.segments)
        if key is None or len(dimension.segments) < 2:
            continue
        forms = [subject.form(segment.enter) for segment in dimension.segments]
        points = _points(subject, key, forms)
        lines = [
            _Stage(segment, tuple(_true(subject, form, key, point) for point in points))
            for segment, form in zip(dimension.segments, forms, strict=True)
        ]
        if not any(any(line.holds) for line in lines):
            continue
        yield from _gaps(subject, dimension, key, points, lines)
        yield from _overlaps(subject, dimension, key, points, lines)


def _only_column(segments: Sequence[Segment]) -> str | None:
    """The one number that every enter of the dimension reads, and nothing else."""
    keys = set()
    for segment in segments:
        for leaf in x.leaves(segment.enter):
            if not isinstance(leaf, x.Compare | x.Between):
                return None
        for operand in x.operands(segment.enter):
            if isinstance(operand, x.Arith | x.Negative | x.Text | x.Truth | x.Limit):
                return None
            if isinstance(operand, x.Column):
                keys.add(operand.key)
    return keys.pop() if len(keys) == 1 else None


def _points(subject: Subject, key: str, forms: Sequence[Form]) -> list[float]:
    """Every limit and a value between each two of them, in order: all that can differ."""
    box = subject.usual.domain(subject.variables[key])
    limits = sorted({limit for form in forms for limit in _limits(form, key)})
    if not limits:
        return []
    found = []
    for one, other in zip([limits[0] - 2, *limits], [*limits, limits[-1] + 2], strict=True):
        if one in limits:
            found.append(one)
        between = float((one + other) // 2) if box.whole else (one + other) / 2
        if one < between < other:
            found.append(between)
    return [point for point in found if any(each.holds(point) for each in box.numbers)]


def _limits(form: Form, key: str) -> Iterator[float]:
    match form:
        case x.All(of=of) | x.Any(of=of) | x.AtLeast(_, of=of):
            for part in of:
                yield from _limits(part, key)
        case x.Not(of=of):
            yield from _limits(of, key)
        case x.Compare(left=left, right=right) if isinstance(left, x.Column) and left.key == key:
            value = constant(right)
            if value is not None:
                yield value


def _true(subject: Subject, form: Form, key: str, point: float) -> bool:
    return search(subject.usual, [(fixed_at(form, key, point), T)]).possible is True


def _gaps(
    subject: Subject, dimension: Dimension, key: str, points: Sequence[float], lines: Sequence[_Stage]
) -> Iterator[Problem]:
    covered = [any(line.holds[at] for line in lines) for at in range(len(points))]
    first, last = covered.index(True), len(covered) - 1 - covered[::-1].index(True)
    at = first
    while at <= last:
        if covered[at]:
            at += 1
            continue
        gap = [point for point, fits in zip(points[at:last], covered[at:last], strict=True) if not fits]
        value = gap[0]
        following = next(line for line in lines if line.holds[covered.index(True, at)])
        shown = subject.written(key, value)
        witness = subject.witness([{key: value}], f"it is in none of {dimension.name}")
        what = f"{key} {shown} fits no segment of {dimension.name}: there is a gap"
        hint = f"let one of the segments around it begin or end there ({following.segment.name} is next)"
        yield subject.problem("R306", what, following.segment.enter, hint, witness)
        at = covered.index(True, at)


def _overlaps(
    subject: Subject, dimension: Dimension, key: str, points: Sequence[float], lines: Sequence[_Stage]
) -> Iterator[Problem]:
    for below, lower in enumerate(lines):
        for upper in lines[:below]:
            both = [at for at in range(len(points)) if upper.holds[at] and lower.holds[at]]
            if not both or all(upper.holds[at] for at, fits in enumerate(lower.holds) if fits):
                continue
            value = points[both[0]]
            shown = subject.written(key, value)
            names = f"{upper.segment.name} and {lower.segment.name}"
            witness = subject.witness([{key: value}], f"it fits {names}")
            if len(both) == 1 and value in _both_limits(subject, key, upper, lower):
                what = f"{key} {shown} belongs to {names}: the same limit is in both"
                hint = "let one of them end before it: under instead of at most"
                yield subject.problem("R308", what, lower.segment.enter, hint, witness)
            else:
                what = f"{names} overlap: {key} {shown} fits both, and only the first one shows"
                hint = "let the second one begin where the first one ends"
                yield subject.problem("R307", what, lower.segment.enter, hint, witness)


def _both_limits(subject: Subject, key: str, upper: _Stage, lower: _Stage) -> set[float]:
    one, other = (set(_limits(subject.form(each.segment.enter), key)) for each in (upper, lower))
    return one & other


def timers(subject: Subject) -> Iterator[Problem]:
    """R309: enter_after waits longer than the condition can hold, for days that pass by."""
    unit = subject.rules.calendar.unit
    for segment in subject.rules.segments:
        need = segment.enter_after.need
        if need < 2 or segment.at_once is not None:
            continue
        for key in sorted({o.key for o in x.operands(segment.enter) if isinstance(o, x.Metric)}):
            if key not in _CALENDAR:
                continue
            longest, start = _longest(subject, segment, key)
            if longest is None or longest >= need:
                continue
            step = _CALENDAR[key] * _DAYS[unit]
            account = subject.account((fixed_at(subject.form(segment.enter), key, start), T)) or {}
            weeks = [{**account, key: start + step * at} for at in range(longest + 1)]
            held = f"{longest} {unit}{'s' * (longest != 1)}"
            witness = subject.witness(weeks, f"enter holds for {held} and never for {need}")
            what = f"{segment.name} waits {need} {unit}s for what holds for {held} at most, as {key} moves on"
            hint = f"write enter_after: {held}, or widen the range of {key}"
            yield subject.problem("R309", what, segment, hint, witness)
            break


def _longest(subject: Subject, segment: Segment, key: str) -> tuple[int | None, float]:
    """Periods in a row for which a condition can hold while a calendar metric moves, and its start.

    None where it can hold for ever.
    """
    form = subject.form(segment.enter)
    size, best, start = _DAYS[subject.rules.calendar.unit], 0, 0.0
    for low, high in _runs(subject, form, key):
        if math.isinf(low) or math.isinf(high):
            return None, 0.0
        count = int((high - low) // size) + 1
        if count > best:
            best, start = count, low if _CALENDAR[key] > 0 else high
    return best, start


def _runs(subject: Subject, form: Form, key: str) -> Iterator[tuple[float, float]]:
    """First and last whole number of every stretch where a condition can hold."""
    box = subject.usual.domain(subject.variables[key]).numbers[0]
    limits = sorted({limit for limit in _limits(form, key) if limit == int(limit)})
    ends = [box.low - 1, *limits, math.inf]
    pieces = []
    for one, other in pairwise(ends):
        pieces.append((one + 1, other - 1))
        pieces.append((other, other))
    open_: tuple[float, float] | None = None
    for low, high in pieces[:-1]:
        if low > high:
            continue
        sample = low if math.isfinite(low) else high if math.isfinite(high) else 0.0
        if _true(subject, form, key, sample):
            open_ = (open_[0] if open_ else low, high)
        elif open_:
            yield open_
            open_ = None
    if open_:
        yield open_
