"""Every built-in metric and view: its unit, its range, what it reads and when it is unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

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


@dataclass(frozen=True, slots=True)
class MetricSpec:
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


USAGE_GAP = "usage does not cover the window"
EVENT_SOURCES = frozenset({"usage", "measures", "tickets", "surveys", "touchpoints"})


def _spec(
    name: str,
    unit: Unit,
    source: str,
    kind: SpecKind,
    means: str,
    unknown_when: str,
    *,
    windowed: bool = False,
    additive: bool = False,
    low: float | None = 0.0,
    high: float | None = None,
    needs: str | None = None,
    argument: bool = False,
    window: int | None = None,
) -> MetricSpec:
    return MetricSpec(
        name=name,
        unit=unit,
        low=low,
        high=high,
        source=source,
        windowed=windowed,
        additive=additive,
        kind=kind,
        needs=needs,
        argument=argument,
        means=means,
        unknown_when=unknown_when,
        events=source in EVENT_SOURCES,
        default_window=window,
    )


def _usage(name: str, means: str, *, needs: str | None = None, additive: bool = False) -> MetricSpec:
    """A count of usage over a window of days."""
    return _spec(
        name, "count", "usage", "count", means, USAGE_GAP, windowed=True, additive=additive, needs=needs
    )


_SPECS = (
    _usage("logins", "Logins, as `definitions: login` says.", needs="login", additive=True),
    _usage("sessions", "Different sessions (session_id).", additive=True),
    _usage("events", "Sum of `count` over activity.", additive=True),
    _usage("active_days", "Days with activity.", additive=True),
    _usage("active_users", "Different people with activity."),
    _spec(
        "minutes",
        "minutes",
        "usage",
        "count",
        "Minutes of use (seconds / 60).",
        "usage does not cover the window, or has no seconds",
        windowed=True,
        additive=True,
    ),
    _usage("features", "Different features used (breadth)."),
    _spec(
        "events_per_user",
        "number",
        "usage",
        "level",
        "Events per active person.",
        "usage does not cover the window; missing when nobody was active",
        windowed=True,
    ),
    _spec(
        "minutes_per_session",
        "minutes",
        "usage",
        "level",
        "Minutes per session (depth).",
        "usage does not cover the window; missing without a session",
        windowed=True,
    ),
    _spec(
        "core_adoption",
        "share",
        "usage",
        "share",
        "Share of the core features that were used.",
        USAGE_GAP,
        windowed=True,
        high=1.0,
        needs="core_features",
    ),
    _usage("advanced_features", "Different advanced features used.", needs="advanced_features"),
    _usage("core_workflows", "Core workflows completed.", needs="core_workflow", additive=True),
    _spec(
        "top_feature_share",
        "share",
        "usage",
        "share",
        "Share of the most used feature in all events with a feature.",
        "usage does not cover the window; missing without such an event",
        windowed=True,
        high=1.0,
    ),
    _usage("features_dropped", "Features used in the window before and not in this one."),
    _spec(
        "days_to_feature",
        "days",
        "usage",
        "level",
        "Days from signup to the first use of a feature.",
        "missing while it was never used, or signup lies before the data",
        argument=True,
    ),
    _spec(
        "variation_12w",
        "number",
        "usage",
        "level",
        "Standard deviation of weekly events over 12 weeks, relative to their mean.",
        "fewer than 12 known weeks; missing when the mean is 0",
    ),
    _spec(
        "active_weeks_12w",
        "count",
        "usage",
        "count",
        "Weeks with activity among the last 12.",
        "usage does not cover all 12 weeks",
        high=12.0,
    ),
    _spec(
        "weeks_since_active",
        "weeks",
        "usage",
        "level",
        "Whole covered, unpaused weeks since the last activity, else since the later of signup and the first"
        " data.",
        "an uncovered or paused week without activity; an account older than the data in its first 4 weeks",
    ),
    _spec(
        "tenure_days",
        "days",
        "accounts",
        "level",
        "Days since signup at the end of the week.",
        "missing without a signup date or a first event",
    ),
    _spec(
        "days_to_renewal",
        "days",
        "accounts",
        "level",
        "Days until the next renewal; negative once it has passed.",
        "missing without a renewal date",
        low=None,
    ),
    _spec("notice_given", "truth", "accounts", "truth", "Notice was given by the end of the week.", "never"),
    _spec(
        "seats_used",
        "share",
        "accounts",
        "share",
        "People active in 28 days per seat; over 1 when more than paid for.",
        "missing without seats; usage does not cover 28 days",
    ),
    _spec(
        "plan_limit_used",
        "share",
        "accounts",
        "share",
        "Events of 28 days per plan limit.",
        "missing without a plan limit; usage does not cover 28 days",
    ),
    _spec("arr", "money", "accounts", "level", "Yearly recurring revenue.", "missing when it is empty"),
    _spec(
        "arr_change",
        "share",
        "accounts",
        "share",
        "ARR against that at the start of the window (364 days unless said), minus 1.",
        "missing without an ARR at the start of the window",
        windowed=True,
        low=-1.0,
        window=364,
    ),
    _spec(
        "payments_overdue",
        "count",
        "payments",
        "count",
        "Payments that are due and not paid at the end of the week.",
        "payments do not cover the week",
    ),
    _spec(
        "departments_active",
        "count",
        "usage",
        "count",
        "Departments with an active person (28 days unless said).",
        "usage does not cover the window; missing without contacts that have a department",
        windowed=True,
        window=28,
    ),
    _spec(
        "key_users_left",
        "count",
        "contacts",
        "count",
        "Key people deactivated within the window (90 days unless said).",
        "missing without contacts",
        windowed=True,
        window=90,
    ),
    _spec(
        "tickets",
        "count",
        "tickets",
        "count",
        "Tickets opened.",
        "tickets do not cover the window",
        windowed=True,
        additive=True,
    ),
    _spec(
        "open_tickets",
        "count",
        "tickets",
        "count",
        "Tickets open at the end of the week.",
        "tickets do not cover the week",
    ),
    _spec(
        "repeat_topic_tickets",
        "count",
        "tickets",
        "count",
        "Most tickets on one topic.",
        "tickets do not cover the window",
        windowed=True,
    ),
    _spec(
        "median_resolution_hours",
        "hours",
        "tickets",
        "level",
        "Median hours from opening to resolution of the tickets resolved in the window.",
        "tickets do not cover the window; missing when none was resolved",
        windowed=True,
    ),
    _spec(
        "escalations",
        "count",
        "tickets",
        "count",
        "Escalated tickets opened.",
        "tickets do not cover the window",
        windowed=True,
        additive=True,
    ),
    _spec(
        "positive_tickets",
        "count",
        "tickets",
        "count",
        "Tickets with a satisfaction of 4 or more, or of a positive topic.",
        "tickets do not cover the window",
        windowed=True,
        additive=True,
    ),
    _spec(
        "nps_latest",
        "points",
        "surveys",
        "score",
        "The newest NPS answer, 0 to 10 (valid for 180 days unless said).",
        "surveys do not cover the week; missing when never answered in the window",
        windowed=True,
        high=10.0,
        window=180,
    ),
    _spec(
        "csat_mean",
        "points",
        "surveys",
        "score",
        "Mean CSAT score of the window (180 days unless said).",
        "surveys do not cover the window; missing without an answer",
        windowed=True,
        window=180,
    ),
    _spec(
        "response_rate",
        "share",
        "surveys",
        "share",
        "Share of known people who answered a survey in the window (180 days unless said).",
        "surveys do not cover the window; missing without contacts",
        windowed=True,
        high=1.0,
        window=180,
    ),
    _spec(
        "days_since_touchpoint",
        "days",
        "touchpoints",
        "level",
        "Days since the last touchpoint that was held.",
        "touchpoints do not cover the week; missing when there was never one",
    ),
    _spec(
        "missed_touchpoints",
        "count",
        "touchpoints",
        "count",
        "Touchpoints missed or without an answer (90 days unless said).",
        "touchpoints do not cover the window",
        windowed=True,
        additive=True,
        window=90,
    ),
    _spec(
        "milestones_done",
        "count",
        "milestones",
        "count",
        "Different milestones completed so far.",
        "milestones do not cover the week",
    ),
    _spec(
        "milestones_overdue",
        "count",
        "milestones",
        "count",
        "Expected milestones that are past their day and not completed.",
        "milestones do not cover the week; missing without a signup date",
        needs="expected_milestones",
    ),
    _spec(
        "days_to_first_value",
        "days",
        "milestones",
        "level",
        "Days from signup to the first value, as `definitions: first_value` says.",
        "missing before it is reached, or without a signup date",
        needs="first_value",
    ),
    _spec(
        "health_score",
        "points",
        "usage",
        "score",
        "Weighted mean of the declared parts, 0 to 100.",
        "no part is known",
        high=100.0,
        needs="health_score",
    ),
)

METRICS: Mapping[str, MetricSpec] = {spec.name: spec for spec in _SPECS}

LEVEL_VIEWS = ("previous", "last_year")
"""The metric itself, at another time: in its own unit."""
CHANGE_VIEWS = ("change", "vs_last_year")
"""x / base - 1 for counts and levels, x - base for shares and scores."""
BASELINE_VIEWS = ("expected", "vs_expected", "z_score", "vs_usual", "peers", "vs_peers")
"""Known words that cannot be computed yet."""
VIEWS = (*LEVEL_VIEWS, *CHANGE_VIEWS, "delta", "percentile")


@dataclass(frozen=True, slots=True)
class Shape:
    """What the values of an operand look like: unit and bounds."""

    unit: str
    """A Unit."""
    low: float | None = None
    high: float | None = None


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
