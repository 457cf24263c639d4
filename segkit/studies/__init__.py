"""Decisions held against something else: what another rule set would have decided."""

from segkit.studies.compare import Comparison, Side, compare
from segkit.studies.rule_changes import rule_changes

__all__ = ["Comparison", "Side", "compare", "rule_changes"]
