"""Every built-in metric by name, the views, and what a view does to a metric's unit and range."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from segkit.ruleset.built_in import BUILT_IN
from segkit.ruleset.spec import EVENT_SOURCES, MetricSpec, SpecKind, Unit

__all__ = [
    "BASELINE_VIEWS",
    "CHANGE_VIEWS",
    "EVENT_SOURCES",
    "LEVEL_VIEWS",
    "METRICS",
    "VIEWS",
    "MetricSpec",
    "Shape",
    "SpecKind",
    "Unit",
    "through",
    "upper_end",
]

METRICS: Mapping[str, MetricSpec] = {spec.name: spec for spec in BUILT_IN}

LEVEL_VIEWS = ("previous", "last_year")
"""The metric itself, at another time: in its own unit."""
CHANGE_VIEWS = ("change", "vs_last_year")
"""x / base - 1 for counts and levels, x - base for shares and scores."""
BASELINE_VIEWS = ("expected", "vs_expected", "z_score", "vs_usual", "peers", "vs_peers")
"""Against what was to be expected: levels, relative changes, and how unusual the distance is."""
VIEWS = (*LEVEL_VIEWS, *CHANGE_VIEWS, "delta", "percentile", *BASELINE_VIEWS)


class Shape(NamedTuple):
    """What the values of an operand look like: unit and bounds."""

    unit: str
    """A Unit."""
    low: float | None = None
    high: float | None = None


def upper_end(spec: MetricSpec, window: int | None) -> float | None:
    """The largest value a metric can have: of 28 days no more than 28 can be active."""
    return float(window) if spec.name == "active_days" and window is not None else spec.high


def through(view: str | None, kind: SpecKind, shape: Shape) -> Shape:
    """The shape of a metric of this kind and shape seen through a view.

    >>> through("change", "count", Shape("count", 0.0)).unit
    'share'
    >>> through("change", "score", Shape("points", 0.0, 10.0)).unit
    'points'
    """
    relative = kind in ("count", "level")
    match view:
        case None | "previous" | "last_year" | "expected" | "peers":
            return shape
        case "change" | "vs_last_year" | "vs_expected" | "vs_peers" | "vs_usual" if relative:
            return Shape("share", -1.0 if shape.low is not None else None)
        case "percentile":
            return Shape("share", 0.0, 1.0)
        case "z_score":
            return Shape("number")
        case _:
            width = None if shape.low is None or shape.high is None else shape.high - shape.low
            return Shape(shape.unit, None if width is None else -width, width)
