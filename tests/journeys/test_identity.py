"""Whose the rows are: orphans, a person who moved, a shared domain, a merger, a machine among the users."""

from __future__ import annotations

import random
import re
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from segkit.reports.words import cells
from tests.cli.command import segkit
from tests.journeys.test_docs import blocks
from tests.runs.small import RULES, SUNDAYS, write_week
from tests.runs.small import write as small

ACCOUNTS = """\
account_id,name,domains,signup_date
A,Acme,acme.com,2026-01-01
B,Borg,borg.io,2026-01-01
"""
SETTINGS = """\
version: 1
name: Addresses
rules: rules.yaml
quiet_days: 0
sources:
  accounts: {files: accounts.csv}
  usage: {files: "usage*.csv", delivery: append}
"""
USE = {"ann@acme.com": 3, "bob@borg.io": 4, "eve@gmail.com": 2, "kim@acme.de": 5, "joe@agency.net": 1}
"""Address -> events in every week."""


def workspace(folder: Path, weeks: int = 4, **others: str) -> Path:
    """Usage by address only; `others`: further sources with the text of their file."""
    (folder / "exports").mkdir(parents=True)
    (folder / "rules.yaml").write_text(RULES)
    (folder / "exports/accounts.csv").write_text(ACCOUNTS)
    lines = "".join(f"  {name}: {{files: {name}.csv}}\n" for name in others)
    (folder / "segkit.yaml").write_text(SETTINGS + lines)
    for name, text in others.items():
        (folder / f"exports/{name}.csv").write_text(text)
    for week in range(weeks):
        week_of(folder, week)
    return folder


def week_of(folder: Path, week: int) -> None:
    rows = [f"{SUNDAYS[week]},{user},click" for user, count in USE.items() for _ in range(count)]
    text = "\n".join(["at,email,event", *rows, ""])
    (folder / f"exports/usage_{week:02}.csv").write_text(text)


def audit(folder: Path, *asked: str) -> str:
    """What `segkit identity` shows, with single spaces."""
    done = segkit("identity", *asked, folder)
    assert done.returncode == 0, done.stderr
    assert max(map(cells, done.stdout.splitlines())) <= 80
    return squeezed(done.stdout)


def squeezed(text: str) -> str:
    return re.sub(r"(?<=\S) {2,}", " ", text)


def test_an_analyst_finds_out_whose_the_orphans_are(tmp_path: Path) -> None:
    workspace(tmp_path)
    told = audit(tmp_path)
    assert "Usage rows 28 of 60 have an account" in told
    assert "Orphans: rows of nobody 32 rows of 3 ids" in told
    (first, second, third) = re.findall(r"^  (\S+) (\d+) rows 1 id in usage$", told, re.MULTILINE)
    assert (first, second, third) == (("acme.de", "20"), ("gmail.com", "8"), ("agency.net", "4"))

    told = audit(tmp_path, "kim@acme.de")
    assert "kim@acme.de" in told
    assert "Belongs to\n  nobody\n" in told
    assert "\n  Used from 6 Sep 2026 to 27 Sep 2026\n" in told

    (tmp_path / "exports/crosswalk.csv").write_text("domain,account_id\nacme.de,A\n")
    with (tmp_path / "segkit.yaml").open("a") as file:
        file.write("  crosswalk: {files: crosswalk.csv}\n")
    assert "48 of 60 have an account" in audit(tmp_path)
    told = audit(tmp_path, "kim@acme.de")
    assert re.search(r"Belongs to\n  A +always +domain acme\.de \(crosswalk\)\n", told)
    assert "crosswalk, crosswalk.csv:2" in audit(tmp_path, "acme.de")
    done = segkit("identity", "kim@acme.dee", tmp_path)
    assert (done.returncode, done.stderr) == (
        2,
        "S156 no id is called 'kim@acme.dee'\n  hint: did you mean 'kim@acme.de'?\n",
    )


def test_a_person_who_moved_belongs_to_each_customer_in_her_time(tmp_path: Path) -> None:
    told = f"email,account_id,from\neve@gmail.com,A,\neve@gmail.com,B,{SUNDAYS[2]}\n"
    workspace(tmp_path, crosswalk=told)
    said = audit(tmp_path)
    assert "Moves 1 id changed hands" in said
    assert "  email:eve@gmail.com: A until 19 Sep 2026; B from 20 Sep 2026\n" in said
    shown = audit(tmp_path, "eve@gmail.com")
    assert "  A until 19 Sep 2026 crosswalk, crosswalk.csv:2\n" in shown
    done = segkit("identity", "eve@gmail.com", tmp_path, "--format", "csv")
    assert done.stdout.splitlines() == [
        "id,account_id,from,to,kind,evidence,place",
        "email:eve@gmail.com,A,,2026-09-19,crosswalk,crosswalk,crosswalk.csv:2",
        "email:eve@gmail.com,B,2026-09-20,,crosswalk,crosswalk,crosswalk.csv:3",
    ]


def test_a_domain_that_an_agency_uses_for_many_customers_joins_nobody(tmp_path: Path) -> None:
    contacts = "user_id,email,account_id\n" + "".join(f"{n},u{n}@agency.net,B\n" for n in range(3))
    workspace(tmp_path, contacts=contacts)
    accounts = ACCOUNTS.replace("acme.com", "acme.com agency.net gmail.com")
    (tmp_path / "exports/accounts.csv").write_text(accounts)
    told = audit(tmp_path)
    assert "Domains that join nobody 2 domains" in told
    assert "  agency.net of A: most of its listed addresses are another account's" in told
    assert "  gmail.com of A: a mail provider" in told
    assert "nobody: the domain is most of its listed addresses" in audit(tmp_path, "joe@agency.net").replace(
        "\n    ", " "
    )
    assert "1 domain joins nobody: most of its listed addresses are another account's" in segkit(
        "assign", tmp_path
    ).stdout.replace("\n    ", " ")


def test_cron_meets_a_merger(tmp_path: Path) -> None:
    """The bought customer leaves, its use counts for the other from then on; replay agrees."""
    small(tmp_path, weeks=8)
    assert segkit("assign", "-q", tmp_path).returncode == 0
    before = (tmp_path / "out/latest/assignments.csv").read_bytes()
    (tmp_path / "exports/crosswalk.csv").write_text(f"alias,account_id,from\nA,B,{SUNDAYS[8]}\n")
    with (tmp_path / "segkit.yaml").open("a") as file:
        file.write("  crosswalk: {files: crosswalk.csv}\n")
    for week in (8, 9):
        write_week(tmp_path, week)
        assert segkit("assign", "-q", tmp_path).returncode == 0
    moves = pl.read_csv(tmp_path / "out/latest/transitions.csv").filter(pl.col("dimension") == "segments")
    assert moves.select("account_id", "as_of").rows() == []
    runs = sorted((tmp_path / "out/runs").iterdir())
    assert (runs[0] / "assignments.csv").read_bytes() == before
    left = pl.read_csv(runs[1] / "transitions.csv").filter(pl.col("account_id") == "A")
    assert set(left["to"].drop_nulls()) == {"left"}
    assert set(left["cause"]) == {"roster"}
    now = pl.read_csv(tmp_path / "out/latest/assignments.csv")
    assert now["account_id"].to_list() == ["B", "C", "D"]
    # B alone has 3 events a week: with those of A it is busy, from the week of the merger on.
    flags = [
        pl.read_csv(run / "assignments.csv").filter(pl.col("account_id") == "B")["flags"][0] for run in runs
    ]
    assert flags == [None, "busy", "busy"]
    done = segkit("replay", tmp_path)
    assert "Nothing differs." in done.stdout
    assert "  A merged into B, from 26 Oct 2026\n" in audit(tmp_path)


@pytest.mark.parametrize("since", [str(SUNDAYS[8]), ""])
def test_cron_meets_a_customer_that_gets_a_new_id(tmp_path: Path, since: str) -> None:
    """The new id takes the memberships along: nobody waits again, no alarm is lost, and replay agrees.

    With a date it begins with that week. Without one it was another name always: nobody leaves either.
    """
    small(tmp_path, weeks=8)
    assert segkit("assign", "-q", tmp_path).returncode == 0
    assert primaries(tmp_path)["C"] == "at_risk"
    accounts = tmp_path / "exports/accounts.csv"
    accounts.write_text(accounts.read_text().replace("C,=Cosmo", "C9,=Cosmo"))
    (tmp_path / "exports/crosswalk.csv").write_text(f"alias,account_id,from\nC,C9,{since}\n")
    with (tmp_path / "segkit.yaml").open("a") as file:
        file.write("  crosswalk: {files: crosswalk.csv}\n")
    write_week(tmp_path, 8)
    assert segkit("assign", "-q", tmp_path).returncode == 0
    # C had no event in week 7 and 5 in week 8: one of the two weeks that lead out of at_risk.
    assert primaries(tmp_path)["C9"] == "at_risk"
    moves = pl.read_csv(tmp_path / "out/latest/transitions.csv").filter(pl.col("dimension") == "segments")
    came = [("C", "at_risk", "left", "roster"), ("C9", None, "at_risk", "first_seen")]
    assert moves.select("account_id", "from", "to", "cause").rows() == (came if since else [])
    latches = pl.read_parquet(tmp_path / "out/latest/state/latches.parquet")
    write_week(tmp_path, 9)
    assert segkit("assign", "-q", tmp_path).returncode == 0
    whole = segkit("replay", tmp_path)
    # What was published under the old name stays there; where that always was the new one, it is told.
    assert ("Nothing differs." in whole.stdout) == bool(since)
    (folder,) = (tmp_path / "out/replays").iterdir()
    ours, theirs = (
        pl.read_parquet(each / "state/latches.parquet") for each in (tmp_path / "out/latest", folder)
    )
    heir = pl.col("account_id") == "C9"
    assert ours.filter(heir).equals(theirs.filter(heir))
    assert latches.filter(heir & pl.col("inside"))["segment"].to_list() == [
        "active",
        "at_risk",
        "busy",
        "small",
    ]


def primaries(folder: Path) -> dict[str, str]:
    rows = pl.read_csv(folder / "out/latest/assignments.csv")
    return dict(rows.select("account_id", "primary").iter_rows())


def machine(folder: Path) -> None:
    """Thirty people at work, and a crawler that goes through the night, weekends too."""
    rng = random.Random(7)
    rows = []
    for number in range(130):
        day = date(2026, 6, 1) + timedelta(days=number)
        crawls = [(hour, "sync@bots.acme.com", "api_sync") for hour in range(0, 24, 3)]
        people = range(30 if day.weekday() < 5 else 0)
        works = [
            (rng.randrange(8, 18), f"p{each}@acme.com", rng.choice(["login", "report"])) for each in people
        ]
        rows += [
            f"{day}T{hour:02}:{rng.randrange(60):02}:00Z,{user},{event}"
            for hour, user, event in crawls + works
        ]
    (folder / "exports/usage_machine.csv").write_text("\n".join(["at,email,event", *rows, ""]))


def test_a_machine_is_proposed_and_what_is_proposed_can_be_pasted(tmp_path: Path) -> None:
    workspace(tmp_path, weeks=0)
    machine(tmp_path)
    told = audit(tmp_path)
    assert "Behave like machines 1 user" in told
    assert "sync@bots.acme.com 1,040 rows on 130 days" in told
    assert "mostly api_sync" in told
    (block,) = re.findall(r"^exclude:\n(?:  - .*\n)+", told, re.MULTILINE)
    assert block == 'exclude:\n  - {users: ["sync@bots.acme.com"], reason: bot}\n'
    with (tmp_path / "segkit.yaml").open("a") as file:
        file.write(block)
    assert "(bot 1,040)" in segkit("check", "data", tmp_path).stdout
    assert "machines" not in audit(tmp_path)


def test_a_whole_export_of_what_was_found_can_be_had(tmp_path: Path) -> None:
    done = segkit("identity", workspace(tmp_path), "-o", tmp_path / "found.csv")
    assert (done.returncode, done.stdout) == (0, "")
    found = pl.read_csv(tmp_path / "found.csv")
    assert found.columns == ["finding", "id", "account_id", "other_account", "from", "to", "rows", "evidence"]
    assert found.filter(pl.col("finding") == "orphan")["rows"].to_list() == [20, 8, 4]


@pytest.mark.parametrize("number", [0])
def test_the_settings_in_the_page_are_settings(tmp_path: Path, number: int) -> None:
    block = blocks("docs/identity.md", "yaml")[number]
    workspace(tmp_path)
    with (tmp_path / "segkit.yaml").open("a") as file:
        file.write(block)
    assert segkit("check", "rules", tmp_path).returncode == 0
