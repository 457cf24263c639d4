"""The page as HTML: one file, without script or network."""

from __future__ import annotations

from segkit.reports.definitions import NO_MORE, TRIALS
from segkit.reports.described.value import Described
from segkit.reports.html.page import render
from segkit.ruleset.model import FLAGS, MAIN

BOX, GAP = 34, 22
"""Height of a box of the picture, and between two."""


def page(told: Described) -> str:
    titles = {MAIN: "Segments", FLAGS: "Flags", TRIALS: "On trial"}
    parts = [
        (titles.get(part.name, f"Dimension {part.name}"), part, _boxes(len(part.cards)))
        for part in told.parts
    ]
    values = {"told": told, "parts": parts, "no_more": NO_MORE, "box": BOX, "pressing": ()}
    return render(values, "described.html")


def _boxes(segments: int) -> tuple[list[int], int]:
    """Tops of the boxes, one for who fits nothing at the end; and the height of the picture."""
    tops = [at * (BOX + GAP) + 1 for at in range(segments + 1)]
    return tops, tops[-1] + BOX + 1
