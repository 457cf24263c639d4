"""Lists of words that are kept as files beside this module, one word a line, remarks after #."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def words(name: str) -> frozenset[str]:
    """The words of `<name>.txt`."""
    text = files("segkit.facts.identity").joinpath(f"{name}.txt").read_text("utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))
