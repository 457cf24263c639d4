"""What happened to accounts by the exports: who left when, who gave notice, who is listed no more."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from segkit.facts.load import Loaded
from segkit.facts.types import Facts
from segkit.periods import epoch_day
from segkit.ruleset.model import RuleSet
from segkit.studies.evaluate.doings import Doings, Said, unsaid
from segkit.studies.evaluate.history import NEVER, Bools, Dated, Ints, Lives, once

CHURNED = "churned"
EXPANDED = "expanded"
CAME_BACK = ("renewed", EXPANDED)
"""Outcomes that only a customer has."""
ACCOUNT = "account:"


def lives_of(facts: Facts, accounts: Sequence[str], ends: Ints) -> Lives:
    """By the accounts [A] and periods [T] of a history. Nothing after as_of is known."""
    until = epoch_day(facts.as_of)
    told = pl.concat([_told(facts, (CHURNED,)), _stated(facts, "churned_at")])
    account, day = _placed(told.filter(pl.col("day") <= until), accounts)
    who, when = _placed(_stated(facts, "notice_date"), accounts)
    notice = np.full(len(accounts), NEVER, np.int64)
    notice[who] = when
    listed = _rows(facts, accounts)
    on = np.where(listed[:, None] >= 0, facts.roster.on[listed], False)
    every = np.array([epoch_day(facts.calendar.end(int(period))) for period in facts.periods], np.int64)
    gone, at = np.nonzero(on[:, :-1] & ~on[:, 1:])
    back, then = np.nonzero(~on[:, :-1] & on[:, 1:])
    renewed, since = _placed(_told(facts, CAME_BACK), accounts)
    returns = Dated.of(np.append(back, renewed), np.append(every[then + 1], since))
    arr = _arr(facts)
    return Lives(
        until,
        once(account, day, returns),
        notice,
        Dated.of(gone.astype(np.int64), every[at + 1]),
        returns,
        None if arr is None else _then(arr, facts, listed, ends, np.nan),
    )


def happenings(facts: Facts, accounts: Sequence[str], kind: str) -> Dated:
    """Outcomes of a kind up to as_of."""
    rows = _told(facts, (kind,)).filter(pl.col("day") <= epoch_day(facts.as_of))
    return Dated.of(*_placed(rows, accounts))


def doings_of(facts: Facts, rules: RuleSet, accounts: Sequence[str], risk: Sequence[str]) -> Doings:
    """What people did about the accounts [A] of a history, as far as the exports say."""
    roster = facts.roster
    listed = _rows(facts, accounts)
    stated = (listed >= 0) & np.append(roster.signup_known, False)[listed]
    signup = np.where(stated, np.append(roster.start, 0)[listed], NEVER).astype(np.int64)
    return Doings(
        _overrides(facts, accounts, risk),
        _dated(facts, "interventions", accounts),
        Dated.of(*_placed(_told(facts, (EXPANDED,)), accounts)) if "outcomes" in facts.tables else None,
        signup,
        _first_value(facts, rules, accounts),
    )


def _overrides(facts: Facts, accounts: Sequence[str], risk: Sequence[str]) -> Said:
    if facts.overrides is None:
        return unsaid()
    rows = facts.overrides.filter(pl.col("segment").is_in(list(risk)))
    sides = [
        _placed(rows.filter(side).select("account_id", day=pl.col("first").cast(pl.Int64)), accounts)
        for side in (pl.col("inside"), ~pl.col("inside"))
    ]
    account, day = (np.concatenate([side[at] for side in sides]) for at in (0, 1))
    inside = np.arange(len(account)) < len(sides[0][0])
    return Said(account, day, inside)


def _dated(facts: Facts, source: str, accounts: Sequence[str]) -> Dated | None:
    rows = facts.tables.get(source)
    if rows is None:
        return None
    return Dated.of(*_placed(rows.select("account_id", pl.col("day").cast(pl.Int64)).drop_nulls(), accounts))


def _first_value(facts: Facts, rules: RuleSet, accounts: Sequence[str]) -> Ints | None:
    """[A] None where no milestone is called the first value, or none are exported."""
    name, rows = rules.definitions.first_value, facts.tables.get("milestones")
    if name is None or rows is None:
        return None
    mine = rows.filter(pl.col("milestone") == name)
    account, day = _placed(mine.select("account_id", pl.col("day").cast(pl.Int64)).drop_nulls(), accounts)
    found = np.full(len(accounts), NEVER, np.int64)
    np.minimum.at(found, account, day)
    return found


def on_roster(facts: Facts, accounts: Sequence[str], ends: Ints) -> Bools:
    """[A, T] by what is known today; nobody in periods before the exports begin."""
    found: Bools = _then(facts.roster.on, facts, _rows(facts, accounts), ends, False).astype(bool)
    return found


def strangers(loaded: Loaded) -> int:
    """Accounts that usage names by id and no list of accounts knows."""
    usage = loaded.facts.usage
    if usage is None or not loaded.facts.roster.snapshots.height:
        return 0
    named = usage.presence()["raw_id"].cast(pl.String).unique()
    named = named.filter(named.str.starts_with(ACCOUNT))
    known = loaded.facts.mapping["raw_id"].cast(pl.String).unique()
    return int((~named.is_in(known.implode())).sum())


def _told(facts: Facts, kinds: Sequence[str]) -> pl.DataFrame:
    rows = facts.tables.get("outcomes")
    if rows is None:
        return pl.DataFrame(schema={"account_id": pl.String, "day": pl.Int64})
    told = rows.filter(pl.col("kind").str.to_lowercase().is_in(kinds))
    return told.select("account_id", pl.col("day").cast(pl.Int64)).drop_nulls()


def _stated(facts: Facts, column: str) -> pl.DataFrame:
    """account_id, day: of each account's newest snapshot."""
    snapshots, roster = facts.roster.snapshots, facts.roster
    if column not in snapshots.columns or not snapshots.height:
        return pl.DataFrame(schema={"account_id": pl.String, "day": pl.Int64})
    newest = roster.snapshot.max(axis=1)
    days = snapshots[column].to_physical().cast(pl.Int64).to_list()
    return pl.DataFrame(
        {
            "account_id": pl.Series(roster.accounts, dtype=pl.String),
            "day": pl.Series([days[row] if row >= 0 else None for row in newest.tolist()], dtype=pl.Int64),
        }
    ).drop_nulls()


def _placed(rows: pl.DataFrame, accounts: Sequence[str]) -> tuple[Ints, Ints]:
    """(place of the account, day) of the rows of these accounts."""
    places = pl.DataFrame({"account_id": accounts}, schema={"account_id": pl.String}).with_row_index("place")
    found = rows.join(places, on="account_id", how="inner", maintain_order="left")
    return found["place"].cast(pl.Int64).to_numpy(), found["day"].to_numpy()


def _rows(facts: Facts, accounts: Sequence[str]) -> Ints:
    """[A] place of each account in the roster; -1 for one that is not in it any more."""
    places = {name: at for at, name in enumerate(facts.roster.accounts)}
    return np.array([places.get(name, -1) for name in accounts], np.int64)


def _arr(facts: Facts) -> npt.NDArray[np.float64] | None:
    """[roster, periods] of the snapshot that held then."""
    snapshots = facts.roster.snapshots
    if "arr" not in snapshots.columns:
        return None
    values = np.append(snapshots["arr"].cast(pl.Float64).fill_null(np.nan).to_numpy(), np.nan)
    found: npt.NDArray[np.float64] = values[facts.roster.snapshot]
    return found


def _then(
    matrix: npt.NDArray[np.generic], facts: Facts, rows: Ints, ends: Ints, otherwise: float
) -> npt.NDArray[np.float64]:
    """[A, T] of a matrix over the roster and the periods of the facts."""
    every = np.array([epoch_day(facts.calendar.end(int(period))) for period in facts.periods], np.int64)
    place = np.searchsorted(every, ends)
    known = np.append(every, -1)[place] == ends
    inside = (rows >= 0)[:, None] & known[None, :]
    found = matrix[np.maximum(rows, 0)[:, None], np.minimum(place, len(every) - 1)[None, :]]
    return np.where(inside, found, otherwise)
