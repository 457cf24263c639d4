"""An analyst with a folder of downloads: `init` knows them, and what it writes runs as it is."""

from __future__ import annotations

import gzip
from pathlib import Path

import polars as pl
import pytest

from segkit.cli.starter import starter_files
from segkit.errors import ConfigError
from segkit.runs import starting
from tests.cli.command import segkit
from tests.journeys import downloads
from tests.runs.small import tree


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("downloads")
    downloads.write(path)
    (path / "chart.csv").write_text("Event,2026-11-01,2026-11-02,2026-11-03\nLogin,3,4,5\n")
    (path / "holiday photos.jpg").write_bytes(b"\xff\xd8\xff")
    return path


@pytest.fixture(scope="module")
def made(folder: Path) -> str:
    done = segkit("init", folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_says_what_each_file_seems_to_be_and_how_sure_it_is(made: str) -> None:
    said = {line.split("  ")[1].strip(): line for line in made.splitlines() if line.startswith("  ")}
    assert "accounts" in said["report1794816000123.csv"]
    assert "salesforce/ui accounts" in said["report1794816000123.csv"]
    assert "usage" in said["mixpanel_raw.json"]
    assert "zendesk/ui tickets" in said["tickets.csv"]
    assert "qualtrics/ui responses" in said["NPS_November 15, 2026_09.12.csv"]
    assert "intercom/ui people" in said["intercom people.csv"]
    assert "sure" in said["NPS_November 15, 2026_09.12.csv"]
    assert "a chart, not events" in said["chart.csv"]
    assert "holiday photos.jpg" not in made


def test_the_workspace_it_writes_is_commented_and_complete(folder: Path, made: str) -> None:
    text = (folder / "segkit.yaml").read_text()
    for line in (
        "exports: .",
        "preset: salesforce/ui",
        "encoding: cp1252",
        "preset: mixpanel/ui",
        "preset: zendesk/ui",
        "preset: qualtrics/ui",
        "preset: intercom/ui",
        "# events in your files, the commonest first: Login 336, Report viewed 336, Report shared 168",
        'login: {events: ["Login"]}',
    ):
        assert line in text
    assert segkit("check", "rules", folder).stderr.endswith("no errors, 4 warnings.\n")


def test_what_it_writes_runs_without_an_edit(folder: Path, made: str) -> None:
    done = segkit("assign", folder)
    assert done.returncode == 0, done.stderr
    assert "week to 15 Nov 2026 · 6 accounts" in done.stdout
    rows = pl.read_parquet(folder / "out/latest/assignments.parquet")
    assert sorted(rows["name"]) == sorted(name for name, _ in downloads.CUSTOMERS.values())
    assert rows.filter(pl.col("primary") == "unknown").is_empty()
    summary = (folder / "out/latest/summary.md").read_text()
    assert "usage: 840 rows = 840 accepted" in summary
    assert "no known account" not in summary
    assert "the presets intercom/ui, mixpanel/ui, salesforce/ui, zendesk/ui are experimental" in summary
    # What the exports could have held besides is a matter of `check data`.
    assert "D132" not in summary
    assert (
        "headers of salesforce/ui accounts that the file does not have"
        in segkit("check", "data", folder).stderr
    )


def test_nothing_is_overwritten_and_no_export_is_touched(folder: Path, made: str, tmp_path: Path) -> None:
    downloads.write(tmp_path)
    before = tree(tmp_path)
    assert segkit("init", tmp_path).returncode == 0
    assert {name: tree(tmp_path)[name] for name in before} == before
    again = tree(tmp_path)
    done = segkit("init", tmp_path)
    assert done.returncode == 2
    assert "segkit.yaml" in done.stderr
    assert tree(tmp_path) == again


def test_files_of_nobody_known_are_mapped_by_their_headers(tmp_path: Path) -> None:
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports/kunden.csv").write_text(
        "Customer ID;Customer Name;ARR;Signup Date\n7;Acme;1.234,50;31.01.2025\n8;Bolt;2.000,00;01.02.2025\n"
    )
    rows = [f"{day.strftime('%d.%m.%Y')} 09:00;7;login;boards" for day in downloads.days(2)]
    rows += [f"{day.strftime('%d.%m.%Y')} 10:00;8;report_made;maps" for day in downloads.days(3)]
    (tmp_path / "exports/nutzung.csv").write_text(
        "Timestamp;Customer ID;Event Name;Feature\n" + "\n".join(rows) + "\n"
    )
    made = segkit("init", tmp_path)
    assert made.returncode == 0, made.stderr
    text = (tmp_path / "segkit.yaml").read_text()
    assert 'separator: ";"' in text
    assert 'decimal: ","' in text
    assert "account_id: Customer ID" in text
    assert "likely" in made.stdout
    done = segkit("assign", tmp_path)
    assert done.returncode == 0, done.stderr
    snapshots = pl.read_parquet(tmp_path / "out/latest/assignments.parquet")
    assert snapshots.select("account_id", "arr").sort("account_id").rows() == [("7", 1234.5), ("8", 2000.0)]


def test_what_it_cannot_read_stands_in_the_file_as_a_comment_with_the_reason(tmp_path: Path) -> None:
    downloads.write(tmp_path)
    (tmp_path / "survey.csv").write_text(
        "Respondent ID,Collector ID,Start Date,End Date,Email Address,How was it?\n"
        ",,,,,Response\n1,C,2026-11-02,2026-11-02,user1@acme.example,4\n"
    )
    made = segkit("init", tmp_path)
    assert made.returncode == 0
    text = (tmp_path / "segkit.yaml").read_text()
    assert "survey.csv" in text
    assert "score" in next(line for line in made.stdout.splitlines() if "survey.csv" in line)
    assert segkit("assign", tmp_path).returncode == 0


def test_of_lists_of_accounts_that_disagree_one_is_taken_and_that_is_said(tmp_path: Path) -> None:
    """And a README of theirs stays, and a name written by a spreadsheet is read, late as it comes."""
    exports = tmp_path / "exports"
    exports.mkdir()
    (exports / "README.md").write_text("ours")
    late = "".join(f"C{number},A customer of ours with a long name,\n" for number in range(30_000))
    listed = "account_id,name,plan\nA1,Acme,\nA2,Bolt,\n" + late + "A3,Müller,"
    (exports / "accounts.csv").write_bytes(listed.encode("cp1252"))
    other = "account_id,name,plan\nA1,Acme Inc,pro\nA9,Zürich,pro\n"
    (exports / "customers.csv").write_bytes(other.encode("cp1252"))
    rows = [f"{day},{account},login" for day in downloads.days(2) for account in ("A1", "A2", "A3")]
    (exports / "usage.csv").write_text("at,account_id,event\n" + "\n".join(rows) + "\n")
    made = segkit("init", tmp_path)
    assert made.returncode == 0, made.stderr
    assert "README.md in it is yours and stays" in made.stdout
    assert (exports / "README.md").read_text() == "ours"
    (line,) = (line for line in made.stdout.splitlines() if "customers.csv" in line)
    assert line.split() == ["customers.csv", "-", "not", "used", "disagrees", "with", "accounts.csv"]
    assert "accounts: the lists disagree; accounts.csv is taken" in made.stdout
    assert "encoding: cp1252" in (tmp_path / "segkit.yaml").read_text()
    assert "next: segkit assign" in made.stdout


def test_a_workspace_is_refused_before_its_exports_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "segkit.yaml").write_text("version: 1\n")
    monkeypatch.setattr(starting, "start", lambda *given: pytest.fail("the exports were read"))
    with pytest.raises(ConfigError) as caught:
        starter_files(tmp_path, "saas")
    assert [problem.code for problem in caught.value.problems] == ["S156"]


def test_a_folder_of_odd_files_is_read_as_far_as_it_can_be(tmp_path: Path) -> None:
    """UTF-16 and gzip are recognised, files with common days complete each other, a cut file is told."""
    exports = tmp_path / "exports"
    exports.mkdir()
    (exports / "accounts.csv").write_text("account_id,name\nA1,Acme\nA2,Bolt\n", encoding="utf-16")
    days = [str(day) for day in downloads.days(2)]
    half = len(days) // 2
    for name, part in (("usage_1", days[: half + 1]), ("usage_2", days[half:])):
        rows = [f"{day},{account},login" for day in part for account in ("A1", "A2")]
        text = "at,account_id,event\n" + "\n".join(rows) + "\n"
        (exports / f"{name}.csv.gz").write_bytes(gzip.compress(text.encode()))
    (exports / "tickets.parquet").write_bytes(b"PAR1 and nothing else")
    (exports / "contacts.csv").write_bytes(b"")
    made = segkit("init", tmp_path)
    assert made.returncode == 0, made.stderr
    assert "encoding: utf-16" in (tmp_path / "segkit.yaml").read_text()
    assert "usage: files with common days, taken to complete each other" in made.stdout
    told = {line.split()[0]: line for line in made.stdout.splitlines() if line.strip()}
    assert "-" in told["tickets.parquet"].split()
    assert "-" in told["contacts.csv"].split()
    assert segkit("assign", tmp_path).returncode == 0


def test_use_of_nobody_listed_makes_each_user_an_account(tmp_path: Path) -> None:
    exports = tmp_path / "exports"
    exports.mkdir()
    rows = [f"{day},{user},login" for day in downloads.days(2) for user in ("ann", "bob")]
    (exports / "usage.csv").write_text("at,user_id,event\n" + "\n".join(rows) + "\n")
    (exports / "accounts.csv").write_text("account_id,name\nA1,Acme\n")
    made = segkit("init", tmp_path)
    assert made.returncode == 0, made.stderr
    assert "usage: nobody says whose use it is, so each user is an account" in made.stdout
    assert segkit("assign", tmp_path).returncode == 0
    found = pl.read_parquet(tmp_path / "out/latest/assignments.parquet")["account_id"]
    assert sorted(found) == ["ann", "bob"]
