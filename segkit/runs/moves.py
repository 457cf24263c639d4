"""`report transitions` and `report groups`: from published runs alone; reads no export and writes nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from pathlib import Path

import polars as pl
from msgspec.structs import replace

from segkit.engine.flows import subject
from segkit.engine.renamed import in_todays_names
from segkit.engine.state import LEFT
from segkit.errors import ConfigError, Problem
from segkit.facts.accounts.ledger import DAY, ID, PRESENT, SHA
from segkit.facts.pseudonyms import Pseudonyms
from segkit.facts.samples import tells_who
from segkit.periods import epoch_day
from segkit.reports.first.screen import NO_CURRENCY
from segkit.reports.flows.around import Seen
from segkit.reports.flows.told import Range, Told, told
from segkit.ruleset.model import FLAGS, MAIN, RuleSet
from segkit.ruleset.suggest import did_you_mean
from segkit.runs.folders import history, outputs
from segkit.runs.folders.history import Published
from segkit.runs.folders.keyfile import pseudonyms
from segkit.runs.folders.published import published
from segkit.runs.given.inputs import read_rules
from segkit.workspace import Workspace

PERIODS = 13
"""A quarter of weeks, where nobody says from when."""
CAUSE, CSM = "cause", "csm"
FLOWS = ("from", "to", "moves", "accounts", "arr", "before", "after", "dimension", "as_of", "because")
"""Columns that an attribute would be mistaken for."""


def moves_of(
    workspace: Workspace,
    *,
    first: date | None = None,
    last: date | None = None,
    dimension: str = MAIN,
    by: str = CAUSE,
) -> Told:
    """The published transitions of a range; by default of the last thirteen periods.

    `by`: `cause`, or an attribute of the accounts as it was when they moved.
    Raises: ConfigError (S163 nothing published, S181 no such dimension, S182 no such attribute, S183 a range
    that holds nothing), IoError.
    """
    rules, _ = read_rules(workspace)
    head, calendar = published(workspace), workspace.calendar
    runs = list(history.lineage(workspace.out, head))[::-1]
    end = head.as_of if last is None else min(last, head.as_of)
    start = first or calendar.end(calendar.index(end) - PERIODS + 1)
    asked = Range(dimension, start, end, by, _order(rules, dimension))
    names = _names(workspace, runs)
    log = pl.concat([run.frame(outputs.TRANSITIONS) for run in runs], how="vertical_relaxed")
    before = opening(runs[0], [each.name for each in rules.dimensions])
    begun = min(log["as_of"].to_list(), default=head.as_of)
    if first is None:
        asked = replace(asked, first=max(start, begun))
    _refuse_empty(asked, begun, head.as_of)
    log = in_todays_names(pl.concat([before, log], how="vertical_relaxed"), rules.renamed)
    log = _called(log, names, hidden=workspace.pseudonymise)
    versions = head.ledger()
    if by != CAUSE:
        log = log.with_columns(_attribute(log, versions, by, names, hidden=workspace.pseudonymise))
    return told(
        log,
        calendar,
        asked,
        [_seen(run) for run in runs],
        workspace=workspace.name,
        currency=_currency(log, versions),
    )


def opening(oldest: Published, dimensions: Collection[str]) -> pl.DataFrame:
    """Where everybody was before a run whose parent `keep:` removed, as rows from nowhere on the day of that
    parent; none where the run is the first of all. `dimensions` besides flags.
    """
    moves, now = oldest.frame(outputs.TRANSITIONS), oldest.frame(outputs.ASSIGNMENTS)
    if oldest.parent is None:
        return moves.clear()
    day = date.fromisoformat(Path(oldest.parent).name[:10])
    columns = {name: "primary" if name == MAIN else name for name in dimensions}
    columns = {name: column for name, column in columns.items() if column in now.columns}
    who = now.select("account_id", "name", "arr")
    placed = [who.with_columns(dimension=pl.lit(d), subject=pl.lit(d), to=now[c]) for d, c in columns.items()]
    # Flags have a column of their own, `a; b`.
    flags = who.with_columns(dimension=pl.lit(FLAGS), to=now["flags"].str.split("; ")).explode("to")
    flags = flags.with_columns(subject="to").filter(pl.col("to").fill_null("") != "")
    stand = pl.concat([*placed, flags.select(placed[0].columns)])
    # Who moved since was where its first row says; who did not is where it was.
    key = ["account_id", "dimension", "subject"]
    moved = subject(moves).unique(key, keep="first", maintain_order=True)
    then = pl.concat([stand.join(moved, on=key, how="anti"), moved.select(*stand.columns[:-1], to="from")])
    rows = then.filter(pl.col("to").is_not_null() & (pl.col("to") != LEFT)).with_columns(
        pl.lit(day, pl.Date).alias("as_of"),
        pl.lit(None, pl.String).alias("from"),
        cause=pl.lit("first_seen"),
        because=pl.lit(""),
    )
    return rows.select(moves.columns).sort("account_id", "dimension", "to")


def groups_of(workspace: Workspace) -> tuple[Published, pl.DataFrame]:
    """The published run and its groups.csv. Raises: ConfigError (S163), IoError."""
    head = published(workspace)
    return head, head.groups()


def _order(rules: RuleSet, name: str) -> tuple[str, ...]:
    """Segments of a dimension, or the flags. Raises: ConfigError (S181)."""
    if name == FLAGS:
        return tuple(flag.name for flag in rules.flags)
    for dimension in rules.dimensions:
        if dimension.name == name:
            return (*(segment.name for segment in dimension.segments), dimension.otherwise, "unknown")
    known = [*(each.name for each in rules.dimensions), FLAGS]
    hint = did_you_mean(name, known) or f"one of {', '.join(known)}"
    raise ConfigError(Problem("S181", f"no dimension is called '{name}'", hint=hint))


def _refuse_empty(asked: Range, begun: date, published: date) -> None:
    """Raises: ConfigError (S183)."""
    if asked.last < begun:
        what = f"nothing is known before {begun.isoformat()}"
        raise ConfigError(Problem("S183", what, hint="take a later --to"))
    if asked.first > asked.last:
        what = f"the range from {asked.first} to {asked.last} holds nothing"
        raise ConfigError(Problem("S183", what, hint=f"published to {published}"))


def _names(workspace: Workspace, runs: Sequence[Published]) -> Pseudonyms | None:
    """Where some run named nobody, or the workspace does now. Raises: IoError (I105)."""
    used = any(run.pseudonymised for run in runs)
    return pseudonyms(workspace.state, make=False, used=used) if used or workspace.pseudonymise else None


def _called(log: pl.DataFrame, names: Pseudonyms | None, *, hidden: bool) -> pl.DataFrame:
    """One id for each account, whatever the workspace said when it was published."""
    if names is None:
        return log
    log = log.with_columns(account_id=names.accounts(log["account_id"]))
    return log.with_columns(name="account_id") if hidden else log


def _attribute(
    log: pl.DataFrame, versions: pl.DataFrame | None, by: str, names: Pseudonyms | None, *, hidden: bool
) -> pl.Series:
    """What the accounts export said when each move happened. Raises: ConfigError (S182)."""
    known = _texts(versions, hidden=hidden)
    if versions is None or by not in known:
        hint = did_you_mean(by, [CAUSE, *known]) or f"cause, or one of {', '.join(known)}"
        raise ConfigError(Problem("S182", f"no attribute of accounts is called '{by}'", hint=hint))
    rows = versions.filter(pl.col(ID).is_not_null() & pl.col(PRESENT)).select(
        pl.col(ID), pl.col(DAY).cast(pl.Int32), pl.col(by).cast(pl.String).alias(by)
    )
    if names is not None:
        rows = rows.with_columns(account_id=names.accounts(rows[ID]))
    if by == CSM and names is not None and hidden:
        rows = rows.with_columns(names.employees(rows[by]).alias(by))
    days = pl.Series([epoch_day(day) for day in log["as_of"]], dtype=pl.Int32)
    asked = log.select("account_id", pl.Series(DAY, days)).with_row_index("row").sort(DAY)
    # Before its first snapshot an account was what that one says.
    back, ahead = (
        asked.join_asof(rows.sort(DAY), on=DAY, by=ID, strategy=way, check_sortedness=False)
        for way in ("backward", "forward")
    )
    found = back.with_columns(pl.coalesce(back[by], ahead[by]).alias(by)).sort("row")
    return found[by]


def _texts(versions: pl.DataFrame | None, *, hidden: bool) -> list[str]:
    """Columns that can split moves; where nobody is named, those that tell of nobody."""
    if versions is None:
        return []
    taken = (DAY, ID, PRESENT, SHA, CAUSE, *FLOWS)
    names = [name for name, kind in versions.schema.items() if kind == pl.String and name not in taken]
    return [name for name in names if not hidden or name == CSM or not tells_who(name)]


def _currency(log: pl.DataFrame, versions: pl.DataFrame | None) -> str | None:
    """What amounts are in; None where there are none, or they cannot be summed."""
    if not (log["arr"].fill_null(0) != 0).any():
        return None
    if versions is None or "currency" not in versions.columns:
        return NO_CURRENCY
    named = versions["currency"].drop_nulls().unique().to_list()
    return None if len(named) > 1 else [*named, NO_CURRENCY][0]


def _seen(run: Published) -> Seen:
    rows = run.frame(outputs.ASSIGNMENTS)
    paused = rows["paused"].drop_nulls().len() if "paused" in rows.columns else 0
    accepted = [(each.tripped.name, each.because) for each in run.guards if each.because is not None]
    return Seen(run.as_of, run.groups(), run.outages, paused, tuple(accepted))
