"""`explain`: one account as it was decided, from the files of a workspace; writes nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

import polars as pl
from msgspec import Struct
from msgspec.structs import replace

from segkit.engine import baseline_series
from segkit.engine.explaining.explain import (
    charted,
    compared_metrics,
    explained,
    metrics_read,
    onward,
    to_explain,
)
from segkit.engine.explaining.explained import Explained
from segkit.engine.explaining.rows import rows_behind
from segkit.engine.renamed import in_todays_names
from segkit.engine.results import State
from segkit.engine.state import LEFT
from segkit.facts.samples import tells_who
from segkit.facts.types import Facts
from segkit.reports.explained.explanation import MOVES, TIMELINE, Differs, Explanation, Timeline
from segkit.reports.explained.veiled import veiled
from segkit.reports.frames import crm, told_arr
from segkit.reports.voices import said_by
from segkit.ruleset.model import MAIN, RuleSet
from segkit.runs.decided import left_by, meets
from segkit.runs.folders import history, outputs
from segkit.runs.folders.history import Published
from segkit.runs.given.inputs import read_facts, read_rules
from segkit.runs.given.whose import account_called
from segkit.workspace import Workspace


def explain(
    workspace: Workspace,
    account: str,
    *,
    now: datetime,
    as_of: date | None = None,
    timeline: bool = False,
    rows: bool = False,
) -> Explanation:
    """`account`: id, name or domain. `as_of`: the last day of a period, by default the published one,
    before the first run the newest one. `timeline`: with one metric over its past. `rows`: with rows of the
    exports behind each value, which reads the files a second time.

    A published period is decided from where its run started, any other one as the next run or a replay would.
    Raises: ConfigError (S156 for an account that is none), InputError, IoError.
    """
    rules, _ = read_rules(workspace)
    head = history.head(workspace.state, workspace.out)
    day = as_of or (head.as_of if head else None)
    also = compared_metrics(rules)
    loaded = read_facts(workspace, rules, as_of=day, now=now, head=head, also=also)
    facts, names = loaded.facts, loaded.samples.pseudonyms
    past = _Past.of(list(history.lineage(workspace.out, head)), facts.as_of)
    plan = to_explain(rules, facts, past.state(rules, facts))
    found, name = account_called(plan.facts, account, names)
    story = explained(plan, found)
    listed = _listed(rules, plan.facts, found)
    ids = {found} if names is None else {found, names.account(found)}
    told = Explanation(
        workspace=workspace.name,
        name=name,
        csm=listed["csm"],
        arr=listed["arr"],
        currency=listed["currency"],
        story=story,
        playbooks=rules.playbooks,
        moves=past.moves(story, ids, rules),
        onward=onward(plan, story),
        published=past.run is not None,
        differs=past.differs(story, ids, rules),
        rows=rows_behind(
            rules,
            plan.facts,
            found,
            metrics_read(story.segments),
            loaded.behind if rows else None,
            past.run.inputs if past.run else None,
        ),
        said=tuple(s for s in said_by(facts, found) if names is None or not tells_who(s.what)),
    )
    if timeline:
        told = replace(told, timeline=_timeline(rules, facts, told))
    return told if names is None else veiled(told, rules, names)


def _listed(rules: RuleSet, facts: Facts, account: str) -> dict[str, Any]:
    """Its name, CSM and currency as the CRM has them, its ARR as the assignments have it."""
    row = (
        crm(facts)
        .join(told_arr(rules, facts), on="account_id")
        .row(by_predicate=pl.col("account_id") == account, named=True)
    )
    return {**row, "arr": row["told"] if row["arr"] is None else row["arr"]}


def _timeline(rules: RuleSet, facts: Facts, told: Explanation) -> Timeline | None:
    """The metric that its conditions compare with something, else the first that they read."""
    metric = charted(rules, told.story)
    if metric is None or told.story.account_id not in facts.roster.accounts:
        return None
    rows = baseline_series(rules, facts, told.story.account_id, metric)
    moves = told.moves.filter(pl.col("dimension") == MAIN).select("as_of", primary="to")
    moves = moves.unique("as_of", keep="last", maintain_order=True).sort("as_of")
    return Timeline(metric.base, rows.join_asof(moves, on="as_of").select(*TIMELINE))


class _Past(Struct, frozen=True):
    """The published runs before a period, and the one of it."""

    run: Published | None
    """That decided the period itself."""
    before: Sequence[Published]
    """Those whose state it goes on from, the newest first; none where it is decided from the beginning."""

    @classmethod
    def of(cls, runs: Sequence[Published], as_of: date) -> _Past:
        """runs: the newest first."""
        for place, run in enumerate(runs):
            if run.as_of == as_of:
                return cls(run, runs[place + 1 :])
        return cls(None, runs if runs and runs[0].as_of < as_of else [])

    def state(self, rules: RuleSet, facts: Facts) -> State | None:
        """Raises: InputError (D120), IoError (I103)."""
        if not self.before:
            return None
        base = self.before[0]
        meets(facts, base)
        state, _ = left_by(base, rules)
        return state if state.logic == rules.logic else None

    def moves(self, story: Explained, ids: Collection[str], rules: RuleSet) -> pl.DataFrame:
        """Every transition of the account known by then, oldest first; published ones as they were published,
        under any of its ids and today's names of segments.

        Raises: IoError (I103).
        """
        runs = [*([self.run] if self.run else []), *self.before]
        published = [_own(run.frame(outputs.TRANSITIONS), ids) for run in reversed(runs)]
        since = runs[0].as_of if runs else date.min
        decided = story.transitions.filter(pl.col("as_of") > since)
        past = [in_todays_names(rows, rules.renamed) for rows in published]
        return pl.concat([*past, _own(decided, ids)])

    def differs(self, story: Explained, ids: Collection[str], rules: RuleSet) -> Differs | None:
        """Where the published run says something else. Raises: IoError (I103)."""
        if self.run is None:
            return None
        rows = self.run.frame(outputs.ASSIGNMENTS).filter(pl.col("account_id").is_in(list(ids)))
        rows = in_todays_names(rows, rules.renamed, *(each.dimension for each in story.places))
        then = rows.row(0, named=True) if rows.height else {}
        found = {}
        for place in story.places:
            column = "primary" if place.dimension == MAIN else place.dimension
            was, now = then.get(column) or LEFT, place.primary or LEFT
            if was != now and (column in then or not then):
                found[place.dimension] = (was, now)
        return Differs(found, self.run.logic != rules.logic) if found else None


def _own(rows: pl.DataFrame, ids: Collection[str]) -> pl.DataFrame:
    return rows.filter(pl.col("account_id").is_in(list(ids))).select(
        pl.col(name).cast(kind) for name, kind in MOVES.items()
    )
