"""From files to files: assign and replay, the history of a workspace, its lock."""

from segkit.runs.assign import assign
from segkit.runs.outside import assign_files
from segkit.runs.replay import replay
from segkit.runs.run import Replay, Run

__all__ = ["Replay", "Run", "assign", "assign_files", "replay"]
