"""Which accounts need a customer-success team, from the files it already has.

ws = segkit.open("path/to/workspace")
run = ws.assign()
run.assignments, run.transitions, run.worklist      # Polars frames
print(run.explain("Acme"))            # id, name or domain

ws.replay(start, end)
segkit.check("path/to/workspace")     # list of Problem
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from segkit.checking import check
    from segkit.runs.api import open  # noqa: A004

__version__ = "0.1.0"
__all__ = ["__version__", "check", "open"]


def __getattr__(name: str) -> object:
    # Polars and the rest are loaded on first use, so that `segkit --version` is quick.
    rooms = {"open": "segkit.runs.api", "check": "segkit.checking"}
    if name in rooms:
        return getattr(import_module(rooms[name]), name)
    raise AttributeError(f"module 'segkit' has no attribute {name!r}")
