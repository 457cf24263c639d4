"""`assign`: from exports to published assignments, one stage after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from datetime import date, datetime

import polars as pl
from msgspec import Struct
from msgspec.structs import replace

from segkit import reports
from segkit.capacity import CapacityFile
from segkit.engine.renamed import in_todays_names
from segkit.errors import ConfigError, InputError, Problem
from segkit.facts.load import Loaded
from segkit.lock import hold
from segkit.progress import tell
from segkit.reports.sizes import sizes
from segkit.ruleset.fingerprint import playbooks_of, trials_of
from segkit.ruleset.model import RuleSet
from segkit.runs.decided import Decided, decide_from
from segkit.runs.erasing.generation import start
from segkit.runs.folders import history, outputs
from segkit.runs.folders.blocks import Blocks
from segkit.runs.folders.files import remove_folder, write_folder
from segkit.runs.folders.history import MANIFEST, PREVIEW, Past, Published
from segkit.runs.folders.manifest import Stages, manifest, run_id
from segkit.runs.folders.versions import RULES, Changed, changed_since, text_of
from segkit.runs.given.inputs import delivery_of, drifted, read_facts, read_rules
from segkit.runs.given.places import near
from segkit.runs.guards.case import Case, Delivery
from segkit.runs.guards.findings import Verdict, reasons
from segkit.runs.guards.judge import acceptable, doubtful, judge, refusal
from segkit.runs.retention import remove, surplus
from segkit.runs.run import Run
from segkit.workspace import Workspace


def assign(
    workspace: Workspace,
    *,
    now: datetime,
    as_of: date | None = None,
    dry_run: bool = False,
    accept: Mapping[str, str] | None = None,
    wait: float = 0.0,
) -> Run:
    """Decides every period since the last run and publishes the result.

    `now` bounds as_of and dates the log; it decides nothing. A dry run writes nothing at all.
    Nothing is published unless everything went well and each guard is content, or what it saw is accepted:
    `accept` is guard -> why, and holds for this as_of. `wait`: seconds to wait for another run to end.

    Raises: ConfigError, GuardError, InputError, IoError.
    """
    accept = acceptable(accept or {})
    if dry_run:
        return _assign(workspace, now, as_of, accept, dry_run=True)
    with hold(workspace.state / "lock", now=now, wait=wait):
        start(workspace.state, workspace.out)
        run = _assign(workspace, now, as_of, accept, dry_run=False)
        history.succeeded(workspace.state, now, run.as_of, run.id)
        return run


class _Work(Struct, frozen=True):
    """What a run has at hand once everything is decided."""

    workspace: Workspace
    now: datetime
    rules: RuleSet
    delivery: Delivery
    past: Past
    decided: Decided
    answers: reports.Answers
    sizes: pl.DataFrame
    changed: Changed | None
    stages: Stages

    @property
    def loaded(self) -> Loaded:
        return self.delivery.loaded

    @property
    def case(self) -> Case:
        return Case(self.delivery, self.decided.decisions, self.decided.transitions)


def _assign(
    workspace: Workspace, now: datetime, as_of: date | None, accept: Mapping[str, str], *, dry_run: bool
) -> Run:
    stages = Stages()
    head = history.head(workspace.state, workspace.out)
    if head is not None and as_of is not None:
        _refuse_older(head, workspace.calendar.end(workspace.calendar.index(as_of)))
    with stages("rules"):
        rules, warnings = read_rules(workspace)
    with stages("read"):
        loaded = read_facts(workspace, rules, as_of=as_of, now=now, head=head, cache=not dry_run)
    with nullcontext() if dry_run else outputs.keep_refused(workspace.out, loaded.rejected):
        if head is not None:
            _refuse_shorter(head, loaded.facts.as_of)
        past = Past.of(workspace.out, head, loaded.facts.as_of)
        loaded = drifted(workspace, loaded, past.base)
        delivery = delivery_of(workspace, loaded, now, past)
        if (
            head is not None
            and _same(head, rules, workspace.capacity, loaded, accept)
            and not doubtful(delivery)
        ):
            if not dry_run:
                remove_folder(workspace.out / PREVIEW)
            return _nothing_new(head, warnings, accept)
        with stages("decide"):
            shelf = Blocks(workspace.state / "cache" / "baselines", write=not dry_run)
            decided = decide_from(rules, loaded.facts, past.base, shelf)
        tell("Writing the report", 0, 1)
        with stages("report"):
            moves, capacity = decided.transitions, workspace.capacity
            answers = reports.answers(rules, loaded, decided.decisions, moves, capacity, delivery.begun)
            before = past.base.sizes() if past.base else None
            before = None if before is None else in_todays_names(before, rules.renamed)
            counts = sizes(decided.decisions, before)
        changed = changed_since(workspace, rules, past.base)
        work = _Work(workspace, now, rules, delivery, past, decided, answers, counts, changed, stages)
        with stages("guards"):
            verdict = judge(work.case, accept)
        with stages("report"):
            run = _reported(work, warnings, verdict)
        if dry_run:
            return run
        if verdict.tripped:
            _preview(work, run)
            raise refusal(verdict, run.as_of, workspace.out / PREVIEW)
        return _publish(work, run)


def _refuse_older(head: Published, as_of: date) -> None:
    if as_of < head.as_of:
        raise ConfigError(
            Problem(
                "S150",
                f"{as_of} lies before {head.as_of}, which is published; a later period freezes earlier ones",
                hint=f"segkit replay --to {as_of} shows what that date looks like with today's facts",
            )
        )


def _refuse_shorter(head: Published, as_of: date) -> None:
    """Nobody asked for an earlier day: rows that were there are gone."""
    if as_of < head.as_of:
        raise InputError(
            Problem(
                "D121",
                f"the exports reach to {as_of}, but {head.as_of} is already published",
                hint="rows that the last run read are missing: export again and run again",
            )
        )


def _same(
    head: Published,
    rules: RuleSet,
    capacity: CapacityFile,
    loaded: Loaded,
    accept: Mapping[str, str],
) -> bool:
    """A run of the published period always starts from the parent of the published run, so that the same
    guards trip. What was accepted then stays so; only another reason for it is something new.
    """
    asked = playbooks_of(rules, capacity.key)
    now = (loaded.facts.as_of, loaded.digest, rules.logic, asked, trials_of(rules))
    before = reasons(head.guards)
    known = all(before.get(name, why) == why for name, why in accept.items())
    known &= head.pseudonymised == (loaded.samples.pseudonyms is not None)
    return known and now == (head.as_of, head.digest, head.logic, head.playbooks, head.trials_key)


def _nothing_new(head: Published, warnings: tuple[Problem, ...], accept: Mapping[str, str]) -> Run:
    """The same facts, rules, past and acceptances: the published run is the answer."""
    needless = tuple(name for name in accept if name not in reasons(head.guards))
    return Run(
        id=head.run,
        as_of=head.as_of,
        folder=head.folder,
        fresh=False,
        assignments=head.frame(outputs.ASSIGNMENTS),
        transitions=head.frame(outputs.TRANSITIONS),
        worklist=head.frame(outputs.WORKLIST),
        screen=None,
        warnings=warnings,
        guards=Verdict(head.guards, needless),
    )


def _reported(work: _Work, warnings: tuple[Problem, ...], verdict: Verdict) -> Run:
    rules, loaded, answers = work.rules, work.loaded, work.answers
    parent = work.past.base.run if work.past.base else None
    screen = reports.first_screen(
        rules,
        loaded,
        answers.decisions,
        answers.assignments,
        answers.transitions,
        answers.worklist,
        workspace=work.workspace.name,
        capacity=answers.capacity,
        since=work.decided.since,
    )
    if work.changed is not None:
        screen = screen.with_changes(work.changed.version, work.changed.last, work.changed.changes)
    return Run(
        id=run_id(
            loaded.facts.as_of,
            loaded.digest,
            rules.logic,
            parent,
            playbooks_of(rules, work.workspace.capacity.key),
            *filter(None, [trials_of(rules)]),
            *verdict.key,
            *loaded.samples.key,
        ),
        as_of=loaded.facts.as_of,
        folder=None,
        fresh=True,
        assignments=answers.assignments,
        transitions=answers.transitions,
        worklist=answers.worklist,
        screen=screen.with_names(work.decided.renamed, work.decided.retired).remarked(verdict.remarks()),
        warnings=warnings,
        guards=verdict,
    )


def _preview(work: _Work, run: Run) -> None:
    """Leaves for people what would have been published; the next run starts from nothing of it."""
    files = _results(work, run)
    write_folder(work.workspace.out / PREVIEW, {**files, MANIFEST: _manifest(work, run, files)})


def _publish(work: _Work, run: Run) -> Run:
    """Writes the run folder whole, then moves HEAD to it."""
    name = f"runs/{run.as_of}-{run.id}"
    out = work.workspace.out
    folder = out / name
    going = surplus(out, name, work.past.base, work.workspace.keep)
    # A folder of that name holds the same decisions: its run was killed before HEAD moved, or superseded.
    if not (folder / MANIFEST).is_file():
        left = work.decided.decisions.state
        state = outputs.next_state(left, work.sizes, work.loaded, work.workspace.state)
        files = {**_results(work, run), **state, RULES: text_of(work.rules)}
        hidden = work.loaded.samples.pseudonyms is not None
        write_folder(folder, {**files, MANIFEST: _manifest(work, run, files, going)}, private=hidden)
    history.publish(work.workspace.state, out, name)
    remove(out, going)
    return replace(run, folder=folder)


def _results(work: _Work, run: Run) -> dict[str, bytes]:
    assert run.screen is not None
    return {
        **outputs.results(work.rules, work.answers, run.screen, work.sizes),
        **outputs.read(work.loaded, work.workspace.root),
    }


def _manifest(work: _Work, run: Run, files: Mapping[str, bytes], removes: Sequence[str] = ()) -> bytes:
    past = work.past
    assert run.screen is not None
    return manifest(
        run=run.id,
        verb="assign",
        parent=past.base.name if past.base else None,
        supersedes=past.superseded.name if past.superseded else None,
        removes=removes,
        now=work.now,
        rules=replace(work.rules, path=near(work.workspace.root)(work.rules.path)),
        capacity=work.workspace.capacity,
        delivery=work.delivery,
        decisions=work.decided.decisions,
        renamed=work.decided.renamed,
        changed=None if work.changed is None else work.changed.written(),
        guards=run.guards.findings,
        stages=work.stages,
        remarks=run.screen.health.remarks,
        files=files,
    )
