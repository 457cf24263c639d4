"""Moments in UTC and accounts with zones give what the same rows give with the dates of the accounts."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from segkit.engine import measured
from segkit.ruleset.named import metric_named
from segkit.runs.given.inputs import read_facts, read_rules
from segkit.workspace import open_workspace

ZONES = {"A": "America/New_York", "B": "Pacific/Auckland", "C": "Asia/Kolkata", "D": ""}
METRICS = (
    "events_7d",
    "active_days_7d",
    "active_users_7d",
    "features_7d",
    "minutes_28d",
)
RULES = "version: 1\nname: zones\nsegments:\n" + "".join(
    f"  - name: s{at}\n    enter: {metric} at least 1\n" for at, metric in enumerate(METRICS)
)
WORKSPACE = """\
version: 1
name: Zones
rules: rules.yaml
quiet_days: 0
sources:
  accounts: {files: accounts.csv}
  usage: {files: "usage*.csv", delivery: DELIVERY}
"""
FIRST = datetime(2026, 9, 7, tzinfo=UTC)
"""Ten weeks in which the clocks change in Auckland and in New York."""


def write(folder: Path, *, local: bool, delivery: str) -> None:
    """One file per five weeks; `local`: dates as the accounts had them, and no zones."""
    (folder / "exports").mkdir(parents=True)
    (folder / "segkit.yaml").write_text(WORKSPACE.replace("DELIVERY", delivery))
    (folder / "rules.yaml").write_text(RULES)
    zones = "".join(f"{account},{'' if local else zone}\n" for account, zone in ZONES.items())
    (folder / "exports/accounts.csv").write_text("account_id,timezone\n" + zones)
    dice = random.Random(4)
    files: dict[int, list[str]] = {0: [], 1: []}
    for minute in sorted(dice.sample(range(0, 70 * 24 * 60, 7), 160)):
        account, when = dice.choice("ABCD"), FIRST + timedelta(minutes=minute)
        there = when.astimezone(ZoneInfo(ZONES[account] or "UTC")).date()
        said = str(there) if local else f"{when:%Y-%m-%dT%H:%MZ}"
        user, feature = dice.choice("12345"), dice.choice(["reports", "alerts", "api"])
        files[int(minute >= 35 * 24 * 60)].append(f"{said},{account},{user},login,{feature},60")
    # A day at each end of both files, so that all say the same about what they cover.
    edges = (FIRST.date(), date(2026, 10, 11)), (date(2026, 10, 12), date(2026, 11, 15))
    for number, rows in files.items():
        rows += [f"{day},D,1,login,reports,60" for day in edges[number]]
        text = "at,account_id,user_id,event,feature,seconds\n" + "\n".join(rows) + "\n"
        (folder / f"exports/usage_{number}.csv").write_text(text)


@pytest.mark.parametrize("delivery", ["append", "window"])
def test_zones_and_local_dates_measure_the_same(tmp_path: Path, delivery: str) -> None:
    found = []
    for local in (True, False):
        folder = tmp_path / str(local)
        # Local dates spill over the edges of the files, which only `append` allows.
        write(folder, local=local, delivery="append" if local else delivery)
        workspace = open_workspace(folder)
        rules, _ = read_rules(workspace)
        facts = read_facts(workspace, rules, now=datetime(2026, 11, 23, tzinfo=UTC)).facts
        found.append({name: measured(rules, facts, metric_named(name, rules)) for name in METRICS})
    for name in METRICS:
        np.testing.assert_array_equal(found[0][name], found[1][name], err_msg=name)
        assert len(np.unique(found[0][name][~np.isnan(found[0][name])])) > 1
