"""What messages show of people: exports with an address and a name in every text, right and wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from segkit.columns import SOURCES, Column
from tests.cli.command import segkit
from tests.runs.small import write

SECRET = "zoe.secret@acme.example"
TEXT = f"Zoe Secret <{SECRET}>"
SAID = {"instrument": "nps", "kind": "churned", "status": "held", "in_or_out": "in", "user_id": SECRET}
ANSWERS = {"date": "2026-09-06", "moment": "2026-11-22", "flag": "no"}
ACCOUNTS = f"""\
account_id,name,arr,signup_date,csm,champion,industry,timezone
A,Acme,5000,2026-01-01,,{TEXT},{TEXT},{TEXT}
B,Borg,500,2026-01-01,,{SECRET},{SECRET},
C,Cosmo,900,{SECRET},,,,
{SECRET},Dyna,{SECRET},2026-10-05,,,,
"""


def right(column: Column) -> str:
    if column.name == "account_id":
        return "A"
    if column.name == "email":
        return SECRET
    return SAID.get(column.name) or (TEXT if column.kind == "text" else ANSWERS.get(column.kind, "1"))


def rows(columns: tuple[Column, ...]) -> str:
    """The header, a row twice, one with an address under each column that is no text, and broken ones."""
    plain = [right(column) for column in columns]
    found = [[column.name for column in columns], plain, plain]
    for at, column in enumerate(columns):
        if column.kind != "text" or column.required:
            found.append([*plain[:at], "" if column.kind == "text" else SECRET, *plain[at + 1 :]])
        if column.name == "account_id":
            found.append([*plain[:at], SECRET, *plain[at + 1 :]])
    return "\n".join([*map(",".join, found), f"{SECRET},{TEXT}", f'"{SECRET}']) + "\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write(tmp_path_factory.mktemp("samples"), weeks=3, accounts=ACCOUNTS)
    names = [name for name in SOURCES if name not in ("accounts", "usage")]
    for name in names:
        (folder / f"exports/{name}.csv").write_text(rows(SOURCES[name].columns))
    usage = rows(SOURCES["usage"].columns) + f"2026-09-20,,{SECRET.replace('zoe', 'eve')}" + "," * 9 + "\n"
    (folder / "exports/usage_9.csv").write_text(usage)
    settings = [
        "version: 1",
        "name: Samples",
        "rules: rules.yaml",
        "exclude:",
        f"  - {{users: [someone.else.{SECRET}], reason: left}}",
        "sources:",
        "  accounts: {files: accounts.csv, attributes: {champion: text}}",
        "  usage: {files: 'usage*.csv', delivery: append}",
        *(f"  {name}: {{files: {name}.csv}}" for name in names),
    ]
    (folder / "segkit.yaml").write_text("\n".join(settings) + "\n")
    return folder


def test_no_message_of_cron_or_of_the_analyst_shows_who_it_was(folder: Path) -> None:
    """Only the rows themselves are kept: refused ones beside the run, and what the next run needs."""
    done = [segkit(*verb, folder) for verb in (("check", "data"), ("assign",))]
    said = "".join(each.stdout + each.stderr for each in done)
    assert [each.returncode for each in done] == [0, 0]
    assert {"D109", "D112", "D114", "D201", "D202", "D203", "D206", "D221", "D222", "D224"} <= {
        word.strip(" ()") for word in said.split()
    }
    files = [path for path in sorted((folder / "out").rglob("*")) if path.is_file()]
    holding = [path for path in files if b"ecret" in path.read_bytes().replace(b"\x00", b"")]
    assert "most often [hidden]@acme.example (1 row)" in said
    assert "ecret" not in said.replace("segkit.yaml", "")
    assert {path.parent.name for path in holding} == {"rejected", "state"}
    assert {"quality.json", "run.json", "summary.md"} <= {path.name for path in files} - {
        path.name for path in holding
    }


def test_what_is_allowed_is_shown_and_nothing_else(folder: Path) -> None:
    settings = folder / "segkit.yaml"
    before = settings.read_text()
    settings.write_text(before + "privacy: {show: [usage.user_id, tickets.subject]}\n")
    done = segkit("check", "data", folder, cwd=folder)
    assert "segkit.yaml:23:33 S110 no column is called 'tickets.subject'" in done.stderr

    settings.write_text(before + "privacy: {show: [usage.user_id]}\n")
    done = segkit("check", "data", folder)
    assert "most often eve.secret@acme.example (1 row)" in done.stderr
    assert "zoe" not in (done.stdout + done.stderr).lower()
