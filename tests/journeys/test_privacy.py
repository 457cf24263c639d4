"""Who must not be looked at: a bot, an account that said no, a person who wants to be forgotten."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.cli.command import segkit
from tests.runs.small import ACCOUNTS, tree, write, write_week

CONTACTS = """\
user_id,email,account_id
U1,ann@acme.example,A
U2,crawler[bot]@acme.example,A
U3,bob@borg.example,B
"""


def with_people(folder: Path, *, weeks: int = 12, accounts: str = ACCOUNTS) -> Path:
    """The small workspace with a contact list, and users in the usage of its last week."""
    write(folder, weeks=weeks, accounts=accounts)
    (folder / "exports/contacts.csv").write_text(CONTACTS)
    settings = folder / "segkit.yaml"
    settings.write_text(settings.read_text() + "  contacts: {files: contacts.csv}\n")
    return folder


def by_person(folder: Path, week: int, rows: str) -> None:
    """A week of usage that names users beside accounts."""
    (folder / f"exports/usage_{week:02}.csv").write_text(f"at,account_id,user_id,event\n{rows}")


def manifest(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "out/latest/run.json").read_text())


def primary(folder: Path) -> dict[str, str]:
    rows = pl.read_csv(folder / "out/latest/assignments.csv")
    return dict(rows.select("account_id", "primary").iter_rows())


def test_an_editor_leaves_out_a_bot_that_made_an_account_look_alive(tmp_path: Path) -> None:
    with_people(tmp_path)
    by_person(
        tmp_path,
        11,
        "2026-11-22,A,U1,click\n" + "2026-11-22,A,U2,click\n" * 5 + "2026-11-22,B,U3,click\n" * 3,
    )
    assert segkit("assign", "-q", tmp_path).returncode == 0
    assert primary(tmp_path)["A"] == "active"
    settings = tmp_path / "segkit.yaml"
    before = settings.read_text()

    settings.write_text(before + "exclude:\n  - {users: [crawler*bot*], reasn: bot}\n")
    done = segkit("check", "all", tmp_path, cwd=tmp_path)
    assert done.returncode == 1
    assert "segkit.yaml:10:29 S110 unknown key 'reasn'" in done.stderr
    assert "did you mean 'reason'?" in done.stderr

    settings.write_text(before + 'exclude:\n  - {users: ["crawler[bot]*", "renovate*"], reason: bot}\n')
    done = segkit("check", "all", tmp_path, cwd=tmp_path)
    assert done.returncode == 0
    assert "usage: 127 rows = 122 accepted + 5 left out (bot 5)" in done.stdout
    assert "left out on purpose: bot (1 person, 6 rows)" in done.stdout
    assert "segkit.yaml:10:5 D112 warning: exclude: no user is like 'renovate*' (bot)" in done.stderr

    done = segkit("assign", tmp_path)
    assert "Left out on purpose: bot (1 person, 6 rows)" in done.stdout
    assert primary(tmp_path)["A"] == "at_risk"
    told = manifest(tmp_path)
    assert told["left_out"] == [{"reason": "bot", "accounts": 0, "people": 1}]
    assert {row["source"]: row["reasons"] for row in told["rows"]}["usage"] == {"bot": 5}


def test_an_analyst_honours_a_request_to_be_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_people(tmp_path)
    by_person(tmp_path, 11, "2026-11-22,A,U1,click\n" * 4 + "2026-11-22,B,U3,click\n" * 3)
    assert segkit("assign", "-q", tmp_path).returncode == 0
    runs = tree(tmp_path / "out/runs")

    done = segkit("erase", "ann@acme.example", tmp_path)
    assert (done.returncode, "S172" in done.stderr, "--yes" in done.stderr) == (2, True, True)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    answers = iter(["no", "yes"])
    monkeypatch.setattr("builtins.input", lambda _: next(answers))
    done = segkit("erase", "ann@acme.example", tmp_path)
    assert "Nothing was erased" in done.stderr
    assert tree(tmp_path / "out/runs") == runs

    done = segkit("erase", "Ann@Acme.example", tmp_path, cwd=tmp_path)
    assert done.returncode == 0
    assert done.stderr.startswith("email:ann@acme.example, 1 user id\n")
    assert "1 run written anew" in done.stdout
    assert "exports/contacts.csv (1 rows)" in done.stdout
    assert "exports/usage_11.csv (4 rows)" in done.stdout

    done = segkit("assign", tmp_path)
    assert "Left out on purpose: erased (5 rows)" in done.stdout
    assert primary(tmp_path)["A"] == "at_risk"
    (tmp_path / "exports/contacts.csv").write_text(CONTACTS.replace("U1,ann@acme.example,A\n", ""))
    by_person(tmp_path, 11, "2026-11-22,B,U3,click\n" * 3 + "2026-11-22,A,,click\n")
    done = segkit("erase", "email:ann@acme.example", tmp_path, "--yes")
    assert "No file here holds them any more" in done.stdout


def test_cron_meets_an_account_that_said_no(tmp_path: Path) -> None:
    """It leaves once, as accounts leave, and is in nothing that is written from then on; old runs stay."""
    accounts = (
        ACCOUNTS.replace("csm\n", "csm,consent\n").replace("Ann\n", "Ann,yes\n").replace("Bob\n", "Bob,\n")
    )
    accounts = accounts.replace("2026-01-01,\n", "2026-01-01,,\n")
    with_people(tmp_path, weeks=10, accounts=accounts)
    assert segkit("assign", "-q", tmp_path).returncode == 0
    first = tree(tmp_path / "out/runs")
    assert not (tmp_path / "state/key").exists()

    (tmp_path / "exports/accounts.csv").write_text(accounts.replace("Ann,yes", "Ann,no"))
    write_week(tmp_path, 10)
    assert segkit("assign", "-q", tmp_path).returncode == 0
    assert sorted(primary(tmp_path)) == ["B", "C", "D"]
    left = pl.read_csv(tmp_path / "out/latest/transitions.csv").filter(pl.col("account_id") == "A")
    assert set(left.select("to", "cause").rows()) == {("left", "roster")}
    told = manifest(tmp_path)
    assert told["left_out"] == [{"reason": "no consent", "accounts": 1, "people": 0}]
    assert (tmp_path / "state/key").stat().st_mode & 0o777 == 0o600

    # The export no longer says it, as when the CRM drops the column: a no stays a no.
    (tmp_path / "exports/accounts.csv").write_text(ACCOUNTS)
    write_week(tmp_path, 11)
    assert segkit("assign", "-q", tmp_path).returncode == 0
    newest = (tmp_path / "out/latest").resolve()
    assert sorted(primary(tmp_path)) == ["B", "C", "D"]
    for name in ("assignments.csv", "transitions.csv", "summary.md"):
        assert "Acme" not in (newest / name).read_text()
    for path in sorted((newest / "state").glob("*.parquet")):
        assert "A" not in pl.read_parquet(path)["account_id"].to_list()
    assert {name: content for name, content in tree(tmp_path / "out/runs").items() if name in first} == first

    # Without the key nobody could tell who said no: nothing is published.
    (tmp_path / "state/key").unlink()
    done = segkit("assign", tmp_path, cwd=tmp_path)
    assert (done.returncode, "state/key I105" in done.stderr) == (5, True)
