"""The rule file as it is written, key by key."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

NAME = r"^[a-z][a-z0-9_]{0,62}$"
Name = Annotated[str, Field(pattern=NAME)]


class _Model(BaseModel):
    # Built with the model that holds them, not one by one at import.
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


def condition_tag(value: Any) -> str | None:
    """Which of the written forms of a condition this is; tags are no words of the file."""
    if isinstance(value, str):
        return "written"
    if isinstance(value, dict):
        for key, tag in (("all", "every"), ("any", "some"), ("at_least", "several"), ("not", "negation")):
            if key in value:
                return tag
    if isinstance(value, _Model):
        return {AllOf: "every", AnyOf: "some", AtLeastOf: "several", NotOf: "negation"}.get(type(value))
    return None


Condition = Annotated[
    Annotated[str, Tag("written")]
    | Annotated["AllOf", Tag("every")]
    | Annotated["AnyOf", Tag("some")]
    | Annotated["AtLeastOf", Tag("several")]
    | Annotated["NotOf", Tag("negation")],
    Discriminator(condition_tag),
]
Conditions = Annotated[list[Condition], Field(min_length=1)]


class AllOf(_Model):
    """Every one of the conditions holds."""

    all: Annotated[Conditions, Field(description="Conditions that must all hold.")]


class AnyOf(_Model):
    """One of the conditions holds."""

    any: Annotated[Conditions, Field(description="Conditions of which one must hold.")]


class AtLeastOf(_Model):
    """At least so many of the conditions hold."""

    at_least: Annotated[int, Field(ge=1, description="How many of the conditions must hold.")]
    of: Annotated[Conditions, Field(description="The conditions that are counted.")]


class NotOf(_Model):
    """The condition does not hold."""

    not_: Annotated[Condition, Field(alias="not", description="The condition that must not hold.")]


Amount = int | float | str
Time = Annotated[
    int | str, Field(description='Whole weeks: "2 weeks", or "2 of 3 weeks" where a count is meant.')
]


class ThresholdFile(_Model):
    """A named number that differs by an attribute of the account."""

    default: Annotated[Amount, Field(description="The number for all other accounts: 5, -30%, 14 days.")]
    by: Annotated[str | None, Field(description="The account attribute that decides, e.g. industry.")] = None
    values: Annotated[dict[str, Amount], Field(description="The number per value of that attribute.")] = {}


def threshold_tag(value: Any) -> str:
    return "graded" if isinstance(value, dict | ThresholdFile) else "plain"


AnyThreshold = Annotated[
    Annotated[int | float | str, Tag("plain")] | Annotated[ThresholdFile, Tag("graded")],
    Discriminator(threshold_tag),
]


class MetricFile(_Model):
    """A metric of this rule set: one kind (count, sum, …, formula) with what it reads."""

    count: Annotated[str | None, Field(description="Counts the rows of a source: usage.")] = None
    sum: Annotated[str | None, Field(description="Adds up a column: usage.count.")] = None
    mean: Annotated[str | None, Field(description="Mean of a column: tickets.satisfaction.")] = None
    median: Annotated[str | None, Field(description="Median of a column.")] = None
    max: Annotated[str | None, Field(description="Largest value of a column.")] = None
    min: Annotated[str | None, Field(description="Smallest value of a column.")] = None
    distinct: Annotated[str | None, Field(description="Different values of a column: usage.feature.")] = None
    share_of: Annotated[
        str | None, Field(description="Share of a source's rows that fit `where`, among those that fit `of`.")
    ] = None
    latest: Annotated[str | None, Field(description="The newest value of a column: measures.seats.")] = None
    days_since: Annotated[str | None, Field(description="Days since the newest row of a source.")] = None
    formula: Annotated[
        str | None, Field(description="Arithmetic over other metrics: minutes_28d / active_users_28d.")
    ] = None
    where: Annotated[Condition | None, Field(description='Which rows: event is "workflow_completed".')] = None
    of: Annotated[Condition | None, Field(description="The whole that share_of divides by.")] = None
    window: Annotated[int | str | None, Field(description="Days the metric looks back: 28d.")] = None
    unit: Annotated[
        str | None,
        Field(description="count, days, weeks, hours, minutes, share, points, money or number."),
    ] = None
    means: Annotated[str | None, Field(description="What it says, for readers.")] = None


def was_tag(value: Any) -> str:
    return "several" if isinstance(value, list) else "one"


Was = Annotated[
    Annotated[Name, Tag("one")] | Annotated[list[Name], Tag("several")],
    Discriminator(was_tag),
]


class SegmentFile(_Model):
    """A segment or flag: how an account enters and leaves it."""

    name: Annotated[Name, Field(description="Small letters, digits and _.")]
    was: Annotated[
        Was | None,
        Field(description="What it was called before, newest first: its accounts keep their weeks in it."),
    ] = None
    status: Annotated[
        Literal["live", "trial"],
        Field(description="trial: worked out and reported, but nobody acts on it."),
    ] = "live"
    means: Annotated[str, Field(description="What it says, for readers.")] = ""
    playbook: Annotated[str | None, Field(description="What to do about it: a name under playbooks.")] = None
    enter: Annotated[Condition, Field(description="The condition for coming in.")]
    exit: Annotated[
        Condition | None, Field(description="The condition for leaving. Default: enter no longer holds.")
    ] = None
    at_once: Annotated[
        Condition | None, Field(description="A part of enter that lets an account in without waiting.")
    ] = None
    enter_after: Annotated[Time, Field(description="How long enter must hold: 2 weeks, 2 of 3 weeks.")] = 1
    exit_after: Annotated[Time, Field(description="How long exit must hold: 3 weeks.")] = 1
    min_stay: Annotated[Time, Field(description="Shortest stay: 4 weeks.")] = 0
    cooldown: Annotated[Time, Field(description="How long after leaving it cannot be entered again.")] = 0
    max_gap: Annotated[Time, Field(description="Unknown weeks in a row after which waiting starts anew.")] = 4
    expire_after: Annotated[Time, Field(description="Weeks of an unknown exit after which it ends.")] = 8


class VariantFile(_Model):
    """What is different for some accounts."""

    when: Annotated[Condition, Field(description="For which accounts.")]
    due: Annotated[str | None, Field(description="By when to start: 1 day.")] = None
    effort: Annotated[str | None, Field(description="How much work it is: 90 minutes.")] = None
    owner: Annotated[str | None, Field(description="Who does it.")] = None
    touch: Annotated[str | None, Field(description="How: call, e-mail, in product.")] = None
    say: Annotated[str | None, Field(description="What to say to these accounts.")] = None


class EscalateFile(_Model):
    """When somebody else has to hear of it."""

    to: Annotated[str, Field(description="Who.")]
    when: Annotated[Condition, Field(description="When.")]


class PlaybookFile(_Model):
    """What to do about an account of a segment."""

    goal: Annotated[str, Field(description="What shall be true afterwards.")] = ""
    success: Annotated[Condition | None, Field(description="The condition that says it worked.")] = None
    within: Annotated[str, Field(description="Time until success is judged: 6 weeks.")] = ""
    owner: Annotated[str, Field(description="Who does it: csm, support.")] = ""
    due: Annotated[str, Field(description="By when to start: 2 days.")] = ""
    effort: Annotated[str, Field(description="How much work it is: 90 minutes.")] = ""
    steps: Annotated[list[str], Field(description="What to do, in order.")] = []
    escalate: Annotated[EscalateFile | None, Field(description="To whom and when it goes up.")] = None
    variants: Annotated[list[VariantFile], Field(description="What differs for some accounts.")] = []


class LeftOutFile(_Model):
    """A known incident that must not excuse the next one."""

    account: Annotated[str | int, Field(description="The account_id.")]
    from_: Annotated[str, Field(alias="from", description="First day: 2025-03-01.")]
    to: Annotated[str, Field(description="Last day.")]


class BaselinesFile(_Model):
    """How expected values are worked out."""

    peer_excuse: Annotated[
        Literal["always", "seasonal_only", "off"],
        Field(
            description="Whether a fall that all peers share is expected: always (a group that falls unlike"
            " last years is announced instead), only as far as it did in last years, or off."
        ),
    ] = "always"
    min_volume: Annotated[
        int | float, Field(ge=0, description="Counts per week under which nothing is compared.")
    ] = 5
    exclude_history: Annotated[
        list[LeftOutFile], Field(description="Incidents that later weeks are not compared with.")
    ] = []


class RuleFile(_Model):
    """A rule set: segments in order of precedence, dimensions, flags, playbooks."""

    version: Annotated[int, Field(ge=1, description="Version of this rule set; raise it when you change it.")]
    name: Annotated[Name, Field(description="Name of the rule set.")]
    means: Annotated[str, Field(description="What it is for, for readers.")] = ""
    review_by: Annotated[
        str | None, Field(description="The day by which somebody looks at the criteria again: 2027-03-31.")
    ] = None
    peers: Annotated[list[str], Field(description="Account attributes by which accounts are compared.")] = []
    baselines: Annotated[
        BaselinesFile, Field(description="How expected values are worked out: .vs_expected and its kin.")
    ] = BaselinesFile()
    thresholds: Annotated[dict[Name, AnyThreshold], Field(description="Named numbers, used as $name.")] = {}
    conditions: Annotated[
        dict[Name, Condition], Field(description="Named conditions, usable in every segment.")
    ] = {}
    metrics: Annotated[
        dict[Name, MetricFile], Field(description="Metrics in addition to the built-in ones.")
    ] = {}
    segments: Annotated[
        list[SegmentFile], Field(min_length=1, description="Segments in order of precedence.")
    ]
    otherwise: Annotated[Name, Field(description="The segment of accounts that no rule fits.")] = (
        "needs_review"
    )
    dimensions: Annotated[
        dict[Name, Annotated[list[SegmentFile], Field(min_length=1)]],
        Field(description="Further lists of segments, each with its own first match."),
    ] = {}
    flags: Annotated[list[SegmentFile], Field(description="Segments that stand alone.")] = []
    playbooks: Annotated[dict[Name, PlaybookFile], Field(description="What to do, by name.")] = {}


def ruleset_json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a rule file, for editors."""
    schema = RuleFile.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "segkit rule set"}
