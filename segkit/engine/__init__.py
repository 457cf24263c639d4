"""Where rules and facts meet: Decisions = decide(RuleSet, Facts)."""

from segkit.engine.baselines.series import baseline_series
from segkit.engine.changed_rules import rule_change
from segkit.engine.counting.partials import usage_fold
from segkit.engine.decisions import decide
from segkit.engine.explaining.explain import (
    charted,
    compared_metrics,
    explained,
    metrics_read,
    onward,
    to_explain,
)
from segkit.engine.explaining.rows import rows_behind
from segkit.engine.metrics.registry import measured

__all__ = [
    "baseline_series",
    "charted",
    "compared_metrics",
    "decide",
    "explained",
    "measured",
    "metrics_read",
    "onward",
    "rows_behind",
    "rule_change",
    "to_explain",
    "usage_fold",
]
