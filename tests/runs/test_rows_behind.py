"""The rows of the exports that explain shows come to the value of the column that decided."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from segkit.engine.decisions import planned
from segkit.engine.explaining.explain import explained, metrics_read
from segkit.engine.explaining.explained import Explained
from segkit.engine.explaining.rows import CHANGED, FEW, UNCLEAR, Rows, rows_behind
from segkit.engine.plan import Plan
from segkit.facts.behind import Behind
from segkit.runs.given.inputs import read_facts, read_rules
from segkit.workspace import open_workspace

AS_OF = date(2026, 11, 22)
NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
ACCOUNTS = 60
RULES = """\
version: 1
name: random
metrics:
  heavy_28d: {count: usage, where: event is "run" and count at least 3, window: 28d}
segments:
  - {name: some, enter: events_7d at least 5 or logins_28d at least 2 or heavy_28d at least 1}
  - {name: asks, enter: tickets_28d at least 1 or features_14d at least 2}
otherwise: none_fits
"""
WORKSPACE = """\
version: 1
name: Random
rules: rules.yaml
quiet_days: 0
sources:
  accounts: {files: accounts.csv}
  contacts: {files: contacts.csv}
  usage: {files: "usage*.csv", delivery: DELIVERY}
  tickets: {files: tickets.csv}
definitions:
  login: {events: [login]}
  activity: {except_events: [mail_opened]}
"""


def write(folder: Path, delivery: str, *, ids: bool = False) -> Path:
    """Eight weeks of random rows, by account, person or address; some before signup, some twice."""
    rng = np.random.default_rng(7)
    exports = folder / "exports"
    exports.mkdir(parents=True)
    (folder / "segkit.yaml").write_text(WORKSPACE.replace("delivery: DELIVERY", delivery))
    (folder / "rules.yaml").write_text(RULES)
    signup = [AS_OF - timedelta(days=int(rng.integers(3, 90))) for _ in range(ACCOUNTS)]
    zones = ["America/Los_Angeles" if n % 7 == 0 else "" for n in range(ACCOUNTS)]
    _csv(
        exports / "accounts.csv",
        [
            ("account_id", "signup_date", "timezone"),
            *((f"A{n}", signup[n], zones[n]) for n in range(ACCOUNTS)),
        ],
    )
    people = [
        ("user_id", "email", "account_id"),
        *((f"u{n}", f"u{n}@a{n}.test", f"A{n}") for n in range(ACCOUNTS)),
    ]
    _csv(exports / "contacts.csv", people)
    rows = []
    for at in range(3000):
        n, back = int(rng.integers(ACCOUNTS)) // 2 * int(rng.integers(1, 3)), int(rng.integers(56))
        who = [(f"A{n}", ""), ("", f"u{n}")][int(rng.integers(2))]
        hour = f"{AS_OF - timedelta(days=back)}T{int(rng.integers(24)):02}:00:00"
        event = ("login", "run", "mail_opened")[int(rng.integers(3))]
        rows.append(
            (hour, *who, event, f"f{int(rng.integers(3))}", int(rng.integers(1, 5)), f"e{at - at % 9 // 8}")
        )
    head = ("at", "account_id", "user_id", "event", "feature", "count", "event_id")
    width = len(head) if ids else len(head) - 1
    old = [row for row in rows if row[0] < "2026-11-01"]
    new = [row for row in rows if row[0] >= ("2026-10-25" if ids else "2026-11-01")]
    for name, of in (("usage_1.csv", old), ("usage_2.csv", new)):
        _csv(exports / name, [head[:width], *(row[:width] for row in of)])
    tickets = [(f"t{n}", f"A{n % ACCOUNTS}", AS_OF - timedelta(days=n % 50)) for n in range(90)]
    _csv(exports / "tickets.csv", [("ticket_id", "account_id", "opened_at"), *tickets])
    return folder


def _csv(path: Path, rows: list[tuple[object, ...]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)


def plan_for(folder: Path) -> tuple[Plan, Behind]:
    workspace = open_workspace(folder)
    rules, _ = read_rules(workspace)
    loaded = read_facts(workspace, rules, as_of=AS_OF, now=NOW)
    return planned(rules, loaded.facts), loaded.behind


def rows_of(plan: Plan, told: Explained, behind: Behind | None) -> dict[str, Rows]:
    found = rows_behind(plan.rules, plan.facts, told.account_id, metrics_read(told.segments), behind)
    return {rows.metric: rows for rows in found}


def values(told: Explained) -> dict[str, float]:
    leaves = [leaf for shown in told.segments for leaf in shown.enter.leaves()]
    return {leaf.reading.value.key: leaf.reading.value.value for leaf in leaves if leaf.reading}  # type: ignore[misc]


@pytest.mark.parametrize("delivery", ["delivery: append", "delivery: window"])
def test_what_is_shown_comes_to_what_decided(tmp_path: Path, delivery: str) -> None:
    plan, behind = plan_for(write(tmp_path, delivery))
    shown = 0
    for account in plan.facts.roster.accounts[::4]:
        told = explained(plan, account)
        if not told.segments:
            continue
        counted = rows_of(plan, told, None)
        for metric, rows in rows_of(plan, told, behind).items():
            value, before = values(told)[metric], counted[metric]
            assert (rows.rows, rows.total, rows.newest) == (before.rows, before.total, before.newest)
            assert rows.why is None
            assert rows.listed is not None
            assert len(rows.listed) == min(rows.rows, 2 * FEW)
            if metric != "features_14d":
                assert rows.total == value
            if metric == "features_14d" and rows.rows <= 2 * FEW:
                assert len({row.what.split()[1] for row in rows.listed}) == value
            for row in rows.listed:
                name, line = row.place.split(":")
                written = (
                    (tmp_path / "exports" / name).read_text(encoding="utf-8").splitlines()[int(line) - 1]
                )
                assert all(word in written for word in row.what.split())
                assert abs((date.fromisoformat(written.split("T")[0][-10:]) - row.day).days) <= (
                    1 if "usage" in name else 60
                )
                shown += 1
    assert shown > 150


def test_rows_of_a_file_that_the_run_has_not_read_are_counted_and_not_listed(tmp_path: Path) -> None:
    plan, behind = plan_for(write(tmp_path, "delivery: append"))
    told = explained(plan, "A2")
    read = metrics_read(told.segments)
    found = rows_behind(plan.rules, plan.facts, "A2", read, behind, {"tickets": frozenset({"0"})})
    assert {rows.why for rows in found if rows.rows} == {CHANGED}
    assert all(rows.listed is None for rows in found if rows.rows)


def test_events_that_stand_in_several_files_are_counted_and_not_listed(tmp_path: Path) -> None:
    plan, behind = plan_for(write(tmp_path, "columns: {event_id: event_id}", ids=True))
    told = explained(plan, "A2")
    found = rows_of(plan, told, behind)
    assert (found["events_7d"].why, found["events_7d"].listed) == (UNCLEAR, None)
    assert found["events_7d"].total == values(told)["events_7d"]
    assert found["tickets_28d"].why is None
