"""segkit.yaml to a workspace: where its files are, how its exports are written, what its words mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from segkit.capacity import NOBODY_COUNTS, CapacityFile
from segkit.errors import ConfigError, Place, Problem, in_order
from segkit.facts.excluding import Entry, Retention, from_file
from segkit.facts.identity.settings import AS_USUAL, IdentityConfig
from segkit.facts.mapping import SourceConfig
from segkit.limits import AS_USUAL as USUAL_LIMITS
from segkit.limits import GuardsFile
from segkit.periods import WEEKDAYS, Calendar
from segkit.resources import FILE, shipped_rules
from segkit.ruleset.health import health_parts
from segkit.ruleset.model import Definitions, RuleSet
from segkit.ruleset.shape import shaped
from segkit.ruleset.suggest import did_you_mean
from segkit.workspace.faults import faults
from segkit.workspace.written import SHIPPED, DefinitionsFile, SelectionFile, WorkspaceFile
from segkit.yamltext import YamlDoc, read_yaml


class Workspace(Struct, frozen=True):
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
    problems += faults(doc, written, calendar)
    definitions = _definitions(written.definitions, doc, calendar, problems)
    rules = _rules(file.parent, written.rules, doc, problems)
    if problems:
        raise ConfigError(in_order(problems))
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


def limit_problems(workspace: Workspace, rules: RuleSet | None) -> list[Problem]:
    """Limits of segments that the rules do not have; none where these could not be read."""
    if rules is None:
        return []
    named = [*(each.name for each in rules.segments), *(each.otherwise for each in rules.dimensions)]
    segments, renamed = list(dict.fromkeys(named)), rules.renamed
    return [
        Problem(
            "S110",
            f"no segment is called '{name}'",
            place,
            (name in renamed and f"it is called {renamed[name]} now")
            or did_you_mean(name, segments)
            or f"segments: {', '.join(segments)}",
        )
        for name, place in workspace.limited.items()
        if name not in segments
    ]


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
