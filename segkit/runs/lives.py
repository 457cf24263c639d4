"""What happened to accounts by the exports: who left when, who gave notice, who is listed no more."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from segkit.facts.load import Loaded
from segkit.facts.types import Facts
from segkit.periods import epoch_day
from segkit.studies.evaluate.history import NEVER, Bools, Dated, Ints, Lives, once

CHURNED = "churned"
CAME_BACK = ("renewed", "expanded")
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


def on_roster(facts: Facts, accounts: Sequence[str], ends: Ints) -> Bools:
    """[A, T] by what is known today; nobody in periods before the exports begin."""
    found: Bools = _then(facts.roster.on, facts, _rows(facts, accounts), ends, False).astype(bool)
    return found


def strangers(loaded: Loaded) -> int:
    """Accounts that usage names by id and no list of accounts knows."""
    usage = loaded.facts.usage
    if usage is None or not loaded.facts.roster.snapshots.height:
        return 0
    named = usage.days["raw_id"].cast(pl.String).unique()
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
