"""`assign`: from exports to published assignments, one stage after the other."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import date, datetime

from segkit import reports
from segkit.errors import ConfigError, Problem
from segkit.facts.load import Loaded
from segkit.ruleset.model import RuleSet
from segkit.runs import history, outputs
from segkit.runs.blocks import Blocks
from segkit.runs.decided import Decided, decide_from
from segkit.runs.files import write_folder
from segkit.runs.history import MANIFEST, Published
from segkit.runs.inputs import read_facts, read_rules
from segkit.runs.lock import hold
from segkit.runs.manifest import Stages, manifest, run_id
from segkit.runs.run import Run
from segkit.workspace import Workspace


def assign(workspace: Workspace, *, now: datetime, as_of: date | None = None, dry_run: bool = False) -> Run:
    """Decides every period since the last run and publishes the result.

    `now` bounds as_of and dates the log; it decides nothing. A dry run writes nothing at all.
    Nothing is published unless everything went well.

    Raises: ConfigError, InputError, IoError.
    """
    if dry_run:
        return _assign(workspace, now, as_of, dry_run=True)
    with hold(workspace.state / "lock", now=now):
        history.tidy(workspace.state, workspace.out, history.head(workspace.state, workspace.out))
        return _assign(workspace, now, as_of, dry_run=False)


@dataclass(frozen=True, slots=True)
class _Past:
    """The published run, and the run whose state the next one starts from."""

    head: Published | None
    base: Published | None

    @property
    def superseded(self) -> Published | None:
        return self.head if self.head is not self.base else None


def _assign(workspace: Workspace, now: datetime, as_of: date | None, *, dry_run: bool) -> Run:
    stages = Stages()
    head = history.head(workspace.state, workspace.out)
    if head is not None and as_of is not None:
        _refuse_older(head, workspace.calendar.end(workspace.calendar.index(as_of)))
    with stages("rules"):
        rules, warnings = read_rules(workspace)
    with stages("read"):
        loaded = read_facts(workspace, rules, as_of=as_of, now=now, head=head, cache=not dry_run)
    with nullcontext() if dry_run else outputs.keep_refused(workspace.out, loaded.rejected):
        past = _past(workspace, head, loaded)
        if head is not None and _same(head, rules, loaded):
            return _nothing_new(head, warnings)
        parent = past.base.run if past.base else None
        name = run_id(loaded.facts.as_of, loaded.digest, rules.logic, parent)
        with stages("decide"):
            shelf = Blocks(workspace.state / "cache" / "baselines", write=not dry_run)
            decided = decide_from(rules, loaded.facts, past.base, shelf)
        with stages("report"):
            run = _reported(workspace, rules, loaded, decided, name, warnings)
        if dry_run:
            return run
        return _publish(workspace, now, rules, loaded, decided, run, past, stages)


def _past(workspace: Workspace, head: Published | None, loaded: Loaded) -> _Past:
    """A run for the published as_of supersedes it: it starts where that one started.

    Raises: ConfigError (S150) for an as_of before the published one; IoError (I103).
    """
    if head is None or loaded.facts.as_of > head.as_of:
        return _Past(head, head)
    _refuse_older(head, loaded.facts.as_of)
    return _Past(head, history.parent(workspace.out, head))


def _refuse_older(head: Published, as_of: date) -> None:
    if as_of < head.as_of:
        raise ConfigError(
            Problem(
                "S150",
                f"{as_of} lies before {head.as_of}, which is published; a later period freezes earlier ones",
                hint=f"segkit replay --to {as_of} shows what that date looks like with today's facts",
            )
        )


def _same(head: Published, rules: RuleSet, loaded: Loaded) -> bool:
    """A run of the published period always starts from the parent of the published run."""
    now = (loaded.facts.as_of, loaded.digest, rules.logic)
    return now == (head.as_of, head.digest, head.logic)


def _nothing_new(head: Published, warnings: tuple[Problem, ...]) -> Run:
    """The same facts, rules and past: the published run is the answer."""
    return Run(
        id=head.run,
        as_of=head.as_of,
        folder=head.folder,
        fresh=False,
        assignments=head.frame(outputs.ASSIGNMENTS),
        transitions=head.frame(outputs.TRANSITIONS),
        screen=None,
        warnings=warnings,
    )


def _reported(
    workspace: Workspace,
    rules: RuleSet,
    loaded: Loaded,
    decided: Decided,
    name: str,
    warnings: tuple[Problem, ...],
) -> Run:
    assignments = reports.assignments(rules, loaded.facts, decided.decisions)
    transitions = reports.transitions(rules, loaded.facts, decided.transitions)
    screen = reports.first_screen(
        rules,
        loaded,
        decided.decisions,
        assignments,
        transitions,
        workspace=workspace.name,
        since=decided.since,
    )
    return Run(name, loaded.facts.as_of, None, True, assignments, transitions, screen, warnings)


def _publish(
    workspace: Workspace,
    now: datetime,
    rules: RuleSet,
    loaded: Loaded,
    decided: Decided,
    run: Run,
    past: _Past,
    stages: Stages,
) -> Run:
    """Writes the run folder whole, then moves HEAD to it."""
    assert run.screen is not None
    name = f"runs/{run.as_of}-{run.id}"
    folder = workspace.out / name
    files = {
        **outputs.results(run.assignments, run.transitions, run.screen, decided.decisions.groups),
        **outputs.refused(loaded.rejected),
        **outputs.next_state(decided.decisions.state, loaded, workspace.state),
    }
    # A folder of that name holds the same decisions: its run was killed before HEAD moved, or superseded.
    if not (folder / MANIFEST).is_file():
        files[MANIFEST] = manifest(
            run=run.id,
            verb="assign",
            parent=past.base.name if past.base else None,
            supersedes=past.superseded.name if past.superseded else None,
            now=now,
            rules=rules,
            loaded=loaded,
            decisions=decided.decisions,
            stages=stages,
            files=files,
        )
        write_folder(folder, files)
    history.publish(workspace.state, workspace.out, name)
    return replace(run, folder=folder)
