"""The face of this room: `load` makes Facts of the files that a workspace names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from segkit.columns import SOURCES
from segkit.errors import InputError, Problem
from segkit.facts.coverage import Span, row_coverage, usage_coverage
from segkit.facts.early import usage_before_signup
from segkit.facts.files import unfinished
from segkit.facts.horizon import choose, periods_of, through_of
from segkit.facts.identity import identify, not_dated, resolve
from segkit.facts.ledger import DAY, EMPTY, ID, Snapshots, keep_snapshots
from segkit.facts.mapping import SourceConfig
from segkit.facts.outcome import InputFile, count, digest, input_files, refused_rows, repeated_files
from segkit.facts.people import people_of
from segkit.facts.roster import roster_from, roster_of_seen
from segkit.facts.store import FILE
from segkit.facts.taken import Taken, take
from segkit.facts.terms import Terms
from segkit.facts.types import Coverage, Facts, Fold, Roster
from segkit.facts.unmatched import id_totals, match_usage
from segkit.periods import Calendar, epoch_day

__all__ = ["InputFile", "Loaded", "load"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """Facts and everything to say about the files they came from."""

    facts: Facts
    rejected: Mapping[str, pl.DataFrame]
    """Source -> file, line, column, code, reason, raw of every refused row."""
    ledger: pl.DataFrame
    """Account snapshots to keep for ever (changed rows only)."""
    inputs: tuple[InputFile, ...]
    digest: str
    """Of accepted and refused rows up to as_of; the order of rows and files plays no part."""
    as_of_why: str
    notes: tuple[str, ...]
    problems: tuple[Problem, ...]
    """Warnings."""
    matched: float | None
    """Share of usage rows whose account is known; None without usage."""
    unmatched: tuple[tuple[str, int], ...]
    """Domain or kind of id -> usage rows without an account, the top five."""


def load(
    sources: Mapping[str, SourceConfig],
    *,
    exports: Path,
    calendar: Calendar,
    timezone: str,
    as_of: date | None,
    today: date,
    fold: Fold | None,
    cache: Path | None,
    ledger: pl.DataFrame | None,
    quiet_days: int = 2,
    snapshot_grace: int = 3,
) -> Loaded:
    """Raises InputError with the problems of all files at once."""
    if not sources:
        raise InputError(Problem("D101", "no sources are declared", None, "name at least usage or accounts"))
    taken = take(sources, exports, Terms(timezone), cache, fold)
    chosen, span = choose(taken, calendar, as_of, today, quiet_days)
    periods = np.arange(min(chosen.first, chosen.period), chosen.period + 1, dtype=np.int32)
    end = calendar.end(chosen.period)
    taken = taken.by(end + timedelta(days=snapshot_grace))
    snapshots = Snapshots(EMPTY if ledger is None else ledger)
    if taken.accounts is not None:
        snapshots, problems = keep_snapshots(taken.accounts, ledger, end)
        if problems:
            raise InputError(problems)
    until = epoch_day(end)
    seen = {name: _until(table.rows, until) for name, table in taken.tables.items()}
    days = taken.usage.days(until) if taken.usage else None
    # The earliest snapshot also holds before its date.
    versions = snapshots.versions.filter(
        (pl.col(DAY) <= until + snapshot_grace) | (pl.col(DAY) == pl.col(DAY).min())
    )
    by_id = None if days is None else id_totals(days)
    ids = _all_raw_ids(seen, by_id)
    known = _known_accounts(versions, ids, seen, taken.accounts is not None)
    keys = [key for config in sources.values() for key in config.keys]
    # Whose an id is does not hang on the date of the row that says so: it may be used before a contract.
    every = {name: table.rows for name, table in taken.tables.items()}
    identity = identify(known, _domains(versions), every, keys, ids)
    resolved = {
        name: resolve(table, identity.mapping, "day" if "day" in table.columns else None)
        for name, table in seen.items()
    }
    rows = by_id if not_dated(identity.mapping) else days
    matched = match_usage(taken.usage, rows, identity.mapping, taken.accounts is not None)
    roster = _roster(taken, versions, matched.first_seen, resolved, periods, calendar, snapshot_grace)
    early = () if days is None else usage_before_signup(days, identity.mapping, roster, matched.first_seen)
    facts = Facts(
        calendar=calendar,
        periods=periods,
        roster=roster,
        coverage=_coverage(taken, span, periods, calendar),
        mapping=identity.mapping,
        people=people_of(resolved.get("contacts")),
        tables={name: rows.drop(FILE, "_line", "raw_id") for name, rows in resolved.items()},
        usage=taken.usage.facts(days, until) if taken.usage and days is not None else None,
        counts=tuple(count(gathered, taken.excluded(name)) for name, gathered in taken.all.items()),
    )
    return Loaded(
        facts=facts,
        rejected={name: refused_rows(gathered) for name, gathered in taken.all.items()},
        ledger=snapshots.ledger,
        inputs=tuple(file for gathered in taken.all.values() for file in input_files(gathered)),
        digest=digest(
            taken.receipts(seen),
            {name: gathered.refused for name, gathered in taken.all.items()},
            versions,
            identity.mapping.join(ids.to_frame("raw_id"), on="raw_id", how="semi"),
            facts.coverage,
            taken.columns(),
            until,
        ),
        as_of_why=chosen.why,
        notes=(
            *identity.notes,
            *matched.notes,
            *(note for gathered in taken.all.values() for note in repeated_files(gathered)),
        ),
        problems=(*matched.problems, *early, *_unfinished(taken)),
        matched=matched.share,
        unmatched=matched.top,
    )


def _until(rows: pl.DataFrame, until: int) -> pl.DataFrame:
    """Rows that are known by the epoch day `until`."""
    if "day" in rows.columns:
        return rows.filter(pl.col("day") <= until)
    if "created_at" in rows.columns:
        created = pl.col("created_at").to_physical().cast(pl.Int32)
        return rows.filter(created.is_null() | (created <= until))
    return rows


def _all_raw_ids(tables: Mapping[str, pl.DataFrame], usage: pl.DataFrame | None) -> pl.Series:
    found = [rows["raw_id"].unique() for rows in tables.values()]
    if usage is not None:
        found.append(usage["raw_id"])
    return (
        pl.concat(found).unique().drop_nulls().sort() if found else pl.Series("raw_id", [], dtype=pl.String)
    )


def _known_accounts(
    versions: pl.DataFrame, ids: pl.Series, tables: Mapping[str, pl.DataFrame], listed: bool
) -> list[str]:
    """Ids that accounts lists; without that source every account id seen anywhere."""
    if listed:
        return versions[ID].unique().sort().to_list()
    named = [ids.filter(ids.str.starts_with("account:")).str.slice(len("account:"))]
    named += [rows["account_id"].drop_nulls() for rows in tables.values() if "account_id" in rows.columns]
    return pl.concat(named).unique().sort().to_list()


def _domains(versions: pl.DataFrame) -> pl.DataFrame | None:
    if "domains" not in versions.columns:
        return None
    newest = versions.sort(ID, DAY).unique(ID, keep="last", maintain_order=True)
    return newest.select(ID, "domains")


def _roster(
    taken: Taken,
    versions: pl.DataFrame,
    first_seen: pl.DataFrame,
    tables: Mapping[str, pl.DataFrame],
    periods: npt.NDArray[np.int32],
    calendar: Calendar,
    grace: int,
) -> Roster:
    seen = [first_seen.select("account_id", pl.col("day").cast(pl.Int32))]
    if taken.usage is None:
        seen += [rows.select("account_id", "day") for rows in tables.values() if "day" in rows.columns]
    whole = pl.concat(seen).drop_nulls().group_by("account_id").agg(pl.col("day").min()).sort("account_id")
    if taken.accounts is not None:
        return roster_from(versions, whole, periods, calendar, grace)
    return roster_of_seen(whole, periods, calendar)


def _coverage(
    taken: Taken,
    span: Span,
    periods: npt.NDArray[np.int32],
    calendar: Calendar,
) -> Mapping[str, Coverage]:
    found: dict[str, Coverage] = {}
    if taken.usage is not None:
        days = taken.usage.receipts["day"].drop_nulls().to_numpy()
        found["usage"] = usage_coverage(span, periods, periods_of(days, calendar))
    for name, table in taken.tables.items():
        if "day" in table.rows.columns:
            through, _ = through_of(table.gathered)
            days = table.rows["day"].drop_nulls().to_numpy()
            found[name] = row_coverage(name, days, SOURCES[name].cadence_days, through, periods, calendar)
    return found


def _unfinished(taken: Taken) -> list[Problem]:
    found = (unfinished(file) for gathered in taken.all.values() for file in gathered.files)
    return [problem for problem in found if problem is not None]
