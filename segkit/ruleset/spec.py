"""What is declared of one metric."""

from __future__ import annotations

from typing import Literal, NamedTuple

Unit = Literal[
    "count",
    "days",
    "weeks",
    "hours",
    "minutes",
    "share",
    "points",
    "money",
    "number",
    "truth",
    "text",
    "date",
]
SpecKind = Literal["count", "share", "score", "level", "truth"]
"""What a view does with it: counts and levels change relatively, shares and scores in their own unit."""


class MetricSpec(NamedTuple):
    """One built-in metric. `low` and `high` bound its values, None leaves a side open."""

    name: str
    unit: Unit
    low: float | None
    high: float | None
    source: str
    """The source whose coverage decides whether the metric is known."""
    windowed: bool
    """Whether the name carries a window of days: `logins_28d`."""
    additive: bool
    """Whether a window with gaps is scaled by periods / known periods."""
    kind: SpecKind
    needs: str | None
    """The key of `definitions` it cannot do without."""
    argument: bool
    means: str
    unknown_when: str
    events: bool
    """Whether it reads an event source, so that it can go stale."""
    default_window: int | None = None
    """Days meant when the name carries no window; None: the window must be written, or there is none."""
    instead: str | None = None
    """A source that tells it where `source` is not given."""
    beside: str | None = None
    """A second source that it cannot do without."""


EVENT_SOURCES = frozenset({"usage", "measures", "tickets", "surveys", "touchpoints"})
"""Sources of things that happen; a metric of one of them can go stale."""
