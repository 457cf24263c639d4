"""`discover`: what tells who leaves, and what a rule would make of it."""

from segkit.runs.discovering.finding import FOLDER, Discovered, discover

__all__ = ["FOLDER", "Discovered", "discover"]
