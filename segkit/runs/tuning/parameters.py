"""What is varied: at most three named thresholds or timers, each with a handful of values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import prod

from msgspec import Struct
from msgspec.structs import replace

from segkit.errors import ConfigError, Problem
from segkit.ruleset import check_rules_text
from segkit.ruleset import expr as x
from segkit.ruleset.edit import TIMERS, edited, setting
from segkit.ruleset.model import RuleSet, Segment, Threshold, Times
from segkit.ruleset.printing import format_number
from segkit.ruleset.suggest import did_you_mean
from segkit.workspace import Workspace, rule_arguments
from segkit.yamltext import read_text

AT_MOST, SETTINGS = 3, 400
AROUND = (0.5, 0.7, 0.85, 1.0, 1.2, 1.4, 1.7)
"""Multiples of a threshold that are tried where nobody says which values."""
PERIODS = (1, 2, 3, 4)


class Parameter(Struct, frozen=True):
    """`big_drop` or `at_risk.enter_after`, with the values to try as they would be written."""

    name: str
    values: tuple[str, ...]
    current: int
    """Place of today's value."""


class Candidate(Struct, frozen=True):
    values: tuple[str, ...]
    rules: RuleSet


def parameters(asked: Sequence[str], text: str, rules: RuleSet, risk: Sequence[str]) -> tuple[Parameter, ...]:
    """`asked`: NAME or NAME=VALUE,VALUE; none asked: what the entering into `risk` hangs on.

    Raises: ConfigError (S190) for what the rules do not name, (S191) for too much at once.
    """
    wanted = [each.partition("=") for each in asked or _usual(rules, risk)]
    if not wanted:
        what = "the rules name no threshold that entering a risk segment hangs on"
        raise ConfigError(Problem("S190", what, hint="name one: --vary SEGMENT.enter_after"))
    names = [name.strip().removeprefix("$") for name, _, _ in wanted]
    if len(names) > AT_MOST or len(set(names)) < len(names):
        what = f"{len(names)} parameters at once, of which at most {AT_MOST} different ones can be told apart"
        raise ConfigError(Problem("S191", what, hint="leave some out: the others stay as they are"))
    doc = read_text(text, rules.path)
    found = []
    for name, (_, _, values) in zip(names, wanted, strict=True):
        if setting(doc, name) is None:
            raise ConfigError(
                Problem("S190", f"nothing in the rules is called '{name}'", hint=_like(name, rules))
            )
        given = [value.strip() for value in values.split(",") if value.strip()]
        found.append(_parameter(name, given, rules))
    count = prod(len(each.values) for each in found)
    if count > SETTINGS:
        what = f"{count} combinations; at most {SETTINGS} are tried"
        raise ConfigError(Problem("S191", what, hint="give fewer values: --vary NAME=VALUE,VALUE"))
    return tuple(found)


def _usual(rules: RuleSet, risk: Sequence[str]) -> list[str]:
    """Two thresholds at most, and how long the last risk segment waits."""
    segments = [segment for segment in rules.main.segments if segment.name in risk]
    limits = dict.fromkeys(
        each.name
        for segment in segments
        for each in x.operands(segment.enter)
        if isinstance(each, x.Limit) and rules.thresholds[each.name].default
    )
    return [*list(limits)[: AT_MOST - 1], *[f"{segment.name}.enter_after" for segment in segments[-1:]]]


def _like(name: str, rules: RuleSet) -> str:
    living = [segment for segment in rules.segments if not segment.trial_of]
    timed = [f"{segment.name}.{timer}" for segment in living for timer in TIMERS]
    named = ", ".join(rules.thresholds) or "none is named"
    timers = " or ".join(f"SEGMENT.{timer}" for timer in TIMERS)
    return did_you_mean(name, [*rules.thresholds, *timed]) or f"a threshold ({named}), or {timers}"


def _parameter(name: str, given: Sequence[str], rules: RuleSet) -> Parameter:
    now = _now(name, rules)
    values = list(dict.fromkeys(given or _around(name, now, rules)))
    if now not in values:
        values.append(now)
    return Parameter(name, tuple(values), values.index(now))


def _now(name: str, rules: RuleSet) -> str:
    """Today's value as it would be written."""
    segment, _, timer = name.rpartition(".")
    if timer not in TIMERS:
        threshold = rules.thresholds[name]
        return threshold.text or format_number(threshold.default)
    value = getattr(_segment(rules, segment), timer)
    unit = rules.calendar.unit
    if isinstance(value, int):
        return _periods(value, unit)
    return _periods(value.need, unit) if value.need == value.of else f"{value.need} of {value.of} {unit}s"


def _periods(count: int, unit: str) -> str:
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def _around(name: str, now: str, rules: RuleSet) -> Iterator[str]:
    timer = name.rpartition(".")[2]
    if timer in TIMERS:
        never = () if timer.endswith("_after") else (0,)
        yield from (_periods(count, rules.calendar.unit) for count in (*never, *PERIODS))
        return
    threshold = rules.thresholds[name]
    if not threshold.default:
        hint = f"say which values: --vary {name}=VALUE,VALUE"
        raise ConfigError(Problem("S190", f"nothing lies around {name}, which is 0", hint=hint))
    for times in AROUND:
        yield now if times == 1 else _written(threshold, threshold.default * times)


def _written(threshold: Threshold, value: float) -> str:
    """To whole numbers, or two digits."""
    share = threshold.unit == "share"
    amount = 100 * value if share else value
    amount = float(round(amount)) if abs(amount) >= 3 else float(f"{amount:.2g}")
    unit = "%" if share else f" {threshold.unit}" if threshold.unit else ""
    return f"{format_number(amount)}{unit}"


def _segment(rules: RuleSet, name: str) -> Segment:
    return next(segment for segment in rules.segments if segment.name == name)


def candidates(
    workspace: Workspace, text: str, rules: RuleSet, found: Sequence[Parameter]
) -> tuple[tuple[Candidate, ...], int]:
    """(every combination, the place of today's). Raises: ConfigError for a value that rules cannot have."""
    read = [[_read(workspace, text, rules, each.name, value) for value in each.values] for each in found]
    made = []
    for combination in product(*(range(len(each.values)) for each in found)):
        tried = rules
        for each, values, place in zip(found, read, combination, strict=True):
            tried = _with(tried, each.name, values[place])
        written = tuple(each.values[place] for each, place in zip(found, combination, strict=True))
        made.append(Candidate(written, tried))
    now = tuple(each.values[each.current] for each in found)
    return tuple(made), next(place for place, each in enumerate(made) if each.values == now)


def _read(workspace: Workspace, text: str, rules: RuleSet, name: str, value: str) -> Threshold | Times | int:
    """The value as the rules have it with it in their file: what is wrong with it is said as of that file."""
    other, problems = check_rules_text(
        edited(text, rules.path, {name: value}), path=rules.path, **rule_arguments(workspace)
    )
    if other is None:
        errors = [replace(each, what=f"--vary {name}={value}: {each.what}") for each in problems]
        raise ConfigError(each for each in errors if each.severity == "error")
    segment, _, timer = name.rpartition(".")
    if timer in TIMERS:
        found: Times | int = getattr(_segment(other, segment), timer)
        return found
    return other.thresholds[name]


def _with(rules: RuleSet, name: str, value: Threshold | Times | int) -> RuleSet:
    segment, _, timer = name.rpartition(".")
    if isinstance(value, Threshold):
        return replace(rules, thresholds={**rules.thresholds, name: value})

    def timed(segments: tuple[Segment, ...]) -> tuple[Segment, ...]:
        changes: Mapping[str, Times | int] = {timer: value}
        return tuple(replace(s, **changes) if s.name == segment else s for s in segments)

    return replace(
        rules,
        dimensions=tuple(replace(each, segments=timed(each.segments)) for each in rules.dimensions),
        flags=timed(rules.flags),
    )
