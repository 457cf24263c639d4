"""Where rules and facts meet: Decisions = decide(RuleSet, Facts)."""

from segkit.engine.decide import decide
from segkit.engine.partials import usage_fold
from segkit.engine.rule_change import rule_change

__all__ = ["decide", "rule_change", "usage_fold"]
