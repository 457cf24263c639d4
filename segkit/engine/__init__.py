"""Where rules and facts meet: Decisions = decide(RuleSet, Facts)."""

from segkit.engine.baselines.series import baseline_series
from segkit.engine.changed_rules import rule_change
from segkit.engine.counting.partials import usage_fold
from segkit.engine.decisions import decide
from segkit.engine.metrics.registry import measured

__all__ = [
    "baseline_series",
    "decide",
    "measured",
    "rule_change",
    "usage_fold",
]
