"""What is counted beside rows of usage: numbers of measures, and what a pause of everybody hides."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from segkit.errors import GuardError
from segkit.runs import assign
from segkit.workspace import open_workspace
from tests.runs.guards.many import ACCOUNTS, many
from tests.runs.small import NOW, SUNDAYS, write

RULES = """\
version: 1
name: measured
metrics:
  reports_7d: {sum: measures.reports, window: 7d}
segments:
  - name: active
    enter: reports_7d at least 3
otherwise: needs_review
"""


def measured(folder: Path, last: str) -> Path:
    """Twelve weeks of two numbers of each account; in the last one it is `last` instead of the first."""
    accounts = "".join(f"{account},{account},100,2026-01-01,\n" for account in ACCOUNTS)
    write(folder, weeks=0, rules=RULES, accounts=f"account_id,name,arr,signup_date,csm\n{accounts}")
    (folder / "segkit.yaml").write_text("""\
version: 1
name: Measured
rules: rules.yaml
sources:
  accounts: {files: accounts.csv}
  measures: {files: measures.csv, attributes: {reports: number, seats: integer}}
""")
    rows = [
        f"{day},{account},{last if day == SUNDAYS[11] else 5},7" for day in SUNDAYS for account in ACCOUNTS
    ]
    (folder / "exports/measures.csv").write_text("\n".join(["on,account_id,reports,seats", *rows]) + "\n")
    return folder


@pytest.mark.parametrize("last", ["0", ""], ids=["zero", "empty"])
def test_numbers_of_measures_that_are_all_zero_or_empty_are_missed(tmp_path: Path, last: str) -> None:
    with pytest.raises(GuardError) as error:
        assign(open_workspace(measured(tmp_path, last)), now=NOW)
    (tripped,) = error.value.tripped
    assert (tripped.name, tripped.saw) == (
        "fewer_rows",
        "measures of the week to 2026-11-22 has 0 values of reports",
    )


def test_measures_as_always_trip_nothing(tmp_path: Path) -> None:
    assert assign(open_workspace(measured(tmp_path, "6")), now=NOW).guards.findings == ()


@pytest.mark.parametrize(("metrics", "trips"), [("", False), ("usage", False), ("tickets", True)])
def test_a_week_that_is_paused_for_everybody_is_not_missed(tmp_path: Path, metrics: str, trips: bool) -> None:
    """Nobody worked but for one of sixty; the week before is a measure as always."""
    many(tmp_path, weeks=11)
    settings = tmp_path / "segkit.yaml"
    settings.write_text(settings.read_text() + "  pauses: {files: pauses.csv}\n  tickets: {files: t.csv}\n")
    (tmp_path / "exports/t.csv").write_text("ticket_id,opened_at,account_id\n1,2026-11-01,A01\n")
    week = tmp_path / "exports/usage_10.csv"
    week.write_text("\n".join(week.read_text().splitlines()[:5]) + "\n")
    monday = SUNDAYS[10] - timedelta(days=6)
    (tmp_path / "exports/pauses.csv").write_text(
        f"account_id,group,from,to,reason,metrics\n,all,{monday},{SUNDAYS[10]},Strike,{metrics}\n"
    )
    try:
        found = [each.tripped.name for each in assign(open_workspace(tmp_path), now=NOW).guards.findings]
    except GuardError as error:
        found = [each.name for each in error.tripped]
    assert found == (["suspected_outage"] if trips else [])
