"""The work list: one row per thing to do, what presses most and is worth most first."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from segkit.capacity import NOBODY_COUNTS, CapacityFile
from segkit.engine.results import Decisions
from segkit.engine.tasks.carried import LISTED_DAYS
from segkit.facts.types import Facts
from segkit.reports.frames import crm, told_arr
from segkit.reports.load import CSM, planned
from segkit.ruleset.model import RuleSet
from segkit.ruleset.printing import format_condition

OPEN, ESCALATED, CLOSED = "open", "escalated", "closed"
LISTED = timedelta(days=LISTED_DAYS)
WEEK, AT_LEISURE, SAME_DAY = 7.0, 28.0, 0.5
"""Days: what urgency is counted in, what a playbook without `due` has, and one that is due at once."""

WORKLIST = {
    "key": pl.String,
    "account_id": pl.String,
    "name": pl.String,
    "segments": pl.String,
    "playbook": pl.String,
    "goal": pl.String,
    "status": pl.String,
    "opened": pl.Date,
    "standing": pl.Date,
    "due": pl.Date,
    "within": pl.Date,
    "planned": pl.Date,
    "owner": pl.String,
    "csm": pl.String,
    "escalated": pl.Date,
    "escalated_to": pl.String,
    "arr": pl.Float64,
    "urgency": pl.Float64,
    "effort": pl.String,
    "touch": pl.String,
    "say": pl.String,
    "steps": pl.String,
    "success": pl.String,
    "because": pl.String,
    "escalated_because": pl.String,
    "closed": pl.Date,
    "closed_because": pl.String,
}
_SAID = dict.fromkeys(("playbook", "goal", "steps", "success", "escalated_to"), pl.String)


def worklist(
    rules: RuleSet,
    facts: Facts,
    decisions: Decisions,
    capacity: CapacityFile = NOBODY_COUNTS,
    begun: date | None = None,
) -> pl.DataFrame:
    """Columns WORKLIST: open tasks by the week in which there is time for them, urgency and value, then those
    closed within four weeks, newest first.

    Urgency is a week over the time that `due` gives, doubled once escalated, halved once `within` is over.
    An account of which no ARR is known counts like the middle one of the list.

    `begun`: as_of of the first published run. Before it nobody was told of anything: the days of a task that
    opened earlier count from there (`standing`), and what closed by then is not listed.
    """
    tasks, as_of = decisions.state.tasks, decisions.as_of[-1]
    since = as_of - LISTED if begun is None else max(as_of - LISTED, begun)
    rows = _standing(tasks.filter(pl.col("closed").is_null() | (pl.col("closed") > since)), begun)
    known = crm(facts).select("account_id", "name", "csm", "arr")
    told = told_arr(rules, facts)
    rows = rows.join(known, on="account_id", how="left", maintain_order="left")
    rows = rows.join(told, on="account_id", how="left", maintain_order="left")
    owner = pl.when(pl.col("owner") == CSM).then(pl.coalesce("csm", "owner")).otherwise("owner")
    status = (
        pl.when(pl.col("closed").is_not_null())
        .then(pl.lit(CLOSED))
        .when(pl.col("escalated").is_not_null())
        .then(pl.lit(ESCALATED))
        .otherwise(pl.lit(OPEN))
    )
    said = [_said(rules, book) for book in rows["playbook"].unique(maintain_order=True)]
    words = pl.DataFrame([each for each in said if each is not None], schema=_SAID, orient="row")
    rows = rows.join(words, on="playbook", how="left", maintain_order="left").with_columns(
        pl.coalesce("name", "account_id"),
        arr=pl.coalesce("arr", "told"),
        owner=owner,
        status=status,
        escalated_to=pl.when(pl.col("escalated").is_not_null()).then("escalated_to"),
        urgency=_urgency(as_of),
        planned=pl.lit(None, pl.Date),
    )
    rows = rows.select(pl.col(name).cast(kind) for name, kind in WORKLIST.items())
    return in_order(planned(in_order(rows), capacity, as_of))


def _standing(rows: pl.DataFrame, begun: date | None) -> pl.DataFrame:
    """Rows of TASKS with `standing`: the day that `due` and `within` count from where it is not `opened`."""
    standing = pl.lit(begun, pl.Date)
    rows = rows.with_columns(pl.when(pl.col("opened") < standing).then(standing).alias("standing"))
    later = (pl.col("standing") - pl.col("opened")).fill_null(timedelta(0))
    return rows.with_columns(pl.col("due", "within") + later)


def given() -> pl.Expr:
    """The time that a task has until it is due, of rows of WORKLIST."""
    return pl.col("due") - pl.coalesce("standing", "opened")


def _said(rules: RuleSet, name: str) -> tuple[str | None, ...] | None:
    """A row of _SAID; None for a playbook that the rules do not know any more."""
    book = rules.playbooks.get(name)
    if book is None:
        return None
    success = None if book.success is None else format_condition(book.success)
    return name, book.goal or None, "; ".join(book.steps) or None, success, book.escalate_to or None


def _urgency(as_of: date) -> pl.Expr:
    has = given().dt.total_days().cast(pl.Float64)
    days = pl.when(has < SAME_DAY).then(SAME_DAY).otherwise(has.fill_null(AT_LEISURE))
    over = pl.col("within") < as_of
    raised = pl.when(pl.col("escalated").is_not_null()).then(2.0).otherwise(1.0)
    lowered = pl.when(over.fill_null(False)).then(0.5).otherwise(1.0)
    urgency = (WEEK / days * raised * lowered).round(2)
    return pl.when(pl.col("closed").is_null()).then(urgency)


def key_of() -> pl.Expr:
    """What names a task for good."""
    opened = pl.col("opened").dt.to_string("%Y-%m-%d")
    return pl.concat_str("account_id", "playbook", opened, separator=":")


def in_order(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of WORKLIST by planned week, then urgency x ARR, the closed ones last.

    What nobody plans stands with what is planned first.
    """
    middle = rows.filter(pl.col("closed").is_null())["arr"].median()
    value = pl.col("arr").fill_null(middle if isinstance(middle, float) else 0.0)
    return rows.sort(
        pl.col("closed").is_not_null(),
        -pl.col("closed").to_physical(),
        pl.col("planned").fill_null(pl.col("planned").min()),
        -(pl.col("urgency") * value),
        -pl.col("urgency"),
        "due",
        "account_id",
        "playbook",
        "opened",
        nulls_last=True,
    )
