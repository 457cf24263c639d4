"""`replay`: all of history anew with today's facts and rules, beside what was published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import polars as pl
from msgspec.structs import replace

from segkit import reports
from segkit.engine import decide
from segkit.engine.renamed import in_todays_names
from segkit.engine.results import Decisions
from segkit.errors import ConfigError, Problem
from segkit.facts.load import Loaded
from segkit.facts.pseudonyms import Pseudonyms
from segkit.facts.quality.late import late_rows
from segkit.lock import hold
from segkit.reports.quality import weeks
from segkit.reports.replayed import Against, against_markdown
from segkit.reports.sizes import sizes
from segkit.ruleset.fingerprint import playbooks_of
from segkit.ruleset.model import RuleSet
from segkit.runs.erasing.generation import start as begin
from segkit.runs.folders import history, outputs
from segkit.runs.folders.files import write_folder
from segkit.runs.folders.history import MANIFEST, Past, Published
from segkit.runs.folders.keyfile import pseudonyms
from segkit.runs.folders.manifest import Stages, manifest, run_id
from segkit.runs.folders.versions import RULES, changed_since, text_of
from segkit.runs.given.inputs import delivery_of, read_facts, read_rules
from segkit.runs.given.places import near
from segkit.runs.guards.case import Case, Delivery
from segkit.runs.guards.findings import Verdict
from segkit.runs.guards.judge import judge, refusal
from segkit.runs.run import Replay
from segkit.workspace import Workspace

DIFFERENCES = {
    "as_of": pl.Date,
    "account_id": pl.String,
    "dimension": pl.String,
    "published": pl.String,
    "replayed": pl.String,
}


def replay(
    workspace: Workspace,
    *,
    now: datetime,
    start: date | None = None,
    end: date | None = None,
    publish: bool = False,
) -> Replay:
    """Decides every period to that of `end`; transitions are kept from the period of `start` on.

    The result lies in `out/replays/`; with `publish` it becomes the published run, which needs an `end` that
    is not before the published as_of, and guards that are content with every period that no published run
    has decided. Raises: ConfigError, GuardError, InputError, IoError.
    """
    with hold(workspace.state / "lock", now=now):
        head = begin(workspace.state, workspace.out)
        return _replay(workspace, now, start, end, publish, head)


def _replay(
    workspace: Workspace,
    now: datetime,
    start: date | None,
    end: date | None,
    publish: bool,
    head: Published | None,
) -> Replay:
    stages = Stages()
    if publish and end is not None:
        _may_publish(head, workspace.calendar.end(workspace.calendar.index(end)), start)
    with stages("rules"):
        rules, warnings = read_rules(workspace)
    with stages("read"):
        loaded = read_facts(workspace, rules, as_of=end, now=now, head=head, cache=True)
    as_of = loaded.facts.as_of
    if publish:
        _may_publish(head, as_of, start)
    with stages("decide"):
        decisions = decide(rules, loaded.facts, None)
    delivery = delivery_of(workspace, loaded, now, Past.of(workspace.out, head, as_of))
    verdict = Verdict()
    if publish:
        verdict = judge(Case(delivery, decisions, decisions.transitions), {})
    with stages("report"):
        moves = _from(decisions.transitions, start, workspace)
        begun = delivery.begun if head is not None or publish else None
        answers = reports.answers(rules, loaded, decisions, moves, workspace.capacity, begun)
        screen = reports.first_screen(
            rules,
            loaded,
            answers.decisions,
            answers.assignments,
            answers.transitions,
            answers.worklist,
            workspace=workspace.name,
            capacity=answers.capacity,
            since=None,
        )
        past = [run for run in history.lineage(workspace.out, head) if run.as_of <= as_of]
        found = _differences(workspace, loaded, decisions, past, rules.renamed)
        against = _against(loaded, rules, past, found, answers.assignments)
    more = (
        str(start),
        head.run if head else "",
        playbooks_of(rules, workspace.capacity.key),
        *loaded.samples.key,
    )
    run = run_id(as_of, loaded.digest, rules.logic, None, "replay", *more)
    name = f"replays/{as_of}-{run}"
    done = Replay(
        id=run,
        as_of=as_of,
        folder=workspace.out / name,
        assignments=answers.assignments,
        transitions=answers.transitions,
        worklist=answers.worklist,
        differences=found,
        against=against,
        published=publish,
        screen=screen,
        warnings=warnings,
    )
    # What is published is part of the name of a replay, which is never that of a published one.
    supersedes = head.name if head and publish else None
    _write(workspace, done, supersedes, now, rules, delivery, decisions, answers, verdict, stages)
    if verdict.tripped:
        raise refusal(verdict, as_of, done.folder)
    if publish:
        history.publish(workspace.state, workspace.out, name)
    return replace(done, screen=replace(screen, supports=()))


def _write(
    workspace: Workspace,
    done: Replay,
    supersedes: str | None,
    now: datetime,
    rules: RuleSet,
    delivery: Delivery,
    decisions: Decisions,
    answers: reports.Answers,
    verdict: Verdict,
    stages: Stages,
) -> None:
    counts, changed = sizes(decisions), changed_since(workspace, rules, delivery.head)
    files = {
        **outputs.results(rules, answers, done.screen, counts),
        **outputs.read(delivery.loaded, workspace.root),
        **outputs.next_state(decisions.state, counts, delivery.loaded, workspace.state),
        RULES: text_of(rules),
        "differences.csv": reports.to_csv(done.differences),
    }
    if done.against.days:
        files["differences.md"] = against_markdown(done.against).encode()
    files[MANIFEST] = manifest(
        run=done.id,
        verb="replay",
        parent=None,
        supersedes=supersedes,
        now=now,
        rules=replace(rules, path=near(workspace.root)(rules.path)),
        capacity=workspace.capacity,
        delivery=delivery,
        decisions=decisions,
        guards=verdict.findings,
        stages=stages,
        remarks=done.screen.health.remarks,
        files=files,
        changed=None if changed is None else changed.written(),
    )
    write_folder(done.folder, files, private=delivery.loaded.samples.pseudonyms is not None)


def _differences(
    workspace: Workspace,
    loaded: Loaded,
    decisions: Decisions,
    past: Sequence[Published],
    renamed: Mapping[str, str],
) -> pl.DataFrame:
    """Under the names that this replay uses, whatever those of the published runs. Raises: IoError."""
    now = loaded.samples.pseudonyms
    used = any(run.pseudonymised for run in past)
    names = now or (pseudonyms(workspace.state, make=False, used=True) if used else None)
    found = differences(decisions, past, names, renamed)
    if now is None:
        return found
    told = found.with_columns(account_id=now.accounts(found["account_id"]))
    return told.sort("as_of", "account_id", "dimension")


def differences(
    decisions: Decisions,
    past: Sequence[Published],
    names: Pseudonyms | None = None,
    renamed: Mapping[str, str] = {},
) -> pl.DataFrame:
    """Where a published primary is not what the replay says, at the as_of of each published run.

    names: under which some of them were published. renamed: segments then -> now.
    Raises: IoError (I103) when a published run is damaged.
    """
    places = {day: place for place, day in enumerate(decisions.as_of)}
    real = {names.account(each): each for each in decisions.accounts} if names else {}
    found = [pl.DataFrame(schema=DIFFERENCES)]
    for run in past:
        if run.as_of not in places:
            continue
        published = run.frame(outputs.ASSIGNMENTS).with_columns(pl.col("account_id").replace(real))
        published = in_todays_names(published, renamed, *decisions.dimensions)
        for dimension in decisions.dimensions.values():
            column = "primary" if dimension.name == "segments" else dimension.name
            if column not in published.columns:
                continue
            codes = dimension.primary[:, places[run.as_of]].tolist()
            replayed = pl.DataFrame(
                {
                    "account_id": pl.Series(decisions.accounts, dtype=pl.String),
                    "replayed": pl.Series([dimension.label(code) for code in codes], dtype=pl.String),
                }
            )
            both = published.select("account_id", published=column).join(
                replayed, on="account_id", how="full", coalesce=True
            )
            different = both.filter(pl.col("published").ne_missing(pl.col("replayed")))
            found.append(
                different.with_columns(as_of=pl.lit(run.as_of), dimension=pl.lit(dimension.name)).select(
                    *DIFFERENCES
                )
            )
    return pl.concat(found).sort("as_of", "account_id", "dimension")


def _against(
    loaded: Loaded,
    rules: RuleSet,
    past: Sequence[Published],
    found: pl.DataFrame,
    assignments: pl.DataFrame,
) -> Against:
    """`past`: the newest run first. Raises: IoError (I103)."""
    unit = loaded.facts.calendar.unit
    return Against(
        unit=unit,
        days=[run.as_of for run in past],
        differences=found,
        names=dict(assignments.select("account_id", "name").iter_rows()),
        rules_changed=bool(past) and past[0].logic != rules.logic,
        late=late_rows(weeks(loaded), past[0].weeks(), past[0].as_of, unit) if past else (),
    )


def _from(transitions: pl.DataFrame, start: date | None, workspace: Workspace) -> pl.DataFrame:
    if start is None:
        return transitions
    return transitions.filter(pl.col("as_of") >= workspace.calendar.end(workspace.calendar.index(start)))


def _may_publish(head: Published | None, as_of: date, start: date | None) -> None:
    if head is not None and as_of < head.as_of:
        raise ConfigError(
            Problem(
                "S151",
                f"a replay that ends on {as_of} cannot be published: {head.as_of} is already published",
                hint=f"replay to {head.as_of} or later, or leave --publish out",
            )
        )
    if start is not None:
        raise ConfigError(
            Problem(
                "S152",
                "a replay that is published must hold every period",
                hint="leave --from out when you use --publish",
            )
        )
