"""Metrics that a rule set declares: which tables they need, and where each is computed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict, replace

from segkit.engine.counting.context import Context
from segkit.engine.counting.specs import PartialSpec
from segkit.engine.counting.values import Values
from segkit.engine.metrics.custom_tables import of_table
from segkit.engine.metrics.custom_usage import of_usage, tables_of
from segkit.engine.metrics.formula import formula
from segkit.ruleset.expr import Limit, Metric, Number
from segkit.ruleset.model import CustomMetric, RuleSet, Threshold

USAGE = "usage"


def custom_specs(custom: CustomMetric, rules: RuleSet) -> tuple[PartialSpec, ...]:
    """The tables of usage that a declared metric reads; empty for one over other sources."""
    return tables_of(fixed(custom, rules), rules) if custom.source == USAGE else ()


def fixed(custom: CustomMetric, rules: RuleSet) -> CustomMetric:
    """The metric with the numbers of named thresholds in its conditions: what picks the rows, in full."""
    where, of = (_fixed(each, rules.thresholds) for each in (custom.where, custom.of))
    return replace(custom, where=where, of=of)


def custom_metric(ctx: Context, metric: Metric, shift_days: int = 0) -> Values:
    """A declared metric by its name. Raises LookupError for a name the rule set does not declare."""
    declared = ctx.rules.metrics.get(metric.name)
    if declared is None:
        raise LookupError(f"no metric {metric.name}")
    if declared.expression is not None:
        return formula(ctx, declared.expression, shift_days)
    declared = fixed(declared, ctx.rules)
    if declared.source == USAGE:
        return of_usage(ctx, declared, shift_days)
    return of_table(ctx, declared, shift_days)


def _fixed(part: Any, thresholds: Mapping[str, Threshold]) -> Any:
    """A condition or a piece of it, every threshold in it replaced by its number."""
    if isinstance(part, Limit):
        return Number(thresholds[part.name].default, span=part.span)
    if isinstance(part, tuple):
        return tuple(_fixed(each, thresholds) for each in part)
    if not isinstance(part, Struct):
        return part
    return replace(part, **{name: _fixed(each, thresholds) for name, each in asdict(part).items()})
