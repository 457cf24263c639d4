"""A rule set as it will run: resolved, frozen, without a trace of how it was written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

from msgspec import Struct, field

from segkit.periods import Calendar
from segkit.ruleset.expr import NOWHERE, Condition, Metric, Operand, Span, Spanned

MAIN = "segments"
"""The main dimension."""
FLAGS = "flags"
"""What transitions and sizes call the place of flags; not a dimension, each flag stands alone."""

PeerExcuse = Literal["always", "seasonal_only", "off"]
MetricKind = Literal[
    "count", "sum", "mean", "median", "max", "min", "distinct", "share_of", "latest", "days_since", "formula"
]


class Selection(Struct, frozen=True):
    """Which usage rows a definition means. `None` leaves a side open; `except_events` wins."""

    events: tuple[str, ...] | None = None
    features: tuple[str, ...] | None = None
    except_events: tuple[str, ...] = ()


class Definitions(Struct, frozen=True):
    """What this workspace calls a login, an activity, a core feature; read by the catalogue's metrics."""

    login: Selection | Literal["active_day"] | None = None
    activity: Selection = Selection()
    core_workflow: Selection | None = None
    core_features: tuple[str, ...] | None = None
    advanced_features: tuple[str, ...] | None = None
    expected_milestones: Mapping[str, int] = field(default_factory=dict)
    """Milestone -> days after signup by which it is expected."""
    first_value: str | None = None
    """The milestone that counts as first value; None: the first core workflow."""
    positive_topics: tuple[str, ...] = ()
    """Ticket kinds or topics that count as positive, beside a satisfaction of 4 or more."""
    health_score: Mapping[str, HealthPart] = field(default_factory=dict)


class HealthPart(Struct, frozen=True):
    """One part of the health score: a metric scaled linearly from `worst` (0) to `best` (1)."""

    metric: Metric
    weight: float
    worst: float
    best: float


class CustomMetric(Spanned, frozen=True):
    """A metric declared in the rule set.

    `column` is what is summed, averaged, counted distinct; `where` reads columns of `source` as Attribute
    operands; `of` is the whole that share_of divides by; `expression` is the formula over other metrics.
    """

    name: str
    kind: MetricKind
    source: str | None = None
    column: str | None = None
    where: Condition | None = None
    of: Condition | None = None
    window: int | None = None
    expression: Operand | None = None
    unit: str = "number"
    span: Span = NOWHERE


class Threshold(Struct, frozen=True):
    """A named number, possibly different by an attribute of the account."""

    name: str
    default: float
    by: str | None = None
    values: Mapping[str, float] = field(default_factory=dict)
    text: str = ""
    """The default as written, for printing."""
    unit: str | None = None


class Times(Struct, frozen=True):
    """True in `need` of the last `of` periods; `2 weeks` is (2, 2), `2 of 3 weeks` is (2, 3)."""

    need: int = 1
    of: int = 1


class Segment(Spanned, frozen=True):
    """One segment or flag. Timers are whole periods."""

    name: str
    enter: Condition
    exit: Condition | None = None
    at_once: Condition | None = None
    enter_after: Times = Times()
    exit_after: Times = Times()
    min_stay: int = 0
    cooldown: int = 0
    max_gap: int = 4
    expire_after: int = 8
    means: str = ""
    playbook: str | None = None
    was: tuple[str, ...] = ()
    """Names that it had before, the newest first."""
    trial_of: str = ""
    """The dimension, or `flags`, that it is tried for; empty for one that counts."""
    span: Span = NOWHERE


class Dimension(Struct, frozen=True):
    """Segments in order of precedence, and the name of the primary when none of them fits."""

    name: str
    segments: tuple[Segment, ...]
    otherwise: str = "none"


class Variant(Struct, frozen=True):
    when: Condition
    changes: Mapping[str, str]
    """due, effort, owner, touch, say: what this variant replaces."""


class Playbook(Struct, frozen=True):
    name: str
    goal: str = ""
    success: Condition | None = None
    within: str = ""
    owner: str = ""
    due: str = ""
    effort: str = ""
    steps: tuple[str, ...] = ()
    escalate_to: str = ""
    escalate_when: Condition | None = None
    variants: tuple[Variant, ...] = ()


class LeftOut(Struct, frozen=True):
    """A known incident of an account: days that later weeks are not compared with, ends included."""

    account: str
    first: date
    last: date


class Baselines(Struct, frozen=True):
    """How expected values are worked out."""

    peer_excuse: PeerExcuse = "always"
    """Whether what all peers do excuses an account: always, as far as it is seasonal, or never."""
    min_volume: float = 5.0
    """Counts per week in the reference under which there is no relative change."""
    exclude_history: tuple[LeftOut, ...] = ()


class Review(Spanned, frozen=True):
    """The day by which somebody looks at the rules again, and where it is written."""

    day: date
    span: Span = NOWHERE


class RuleSet(Struct, frozen=True):
    """Everything the engine needs to decide, and nothing about files.

    `dimensions[0]` is the main one (`segments`). `scan_order` names every segment and flag so that what
    `member()` and `weeks_in()` read comes first. `logic` is the fingerprint of what can change a decision.
    """

    name: str
    version: int
    dimensions: tuple[Dimension, ...]
    flags: tuple[Segment, ...] = ()
    thresholds: Mapping[str, Threshold] = field(default_factory=dict)
    conditions: Mapping[str, Condition] = field(default_factory=dict)
    metrics: Mapping[str, CustomMetric] = field(default_factory=dict)
    playbooks: Mapping[str, Playbook] = field(default_factory=dict)
    peers: tuple[str, ...] = ()
    baselines: Baselines = Baselines()
    definitions: Definitions = Definitions()
    calendar: Calendar = Calendar()
    scan_order: tuple[str, ...] = ()
    until: Mapping[str, Condition] = field(default_factory=dict)
    """Conditions that end an override, by their text; they stand in a list and are no part of the logic."""
    trials: tuple[Segment, ...] = ()
    """Segments and flags on trial: accounts are members of them, and nothing follows from it."""
    review_by: Review | None = None
    logic: str = ""
    path: str = ""

    @property
    def main(self) -> Dimension:
        return self.dimensions[0]

    @property
    def segments(self) -> tuple[Segment, ...]:
        """Every segment of every dimension, then the flags, in file order; then those on trial."""
        return (*(s for dimension in self.dimensions for s in dimension.segments), *self.flags, *self.trials)

    @property
    def renamed(self) -> dict[str, str]:
        """Old name -> name of today, of segments and flags."""
        return {old: segment.name for segment in self.segments for old in segment.was}
