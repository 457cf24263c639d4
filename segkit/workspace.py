"""segkit.yaml to a workspace: where its files are, how its exports are written, what its words mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag, field_validator

from segkit.capacity import NOBODY_COUNTS, CapacityFile
from segkit.columns import SOURCES
from segkit.errors import ConfigError, Place, Problem
from segkit.facts.excluding import Entry, ExcludeEntry, Retention, entry_faults, from_file
from segkit.facts.identity.settings import AS_USUAL, IdentityConfig
from segkit.facts.mapping import SourceConfig, mapping_faults
from segkit.limits import AS_USUAL as USUAL_LIMITS
from segkit.limits import GuardsFile, source_faults
from segkit.periods import WEEKDAYS, Calendar
from segkit.resources import shipped_rules
from segkit.ruleset.health import health_parts
from segkit.ruleset.model import Definitions, RuleSet, Selection
from segkit.ruleset.shape import shaped
from segkit.ruleset.suggest import did_you_mean
from segkit.yamltext import Loc, YamlDoc, read_yaml

FILE = "segkit.yaml"
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


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace with every path made whole."""

    root: Path
    file: Path
    name: str
    calendar: Calendar
    timezone: str
    rules: Path
    exports: Path
    state: Path
    out: Path
    sources: Mapping[str, SourceConfig]
    definitions: Definitions
    identity: IdentityConfig = AS_USUAL
    quiet_days: int = 2
    snapshot_grace: int = 3
    exclude: tuple[Entry, ...] = ()
    retention: Retention | None = None
    keep: int | None = None
    """How many published runs stay; None: all."""
    shown: frozenset[str] = frozenset()
    """Personal columns whose values messages may quote, as `usage.user_id`."""
    pseudonymise: bool = False
    """Whether outputs name accounts and employees by pseudonyms only."""
    guards: GuardsFile = USUAL_LIMITS
    capacity: CapacityFile = NOBODY_COUNTS
    topics: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Topic -> its words."""
    limited: Mapping[str, Place] = field(default_factory=dict)
    """Segment -> where `guards:` names it."""


def open_workspace(path: Path | None = None) -> Workspace:
    """The workspace at `path` (a folder or its segkit.yaml), else of the current folder or a parent.

    Raises: ConfigError with every problem of the file.
    """
    file = _find(path)
    doc = read_yaml(file)
    written, problems = shaped(WorkspaceFile, doc, "S110")
    if written is None:
        raise ConfigError(problems)
    calendar = Calendar(written.period, WEEKDAYS.index(written.week_ends))
    problems += [*_source_problems(doc, written, calendar), *_exclude_problems(doc, written)]
    problems += _privacy_problems(doc, written)
    problems += _guard_problems(doc, written)
    definitions = _definitions(written.definitions, doc, calendar, problems)
    rules = _rules(file.parent, written.rules, doc, problems)
    if problems:
        raise ConfigError(sorted(problems, key=_place))
    root = file.parent
    return Workspace(
        root=root,
        file=file,
        name=written.name,
        calendar=calendar,
        timezone=written.timezone,
        rules=rules,
        exports=root / written.exports,
        state=root / written.state,
        out=root / written.out,
        sources=written.sources,
        definitions=definitions,
        identity=written.identity,
        quiet_days=written.quiet_days,
        snapshot_grace=written.snapshot_grace,
        retention=None if written.retention is None else Retention.read(written.retention),
        keep=written.keep,
        shown=frozenset(written.privacy.show),
        pseudonymise=written.privacy.pseudonymise,
        exclude=from_file(
            written.exclude, [doc.place(("exclude", at)) for at in range(len(written.exclude))]
        ),
        guards=written.guards,
        capacity=written.capacity,
        topics=written.topics,
        limited={name: doc.place(("guards", "segments", name), key=True) for name in written.guards.segments},
    )


def rule_arguments(workspace: Workspace) -> Mapping[str, Any]:
    """What the rules of this workspace may speak about: keyword arguments of check_rules."""
    accounts = workspace.sources.get("accounts")
    return {
        "calendar": workspace.calendar,
        "definitions": workspace.definitions,
        "attributes": dict(accounts.attributes) if accounts else {},
        "columns": {name: dict(source.attributes) for name, source in workspace.sources.items()},
        "sources": set(workspace.sources),
    }


def workspace_json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of segkit.yaml, for editors."""
    schema = WorkspaceFile.model_json_schema()
    names = {"propertyNames": {"enum": sorted(SOURCES)}}
    schema["properties"]["sources"] |= names
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "segkit workspace"}


def _find(path: Path | None) -> Path:
    if path is not None:
        file = path if path.is_file() else path / FILE
        if file.is_file():
            return file.resolve()
        hint = "segkit init makes one" if path.is_dir() or not path.exists() else None
        raise ConfigError(Problem("S104", f"there is no {FILE} in {path}", hint=hint))
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / FILE).is_file():
            return folder / FILE
    hint = "name the folder of your workspace, or make one with segkit init"
    raise ConfigError(Problem("S104", f"there is no {FILE} here or in a folder above", hint=hint))


def _rules(root: Path, written: str, doc: YamlDoc, problems: list[Problem]) -> Path:
    """The rule file; a missing one is noted where it is named."""
    place = doc.place(("rules",))
    if written.startswith(SHIPPED):
        try:
            return shipped_rules(written.removeprefix(SHIPPED))
        except ConfigError as error:
            problems += [Problem(p.code, p.what, place, p.hint) for p in error.problems]
            return root
    path = root / written
    if not path.is_file():
        folder = path.parent
        near = [str(f.relative_to(root)) for f in folder.glob("*.y*ml")] if folder.is_dir() else []
        hint = did_you_mean(written, near) or f"write {SHIPPED}saas for the packaged rules"
        problems.append(Problem("S104", f"there is no rule file {written}", place, hint))
    return path


def _source_problems(doc: YamlDoc, written: WorkspaceFile, calendar: Calendar) -> Iterator[Problem]:
    for name, config in written.sources.items():
        loc: Loc = ("sources", name)
        if name not in SOURCES:
            meant = did_you_mean(name, SOURCES) or f"sources: {', '.join(SOURCES)}"
            yield Problem("S110", f"no source is called '{name}'", doc.place(loc, key=True), meant)
            continue
        for inner, what, hint in mapping_faults(name, config):
            yield Problem("S110", what, doc.place((*loc, *inner), key=True), hint)
        for number, day in enumerate(config.no_outage):
            period = calendar.index(day)
            if calendar.end(period) != day:
                what = f"{day} is not the last day of a {calendar.unit}"
                hint = f"write {calendar.end(period - 1)} or {calendar.end(period)}"
                yield Problem("S110", what, doc.place((*loc, "no_outage", number)), hint)


def _exclude_problems(doc: YamlDoc, written: WorkspaceFile) -> Iterator[Problem]:
    for at, entry in enumerate(written.exclude):
        for what, hint in entry_faults(entry):
            yield Problem("S110", what, doc.place(("exclude", at)), hint)


def _privacy_problems(doc: YamlDoc, written: WorkspaceFile) -> Iterator[Problem]:
    columns = {
        f"{name}.{column}"
        for name, source in SOURCES.items()
        for column in [*(each.name for each in source.columns), *_declared(written.sources.get(name))]
    }
    if written.privacy.pseudonymise and written.privacy.show:
        what = "pseudonymise and show contradict each other: one names nobody, the other somebody"
        yield Problem("S110", what, doc.place(("privacy", "show"), key=True), "leave one of them out")
    for at, column in enumerate(written.privacy.show):
        if column not in columns:
            hint = did_you_mean(column, sorted(columns)) or "write source.column, e.g. usage.user_id"
            yield Problem("S110", f"no column is called '{column}'", doc.place(("privacy", "show", at)), hint)


def _declared(config: SourceConfig | None) -> list[str]:
    return [] if config is None else [*config.attributes, *config.keys]


def _guard_problems(doc: YamlDoc, written: WorkspaceFile) -> Iterator[Problem]:
    for inner, what, hint in source_faults(written.guards, written.sources):
        meant = did_you_mean(inner[-1], written.sources) if len(inner) == 2 else None
        known = f"sources: {', '.join(written.sources)}"
        yield Problem("S110", what, doc.place(("guards", *inner), key=True), hint or meant or known)


def limit_problems(workspace: Workspace, rules: RuleSet | None) -> list[Problem]:
    """Limits of segments that the rules do not have; none where these could not be read."""
    if rules is None:
        return []
    named = [*(each.name for each in rules.segments), *(each.otherwise for each in rules.dimensions)]
    segments = list(dict.fromkeys(named))
    return [
        Problem(
            "S110",
            f"no segment is called '{name}'",
            place,
            did_you_mean(name, segments) or f"segments: {', '.join(segments)}",
        )
        for name, place in workspace.limited.items()
        if name not in segments
    ]


def _definitions(
    written: DefinitionsFile, doc: YamlDoc, calendar: Calendar, problems: list[Problem]
) -> Definitions:
    parts = {key: (part.weight, part.worst, part.best) for key, part in written.health_score.items()}
    health, found = health_parts(doc, ("definitions", "health_score"), parts, calendar)
    problems += found
    login = written.login
    return Definitions(
        login=login.selection() if isinstance(login, SelectionFile) else login,
        activity=written.activity.selection(),
        core_workflow=written.core_workflow.selection() if written.core_workflow else None,
        core_features=None if written.core_features is None else tuple(written.core_features),
        advanced_features=None if written.advanced_features is None else tuple(written.advanced_features),
        expected_milestones=written.expected_milestones,
        first_value=written.first_value,
        positive_topics=tuple(written.positive_topics),
        health_score=health,
    )


def _place(problem: Problem) -> tuple[int, int]:
    where = problem.where
    return (where.line or 0, where.column or 0) if where else (0, 0)
