"""What was to be expected of each account this week: recent reference, peers, own years, noise."""

from __future__ import annotations

from segkit.engine.baselines.fit import Level, levels_of
from segkit.engine.baselines.groups import VERDICTS, GroupPast, GroupView
from segkit.engine.baselines.kept import Kept, Shelf
from segkit.engine.baselines.outage import Outages, find_outages
from segkit.engine.baselines.past import Block, Columns, Past
from segkit.engine.baselines.results import Baseline, Panel
from segkit.engine.baselines.run import baseline, extend
from segkit.engine.baselines.settings import Settings

__all__ = [
    "VERDICTS",
    "Baseline",
    "Block",
    "Columns",
    "GroupPast",
    "GroupView",
    "Kept",
    "Level",
    "Outages",
    "Panel",
    "Past",
    "Settings",
    "Shelf",
    "baseline",
    "extend",
    "find_outages",
    "levels_of",
]
