"""What conditions read: columns, sources, the calendar; and which segments hang on a source never given."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import assert_never

from segkit.engine.conditions.compile import columns
from segkit.engine.counting.needs import direct
from segkit.engine.tasks.books import conditions as of_playbook
from segkit.engine.tasks.books import used
from segkit.facts.types import Facts
from segkit.ruleset import expr as x
from segkit.ruleset.catalogue import BASELINE_VIEWS, EVENT_SOURCES, METRICS, MetricSpec
from segkit.ruleset.model import RuleSet, Segment

CALENDAR = frozenset({"tenure_days", "days_to_renewal"})
"""Metrics that move by the calendar alone."""


def conditions(segment: Segment) -> tuple[x.Condition, ...]:
    """Every condition that moves the latch of a segment."""
    return tuple(c for c in (segment.enter, segment.exit, segment.at_once) if c is not None)


def leaves_of(segment: Segment) -> tuple[x.Leaf, ...]:
    """Every leaf of every condition that moves the latch of a segment."""
    return tuple(leaf for condition in conditions(segment) for leaf in x.leaves(condition))


def columns_of(leaf: x.Leaf) -> tuple[x.Column, ...]:
    """The columns of the panel that a leaf reads, in the order written."""
    match leaf:
        case x.Compare(left=left, right=right):
            return columns(left) + columns(right)
        case x.Between(of=of, low=low, high=high):
            return columns(of) + columns(low) + columns(high)
        case x.Within(of=of, values=values):
            return columns(of) + tuple(column for value in values for column in columns(value))
        case x.IsMissing(of=of) | x.Holds(of=of):
            return (of,)
        case _:
            return ()


def drawn_of(rules: RuleSet) -> str | None:
    """The first metric that the main dimension compares with what was expected, without its view."""
    segments = (segment for dimension in rules.dimensions[:1] for segment in dimension.segments)
    read = (each for segment in segments for leaf in leaves_of(segment) for each in columns_of(leaf))
    return next((e.base for e in read if isinstance(e, x.Metric) and e.view in BASELINE_VIEWS), None)


def wanted(rules: RuleSet) -> tuple[x.Metric | x.Attribute | x.Trait, ...]:
    """The metrics, attributes and traits that some condition reads, those of playbooks too, sorted by key."""
    return _read(_leaves(rules), rules)


def deciding(rules: RuleSet) -> tuple[x.Metric | x.Attribute | x.Trait, ...]:
    """Those that decide who is where."""
    return _read(_deciding(rules), rules)


def _read(leaves: Iterable[x.Leaf], rules: RuleSet) -> tuple[x.Metric | x.Attribute | x.Trait, ...]:
    found: dict[str, x.Metric | x.Attribute | x.Trait] = {}
    limits: set[str] = set()
    for leaf in leaves:
        for column in columns_of(leaf):
            if not isinstance(column, x.WeeksIn):
                found[column.key] = column
        limits.update(o.name for o in x.operands(leaf) if isinstance(o, x.Limit))
    for name in sorted(limits):
        by = rules.thresholds[name].by
        if by is not None:
            found.setdefault(by, x.Attribute(by))
    return tuple(found[key] for key in sorted(found))


def asked_missing(rules: RuleSet) -> frozenset[str]:
    """Keys of the columns that some condition asks to be missing."""
    return frozenset(leaf.of.key for leaf in _leaves(rules) if isinstance(leaf, x.IsMissing))


def segments_read(segment: Segment) -> frozenset[str]:
    """The segments whose membership its conditions read."""
    found = set()
    for leaf in leaves_of(segment):
        if isinstance(leaf, x.Member):
            found.add(leaf.segment)
        found.update(c.segment for c in columns_of(leaf) if isinstance(c, x.WeeksIn))
    return frozenset(found)


def by_calendar(leaf: x.Leaf) -> bool:
    """Whether a leaf can only change because time goes by."""
    read = columns_of(leaf)
    clock = all(isinstance(c, x.WeeksIn) or (isinstance(c, x.Metric) and c.name in CALENDAR) for c in read)
    return bool(read) and clock and not isinstance(leaf, x.IsMissing)


def sources(leaf: x.Leaf, rules: RuleSet) -> frozenset[str]:
    """The sources without which a leaf is never known."""
    return frozenset(source for column in columns_of(leaf) for source in _sources(column, rules))


def reads_events(leaf: x.Leaf, rules: RuleSet) -> bool:
    return not sources(leaf, rules).isdisjoint(EVENT_SOURCES)


def given(facts: Facts) -> frozenset[str]:
    """The sources that were given at all."""
    found = set(facts.coverage) | set(facts.tables)
    if facts.usage is not None:
        found.add("usage")
    if facts.roster.snapshots.height:
        found.add("accounts")
    either = {_source(s) for s in METRICS.values() if found & {s.source, s.instead}}
    return frozenset(found | either)


def off(rules: RuleSet, present: Collection[str]) -> dict[str, str]:
    """Segment -> `no surveys`, for those that nobody can enter for want of a source. In scan order."""
    found: dict[str, str] = {}
    by_name = {segment.name: segment for segment in rules.segments}
    for name in rules.scan_order:
        enter = by_name[name].enter
        if not _possible(enter, True, rules, present, found):
            absent = {s for leaf in x.leaves(enter) for s in sources(leaf, rules) if s not in present}
            needed = {leaf.segment for leaf in x.leaves(enter) if isinstance(leaf, x.Member)} & set(found)
            reasons = sorted(absent) or sorted({found[segment][3:] for segment in needed})
            found[name] = "no " + ", no ".join(reasons)
    return found


def _possible(
    condition: x.Condition, truth: bool, rules: RuleSet, present: Collection[str], out: Collection[str]
) -> bool:
    """Whether a condition can come out as `truth` although leaves over absent sources are unknown."""

    def can(child: x.Condition, truth: bool) -> bool:
        return _possible(child, truth, rules, present, out)

    match condition:
        case x.Named(of=of):
            return can(of, truth)
        case x.Not(of=of):
            return can(of, not truth)
        case x.All(of=of):
            return all(can(c, True) for c in of) if truth else any(can(c, False) for c in of)
        case x.Any(of=of):
            return any(can(c, True) for c in of) if truth else all(can(c, False) for c in of)
        case x.AtLeast(k=k, of=of):
            count = sum(can(c, truth) for c in of)
            return count >= (k if truth else len(of) - k + 1)
        case x.Member(segment=segment):
            return not truth or segment not in out
        case _:
            return sources(condition, rules) <= set(present)


def _leaves(rules: RuleSet) -> Iterator[x.Leaf]:
    yield from _deciding(rules)
    for name in used(rules):
        for condition in of_playbook(rules.playbooks[name]):
            yield from x.leaves(condition)


def _deciding(rules: RuleSet) -> Iterator[x.Leaf]:
    for segment in rules.segments:
        yield from leaves_of(segment)
    for condition in rules.until.values():
        yield from x.leaves(condition)


def _sources(column: x.Column, rules: RuleSet) -> frozenset[str]:
    match column:
        case x.Attribute():
            return frozenset({"accounts"})
        case x.Trait():
            return frozenset({"traits"})
        case x.WeeksIn():
            return frozenset()
        case x.Metric(name=name):
            return _metric_sources(column, name, rules)
        case _:
            assert_never(column)


def _metric_sources(metric: x.Metric, name: str, rules: RuleSet) -> frozenset[str]:
    # A tenure is also known from the first event, a health score from any of its parts.
    if name in ("tenure_days", "health_score"):
        return frozenset()
    parts = frozenset(s for part in direct(metric, rules) for s in _sources(part, rules))
    custom = rules.metrics.get(name)
    if custom is not None:
        return parts | ({custom.source} if custom.source is not None else set())
    if name == "days_to_first_value" and parts:
        return parts
    spec = METRICS.get(name)
    if spec is None:
        return parts
    return parts | {_source(spec)} | ({spec.beside} if spec.beside is not None else set())


def _source(spec: MetricSpec) -> str:
    """The source that tells a metric; `accounts or subscriptions` where either does."""
    return spec.source if spec.instead is None else f"{spec.source} or {spec.instead}"
