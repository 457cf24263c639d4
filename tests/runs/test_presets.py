"""Exports read by presets are read by them wherever files are read: identity, erase."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.command import segkit
from tests.runs.small import tree

YAML = """\
version: 1
name: Presets
rules: rules.yaml
sources:
  accounts: {files: companies.csv, preset: hubspot/connector}
  contacts: {files: contacts.csv, preset: hubspot/connector}
  tickets: {files: [tickets.csv, whose.csv], preset: hubspot/connector}
  usage: {files: "events_*.json", preset: mixpanel/ui, delivery: append}
"""
RULES = """\
version: 1
name: presets
segments:
  - name: talks
    enter: tickets_28d at least 1
  - name: quiet
    enter: events_28d at least 0
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    exports = tmp_path / "exports"
    exports.mkdir()
    (tmp_path / "segkit.yaml").write_text(YAML)
    (tmp_path / "rules.yaml").write_text(RULES)
    (exports / "companies.csv").write_text(
        "id,is_deleted,property_name\n1,false,Acme\n2,false,Bolt\n3,true,Gone\n"
    )
    (exports / "contacts.csv").write_text(
        "id,property_email,property_lastname,property_associatedcompanyid\n"
        "7,ann@acme.example,A,1\n8,bob@bolt.example,B,2\n"
    )
    (exports / "tickets.csv").write_text(
        "id,property_subject,property_hs_pipeline_stage,property_createdate,is_deleted\n"
        "91,Help,1,2026-10-13 09:00:00,false\n92,Spam,1,2026-10-13 09:00:00,true\n"
    )
    (exports / "whose.csv").write_text("ticket_id,company_id\n91,1\n92,2\n")
    for week in range(4):
        events(exports, week)
    return tmp_path


def events(exports: Path, week: int) -> None:
    start = 1790553600 + week * 7 * 86_400  # Monday, 2026-09-28
    rows = [
        {"event": "Login", "properties": {"time": start + day * 86_400 + 9 * 3600, "distinct_id": who}}
        for day in range(7)
        for who in ("ann@acme.example", "bob@bolt.example")
    ]
    (exports / f"events_{week}.json").write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_identity_tells_whose_an_id_is_that_stands_in_json(folder: Path) -> None:
    told = segkit("identity", "ann@acme.example", folder)
    assert told.returncode == 0, told.stderr
    assert "contacts.csv:2" in told.stdout
    assert "28 usage rows" in told.stdout


def test_who_is_erased_is_gone_and_the_files_that_hold_the_id_are_told(folder: Path) -> None:
    assert segkit("assign", folder).returncode == 0
    before = tree(folder / "exports")
    done = segkit("erase", "ann@acme.example", folder, "--yes")
    assert done.returncode in (0, 1), done.stderr
    said = done.stdout + done.stderr
    assert "contacts.csv" in said
    assert "events_0.json" in said
    assert tree(folder / "exports") == before
    assert segkit("assign", folder).returncode == 0
    assert "erased" in (folder / "out/latest/summary.md").read_text()
