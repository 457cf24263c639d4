"""The work list, week after week: opened, gone on with, escalated, closed with its reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from segkit.runs.assign import assign
from segkit.runs.replay import replay
from segkit.workspace import open_workspace
from tests.runs.small import ACCOUNTS, NOW, RULES, SUNDAYS, write

PLAYBOOKS = """\
playbooks:
  call:
    goal: Back again.
    success: events_7d at least 5
    within: 6 weeks
    owner: csm
    due: 2 days
    effort: 90 minutes
    steps:
      - Look
      - Call them
    escalate:
      to: cs_lead
      when: weeks_in(at_risk) at least 3
    variants:
      - when: arr at least 1000
        due: 1 day
        say: Name the figure.
  thank:
    due: 7 days
    owner: marketing
"""
LIST = (
    RULES.split("playbooks:")[0].replace("  - name: busy\n", "  - name: busy\n    playbook: thank\n")
    + PLAYBOOKS
)


def run(folder: Path, week: int) -> pl.DataFrame:
    """The work list of a run for one week, as its CSV has it."""
    done = assign(open_workspace(folder), now=NOW, as_of=SUNDAYS[week])
    assert done.worklist.height == pl.read_csv(folder / "out/latest/worklist.csv").height
    return pl.read_csv(folder / "out/latest/worklist.csv", try_parse_dates=False)


def task(rows: pl.DataFrame, key: str) -> dict[str, Any]:
    (found,) = rows.filter(pl.col("key") == key).iter_rows(named=True)
    return {name: value for name, value in found.items() if value is not None}


def test_a_task_from_its_opening_to_its_end(tmp_path: Path) -> None:
    """C is silent for four weeks, then busy every other week; A falls silent in the last two."""
    write(tmp_path, rules=LIST)
    weeks = {week: run(tmp_path, week) for week in (2, 3, 4, 5, 7, 11)}
    key = "C:call:2026-09-13"
    first = task(weeks[2], key)
    assert (first["name"], first["segments"]) == ("'=Cosmo", "at_risk")
    assert (first["status"], first["owner"]) == ("open", "csm")
    # It opened a week before anybody was told: the days it has count from the first run.
    assert (first["opened"], first["standing"]) == ("2026-09-13", "2026-09-20")
    assert (first["due"], first["within"]) == ("2026-09-22", "2026-11-01")
    assert first["because"] == "events_7d 0 (under 3)"
    assert (first["steps"], first["success"]) == ("Look; Call them", "events_7d at least 5")
    assert (first["arr"], first["urgency"], first["effort"]) == (900, 3.5, "90 minutes")

    raised = task(weeks[3], key)
    said = {name: raised.pop(name) for name in ("escalated", "escalated_to", "escalated_because")}
    assert list(said.values()) == ["2026-09-27", "cs_lead", "weeks_in(at_risk) 3 (at least 3)"]
    assert raised == first | {"status": "escalated", "urgency": 7}

    won = task(weeks[4], key)
    assert (won["status"], won["closed"]) == ("closed", "2026-10-04")
    assert won["closed_because"] == "success: events_7d 5 (at least 5)"
    assert task(weeks[5], key) == won
    assert key in weeks[7]["key"].to_list()
    assert key not in weeks[11]["key"].to_list()

    # Busy again after a quiet week is a task of its own.
    assert task(weeks[5], "C:thank:2026-10-04")["closed_because"] == "busy does not hold any more"
    assert [k for k in weeks[7]["key"] if k.startswith("C:thank")] == [
        "C:thank:2026-10-18",
        "C:thank:2026-10-04",
    ]

    assert weeks[11]["key"].to_list()[0] == "A:call:2026-11-22"
    large = task(weeks[11], "A:call:2026-11-22")
    assert (large["due"], large["say"], large["owner"]) == ("2026-11-23", "Name the figure.", "Ann")
    assert weeks[11]["key"].is_unique().all()
    summary = (tmp_path / "out/latest/summary.md").read_text()
    assert (
        "1 open task, 0 escalated. Since 25 Oct 2026: 3 opened and 3 closed, 0 of them with success"
        in summary
    )
    assert "| Ann | 1 | 0 | 1.5 h |  |  |" in summary


def test_who_moves_on_or_leaves_takes_its_task_along(tmp_path: Path) -> None:
    """B is silent in one week only; C leaves for good."""
    rules = LIST.replace("    enter_after: 2 weeks\n", "").replace("    exit_after: 2 weeks\n", "")
    rules = rules.replace("  - name: active\n", "  - name: active\n    playbook: thank\n")
    accounts = ACCOUNTS.replace("csm\n", "csm,churned_at\n").replace(",\n", ",,\n")
    accounts = accounts.replace("Bob\n", "Bob,\n").replace("Ann\n", "Ann,\n")
    accounts = accounts.replace("C,=Cosmo,900,2026-01-01,,", "C,=Cosmo,900,2026-01-01,,2026-10-30")
    write(tmp_path, rules=rules, accounts=accounts)
    run(tmp_path, 1)
    found = run(tmp_path, 8)
    told = {
        row["key"]: (row["closed"], row["closed_because"])
        for row in found.iter_rows(named=True)
        if row["account_id"] == "B"
    }
    assert told == {
        "B:thank:2026-09-13": ("2026-10-18", "left active, now at_risk"),
        "B:call:2026-10-18": ("2026-10-25", "left at_risk, now active"),
        "B:thank:2026-10-25": (None, None),
    }
    gone = found.filter((pl.col("account_id") == "C") & (pl.col("closed") == "2026-11-01"))
    assert gone["closed_because"].to_list() == ["left the roster"]


def test_a_playbook_that_changes_changes_the_list_and_begins_no_task_anew(tmp_path: Path) -> None:
    write(tmp_path, rules=LIST)
    key = "C:call:2026-09-13"
    before = [task(run(tmp_path, week), key) for week in (2, 3)][1]
    (tmp_path / "rules.yaml").write_text(LIST.replace("      - Look\n", "      - Listen\n"))
    after = task(run(tmp_path, 3), key)
    assert after == before | {"steps": "Listen; Call them"}
    # Other rules that still have it at risk, of which some would have had it there at another time.
    (tmp_path / "rules.yaml").write_text(LIST.replace("enter_after: 2 weeks", "enter_after: 3 weeks"))
    assert task(run(tmp_path, 3), key) == before
    (tmp_path / "rules.yaml").write_text(LIST.replace("enter: events_7d under 3", "enter: events_7d under 0"))
    ended = task(run(tmp_path, 3), key)
    assert ended["closed_because"] == "left at_risk, now needs_review (the rules changed)"


def test_what_closed_before_anybody_was_told_is_not_listed(tmp_path: Path) -> None:
    write(tmp_path, rules=LIST)
    found = run(tmp_path, 5)
    assert found["closed"].drop_nulls().to_list() == []
    assert "C:call:2026-09-13" not in found["key"].to_list()
    assert set(found["standing"].drop_nulls()) == {"2026-10-11"}
    assert found.filter(pl.col("due") < "2026-10-11").is_empty()


def test_weeks_in_a_row_give_the_list_of_one_replay(tmp_path: Path) -> None:
    write(tmp_path / "weekly", rules=LIST)
    for week in (3, 6, 7, 11):
        run(tmp_path / "weekly", week)
    whole = replay(open_workspace(tmp_path / "weekly"), now=NOW, end=SUNDAYS[11])
    weekly = tmp_path / "weekly/out/latest"
    for name in ("worklist.csv", "worklist.parquet", "state/tasks.parquet"):
        assert (weekly / name).read_bytes() == (whole.folder / name).read_bytes()
