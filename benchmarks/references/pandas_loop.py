"""What a notebook does: all events in one frame, and for each week end its windows, one after the other.

python -m benchmarks.references.pandas_loop WORKSPACE DATES: the last DATES week ends.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

import pandas as pd

from segkit.simulator.levels import LAST

CORE = ("dashboards", "reports", "sharing", "alerts", "api")


def metrics_on(usage: pd.DataFrame, accounts: pd.DataFrame, end: pd.Timestamp) -> pd.DataFrame:
    """The metrics of usage on the day before `end`, one row per account."""
    known = usage[usage["at"] < end]
    recent = known[known["at"] >= end - pd.Timedelta(days=28)]
    week = recent[recent["at"] >= end - pd.Timedelta(days=7)]
    before = known[(known["at"] >= end - pd.Timedelta(days=56)) & (known["at"] < end - pd.Timedelta(days=28))]
    by = recent.groupby("account_id")
    finished = recent[recent["event"] == "workflow_completed"]
    core = recent[recent["feature"].isin(CORE)].groupby("account_id")
    found = pd.DataFrame(
        {
            "weeks_since_active": (end - known.groupby("account_id")["at"].max().dt.normalize()).dt.days // 7,
            "events_28d": by.size(),
            "events_28d_previous": before.groupby("account_id").size(),
            "logins_28d": recent[recent["event"] == "login"].groupby("account_id").size(),
            "logins_7d": week[week["event"] == "login"].groupby("account_id").size(),
            "core_workflows_28d": finished.groupby("account_id").size(),
            "active_days_28d": recent["at"].dt.normalize().groupby(recent["account_id"]).nunique(),
            "active_users_28d": by["user_id"].nunique(),
            "features_28d": by["feature"].nunique(),
            "core_adoption_28d": core["feature"].nunique() / len(CORE),
            "minutes_28d": by["seconds"].sum() / 60,
        }
    )
    there = accounts.loc[pd.to_datetime(accounts["signup_date"]) < end, ["account_id"]]
    return there.join(found, on="account_id").fillna(0)


def panel(workspace: Path, dates: int) -> pd.DataFrame:
    exports = workspace / "exports"
    usage = pd.concat([pd.read_parquet(path) for path in sorted(exports.glob("usage_*.parquet"))])
    accounts = pd.read_csv(exports / "accounts.csv")
    ends = [pd.Timestamp(LAST + timedelta(days=1) - timedelta(weeks=back)) for back in range(dates)]
    return pd.concat([metrics_on(usage, accounts, end).assign(week_end=end) for end in ends])


if __name__ == "__main__":
    print(len(panel(Path(sys.argv[1]), int(sys.argv[2]))))
