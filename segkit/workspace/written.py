"""segkit.yaml as it is written: every key with its kind, its default and a sentence about it."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag, field_validator

from segkit.capacity import NOBODY_COUNTS, CapacityFile
from segkit.columns import SOURCES
from segkit.facts.excluding import ExcludeEntry, Retention
from segkit.facts.identity.settings import AS_USUAL, IdentityConfig
from segkit.facts.mapping import SourceConfig
from segkit.limits import AS_USUAL as USUAL_LIMITS
from segkit.limits import GuardsFile
from segkit.ruleset.model import Selection

SHIPPED = "shipped:"
"""Before the name of a packaged rule set."""

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class SelectionFile(_Model):
    """Which usage rows are meant."""

    events: Annotated[list[str] | None, Field(description="Event names that count. Default: all.")] = None
    features: Annotated[list[str] | None, Field(description="Feature names that count. Default: all.")] = None
    except_events: Annotated[list[str], Field(description="Event names that never count.")] = []

    def selection(self) -> Selection:
        return Selection(
            None if self.events is None else tuple(self.events),
            None if self.features is None else tuple(self.features),
            tuple(self.except_events),
        )


def _word(value: str) -> str:
    if not value.removesuffix("*").strip() or "*" in value[:-1]:
        raise ValueError(f"'{value}' is no word of a topic; write a word or two, or price* for any ending")
    return value


Word = Annotated[str, AfterValidator(_word)]


def _login_tag(value: Any) -> str:
    """Which way a login is defined, so that a mistake is told once."""
    return "rows" if isinstance(value, dict | SelectionFile) else "word"


class HealthFile(_Model):
    """One part of the health score."""

    weight: Annotated[float, Field(gt=0, description="How much it counts.")] = 1.0
    worst: Annotated[int | float | str, Field(description="The value that scores 0: -50%.")]
    best: Annotated[int | float | str, Field(description="The value that scores 100: 0%.")]


class DefinitionsFile(_Model):
    """What this workspace's words mean."""

    login: Annotated[
        Annotated[Literal["active_day"] | None, Tag("word")] | Annotated[SelectionFile, Tag("rows")],
        Discriminator(_login_tag),
        Field(description="What a login is: {events: [login]}, or active_day where logins are not exported."),
    ] = None
    activity: Annotated[
        SelectionFile, Field(description="What use of the product is: {except_events: [email_opened]}.")
    ] = SelectionFile()
    core_workflow: Annotated[
        SelectionFile | None, Field(description="The work customers bought it for: {events: [...]}.")
    ] = None
    core_features: Annotated[
        list[str] | None, Field(description="Features a customer must use to get the value.")
    ] = None
    advanced_features: Annotated[list[str] | None, Field(description="Features of advanced use.")] = None
    expected_milestones: Annotated[
        dict[str, int], Field(description="Milestone: days after signup by which it is expected.")
    ] = {}
    first_value: Annotated[
        str | None, Field(description="The milestone of first value. Default: the first core workflow.")
    ] = None
    positive_topics: Annotated[
        list[str], Field(description="Kinds or topics of tickets that are good news.")
    ] = []
    health_score: Annotated[
        dict[str, HealthFile], Field(description="Metric: {weight, worst, best}, the parts of health_score.")
    ] = {}


class PrivacyFile(_Model):
    """What may be seen of people."""

    show: Annotated[
        list[str],
        Field(description="Personal columns whose values messages may quote: [usage.user_id]."),
    ] = []
    pseudonymise: Annotated[
        bool, Field(description="Whether outputs name accounts and CSMs by pseudonyms only.")
    ] = False


class WorkspaceFile(_Model):
    """segkit.yaml: where the exports are, how they are written and what their words mean."""

    version: Annotated[Literal[1], Field(description="Version of this file's form.")]
    name: Annotated[str, Field(min_length=1, description="Name shown in reports.")]
    timezone: Annotated[str, Field(description="Zone in which days begin: Europe/Berlin.")] = "UTC"
    period: Annotated[
        Literal["week", "month", "day"], Field(description="How often accounts are assigned.")
    ] = "week"
    week_ends: Annotated[Weekday, Field(description="The last day of a week.")] = "sunday"
    rules: Annotated[
        str, Field(min_length=1, description="The rule file, or shipped:saas for the packaged one.")
    ] = f"{SHIPPED}saas"
    exports: Annotated[str, Field(min_length=1, description="Folder of the exports.")] = "exports"
    state: Annotated[str, Field(min_length=1, description="Folder segkit remembers in.")] = "state"
    out: Annotated[str, Field(min_length=1, description="Folder of results.")] = "out"
    quiet_days: Annotated[
        int, Field(ge=0, le=31, description="Days without usage that may end an export.")
    ] = 2
    snapshot_grace: Annotated[
        int,
        Field(ge=0, le=31, description="Days after a week's end within which a CRM export speaks for it."),
    ] = 3
    sources: Annotated[
        dict[str, SourceConfig], Field(min_length=1, description="The exports, by what they hold.")
    ]
    exclude: Annotated[
        list[ExcludeEntry],
        Field(description="What is left out on purpose, each with a reason that is counted."),
    ] = []
    identity: Annotated[IdentityConfig, Field(description="How ids find their account.")] = AS_USUAL
    retention: Annotated[
        str | None, Field(description="How long rows may be used: 36 months. Default: for ever.")
    ] = None
    keep: Annotated[
        int | None,
        Field(ge=2, description="How many published runs stay, and how many replays. Default: all."),
    ] = None
    privacy: Annotated[PrivacyFile, Field(description="What messages and results may show.")] = PrivacyFile()
    definitions: Annotated[DefinitionsFile, Field(description="What your words mean.")] = DefinitionsFile()
    guards: Annotated[
        GuardsFile, Field(description="From when on a run is not published before somebody has looked.")
    ] = USUAL_LIMITS
    capacity: Annotated[CapacityFile, Field(description="How many hours a week people have for tasks.")] = (
        NOBODY_COUNTS
    )

    topics: Annotated[
        dict[str, Annotated[list[Word], Field(min_length=1)]],
        Field(description="Topic: words of comments and tickets that are about it; price* for any ending."),
    ] = {}

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"no time zone is called '{value}'; write e.g. Europe/Berlin") from error
        return value

    @field_validator("retention")
    @classmethod
    def _a_time(cls, value: str | None) -> str | None:
        if value is not None:
            Retention.read(value)
        return value


def workspace_json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of segkit.yaml, for editors."""
    schema = WorkspaceFile.model_json_schema()
    names = {"propertyNames": {"enum": sorted(SOURCES)}}
    schema["properties"]["sources"] |= names
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "segkit workspace"}
