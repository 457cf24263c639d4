"""`init`: what lies in a folder, what it may be, and the workspace file that reads it."""

from segkit.runs.starting.start import Start, start

__all__ = ["Start", "start"]
