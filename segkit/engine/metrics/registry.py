"""Every metric by its name: built in, or declared in the rule set."""

from __future__ import annotations

from segkit.engine.baselines.kept import Shelf
from segkit.engine.counting.context import Compute, Context
from segkit.engine.counting.values import Floats
from segkit.engine.metrics.custom import custom_metric
from segkit.engine.metrics.tables import TABLES
from segkit.engine.metrics.usage import USAGE_METRICS
from segkit.facts.types import Facts
from segkit.ruleset.expr import Metric
from segkit.ruleset.model import RuleSet


def measured(rules: RuleSet, facts: Facts, metric: Metric, first: int = 0) -> Floats:
    """[A, T] one metric as conditions would read it, from place `first` on; NaN where there is no value."""
    return context_of(rules, facts, first).measure(metric, 0).value


def context_of(rules: RuleSet, facts: Facts, first: int = 0, shelf: Shelf | None = None) -> Context:
    """Rules and facts with the way each of their metrics is computed, for the periods from `first` on."""
    declared: dict[str, Compute] = dict.fromkeys(rules.metrics, custom_metric)
    return Context(rules, facts, {**USAGE_METRICS, **TABLES, **declared}, first, shelf)
