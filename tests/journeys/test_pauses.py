"""A CS-ops person says who is not to be judged: a freeze, a group's quiet week, a holiday of everybody."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.cli.command import segkit
from tests.runs.small import SUNDAYS, tree, write

ACCOUNTS = """\
account_id,name,arr,signup_date,csm,industry
A,Acme,5000,2026-01-01,Ann,Software
B,Borg,500,2026-01-01,Bob,Retail
C,=Cosmo,900,2026-01-01,,Retail
D,Dyna,100,2026-10-05,Bob,Software
"""
FREEZE = "A,,2026-11-09,2026-12-31,Implementation freeze,"
"""Acme does nothing in the last two weeks of the small workspace."""
RETAIL = ",industry = Retail,2026-10-19,2026-10-25,Stocktaking,usage"
HOLIDAY = ",all,2026-10-28,2026-10-28,Holiday,"
HEAD = "account_id,group,from,to,reason,metrics"


def workspace(folder: Path, *rows: str) -> Path:
    write(folder, accounts=ACCOUNTS)
    with (folder / "segkit.yaml").open("a") as file:
        file.write("  pauses: {files: pauses.csv}\n")
    return listed(folder, *rows)


def listed(folder: Path, *rows: str) -> Path:
    (folder / "exports/pauses.csv").write_text("\n".join([HEAD, *rows]) + "\n")
    return folder


def assignments(folder: Path) -> dict[str, dict[str, str]]:
    text = (folder / "out/latest/assignments.csv").read_text()
    return {row["account_id"]: row for row in csv.DictReader(text.splitlines())}


def test_a_paused_account_is_shown_with_its_reason_and_is_not_called(tmp_path: Path) -> None:
    plain = workspace(tmp_path / "plain")
    assert segkit("assign", plain).returncode == 0
    assert assignments(plain)["A"]["primary"] == "at_risk"
    done = segkit("assign", workspace(tmp_path / "told", FREEZE, RETAIL, HOLIDAY))
    assert done.returncode == 0, done.stderr
    assert "  1 account is paused until 31 Dec 2026 (Implementation freeze): Acme\n" in done.stdout
    assert "Acme" not in done.stdout.partition("Call first")[2].partition("Not alarmed")[0]
    row = assignments(tmp_path / "told")["A"]
    assert row["primary"] == "active"
    assert row["because"] == "held: exit unknown for 2 weeks; paused until 2026-12-31: Implementation freeze"
    assert row["paused"] == "until 2026-12-31: Implementation freeze"
    assert "- 1 account is paused until 31 Dec 2026" in (tmp_path / "told/out/latest/summary.md").read_text()


def test_a_group_and_everybody_are_paused_in_their_weeks(tmp_path: Path) -> None:
    folder = workspace(tmp_path, FREEZE, RETAIL, HOLIDAY)
    paused = {}
    for account in "ABCD":
        done = segkit("report", "baseline", account, "events_7d", folder, "--format", "csv")
        rows = csv.DictReader(done.stdout.splitlines())
        paused[account] = {row["as_of"][5:]: row["paused"] for row in rows if row["paused"]}
        assert not any(row["value"] for row in rows if row["paused"])
    holiday = {"11-01": "2026-10-28 to 2026-10-28: Holiday"}
    stock = {"10-25": "2026-10-19 to 2026-10-25: Stocktaking"}
    freeze = dict.fromkeys(("11-15", "11-22"), "2026-11-09 to 2026-12-31: Implementation freeze")
    assert paused == {"A": holiday | freeze, "B": stock | holiday, "C": stock | holiday, "D": holiday}


def test_everybody_on_holiday_is_one_line(tmp_path: Path) -> None:
    done = segkit("assign", workspace(tmp_path, ",all,2026-11-22,2026-11-22,Holiday,"))
    assert "  All accounts are paused until 22 Nov 2026 (Holiday)\n" in done.stdout
    assert "Mostly unknown" not in done.stdout


def test_the_report_says_why_a_week_is_empty(tmp_path: Path) -> None:
    done = segkit("report", "baseline", "Acme", "events_7d", workspace(tmp_path, FREEZE))
    assert "22 Nov 2026         –        –       –      –        –       –        – paused" in done.stdout
    assert "× paused" in done.stdout
    assert "Paused 9 Nov 2026 to 31 Dec 2026: Implementation freeze." in done.stdout
    assert "This week is paused: nothing is held against what was expected." in done.stdout


def test_a_refused_pause_is_told_on_the_screen_and_by_check(tmp_path: Path) -> None:
    wrong = (FREEZE.replace("A,", "Acme,"), RETAIL.replace("Retail", "Retial"), HOLIDAY + "evnts_7d")
    folder = workspace(tmp_path, *wrong)
    for verb in (("check", "data"), ("assign",)):
        said = " ".join(segkit(*verb, folder).stdout.split())
        assert "no account has the id 'Acme': did you mean A?" in said
        assert "no account has industry 'Retial': did you mean 'Retail'?" in said
        assert "no metric or event source is called 'evnts_7d': did you mean 'events'?" in said
        assert "3 rows = 0 accepted + 3 refused" in said
    assert len((folder / "out/latest/rejected/pauses.csv").read_text().splitlines()) == 4


def test_a_changed_list_is_a_changed_fact_and_the_same_list_is_none(tmp_path: Path) -> None:
    folder = workspace(tmp_path)
    assert "at_risk this week" in segkit("assign", folder).stdout
    assert "Nothing new" in segkit("assign", folder).stderr
    before = (folder / "state/HEAD").read_text()
    assert segkit("assign", listed(folder, FREEZE)).returncode == 0
    assert (folder / "state/HEAD").read_text() != before
    assert assignments(folder)["A"]["primary"] == "active"
    later = listed(folder, FREEZE, ",all,2026-11-23,2026-11-29,Not yet,")
    assert "Nothing new" in segkit("assign", later).stderr


def test_week_by_week_and_all_at_once_decide_the_same(tmp_path: Path) -> None:
    """For pauses that are known when they begin."""
    once, weekly = (workspace(tmp_path / name, FREEZE, RETAIL, HOLIDAY) for name in ("once", "weekly"))
    for sunday in SUNDAYS[8:]:
        assert segkit("assign", "-q", weekly, "--as-of", sunday).returncode == 0
    assert segkit("assign", "-q", once).returncode == 0
    assert assignments(once) == assignments(weekly)


def test_a_workspace_without_pauses_is_as_it_was(tmp_path: Path) -> None:
    """An empty list adds its column and nothing else to what is decided."""
    plain = write(tmp_path / "plain", accounts=ACCOUNTS)
    listing = workspace(tmp_path / "listing")
    for folder in (plain, listing):
        assert segkit("assign", "-q", folder).returncode == 0
    found = assignments(listing)
    assert {row.pop("paused") for row in found.values()} == {""}
    assert found == assignments(plain)
    one, other = (tree(folder / "out/latest") for folder in (plain, listing))
    for name in ("transitions.csv", "groups.csv", "state/latches.parquet", "state/primaries.parquet"):
        assert one[name] == other[name], name


@pytest.mark.parametrize("settings", ["delivery: append", "colums: {to: until}"])
def test_a_setting_that_means_nothing_to_a_list_is_refused(tmp_path: Path, settings: str) -> None:
    folder = workspace(tmp_path, FREEZE)
    text = (folder / "segkit.yaml").read_text()
    (folder / "segkit.yaml").write_text(text.replace("pauses.csv", f"pauses.csv, {settings}"))
    assert "S110" in segkit("check", folder).stderr + segkit("check", "rules", folder).stderr
