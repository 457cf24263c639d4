"""Decisions held against something else: another rule set (here), or what really happened (`evaluate`)."""

from segkit.studies.caught import Marks, Outcomes, outcomes
from segkit.studies.compare import Comparison, Side, compare
from segkit.studies.rule_changes import rule_changes

__all__ = ["Comparison", "Marks", "Outcomes", "Side", "compare", "outcomes", "rule_changes"]
