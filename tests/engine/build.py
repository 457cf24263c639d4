"""Facts by hand, small enough to read: events are (account, day, what is special about it)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from segkit.columns import SOURCES
from segkit.engine.counting.partials import UsageFold, specs_of
from segkit.engine.counting.specs import PartialSpec
from segkit.facts.by_hand.pauses import PAUSES
from segkit.facts.coded import UsageRows
from segkit.facts.presence import presence_of
from segkit.facts.taking.intake import days_table, receipt
from segkit.facts.taking.store import FILE
from segkit.facts.types import Coverage, Facts, Roster, UsageFacts
from segkit.periods import Calendar, epoch_day
from segkit.ruleset.expr import Metric
from segkit.ruleset.model import Definitions, RuleSet

Event = tuple[str, str, Mapping[str, Any]] | tuple[str, str]
"""Account or raw id (`account:A`), ISO day, and columns of the usage row other than the default ones."""

OLD_DAYS = 1000

KINDS = {
    "text": pl.String,
    "number": pl.Float64,
    "integer": pl.Int64,
    "date": pl.Date,
    "moment": pl.Date,
    "flag": pl.Boolean,
}
USAGE_SCHEMA = {
    "raw_id": pl.String,
    "user_key": pl.String,
    "day": pl.Int32,
    "event": pl.String,
    "feature": pl.String,
    "session_id": pl.String,
    "count": pl.Int64,
    "seconds": pl.Float64,
}
MAPPING_SCHEMA = {
    "raw_id": pl.String,
    "account_id": pl.String,
    "from_day": pl.Int32,
    "to_day": pl.Int32,
    "evidence": pl.String,
}
PEOPLE_SCHEMA = {
    "user_key": pl.String,
    "person": pl.String,
    "from_day": pl.Int32,
    "department": pl.String,
    "is_key": pl.Boolean,
    "deactivated_day": pl.Int32,
    "account_id": pl.String,
}
ACCOUNT_COLUMNS = {
    **{c.name: KINDS[c.kind] for c in SOURCES["accounts"].columns if c.name != "snapshot_at"},
    "snapshot_at": pl.Date,
}


def day(text: str | date | int) -> int:
    """An ISO date, a date or an epoch day as epoch day."""
    if isinstance(text, int):
        return text
    return epoch_day(text if isinstance(text, date) else date.fromisoformat(text))


def ruleset(
    definitions: Definitions | None = None, calendar: Calendar | None = None, **parts: Any
) -> RuleSet:
    """A rule set that decides nothing: definitions, calendar, custom metrics for a test of values."""
    return RuleSet(
        name="test",
        version=1,
        dimensions=parts.pop("dimensions", ()),
        definitions=definitions or Definitions(),
        calendar=calendar or Calendar(),
        **parts,
    )


def usage_rows(events: Sequence[Event]) -> pl.DataFrame:
    """Accepted usage rows as a `Fold` sees them. An id without a colon is that of an account."""
    rows = []
    extra: dict[str, Any] = {}
    for account, when, *rest in events:
        special = dict(rest[0]) if rest else {}
        raw = account if ":" in account else f"account:{account}"
        if "user" in special:
            special["user_key"] = f"user:{special.pop('user')}"
        rows.append({"raw_id": raw, "day": day(when), "count": 1, **special})
        extra |= {name: None for name in special if name not in USAGE_SCHEMA}
    found = pl.from_dicts([{**extra, **row} for row in rows]) if rows else pl.DataFrame()
    known = [
        (found[name] if name in found.columns else pl.Series([None] * len(rows))).cast(kind).alias(name)
        for name, kind in USAGE_SCHEMA.items()
    ]
    return pl.DataFrame(known + [found[name] for name in sorted(extra)])


def usage_facts(
    rows: pl.DataFrame, specs: Sequence[PartialSpec], pieces: Sequence[pl.DataFrame] = ()
) -> UsageFacts:
    """Usage as the engine receives it; of several pieces the tables are put below each other."""
    fold = UsageFold(tuple(specs))
    tables = [fold(UsageRows(piece), fold.keys, False) for piece in (pieces or [rows])]
    days = pl.concat([days_table(UsageRows(piece)) for piece in (pieces or [rows])], how="vertical_relaxed")

    def table(key: str, since: int | None = None) -> pl.DataFrame:
        return pl.concat([each[key] for each in tables], how="vertical_relaxed")

    return UsageFacts(
        lambda since=None: days,
        lambda: presence_of(days.with_columns(pl.lit(0, pl.UInt32).alias(FILE))),
        table,
        lambda key, since=None: table(key).drop("day"),
        lambda: receipt(rows, "day"),
    )


@dataclass(frozen=True)
class World:
    """What `facts` was asked for; a test changes one thing with `dataclasses.replace`."""

    events: Sequence[Event] = ()
    accounts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Id -> columns of its one snapshot; `signup_date` is the first day of its life."""
    first: str = "2026-01-05"
    periods: int = 8
    """The panel: this many periods, the first one being that of `first`."""
    calendar: Calendar = field(default_factory=Calendar)
    metrics: Sequence[Metric] = ()
    """What the usage is folded for."""
    rules: RuleSet | None = None
    away: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """Account -> numbers of the periods (from 0) in which it is not on the roster."""
    uncovered: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """Source -> numbers of the periods that it does not cover."""
    covered_from: Mapping[str, str] = field(default_factory=dict)
    """Source -> first covered day, where it is not the panel's first."""
    mapping: Sequence[tuple[str, str, str | None, str | None]] = ()
    """Raw id, account, from, to: in addition to `account:X` of every account."""
    people: Sequence[Mapping[str, Any]] = ()
    tables: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    """Source -> its rows; dates as ISO text, account_id given."""
    snapshots: Sequence[Mapping[str, Any]] = ()
    """Further snapshots: account_id, snapshot_at and what is new from that day on."""
    pauses: Sequence[Mapping[str, Any]] = ()
    """account_id, or attribute and value, or none of them; first, last as ISO days; reason, metrics."""
    no_usage: bool = False
    pieces: Sequence[pl.DataFrame] = ()


def facts(**asked: Any) -> Facts:
    """Facts of a small world: see `World` for what may be given.

    Accounts are those of `accounts`, of the events and of the mapping. One without a signup_date signed up
    1,000 days before the panel; `signup_date: None` means an account of unknown signup, seen from its first
    event or the panel's start.
    """
    world = World(**asked)
    first = world.calendar.index(date.fromisoformat(world.first))
    periods = np.arange(first, first + world.periods, dtype=np.int32)
    named = {name for name, *_ in world.events if ":" not in name} | set(world.accounts)
    named |= {account for _, account, *_ in world.mapping}
    ids = tuple(sorted(named))
    return Facts(
        calendar=world.calendar,
        periods=periods,
        roster=_roster(world, ids, periods),
        coverage=_coverage(world, periods),
        mapping=_mapping(world, ids),
        people=_people(world),
        tables={name: _table(name, rows) for name, rows in world.tables.items()},
        usage=None if world.no_usage else _usage(world),
        pauses=_pauses(world) if world.pauses else None,
    )


def _pauses(world: World) -> pl.DataFrame:
    rows = [dict.fromkeys(PAUSES) | {"metrics": []} | dict(each) for each in world.pauses]
    dated = [{**row, "first": day(row["first"]), "last": day(row["last"])} for row in rows]
    return pl.DataFrame(dated, schema=PAUSES, orient="row")


def _usage(world: World) -> UsageFacts:
    rules = world.rules or ruleset(calendar=world.calendar)
    return usage_facts(usage_rows(world.events), specs_of(world.metrics, rules), world.pieces)


def _roster(world: World, ids: tuple[str, ...], periods: np.ndarray) -> Roster:
    opening = world.calendar.start(int(periods[0]))
    ends = np.array([epoch_day(world.calendar.end(int(each))) for each in periods])
    seen: dict[str, int] = {}
    for account, when, *_ in world.events:
        seen[account] = min(day(when), seen.get(account, day(when)))
    start, known = [], []
    on = np.zeros((len(ids), len(periods)), dtype=bool)
    for row, name in enumerate(ids):
        given = world.accounts.get(name, {})
        signup = given.get("signup_date", opening - timedelta(days=OLD_DAYS))
        start.append(seen.get(name, epoch_day(opening)) if signup is None else day(signup))
        known.append(given.get("signup_known", signup is not None))
        on[row] = start[-1] <= ends
        if (churned := given.get("churned_at")) is not None:
            on[row] &= ends < day(churned)
        on[row, list(world.away.get(name, ()))] = False
    snapshots = _snapshots(world, ids)
    held = np.full(on.shape, -1, dtype=np.int32)
    for row, (name, at) in enumerate(snapshots.select("account_id", "snapshot_at").iter_rows()):
        held[ids.index(name), (0 if at is None else np.searchsorted(ends, epoch_day(at))) :] = row
    return Roster(ids, on, np.array(start, dtype=np.int32), np.array(known, dtype=bool), snapshots, held)


def _snapshots(world: World, ids: tuple[str, ...]) -> pl.DataFrame:
    rows: list[dict[str, Any]] = [{"account_id": name, **world.accounts.get(name, {})} for name in ids]
    rows.extend(dict(each) for each in world.snapshots)
    further = {name for row in rows for name in row} - set(ACCOUNT_COLUMNS) - {"signup_known"}
    columns = [_column(name, [row.get(name) for row in rows], kind) for name, kind in ACCOUNT_COLUMNS.items()]
    columns += [pl.Series(name, [row.get(name) for row in rows]) for name in sorted(further)]
    return pl.DataFrame(columns).sort("account_id", "snapshot_at", nulls_last=False, maintain_order=True)


def _column(name: str, values: list[Any], kind: Any) -> pl.Series:
    if kind == pl.Date:
        values = [date.fromisoformat(v) if isinstance(v, str) else v for v in values]
    return pl.Series(name, values, dtype=kind, strict=False)


def _coverage(world: World, periods: np.ndarray) -> dict[str, Coverage]:
    sources = set(world.tables) | {"accounts"} | (set() if world.no_usage else {"usage"})
    found = {}
    for name in sorted(sources):
        covered = np.ones(len(periods), dtype=bool)
        covered[list(world.uncovered.get(name, ()))] = False
        opening = world.calendar.start(int(periods[0]))
        begin = date.fromisoformat(world.covered_from[name]) if name in world.covered_from else opening
        found[name] = Coverage(name, begin, world.calendar.end(int(periods[-1])), "test", covered)
    return found


def _mapping(world: World, ids: tuple[str, ...]) -> pl.DataFrame:
    rows: list[tuple[Any, ...]] = [(f"account:{name}", name, None, None, "test") for name in ids]
    for raw, account, begin, end in world.mapping:
        rows.append((raw, account, begin and day(begin), end and day(end), "test"))
    return pl.DataFrame(rows, schema=MAPPING_SCHEMA, orient="row")


def _people(world: World) -> pl.DataFrame:
    rows = [dict.fromkeys(PEOPLE_SCHEMA) | dict(each) for each in world.people]
    for row in rows:
        row["person"] = row["person"] or row["user_key"]
        for name in ("from_day", "deactivated_day"):
            if row[name] is not None:
                row[name] = day(row[name])
    return pl.DataFrame(rows, schema=PEOPLE_SCHEMA, orient="row")


def _table(source: str, rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    spec = SOURCES[source]
    kinds: dict[str, Any] = {c.name: KINDS[c.kind] for c in spec.columns} | {"account_id": pl.String}
    further = sorted({name for row in rows for name in row} - set(kinds))
    columns = [_column(name, [row.get(name) for row in rows], kind) for name, kind in kinds.items()]
    columns += [pl.Series(name, [row.get(name) for row in rows]) for name in further]
    table = pl.DataFrame(columns)
    if spec.when is not None:
        table = table.with_columns(day=pl.col(spec.when).to_physical().cast(pl.Int32))
    return table
