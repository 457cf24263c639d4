"""`tune`: other thresholds and timers for the rules of a workspace."""

from segkit.runs.tuning.tune import FOLDER, Tuned, tune

__all__ = ["FOLDER", "Tuned", "tune"]
