"""A quarter of runs, one a week: no task twice or lost, each closed one says why, hours are kept to."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from segkit.capacity import CapacityFile
from segkit.engine.flows import flows
from segkit.reports.load import effort
from segkit.runs.assign import assign
from segkit.workspace import open_workspace
from tests.journeys.test_worklist import LIST
from tests.runs.small import NOW, WORKSPACE

WEEKS, ACCOUNTS = 14, 48
FIRST = date(2026, 8, 17)
SUNDAYS = [FIRST + timedelta(days=6 + 7 * week) for week in range(WEEKS)]
HOURS = CapacityFile(hours=2, owners={"Bob": 1, "marketing": 0.5})
CAPACITY = "capacity: {hours: 2, owners: {Bob: 1, marketing: 0.5}}\n"


def write(folder: Path) -> Path:
    """Accounts whose use wanders between none and seven days a week; every sixth has no CSM, one leaves."""
    dice = np.random.default_rng(7)
    steps = np.cumsum(dice.integers(-2, 3, (ACCOUNTS, WEEKS)), axis=1)
    counts = np.abs((steps + dice.integers(0, 8, (ACCOUNTS, 1))) % 14 - 6)
    csms = ("Ann", "Bob", "", "Ann", "Bob", "Cleo")
    accounts = [
        f"N{n:02},name {n},{100 * (n + 1) ** 2},2026-01-01,{csms[n % 6]},{'2026-09-20' if n == 5 else ''}"
        for n in range(ACCOUNTS)
    ]
    exports = folder / "exports"
    exports.mkdir(parents=True)
    (exports / "accounts.csv").write_text(
        "\n".join(["account_id,name,arr,signup_date,csm,churned_at", *accounts]) + "\n"
    )
    rows = [
        f"{SUNDAYS[week] - timedelta(days=n)},N{account:02},click"
        for week in range(WEEKS)
        for account in range(ACCOUNTS)
        for n in range(int(counts[account, week]))
    ]
    # Somebody comes every Sunday, so that the week is known to be over.
    rows += [f"{sunday},N00,click" for sunday in SUNDAYS]
    (exports / "usage.csv").write_text("\n".join(["at,account_id,event", *rows]) + "\n")
    guards = "guards: {many_moves: off, segment_size: off, fewer_rows: off, more_rows: off}\n"
    (folder / "segkit.yaml").write_text(WORKSPACE + CAPACITY + guards)
    (folder / "rules.yaml").write_text(LIST)
    return folder


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The run folders, the oldest first."""
    folder = write(tmp_path_factory.mktemp("a-quarter"))
    workspace = open_workspace(folder)
    done = [assign(workspace, now=NOW, as_of=day) for day in SUNDAYS[1:]]
    return [run.folder for run in done if run.folder is not None]


@pytest.fixture(scope="module")
def lists(runs: list[Path]) -> list[pl.DataFrame]:
    return [pl.read_parquet(run / "worklist.parquet") for run in runs]


def test_no_task_is_there_twice_and_none_is_lost(lists: list[pl.DataFrame]) -> None:
    assert len(lists) == WEEKS - 1
    known: dict[str, date] = {}
    for day, rows in zip(SUNDAYS[1:], lists, strict=True):
        now = {row["key"]: row for row in rows.iter_rows(named=True)}
        assert len(now) == rows.height
        still = [(row["account_id"], row["playbook"]) for row in now.values() if row["closed"] is None]
        assert len(set(still)) == len(still)
        # What was open goes on or is told as closed this week; what is new opened this week.
        for key, opened in known.items():
            assert now[key]["opened"] == opened
            assert now[key]["closed"] in (None, day)
        fresh = now.keys() - known.keys()
        if day != SUNDAYS[1]:
            assert all(now[key]["opened"] == day for key in fresh if now[key]["closed"] is None)
        known = {key: row["opened"] for key, row in now.items() if row["closed"] is None}
    assert len({key for rows in lists for key in rows["key"]}) > 80


def test_there_are_as_many_tasks_as_accounts_came_into_what_asks_for_them(
    runs: list[Path], lists: list[pl.DataFrame]
) -> None:
    """Counted from the transitions, which know nothing of tasks."""
    log = pl.concat([pl.read_parquet(run / "transitions.parquet") for run in runs])
    came = Counter[str]()
    for segment, entered in flows(log).select("segment", "entered").iter_rows():
        came[segment] += entered
    keys = {(row["playbook"], row["key"]) for rows in lists for row in rows.iter_rows(named=True)}
    # What had closed when the first run told of anything is in no list.
    before = pl.read_parquet(runs[0] / "state/tasks.parquet").drop_nulls("closed")["playbook"]
    assert len(before) > 0
    opened = Counter([*(book for book, _ in keys), *before])
    assert opened == {"call": came["at_risk"], "thank": came["busy"]}


def test_each_closed_one_says_why(lists: list[pl.DataFrame]) -> None:
    whys = Counter[str]()
    for rows in lists:
        for why, closed in rows.select("closed_because", "closed").iter_rows():
            assert (why is None) == (closed is None)
            if why:
                whys[why.split(":")[0].split(",")[0]] += 1
    assert set(whys) == {"success", "left at_risk", "busy does not hold any more", "left the roster"}


def test_nobody_is_planned_more_than_the_hours_there_are(lists: list[pl.DataFrame]) -> None:
    later = 0
    for day, rows in zip(SUNDAYS[1:], lists, strict=True):
        still = rows.filter(pl.col("closed").is_null())
        still = still.with_columns(minutes=effort(still), week=(pl.col("planned") - day).dt.total_days() // 7)
        nobody = pl.col("owner") == "csm"
        assert still.filter(nobody)["planned"].drop_nulls().is_empty()
        for (owner,), own in still.filter(~nobody).group_by("owner"):
            limit = HOURS.minutes(str(owner))
            assert limit is not None
            assert own["week"].is_sorted()
            for week in range(1, int(str(own["week"].max())) + 1):
                assert own.filter(pl.col("week") <= week)["minutes"].sum() <= week * limit
            # Nothing waits without need: with the task before it the week would have been over.
            used = own["minutes"].cum_sum()
            assert (((own["week"] - 1) * limit < used) | (own["week"] == 1)).all()
            later += own.filter(pl.col("week") > 1).height
    assert later > 50


def test_the_news_of_all_weeks_tell_of_each_task_once(runs: list[Path], lists: list[pl.DataFrame]) -> None:
    told = [json.loads((run / "worklist-new.json").read_text()) for run in runs]
    opened = Counter(task["key"] for news in told for task in news["opened"])
    closed = Counter(task["key"] for news in told for task in news["closed"])
    assert set(opened.values()) == set(closed.values()) == {1}
    since = [date.fromisoformat(news["since"]) for news in told]
    assert since == SUNDAYS[: WEEKS - 1]
    keys = {key for rows in lists for key in rows["key"]}
    assert keys - set(opened) == {k for k in keys if k.endswith(str(SUNDAYS[0]))}
