"""Years decided week by week, each by a run of its own as cron makes it: no guard may trip without a fault.

What was decided lies in `<data>/weeks/`; when it is run again it goes on after the last published week.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl

from benchmarks.process import ROOT
from benchmarks.table import Row, show
from segkit.errors import GuardError, InputError
from segkit.runs import assign
from segkit.runs.folders.history import head
from segkit.runs.given.inputs import read_facts, read_rules
from segkit.workspace import Workspace, open_workspace
from tests.realdata.workspaces import SOURCE, openstack

START = 4
"""Weeks of usage before the first run."""


@dataclass(frozen=True, slots=True)
class Years:
    name: str
    make: Callable[[Path], Path]
    last: date
    faults: frozenset[tuple[date, str]] = frozenset()
    """Last day of a week, and the guard or the refusal that its planted fault is found by."""


def _example(folder: Path) -> Path:
    ignored = shutil.ignore_patterns("out", "state", "truth")
    return Path(shutil.copytree(ROOT / "examples" / "saas", folder, ignore=ignored))


def _openstack(folder: Path) -> Path:
    """With the day of a company's first commit: a list of 2019 read in 2011 would name customers to come."""
    openstack(folder)
    first = pl.read_csv(SOURCE / "company_activity_to_2019_04.csv", infer_schema=False).select(
        account_id="company", signup_date=pl.col("first").str.slice(0, 10)
    )
    accounts = pl.read_csv(folder / "exports/accounts.csv", infer_schema=False)
    accounts.join(first, on="account_id", how="left", maintain_order="left").write_csv(
        folder / "exports/accounts.csv"
    )
    return folder


YEARS = (
    Years(
        "example",
        _example,
        date(2026, 11, 15),
        frozenset(
            {
                (date(2025, 12, 21), "D106"),
                (date(2025, 12, 28), "fewer_rows"),
                (date(2026, 9, 6), "suspected_outage"),
            }
        ),
    ),
    Years("openstack", _openstack, date(2019, 4, 14)),
)


def run(data: Path, seconds: float) -> int:
    """1 when a guard tripped without a planted fault, or a fault was missed. It ends after `seconds`."""
    until = time.perf_counter() + seconds
    rows = []
    for years in YEARS:
        folder = data / "weeks" / years.name
        if not (folder / "segkit.yaml").is_file():
            years.make(folder)
        log = folder.parent / f"{years.name}.txt"
        _decide(open_workspace(folder), years, log, until)
        told = [line.split(" ", 2) for line in log.read_text().splitlines()]
        found = {(date.fromisoformat(day), what) for day, what, _ in told if what != "published"}
        weeks = sum(what in ("published", "D106") for _, what, _ in told)
        days = {date.fromisoformat(day) for day, _, _ in told}
        planted = {fault for fault in years.faults if fault[0] in days}
        for day, what, saw in told:
            if what != "published":
                print(f"{years.name} {day} {what}: {saw}")
        rows += [
            Row(f"{years.name}, {weeks} weeks: tripped without a fault", 0, len(found - planted)),
            Row(f"{years.name}: planted faults not found", 0, len(planted - found)),
            Row(
                f"{years.name}: weeks not decided yet",
                0,
                max(0, (years.last - max(days, default=date.min)).days // 7),
            ),
        ]
    return show("week by week", rows)


def _decide(workspace: Workspace, years: Years, log: Path, until: float) -> None:
    published = head(workspace.state, workspace.out)
    day = published.as_of + timedelta(weeks=1) if published else _first(workspace, years.last)
    with log.open("a") as file:
        while day <= years.last and time.perf_counter() < until:
            for what, saw in _run(workspace, day):
                print(day, what, saw, file=file, flush=True)
            day += timedelta(weeks=1)


def _first(workspace: Workspace, last: date) -> date:
    now = datetime.combine(last + timedelta(days=1), datetime.min.time(), UTC)
    rules, _ = read_rules(workspace)
    facts = read_facts(workspace, rules, now=now, as_of=last, cache=True).facts
    return facts.calendar.end(int(facts.periods[0]) + START - 1)


def _run(workspace: Workspace, day: date) -> list[tuple[str, str]]:
    """What came of the run of the Monday after; what trips is told, accepted, and the weeks go on."""
    now = datetime.combine(day + timedelta(days=1), datetime.min.time(), UTC) + timedelta(hours=5)
    found: list[tuple[str, str]] = []
    accept: dict[str, str] = {}
    try:
        assign(workspace, now=now, as_of=day)
    except InputError as error:
        return [(error.problems[0].code, error.problems[0].what)]
    except GuardError as error:
        found = [(tripped.name, tripped.saw) for tripped in error.tripped]
        accept = {name: "on trial" for name, _ in found}
        assign(workspace, now=now, as_of=day, accept=accept)
    return [*found, ("published", str(len(found)))]
