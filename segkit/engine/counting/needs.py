"""Which tables of usage a metric reads, and which metrics a rule set reads in the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from segkit.engine.counting.specs import PartialSpec
from segkit.engine.counting.where import Where
from segkit.ruleset.expr import Attribute, Column, Compare, Condition, Limit, Metric, Number, operands
from segkit.ruleset.model import RuleSet, Selection

EVENTS_28D = Metric("events", 28)
USERS_28D = Metric("active_users", 28)

EVERYTHING = Selection()


def activity(rules: RuleSet) -> Where:
    """What counts as use; None: every row."""
    selection = rules.definitions.activity
    return None if selection == EVERYTHING else selection


def day_table(where: Where) -> PartialSpec:
    return PartialSpec("day", where=where)


def set_table(rules: RuleSet, column: str, where: Where) -> PartialSpec:
    """Sightings of the values of a column; whole weeks in one row where periods are weeks."""
    calendar = rules.calendar
    return PartialSpec("set", column, where, calendar.week_ends if calendar.unit == "week" else None)


def value_table(column: str, where: Where) -> PartialSpec:
    return PartialSpec("value", column, where)


def counts_table(where: Where) -> tuple[PartialSpec, ...]:
    """What counts rows by day; nothing where every row counts, as those are kept in any case."""
    return () if where is None else (day_table(where),)


def usage_specs(metric: Metric, rules: RuleSet) -> tuple[PartialSpec, ...]:
    """The tables that a built-in usage metric reads; empty for every other metric."""
    used = activity(rules)
    definitions = rules.definitions
    match metric.name:
        case "logins":
            login = definitions.login
            return (day_table(login),) if isinstance(login, Selection) else counts_table(used)
        case "core_workflows":
            return (day_table(definitions.core_workflow),) if definitions.core_workflow else ()
        case "events" | "minutes" | "active_days":
            return counts_table(used)
        case "variation_12w" | "active_weeks_12w" | "weeks_since_active":
            return counts_table(used)
        case "sessions":
            return (set_table(rules, "session_id", used),)
        case "active_users" | "departments_active":
            return (set_table(rules, "user_key", used),)
        case "features" | "core_adoption" | "advanced_features" | "features_dropped" | "days_to_feature":
            return (set_table(rules, "feature", used),)
        case "events_per_user":
            return (*counts_table(used), set_table(rules, "user_key", used))
        case "minutes_per_session":
            return (*counts_table(used), set_table(rules, "session_id", used))
        case "top_feature_share":
            return (value_table("feature", used),)
        case _:
            return ()


def direct(metric: Metric, rules: RuleSet) -> tuple[Metric, ...]:
    """The metrics that a metric is computed from."""
    custom = rules.metrics.get(metric.name)
    if custom is not None:
        if custom.expression is None:
            return ()
        inside = operands(Compare(custom.expression, "=", Number(0.0)))
        return tuple(each for each in inside if isinstance(each, Metric))
    match metric.name:
        case "seats_used":
            return (USERS_28D,)
        case "plan_limit_used":
            return (EVENTS_28D,)
        case "days_to_first_value" if rules.definitions.first_value is None:
            return (Metric("core_workflows", 28),)
        case "health_score":
            return tuple(part.metric for part in rules.definitions.health_score.values())
        case _:
            return ()


def all_metrics(wanted: Iterable[Metric], rules: RuleSet) -> tuple[Metric, ...]:
    """The wanted metrics without views and all that they are computed from, each once, sorted by key."""
    found: dict[str, Metric] = {}
    waiting = list(wanted)
    while waiting:
        metric = replace(waiting.pop(), view=None)
        if metric.key not in found:
            found[metric.key] = metric
            waiting.extend(direct(metric, rules))
    return tuple(found[key] for key in sorted(found))


def conditions(rules: RuleSet) -> Iterator[Condition]:
    """Every condition that a rule set evaluates."""
    for segment in rules.segments:
        yield from (each for each in (segment.enter, segment.exit, segment.at_once) if each is not None)
    yield from rules.until.values()
    for playbook in rules.playbooks.values():
        yield from (each for each in (playbook.success, playbook.escalate_when) if each is not None)
        yield from (variant.when for variant in playbook.variants)


def wanted_columns(rules: RuleSet) -> tuple[Column, ...]:
    """Every metric, attribute, trait and timer that some condition reads, each once, sorted by key."""
    found: dict[str, Column] = {}
    for condition in conditions(rules):
        for operand in operands(condition):
            if isinstance(operand, Column):
                found[operand.key] = operand
            elif isinstance(operand, Limit) and (by := rules.thresholds[operand.name].by) is not None:
                found.setdefault(by, Attribute(by))
    return tuple(found[key] for key in sorted(found))
