"""Findings as flags of a rule file: what can be tried with `segkit compare` before anybody believes it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from segkit.ruleset import check_rules_text
from segkit.ruleset import expr as x
from segkit.ruleset.edit import with_flag
from segkit.ruleset.model import RuleSet, Segment
from segkit.ruleset.printing import format_number, format_percent
from segkit.ruleset.writing import format_segment
from segkit.studies.discover import Answer, Discovery, Group, Measure
from segkit.studies.discover.questions import HALF_YEAR
from segkit.studies.evaluate.landmarks import GAP, HORIZON
from segkit.workspace import Workspace, rule_arguments

AT_MOST = 8
"""Findings that end in a proposal: the clearest."""
TRIES = 9


class Proposal(Struct, frozen=True):
    flag: str
    about: str
    """The metric or feature, or group 1."""
    entry: str
    """The lines to paste below `flags:`."""
    rules: str
    """The whole rule file with them in it; `segkit check` accepts it."""


def proposals(
    workspace: Workspace,
    text: str,
    rules: RuleSet,
    metrics: Mapping[str, x.Metric],
    measures: Mapping[str, Measure],
    found: Discovery,
) -> tuple[Proposal, ...]:
    """One per finding that no clearer one says already, and one per group."""
    behind = {other for each in found.alike for other, _ in each.others}
    told: list[Proposal | None] = []
    for each in _clearest(found, behind):
        flag = (
            _of_feature(each, found.within_days) if each.side == "without" else _of(each, metrics, measures)
        )
        told.append(_checked(workspace, text, rules, each.name, flag))
    for place, group in enumerate(found.grouping.groups if found.grouping else (), start=1):
        if group.limits:
            flag = _of_group(place, group, metrics, measures)
            told.append(_checked(workspace, text, rules, f"group {place}", flag))
    return tuple(each for each in told if each is not None)


def _clearest(found: Discovery, behind: set[str]) -> Iterator[Answer]:
    """Of one metric the clearer end."""
    names: set[str] = set()
    for each in found.answers:
        if each.found and each.name not in behind and each.name not in names and len(names) < AT_MOST:
            names.add(each.name)
            yield each


def _of(each: Answer, metrics: Mapping[str, x.Metric], measures: Mapping[str, Measure]) -> Segment:
    assert each.limit is not None, "only features are without a limit"
    enter = _compare(metrics[each.name], each.side == "high", each.limit, measures[each.name].unit)
    told = f"{_counts(each)} left within {HORIZON} weeks, from {GAP} week on."
    return Segment(_name(f"{each.side}_{each.name}"), enter, means=f"Of such accounts {told}")


def _of_feature(each: Answer, within: int) -> Segment:
    """While it is looked who leaves: from the end of the first days on."""
    tenure, days = x.Metric("tenure_days"), x.Metric("days_to_feature", argument=each.name)
    begin, end = (x.Number(float(day), str(day)) for day in (within, within + 7 * GAP + HALF_YEAR))
    late = x.Compare(days, ">", begin)
    enter = x.All((x.Between(tenure, begin, end), x.Any((x.IsMissing(days), late))))
    told = f"{_counts(each)} left in the half year after their first {within} days."
    return Segment(_name(f"without_{each.name}"), enter, means=f"Of such accounts {told}")


def _of_group(
    place: int, group: Group, metrics: Mapping[str, x.Metric], measures: Mapping[str, Measure]
) -> Segment:
    parts = tuple(
        _compare(metrics[each.name], each.at_least, each.value, measures[each.name].unit)
        for each in group.limits
    )
    told = f"{group.both}/{group.accounts} of a natural group are so, and {group.met} accounts in all."
    return Segment(f"group_{place}", parts[0] if len(parts) == 1 else x.All(parts), means=told)


def _counts(each: Answer) -> str:
    return f"{each.share.k}/{each.share.n}, of the others {each.rest.k}/{each.rest.n}"


def _compare(metric: x.Metric, at_least: bool, value: float, unit: str) -> x.Compare:
    text = format_percent(value) if unit == "share" else format_number(value)
    return x.Compare(replace(metric, span=x.NOWHERE), ">=" if at_least else "<=", x.Number(value, text))


def _name(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:56] or "found"


def _checked(workspace: Workspace, text: str, rules: RuleSet, about: str, flag: Segment) -> Proposal | None:
    """Under a name that is free. None where no rule can say it."""
    for tried in range(1, TRIES + 1):
        each = flag if tried == 1 else replace(flag, name=f"{flag.name}_{tried}")
        entry = format_segment(each, rules.calendar.unit)
        new = with_flag(text, rules.path, entry)
        read, problems = check_rules_text(new, path=rules.path, **rule_arguments(workspace))
        if read is not None and not any(problem.severity == "error" for problem in problems):
            return Proposal(each.name, about, entry, new)
    return None
