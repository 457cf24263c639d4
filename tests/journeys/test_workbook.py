"""The workbook of a published run, for people who live in a spreadsheet."""

from __future__ import annotations

import re
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from segkit.runs import assign
from segkit.workspace import open_workspace
from tests.cli.command import segkit
from tests.reports.test_sheets import parts
from tests.runs.small import NOW, RULES, tree, write


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    given = "    due: 2 days\n    within: 4 weeks\n    success: events_7d at least 3\n"
    folder = write(tmp_path_factory.mktemp("workbook"), rules=RULES.replace("    due: 2 days\n", given))
    assign(open_workspace(folder), now=NOW)
    return folder


@pytest.fixture(scope="module")
def content(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    target = tmp_path_factory.mktemp("out") / "book.xlsx"
    before = tree(workspace)
    done = segkit("report", "xlsx", workspace, "-o", target)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", f"Written: {target}\n")
    assert tree(workspace) == before
    return target.read_bytes()


def rows(content: bytes, sheet: str) -> list[list[object]]:
    return CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_name(sheet).to_python()


def test_a_sheet_per_segment_then_moves_tasks_words_and_notes(content: bytes) -> None:
    names = CalamineWorkbook.from_filelike(BytesIO(content)).sheet_names
    segments = ["at_risk", "active", "needs_review"]
    assert names == [*segments, "Transitions", "Work list", "Definitions", "Data notes"]
    head, first, second = rows(content, "at_risk")
    assert head[:5] == ["account_id", "name", "csm", "arr", "since"]
    assert first[:5] == ["A", "Acme", "Ann", 5000.0, date(2026, 11, 22)]
    assert second[:5] == ["C", "=Cosmo", "", 900.0, date(2026, 9, 13)]
    assert rows(content, "needs_review") == [head]
    assert rows(content, "Transitions")[1][:3] == ["A", "Acme", date(2026, 11, 22)]
    assert rows(content, "Work list")[1][:4] == ["A", "Acme", "at_risk", "call"]


def test_what_the_rules_say_and_how_the_data_were_read(content: bytes) -> None:
    said = rows(content, "Definitions")
    assert ["segments", "at_risk", "means", "Hardly there."] in said
    assert ["segments", "at_risk", "enters after 2 weeks in a row when", "events_7d under 3"] in said
    assert ["playbooks", "call", "steps", "Call them"] in said
    assert ["playbooks", "call", "is given", "4 weeks"] in said
    assert ["playbooks", "call", "works when", "events_7d at least 3"] in said
    assert [row[1] for row in said if row[0] == "columns"][:2] == ["since", "weeks_in"]
    notes = rows(content, "Data notes")
    assert ["rows of accounts", "4 read = 4 accepted + 0 refused + 0 left out"] in notes
    assert ["rules", "small, version 1"] in notes
    assert not [note for note in notes if "changed since" in str(note[1])]


def test_nothing_in_it_calculates_or_leads_anywhere(content: bytes) -> None:
    files = parts(content)
    assert not re.findall("<f>|<hyperlink|oleObject|externalLink", "".join(files.values()))


def test_the_same_run_is_the_same_workbook(workspace: Path, content: bytes, tmp_path: Path) -> None:
    done = segkit("report", "xlsx", workspace, cwd=tmp_path)
    assert done.stderr == "Written: segkit-2026-11-22.xlsx\n"
    assert (tmp_path / "segkit-2026-11-22.xlsx").read_bytes() == content


def test_rules_that_changed_since_are_no_rules_of_this_run(tmp_path: Path) -> None:
    folder = write(tmp_path)
    assign(open_workspace(folder), now=NOW)
    (folder / "rules.yaml").write_text(RULES.replace("under 3", "under 2"))
    target = tmp_path / "book.xlsx"
    segkit("report", "xlsx", folder, "-o", target)
    changed = ["rules", "changed since this run: the definitions are those of today"]
    assert changed in rows(target.read_bytes(), "Data notes")


@pytest.mark.parametrize("verb", ["xlsx", "html"])
def test_before_the_first_run_there_is_nothing_to_hand_out(tmp_path: Path, verb: str) -> None:
    folder = write(tmp_path)
    done = segkit("report", verb, folder)
    assert done.returncode == 2
    assert "S163 nothing is published yet" in done.stderr
    done = segkit("report", verb, folder, "-o", tmp_path)
    assert (done.returncode, "is a folder" in done.stderr) == (2, True)


def test_the_page_is_that_of_the_run(workspace: Path) -> None:
    page = workspace / "out/latest/report.html"
    assert Path(segkit("report", "html", workspace).stdout.strip()).read_bytes() == page.read_bytes()
    assert segkit("report", "html", workspace, "-o", "-").stdout == page.read_text("utf-8")
