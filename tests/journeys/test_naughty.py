"""Hostile strings everywhere at once: they are text in the page, in the workbook and on the terminal."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import UTC, datetime
from html import unescape
from io import BytesIO
from pathlib import Path

import polars as pl
import pytest
from msgspec.structs import replace
from python_calamine import CalamineWorkbook

from segkit.reports import plain
from segkit.reports.explained.story import lay_out_story
from segkit.reports.html.page import story_page
from segkit.reports.words import clean
from segkit.runs.explain import explain
from segkit.workspace import open_workspace
from tests.cli.command import Done, segkit
from tests.journeys.browser import dom, needs_chromium
from tests.journeys.naughty import XSS, called, strings, write
from tests.reports.test_page import Marks, report
from tests.reports.test_sheets import parts

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
pytestmark = pytest.mark.skipif(len(strings()) < 400, reason="the big list of naughty strings is not there")
STEERS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2028\u2029\ufeff]")
"""What moves the cursor of a terminal, or is not seen on it; a line feed ends a line of ours."""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("naughty") / "w", strings())


@pytest.fixture(scope="module")
def done(hostile: Path) -> Done:
    return segkit("assign", hostile)


@pytest.fixture(scope="module")
def page(hostile: Path, done: Done) -> Path:
    return hostile / "out/latest/report.html"


@pytest.fixture(scope="module")
def tame(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of as many accounts with plain words."""
    folder = tmp_path_factory.mktemp("tame") / "w"
    write(folder, [f"word {n}" if clean(text).strip() else text for n, text in enumerate(strings())])
    assert segkit("assign", "-q", folder).returncode == 0
    return (folder / "out/latest/report.html").read_text("utf-8")


def test_every_string_is_taken_and_none_steers_the_terminal(done: Done, hostile: Path) -> None:
    assert done.returncode == 0, done.stderr
    names = pl.read_parquet(hostile / "out/latest/assignments.parquet")["name"]
    assert len(names) == len(strings())
    assert names.is_in(list(XSS)).sum() == len(XSS)
    assert not STEERS.findall(done.stdout + done.stderr)
    assert not STEERS.findall((hostile / "out/latest/summary.md").read_text("utf-8"))


def test_the_page_has_the_elements_of_one_with_plain_words(page: Path, tame: str) -> None:
    text = page.read_text("utf-8")
    found, plain = Marks(text), Marks(tame)
    assert found.tags == plain.tags
    assert found.values == plain.values
    assert not STEERS.findall(text)
    assert sum(attack in unescape(text) for attack in XSS) >= 19, "or nothing was tried"


def test_no_string_adds_an_element_where_a_list_shows_it() -> None:
    # A semicolon would end a reason: the engine lets none of a text's own through.
    many = [text.replace(";", ",") for text in strings()]
    wanted = Marks(report("word"))
    for start in range(0, len(many), 39):
        found = Marks(report("word", *many[start : start + 39]))
        assert found.tags == wanted.tags
        assert found.values == wanted.values


def test_no_id_and_no_name_is_a_formula_in_a_list(hostile: Path, done: Done) -> None:
    for name in ("assignments", "transitions", "worklist"):
        rows = pl.read_csv(hostile / f"out/latest/{name}.csv", infer_schema=False)
        texts = [text for column in ("account_id", "name") for text in rows[column].drop_nulls()]
        assert len({text for text in texts if text.startswith("'-")}) > 1, "or nothing was tried"
        assert not [text for text in texts if text[:1] in tuple("=+-@\t\r")]


@needs_chromium
def test_a_browser_finds_no_script_and_no_element_more(page: Path, tame: str, tmp_path: Path) -> None:
    shown = Marks(dom(page, tmp_path))
    assert "script" not in {tag.split()[0] for tag in shown.tags}
    # Browsers close what was left open: what stands in the file is what stands in the document.
    assert shown.tags == Marks(tame).tags


@needs_chromium
def test_the_page_opens_without_a_network(page: Path, tmp_path: Path) -> None:
    alone = ("unshare", "--net", "--map-root-user")
    if (
        shutil.which("unshare") is None
        or subprocess.run([*alone, "true"], check=False, capture_output=True).returncode
    ):
        pytest.skip("no network of its own can be made here")
    text = dom(page, tmp_path, before=alone)
    assert "Who to call first" in text


def test_the_workbook_has_no_formula_and_no_link(hostile: Path, done: Done, tmp_path: Path) -> None:
    target = tmp_path / "book.xlsx"
    assert segkit("report", "xlsx", hostile, "-o", target).returncode == 0
    content = target.read_bytes()
    files = parts(content)
    assert not re.findall("<f[ >]|hyperlink|oleObject|externalLink", "".join(files.values()))
    rows = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_name("at_risk").to_python()
    told = {str(row[1]) for row in rows}
    assert len(told & set(XSS)) >= len(XSS) - 2, "a pause or an override holds one or two of them"


def test_explanations_steer_no_terminal_and_add_nothing_to_their_page(hostile: Path, done: Done) -> None:
    place = len(strings()) - 3
    told = explain(open_workspace(hostile), called(place, strings()[place]), now=NOW)
    assert told.name in XSS
    for text in strings():
        other = replace(told, name=text, csm=text, currency=text)
        assert not STEERS.findall(plain(lay_out_story(other)))
    tags = Marks(story_page(replace(told, name="word", csm="word"))).tags
    assert all(Marks(story_page(replace(told, name=text, csm=text))).tags == tags for text in XSS)


@pytest.mark.parametrize("account", strings()[::70])
def test_whoever_is_asked_for_it_is_an_answer(hostile: Path, done: Done, account: str) -> None:
    found = segkit("explain", "--", account, hostile)
    assert found.returncode in (0, 2)
    assert not STEERS.findall(found.stdout + found.stderr)


def test_no_segment_is_called_so(tmp_path: Path) -> None:
    quoted = ("'" + text.replace("'", "''") + "'" for text in strings() if text.isprintable())
    entries = "".join(f"  - {{name: {text}, enter: arr over 1}}\n" for text in quoted)
    folder = write(tmp_path / "w", ["one"])
    (folder / "rules.yaml").write_text(f"version: 1\nname: x\nsegments:\n{entries}", encoding="utf-8")
    found = segkit("check", "rules", folder)
    assert found.returncode == 1
    assert found.stderr.count("R110") > 400
    assert not STEERS.findall(found.stdout + found.stderr)
