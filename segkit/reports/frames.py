"""Assignments and transitions as people read them: decisions, with what the CRM says about the account."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from segkit.engine import measured
from segkit.engine.results import Decisions
from segkit.facts.types import Facts
from segkit.ruleset.expr import Metric
from segkit.ruleset.model import RuleSet

_IDS = {"account_id": pl.String}


def assignments(rules: RuleSet, facts: Facts, decisions: Decisions) -> pl.DataFrame:
    """One row per account on the roster at as_of, sorted by account_id; columns in their published order."""
    frame = decisions.assignments.join(crm(facts), on="account_id", how="left", maintain_order="left")
    frame = frame.join(told_arr(rules, facts), on="account_id", how="left", maintain_order="left")
    frame = frame.with_columns(pl.coalesce("arr", "told").alias("arr"))
    # Enough of the fingerprint to tell rule sets apart; run.json has all of it.
    frame = frame.with_columns(pl.col("logic").str.head(12))
    others = [d.name for d in rules.dimensions[1:]]
    head = ["account_id", "name", "as_of", "primary", "since", "weeks_in", "previous", "also", "flags"]
    tail = ["because", "basis", "confidence", "peers", "data_age_days", "stale"]
    others += ["trial"] if "trial" in frame.columns else []
    said = [name for name in ("paused", "override") if name in frame.columns]
    last = ["earliest_exit", "playbook", "csm", "arr", "ruleset", "logic"]
    wanted = [*head, *others, *tail, *said, *last]
    return frame.select(wanted).sort("account_id")


def told_arr(rules: RuleSet, facts: Facts) -> pl.DataFrame:
    """account_id, told: what the metric `arr` says at as_of, for accounts whose ARR no export lists."""
    latest = pl.Series("arr", _arr(rules, facts, len(facts.periods) - 1)[:, -1]).fill_nan(None)
    return pl.DataFrame({"account_id": facts.roster.accounts, "told": latest}, schema_overrides=_IDS)


def transitions(rules: RuleSet, facts: Facts, rows: pl.DataFrame) -> pl.DataFrame:
    """Transition rows with the account's name and its ARR of that period, sorted by period and account."""
    named = crm(facts).select("account_id", "name")
    account, period = _places(facts, rows)
    listed = _column(facts, "arr", pl.Float64)[_snapshot_at(facts, account, period)]
    first = max(int(period.min(initial=len(facts.periods) - 1)), 0)
    said = _arr(rules, facts, first)[account, period - first]
    told = pl.Series("arr", np.where(account >= 0, said, np.nan))
    frame = rows.join(named, on="account_id", how="left", maintain_order="left").with_columns(
        pl.coalesce("name", "account_id"), arr=listed.zip_with(listed.is_not_null(), told.fill_nan(None))
    )
    columns = ["account_id", "name", "as_of", "dimension", "from", "to", "cause", "because", "arr"]
    order = pl.col("cause") != "rule_change"
    return frame.sort("as_of", "account_id", "dimension", order, "from", "to", nulls_last=False).select(
        columns
    )


def crm(facts: Facts) -> pl.DataFrame:
    """account_id, name, csm, arr, currency: each account as its newest snapshot by as_of has it."""
    kinds = {"name": pl.String, "csm": pl.String, "arr": pl.Float64, "currency": pl.String}
    rows = _newest(facts.roster.snapshot)
    return pl.DataFrame(
        {
            "account_id": pl.Series(facts.roster.accounts, dtype=pl.String),
            **{name: _column(facts, name, kind)[rows] for name, kind in kinds.items()},
        }
    ).with_columns(pl.coalesce("name", "account_id"))


def _column(facts: Facts, name: str, kind: type[pl.DataType]) -> pl.Series:
    """A column of the snapshots with one null row behind the last, which index -1 reads."""
    snapshots = facts.roster.snapshots
    if name not in snapshots.columns:
        return pl.Series(name, [None] * (snapshots.height + 1), dtype=kind)
    return pl.concat([snapshots[name].cast(kind), pl.Series(name, [None], dtype=kind)])


def _newest(snapshot: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """[A] row of the newest snapshot of each account; -1 without one."""
    known = snapshot >= 0
    last = snapshot.shape[1] - 1 - np.argmax(known[:, ::-1], axis=1)
    rows: npt.NDArray[np.int32] = snapshot[np.arange(snapshot.shape[0]), last]
    return rows


def _arr(rules: RuleSet, facts: Facts, first: int) -> npt.NDArray[np.float64]:
    """[A, T] what the metric `arr` says: the accounts export, else the subscriptions that run; of the
    periods from place `first` on."""
    return measured(rules, facts, Metric("arr"), first)


def _places(facts: Facts, rows: pl.DataFrame) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Positions of each row on the account and period axes; -1 for an account that only the past knows."""
    if rows.is_empty():
        return np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int32)
    days = rows["as_of"].unique().to_list()
    index = {day: facts.calendar.index(day) - int(facts.periods[0]) for day in days}
    places = pl.DataFrame({"account_id": facts.roster.accounts}, schema=_IDS).with_row_index("place")
    found = rows.select("account_id", "as_of").join(
        places, on="account_id", how="left", maintain_order="left"
    )
    account = found["place"].cast(pl.Int32).fill_null(-1).to_numpy()
    return account, found["as_of"].replace_strict(index, return_dtype=pl.Int32).to_numpy()


def _snapshot_at(
    facts: Facts, account: npt.NDArray[np.int32], period: npt.NDArray[np.int32]
) -> npt.NDArray[np.int32]:
    """The snapshot that held for each account in its period, else its newest; -1 for neither."""
    then = facts.roster.snapshot[account, period]
    held = np.where(then >= 0, then, _newest(facts.roster.snapshot)[account])
    known: npt.NDArray[np.int32] = np.where(account >= 0, held, -1)
    return known
