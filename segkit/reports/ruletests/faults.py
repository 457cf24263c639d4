"""Small faults planted into a rule set, one at a time: each must make one of its tests fail.

Left out are those that no account could ever show, so that no test could fail:
- a shortest stay that is over before `exit_after` is, before and after the change;
- another limit of an exit, where enter holds for all values in between, for then nobody leaves;
- another order of two segments that are entered and left by ranges of one metric that do not meet.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from segkit.engine.conditions.say import MIRRORED, OPPOSITE
from segkit.ruleset import expr as x
from segkit.ruleset import format_condition
from segkit.ruleset.catalogue import METRICS
from segkit.ruleset.implies import implies
from segkit.ruleset.model import RuleSet, Segment, Threshold, Times
from segkit.ruleset.printing import format_number, format_percent

_NEXT: dict[x.CompareOp, x.CompareOp] = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
_WHOLE = ("count", "days", "weeks", "hours", "minutes", "points", "money")
_STEP = 0.01
"""By which a limit moves that is no whole number."""
_SHOWN = 110


class Fault(Struct, frozen=True):
    """One rule set that differs in one place."""

    segment: str | None
    """In which it was planted, for a threshold the first that reads it; None for the order of segments."""
    what: str
    boundary: bool
    """A limit that lies elsewhere, or counts on the other side."""
    rules: RuleSet


def faults(rules: RuleSet) -> Iterator[Fault]:
    """An operator, a limit, a condition more, less or turned round, a timer, the order of two segments."""
    yield from _of_conditions(rules)
    yield from _of_thresholds(rules)
    yield from _of_timers(rules)
    yield from _of_order(rules)


def _of_thresholds(rules: RuleSet) -> Iterator[Fault]:
    for name, limit in rules.thresholds.items():
        reader = next((s.name for s in rules.segments if name in limits_of(s)), None)
        if reader is None:
            continue
        size = 1.0 if limit.unit in _WHOLE else _STEP
        for step in (-size, size):
            said = f"{step:+g}"
            moved = replace(limit, default=limit.default + step)
            yield Fault(reader, f"${name} {said}", True, _with_threshold(rules, name, moved))
            for label, value in limit.values.items():
                moved = replace(limit, values={**limit.values, label: value + step})
                what = f"${name} of {label} {said}"
                yield Fault(reader, what, True, _with_threshold(rules, name, moved))


def limits_of(segment: Segment) -> frozenset[str]:
    """The thresholds that its conditions read."""
    found: list[x.Operand] = []
    for condition in (segment.enter, segment.exit, segment.at_once):
        found += () if condition is None else x.operands(condition)
    return frozenset(each.name for each in found if isinstance(each, x.Limit))


def _with_threshold(rules: RuleSet, name: str, changed: Threshold) -> RuleSet:
    return replace(rules, thresholds={**rules.thresholds, name: changed})


def _of_conditions(rules: RuleSet) -> Iterator[Fault]:
    """Named conditions once, wherever they are used."""
    seen = set()
    for segment in rules.segments:
        for part in ("enter", "exit", "at_once"):
            condition = getattr(segment, part)
            for node in _nodes(condition) if condition is not None else ():
                if (node.span, type(node)) in seen:
                    continue
                seen.add((node.span, type(node)))
                for changed, boundary in _changes(node):
                    if part == "exit" and _held_back(segment.enter, node, changed):
                        continue
                    what = f"{part}: {_short(node)} => {_short(changed)}"
                    yield Fault(segment.name, what, boundary, _everywhere(rules, node, changed))


def _nodes(condition: x.Condition) -> Iterator[x.Condition]:
    yield condition
    for child in x.children(condition):
        yield from _nodes(child)


def _short(condition: x.Condition) -> str:
    text = format_condition(condition)
    return text if len(text) < _SHOWN else f"{text[: _SHOWN - 3]}..."


def _changes(node: x.Condition) -> Iterator[tuple[x.Condition, bool]]:
    """What it might have been, and whether only a boundary is another."""
    match node:
        case x.All(of=of) | x.Any(of=of):
            if len(of) > 1:
                yield (x.Any(of) if isinstance(node, x.All) else x.All(of)), False
                for at in range(len(of)):
                    yield replace(node, of=of[:at] + of[at + 1 :]), False
        case x.AtLeast(k=k, of=of):
            yield replace(node, k=k + 1), False
            yield replace(node, k=k - 1), False
            for at in range(len(of)):
                yield replace(node, of=of[:at] + of[at + 1 :]), False
        case x.Compare(op=op, right=right):
            if op in _NEXT:
                yield replace(node, op=_NEXT[op]), True
            for moved in _moved(right):
                yield replace(node, right=moved), True
            yield x.Not(node), False
        case x.Between(low=low, high=high):
            for moved in _moved(low):
                yield replace(node, low=moved), True
            for moved in _moved(high):
                yield replace(node, high=moved), True
        case x.Named():
            pass
        case x.Not(of=of):
            yield of, False
        case _:
            yield x.Not(node), False


def _moved(operand: x.Operand) -> Iterator[x.Operand]:
    if isinstance(operand, x.Number):
        step = 1.0 if operand.unit in _WHOLE else _STEP
        for change in (-step, step):
            value = round(operand.value + change, 6)
            text = format_percent(value) if operand.text.endswith("%") else format_number(value)
            yield replace(operand, value=value, text=text)


def _everywhere(rules: RuleSet, old: x.Condition, new: x.Condition) -> RuleSet:
    def walk(condition: x.Condition) -> x.Condition:
        if condition.span == old.span and type(condition) is type(old):
            return new
        match condition:
            case x.All(of=of) | x.Any(of=of) | x.AtLeast(of=of):
                return replace(condition, of=tuple(map(walk, of)))
            case x.Not(of=within) | x.Named(of=within):
                return replace(condition, of=walk(within))
            case _:
                return condition

    def changed(segment: Segment) -> Segment:
        exit_ = None if segment.exit is None else walk(segment.exit)
        at_once = None if segment.at_once is None else walk(segment.at_once)
        return replace(segment, enter=walk(segment.enter), exit=exit_, at_once=at_once)

    return _each_segment(rules, changed)


def _each_segment(rules: RuleSet, changed: Callable[[Segment], Segment]) -> RuleSet:
    dimensions = tuple(replace(d, segments=tuple(map(changed, d.segments))) for d in rules.dimensions)
    flags, trials = (tuple(map(changed, each)) for each in (rules.flags, rules.trials))
    return replace(rules, dimensions=dimensions, flags=flags, trials=trials)


def _of_timers(rules: RuleSet) -> Iterator[Fault]:
    for segment in rules.segments:
        for what, changed in _timed(segment):

            def planted(each: Segment, changed: Segment = changed) -> Segment:
                return changed if each.name == changed.name else each

            yield Fault(segment.name, what, False, _each_segment(rules, planted))


def _timed(segment: Segment) -> Iterator[tuple[str, Segment]]:
    """One period more or less for each of its timers."""
    for step in (-1, 1):
        for timer in ("enter_after", "exit_after"):
            times: Times = getattr(segment, timer)
            after = _shifted(times, step)
            if after is not None:
                changes: dict[str, Any] = {timer: after}
                yield f"{timer}: {_count(times)} => {_count(after)}", replace(segment, **changes)
        for timer in ("min_stay", "cooldown"):
            was: int = getattr(segment, timer)
            over = timer == "min_stay" and max(was, was + step) <= segment.exit_after.need
            if was and not over:
                changes = {timer: was + step}
                yield f"{timer}: {was} => {was + step}", replace(segment, **changes)


def _shifted(was: Times, step: int) -> Times | None:
    """None for what would be no time."""
    need = was.need + step
    return None if need < 1 else Times(need, need if was.need == was.of else max(was.of, need))


def _count(timer: Times) -> str:
    return str(timer.need) if timer.need == timer.of else f"{timer.need} of {timer.of}"


def _of_order(rules: RuleSet) -> Iterator[Fault]:
    for place, dimension in enumerate(rules.dimensions):
        for at in range(len(dimension.segments) - 1):
            if _apart(*dimension.segments[at : at + 2]):
                continue
            order = list(dimension.segments)
            order[at], order[at + 1] = order[at + 1], order[at]
            swapped = replace(dimension, segments=tuple(order))
            dimensions = (*rules.dimensions[:place], swapped, *rules.dimensions[place + 1 :])
            what = f"{dimension.name}: {order[at].name} before {order[at + 1].name}"
            yield Fault(None, what, False, replace(rules, dimensions=dimensions))


def _held_back(enter: x.Condition, node: x.Condition, changed: x.Condition) -> bool:
    """Whether enter holds for all values of which the two limits of an exit say different things."""
    if not (isinstance(node, x.Compare) and isinstance(changed, x.Compare)):
        return False
    if not (isinstance(node.right, x.Number) and isinstance(changed.right, x.Number)):
        return False
    of, low, high = node.left, *sorted((node.right, changed.right), key=lambda number: number.value)
    if _is_whole(of):
        between = range(math.ceil(low.value), math.floor(high.value) + 1)
        differ = [v for v in between if _holds(v, node) != _holds(v, changed)]
        return all(implies(x.Compare(of, "=", x.Number(float(v))), enter) for v in differ)
    ends: tuple[x.Condition, ...] = (x.Compare(of, ">=", low), x.Compare(of, "<=", high))
    if low.value == high.value:
        ends = (x.Compare(of, "=", low),)
    elif node.op in ("<", ">="):
        ends = (x.Compare(of, ">=", low), x.Compare(of, "<", high))
    elif node.op in ("<=", ">"):
        ends = (x.Compare(of, ">", low), x.Compare(of, "<=", high))
    return implies(x.All(ends), enter)


def _is_whole(of: x.Operand) -> bool:
    """A count that gaps in the exports do not scale."""
    spec = METRICS.get(of.name) if isinstance(of, x.Metric) and of.view is None else None
    return spec is not None and spec.unit == "count" and not spec.additive


def _holds(value: float, compare: x.Compare) -> bool:
    limit = compare.right.value if isinstance(compare.right, x.Number) else 0.0
    return {"<": value < limit, "<=": value <= limit, ">": value > limit, ">=": value >= limit}[compare.op]


def _apart(one: Segment, other: Segment) -> bool:
    """Whether nobody can be in both, whatever was known when."""
    for each in (one, other):
        if each.exit is not None or each.exit_after != Times() or each.min_stay:
            return False
    read = {o for each in (one, other) for o in x.operands(each.enter) if not isinstance(o, x.Number)}
    return len(read) == 1 and implies(_read_first(one.enter), _opposite(_read_first(other.enter)))


def _read_first(condition: x.Condition) -> x.Condition:
    """`90 <= tenure_days` as `tenure_days >= 90`."""
    match condition:
        case x.All(of=of) | x.Any(of=of):
            return replace(condition, of=tuple(map(_read_first, of)))
        case x.Compare(left=x.Number() as left, op=op, right=right):
            return x.Compare(right, MIRRORED[op], left)
        case _:
            return condition


def _opposite(condition: x.Condition) -> x.Condition:
    """What holds of a known value of which the condition does not."""
    match condition:
        case x.Compare(op=op):
            return replace(condition, op=OPPOSITE[op])
        case x.Between(of=of, low=low, high=high):
            return x.Any((x.Compare(of, "<", low), x.Compare(of, ">", high)))
        case x.All(of=of):
            return x.Any(tuple(map(_opposite, of)))
        case x.Any(of=of):
            return x.All(tuple(map(_opposite, of)))
        case x.Not(of=of):
            return of
        case _:
            return x.Not(condition)
