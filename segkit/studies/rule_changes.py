"""What one rule set says otherwise than another, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from segkit.ruleset import expr as x
from segkit.ruleset import format_condition
from segkit.ruleset.model import FLAGS, RuleSet, Segment, Times
from segkit.ruleset.renaming import renamed_since, with_names

CONDITIONS = ("enter", "exit", "at_once")
TIMERS = ("enter_after", "exit_after", "min_stay", "cooldown", "max_gap", "expire_after")


def rule_changes(old: RuleSet, new: RuleSet) -> tuple[str, ...]:
    """Everything that can change a decision, each once: thresholds, conditions, timers, order, the rest."""
    names = renamed_since(new, {segment.name for segment in old.segments})
    flags = {flag.name for flag in new.flags}
    called = [
        f"{'flag' if now in flags else 'segment'} {was} is called {now} now" for was, now in names.items()
    ]
    old = with_names(old, names)
    called += _trials(old, new)
    rest = [*_thresholds(old, new), *_places(old, new), *_segments(old, new), *_rest(old, new)]
    return tuple(dict.fromkeys([*called, *rest]))


def _thresholds(old: RuleSet, new: RuleSet) -> Iterator[str]:
    for name in dict.fromkeys([*old.thresholds, *new.thresholds]):
        before, after = old.thresholds.get(name), new.thresholds.get(name)
        if before is None or after is None:
            yield f"threshold {name} is {'new' if before is None else 'gone'}"
            continue
        if before.default != after.default:
            was, now = (each.text or f"{each.default:g}" for each in (before, after))
            yield f"threshold {name}: {was} → {now}"
        if (before.by, before.values) != (after.by, after.values):
            yield f"threshold {name}: its values by {after.by or before.by} changed"


def _places(old: RuleSet, new: RuleSet) -> Iterator[str]:
    """Segments that came, went or stand elsewhere; dimensions that came or went."""
    before, after = _lists(old), _lists(new)
    for name in dict.fromkeys([*before, *after]):
        what = "flag" if name == FLAGS else "segment"
        was, now = before.get(name, ()), after.get(name, ())
        yield from (f"{what} {each} is new" for each in now if each not in was)
        yield from (f"{what} {each} is gone" for each in was if each not in now)
        shared = [each for each in was if each in now]
        if name != FLAGS and shared != [each for each in now if each in was]:
            yield f"the order of {name} changed"


def _trials(old: RuleSet, new: RuleSet) -> Iterator[str]:
    before, after = ({segment.name for segment in rules.trials} for rules in (old, new))
    counts = {segment.name for segment in new.segments} - after
    yield from (f"segment {name} is on trial" for name in sorted(after - before))
    yield from (f"segment {name} is on trial no more" for name in sorted(before & counts))
    yield from (f"segment {name}, which was on trial, is gone" for name in sorted(before - after - counts))


def _lists(rules: RuleSet) -> dict[str, tuple[str, ...]]:
    found = {each.name: tuple(s.name for s in each.segments) for each in rules.dimensions}
    return {**found, FLAGS: tuple(flag.name for flag in rules.flags)}


def _segments(old: RuleSet, new: RuleSet) -> Iterator[str]:
    before = {segment.name: segment for segment in old.segments}
    for segment in new.segments:
        was = before.get(segment.name)
        if was is not None:
            yield from _conditions(was, segment)
            yield from _timers(was, segment)


def _conditions(was: Segment, now: Segment) -> Iterator[str]:
    for part in CONDITIONS:
        before, after = getattr(was, part), getattr(now, part)
        if before == after:
            continue
        gone, come = _only(before, after), _only(after, before)
        said = f"{' and '.join(gone) or 'nothing'} → {' and '.join(come) or 'nothing'}"
        few = len(gone) <= 1 and len(come) <= 1 and (gone or come)
        yield f"{now.name}, {part}: {said}" if few else f"{now.name}, {part}: changed"


def _only(condition: x.Condition | None, other: x.Condition | None) -> list[str]:
    """Leaves of a condition that the other has not."""
    theirs = set() if other is None else set(x.leaves(other))
    mine = () if condition is None else x.leaves(condition)
    return list(dict.fromkeys(format_condition(leaf) for leaf in mine if leaf not in theirs))


def _timers(was: Segment, now: Segment) -> Iterator[str]:
    for timer in TIMERS:
        before, after = getattr(was, timer), getattr(now, timer)
        if before != after:
            yield f"{now.name}, {timer}: {_times(before)} → {_times(after)}"


def _times(value: Times | int) -> str:
    if isinstance(value, int):
        return str(value)
    return str(value.need) if value.need == value.of else f"{value.need} of {value.of}"


def _rest(old: RuleSet, new: RuleSet) -> Iterator[str]:
    for name in dict.fromkeys([*old.metrics, *new.metrics]):
        if old.metrics.get(name) != new.metrics.get(name):
            yield f"metric {name} changed"
    if old.peers != new.peers:
        yield f"peers: {', '.join(old.peers) or 'none'} → {', '.join(new.peers) or 'none'}"
    if old.baselines != new.baselines:
        yield "baselines changed"
    for was, now in zip(old.dimensions, new.dimensions, strict=False):
        if was.name == now.name and was.otherwise != now.otherwise:
            yield f"{now.name}, otherwise: {was.otherwise} → {now.otherwise}"
