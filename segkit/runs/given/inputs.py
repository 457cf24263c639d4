"""The first stages of every run: the rules and the facts of a workspace."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from segkit.engine import usage_fold
from segkit.errors import ConfigError, Problem
from segkit.facts.load import Loaded, load
from segkit.facts.quality.drift import drift
from segkit.facts.quality.late import late_rows
from segkit.facts.samples import Samples
from segkit.periods import Calendar
from segkit.reports.quality import weeks
from segkit.ruleset import check_rules
from segkit.ruleset.expr import Metric
from segkit.ruleset.model import RuleSet
from segkit.ruleset.named import RuleWords
from segkit.runs.folders.history import Past, Published
from segkit.runs.folders.keyfile import known, pseudonyms
from segkit.runs.given.asked import asked
from segkit.runs.given.places import placed, places
from segkit.runs.given.pseudonymous import without_people
from segkit.runs.given.seen import with_seen
from segkit.runs.given.suppression import erased_ids
from segkit.runs.guards.case import Delivery
from segkit.workspace import Workspace, limit_problems, rule_arguments


def read_rules(workspace: Workspace) -> tuple[RuleSet, tuple[Problem, ...]]:
    """The rule set and the warnings about it. Raises: ConfigError with every fault found."""
    rules, problems = check_rules(workspace.rules, **rule_arguments(workspace))
    problems += limit_problems(workspace, rules)
    errors = [problem for problem in problems if problem.severity == "error"]
    if rules is None or errors:
        raise ConfigError(with_seen(workspace, errors or problems))
    return replace(rules, until=asked(workspace, words_of(workspace, rules))), tuple(problems)


def words_of(workspace: Workspace, rules: RuleSet) -> RuleWords:
    """What rows of lists may name."""
    known = rule_arguments(workspace)
    return RuleWords(rules, known["attributes"], known["sources"])


def today(workspace: Workspace, now: datetime) -> date:
    """The day it is in the workspace's zone."""
    return now.astimezone(ZoneInfo(workspace.timezone)).date()


def read_facts(
    workspace: Workspace,
    rules: RuleSet | None,
    *,
    now: datetime,
    as_of: date | None = None,
    head: Published | None = None,
    cache: bool = False,
    also: Collection[Metric] = (),
    folded: bool = True,
) -> Loaded:
    """Every accepted and refused row up to as_of, usage folded to what `rules` and the metrics `also` read
    (not at all unless `folded`); `cache` keeps the folds. `head`: the published run, whose snapshots and
    refusals count on. Lists that name metrics are held against `rules`.

    Raises: InputError; ConfigError (S153, S154) for an as_of that ends no period or lies in the future.
    """
    if as_of is not None:
        _refuse(as_of, workspace.calendar, today(workspace, now))

    def named(name: str) -> str:
        return str(workspace.exports / name)

    with places(named):
        loaded = load(
            workspace.sources,
            exports=workspace.exports,
            calendar=workspace.calendar,
            timezone=workspace.timezone,
            as_of=as_of,
            today=today(workspace, now),
            fold=usage_fold(rules, also) if rules and folded else None,
            cache=workspace.state / "cache" if cache else None,
            ledger=head.ledger() if head else None,
            identity=workspace.identity,
            quiet_days=workspace.quiet_days,
            snapshot_grace=workspace.snapshot_grace,
            exclude=workspace.exclude,
            retention=workspace.retention,
            erased=erased_ids(workspace.state),
            heard=known(workspace.state, head.refusals()) if head else None,
            words=words_of(workspace, rules) if rules else None,
            samples=samples_of(workspace, head, make=cache),
        )
    loaded = replace(loaded, problems=placed(loaded.problems, named))
    return loaded if loaded.samples.pseudonyms is None else without_people(loaded)


def samples_of(workspace: Workspace, head: Published | None, *, make: bool) -> Samples:
    """What messages and results may show; `make`: whether a key may be made. Raises: IoError (I102, I105)."""
    if not workspace.pseudonymise:
        return Samples(workspace.shown)
    used = head is not None and head.pseudonymised
    return Samples(pseudonyms=pseudonyms(workspace.state, make=make, used=used))


def drifted(workspace: Workspace, loaded: Loaded, before: Published | None) -> Loaded:
    """The same, with what changed in the exports since the run before, and which rows came after it.

    Raises: IoError (I103).
    """
    if before is None:
        return loaded
    found = drift(loaded.looks, before.looks())
    problems = placed(found.problems, lambda name: str(workspace.exports / name))
    late = late_rows(weeks(loaded), before.weeks(), before.as_of, workspace.calendar.unit)
    asides = (*loaded.asides, *found.notes)
    return replace(loaded, problems=(*loaded.problems, *problems, *late), asides=asides)


def delivery_of(workspace: Workspace, loaded: Loaded, now: datetime, past: Past) -> Delivery:
    """What guards judge of the exports."""
    day = today(workspace, now)
    return Delivery(loaded, day, workspace.guards, past.head, past.base, workspace.snapshot_grace)


def _refuse(as_of: date, calendar: Calendar, now: date) -> None:
    """A date that can never be decided is wrong usage, whatever the exports hold."""
    period = calendar.index(as_of)
    if as_of > now:
        raise ConfigError(Problem("S154", f"{as_of} lies in the future (today is {now})"))
    if calendar.end(period) != as_of:
        hint = f"write {calendar.end(period - 1)} or {calendar.end(period)}"
        raise ConfigError(Problem("S153", f"{as_of} is not the last day of a {calendar.unit}", hint=hint))
