"""What the rules say, in words: what each segment means, who enters and who leaves."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from segkit.reports.words import plural
from segkit.ruleset.model import RuleSet, Segment, Times
from segkit.ruleset.printing import format_condition, format_number

TRIALS = "on trial"
"""Where those stand that nobody acts on."""
NO_MORE = "this no longer holds"
"""When somebody leaves a segment without a condition of its own for it."""


class Definition(Struct, frozen=True):
    """A segment or flag. `said` are its conditions and timers: (`enters when`, `events_7d under 3`)."""

    name: str
    means: str
    said: tuple[tuple[str, str], ...]


class Definitions(Struct, frozen=True):
    """parts: a dimension, or `flags`, with what belongs to it. named: conditions and thresholds by name."""

    parts: tuple[tuple[str, tuple[Definition, ...]], ...]
    named: tuple[tuple[str, str], ...]

    def told(self, so: Callable[[str], str]) -> Definitions:
        """The same with each condition as it may be shown."""
        return Definitions(
            tuple(
                (part, tuple(Definition(d.name, d.means, _each(d.said, so)) for d in of))
                for part, of in self.parts
            ),
            _each(self.named, so),
        )


def definitions(rules: RuleSet) -> Definitions:
    unit = rules.calendar.unit
    parts = [(d.name, tuple(_definition(s, unit) for s in d.segments)) for d in rules.dimensions]
    if rules.flags:
        parts.append(("flags", tuple(_definition(flag, unit) for flag in rules.flags)))
    if rules.trials:
        parts.append((TRIALS, tuple(_definition(each, unit) for each in rules.trials)))
    named = [(name, format_condition(condition)) for name, condition in rules.conditions.items()]
    for threshold in rules.thresholds.values():
        by = f", other for some by {threshold.by}" if threshold.by else ""
        named.append((threshold.name, f"{threshold.text or format_number(threshold.default)}{by}"))
    return Definitions(tuple(parts), tuple(named))


def _definition(segment: Segment, unit: str) -> Definition:
    said = [(f"enters{_after(segment.enter_after, unit)} when", format_condition(segment.enter))]
    if segment.at_once is not None:
        said.append(("enters at once when", format_condition(segment.at_once)))
    leaving = f"leaves{_after(segment.exit_after, unit)} when"
    said.append((leaving, NO_MORE if segment.exit is None else format_condition(segment.exit)))
    if segment.min_stay:
        said.append(("stays at least", plural(segment.min_stay, unit)))
    if segment.cooldown:
        said.append(("does not come back for", plural(segment.cooldown, unit)))
    return Definition(segment.name, segment.means, tuple(said))


def lasting(times: Times, unit: str) -> str:
    """`2 weeks in a row`, `3 of 4 weeks`"""
    if times.need == times.of:
        return f"{plural(times.of, unit)} in a row"
    return f"{times.need} of {plural(times.of, unit)}"


def _after(times: Times, unit: str) -> str:
    return "" if times.of == 1 else f" after {lasting(times, unit)}"


def _each(said: tuple[tuple[str, str], ...], so: Callable[[str], str]) -> tuple[tuple[str, str], ...]:
    return tuple((label, so(text)) for label, text in said)
