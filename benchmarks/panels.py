"""Facts and lives of simulated accounts without files in between: thousands of accounts in seconds."""

from __future__ import annotations

import numpy as np
import polars as pl

from segkit.engine.counting.partials import usage_fold
from segkit.facts.coded import UsageRows
from segkit.facts.presence import presence_of
from segkit.facts.taking.intake import days_table
from segkit.facts.taking.store import FILE
from segkit.facts.types import Coverage, Facts, Roster, UsageFacts
from segkit.periods import Calendar, from_epoch_day
from segkit.ruleset import check_rules_text
from segkit.ruleset.model import Definitions, RuleSet
from segkit.simulator import Simulated
from segkit.simulator.seasons import INDUSTRIES, REGIONS
from segkit.studies.evaluate import Lives, once
from segkit.studies.evaluate.history import NEVER

CALENDAR = Calendar()


def rules_of(text: str) -> RuleSet:
    rules, problems = check_rules_text(text, calendar=CALENDAR, definitions=Definitions(login="active_day"))
    assert rules is not None, problems
    return rules


def facts_of(sim: Simulated, rules: RuleSet) -> Facts:
    """Every account with industry, region and events: one row per account and week, on its Monday.

    Nobody's export is lost: how lost rows are told from silence is measured elsewhere.
    """
    ids = tuple(f"{place:06}" for place in range(sim.accounts))
    ends = sim.starts + 6
    first = CALENDAR.index(from_epoch_day(int(sim.starts[0])))
    periods = np.arange(first, first + sim.weeks, dtype=np.int32)
    on = (sim.signup[:, None] <= ends) & (sim.churned[:, None] > ends)
    snapshots = pl.DataFrame(
        {
            "account_id": ids,
            "industry": pl.Series(list(INDUSTRIES)).gather(sim.industry),
            "region": pl.Series(REGIONS).gather(sim.region),
            "arr": np.round(sim.base * 100, -2),
        }
    )
    held = np.where(on, np.arange(sim.accounts, dtype=np.int32)[:, None], -1).astype(np.int32)
    roster = Roster(ids, on, sim.signup.astype(np.int32), np.ones(sim.accounts, bool), snapshots, held)
    return Facts(
        calendar=CALENDAR,
        periods=periods,
        roster=roster,
        coverage={name: _covered(name, sim) for name in ("accounts", "usage")},
        mapping=pl.DataFrame(
            {
                "raw_id": [f"account:{each}" for each in ids],
                "account_id": ids,
                "from_day": pl.Series([None] * len(ids), dtype=pl.Int32),
                "to_day": pl.Series([None] * len(ids), dtype=pl.Int32),
                "evidence": ["simulated"] * len(ids),
            }
        ),
        people=pl.DataFrame(schema=_PEOPLE),
        tables={},
        usage=_usage(sim, ids, on, rules),
    )


_PEOPLE = {
    "user_key": pl.String,
    "person": pl.String,
    "from_day": pl.Int32,
    "department": pl.String,
    "is_key": pl.Boolean,
    "deactivated_day": pl.Int32,
    "account_id": pl.String,
}


def _covered(name: str, sim: Simulated) -> Coverage:
    first, last = from_epoch_day(int(sim.starts[0])), from_epoch_day(int(sim.starts[-1]) + 6)
    return Coverage(name, first, last, "simulated", np.ones(sim.weeks, bool))


def _usage(sim: Simulated, ids: tuple[str, ...], on: np.ndarray, rules: RuleSet) -> UsageFacts:
    account, week = np.nonzero((sim.events > 0) & on)
    count = sim.events[account, week]
    rows = pl.DataFrame(
        {
            "raw_id": pl.Series(ids).gather(account).map_elements(lambda each: f"account:{each}", pl.String),
            "user_key": pl.Series([None] * len(account), dtype=pl.String),
            "day": np.maximum(sim.starts[week], sim.signup[account]).astype(np.int32),
            "event": ["used"] * len(account),
            "feature": pl.Series([None] * len(account), dtype=pl.String),
            "session_id": pl.Series([None] * len(account), dtype=pl.String),
            "count": count.astype(np.int64),
            "seconds": pl.Series([None] * len(account), dtype=pl.Float64),
        }
    )
    fold = usage_fold(rules)
    coded = UsageRows(rows)
    tables, days = fold(coded, fold.keys, False), days_table(coded)
    present = presence_of(days.with_columns(pl.lit(0, pl.UInt32).alias(FILE)))
    return UsageFacts(
        lambda since=None: days,
        lambda: present,
        lambda key, since=None: tables[key],
        lambda key, since=None: tables[key].drop("day"),
    )


def lives_of(sim: Simulated) -> Lives:
    """Who left when, and when they said so."""
    last = int(sim.starts[-1]) + 6
    left = np.flatnonzero(sim.churned <= last)
    return Lives(last, once(left, sim.churned[left]), np.minimum(sim.notice, NEVER))
