"""`segkit report traits` and `report topics`: from exports and the published run."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import polars as pl
import pytest

from segkit.reports.words import cells
from segkit.runs import assign
from segkit.workspace import open_workspace
from tests.cli.command import segkit
from tests.runs.small import NOW, WORKSPACE, tree, write

SOURCES = """\
  traits: {files: traits.csv}
  tickets: {files: tickets.csv}
topics:
  price: [price*, too expensive]
"""
TRAITS = """\
account_id,trait,value,observed_at
A,priority,cost,2026-09-01
A,priority,growth,2026-10-01
B,priority,cost,2026-10-01
B,contact,Zora,2026-10-01
"""
TICKETS = """\
ticket_id,opened_at,account_id,topic
T1,2026-10-01,A,Prices of seats
T2,2026-10-02,A,price
T3,2026-10-03,C,login
"""


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write(tmp_path_factory.mktemp("voices"))
    (folder / "segkit.yaml").write_text(WORKSPACE + SOURCES)
    (folder / "exports/traits.csv").write_text(TRAITS)
    (folder / "exports/tickets.csv").write_text(TICKETS)
    assign(open_workspace(folder), now=NOW)
    return folder


def rows(folder: Path, verb: str) -> list[tuple[object, ...]]:
    done = segkit("report", verb, folder, "--format", "csv")
    assert done.returncode == 0, done.stderr
    return pl.read_csv(BytesIO(done.stdout.encode())).rows()


def test_segments_by_trait(published: Path) -> None:
    before = tree(published)
    assert rows(published, "traits")[-4:] == [
        ("priority", "cost", "active", 1, 500),
        ("priority", "growth", "at_risk", 1, 5000),
        ("priority", "not said", "active", 1, 100),
        ("priority", "not said", "at_risk", 1, 900),
    ]
    lines = segkit("report", "traits", published).stdout.splitlines()
    assert "priority" in lines[-4]
    assert max(map(cells, lines)) <= 80
    assert tree(published) == before


def test_topics_by_segment(published: Path) -> None:
    assert rows(published, "topics") == [("price", "at_risk", "tickets", 2, 1)]
    assert "tickets, 91 days" in segkit("report", "topics", published).stdout


def test_an_explanation_says_what_the_account_said(published: Path) -> None:
    told = segkit("explain", "Acme", published).stdout
    assert "It said" in told
    assert "priority: growth" in told
    assert "It said" not in segkit("explain", "Dyna", published).stdout


def test_traits_that_name_somebody_are_not_told_where_nobody_is(published: Path, tmp_path: Path) -> None:
    folder = write(tmp_path)
    (folder / "segkit.yaml").write_text(WORKSPACE + SOURCES + "privacy: {pseudonymise: true}\n")
    (folder / "exports/traits.csv").write_text(TRAITS)
    (folder / "exports/tickets.csv").write_text(TICKETS)
    assign(open_workspace(folder), now=NOW)
    assert {row[0] for row in rows(published, "traits")} == {"contact", "priority"}
    assert {row[0] for row in rows(folder, "traits")} == {"priority"}
    told = segkit("explain", "Borg", folder).stdout
    assert ("priority: cost" in told, "Zora" in told) == (True, False)


@pytest.mark.parametrize(
    ("topics", "said"),
    [
        ("{price: []}", "segkit.yaml:8"),
        ("{price: ['*']}", "'*' is no word of a topic"),
        ("{a: ['b*c']}", "'b*c' is no word"),
        ("[price]", "segkit.yaml:8"),
    ],
)
def test_topics_that_are_none_are_refused_with_their_place(tmp_path: Path, topics: str, said: str) -> None:
    folder = write(tmp_path, weeks=1)
    (folder / "segkit.yaml").write_text(WORKSPACE + f"topics: {topics}\n")
    done = segkit("report", "topics", folder)
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr


def test_without_traits_or_topics_it_says_what_is_missing(tmp_path: Path) -> None:
    folder = write(tmp_path, weeks=1)
    for verb, said in (("traits", "no source says what accounts want"), ("topics", "no topics are declared")):
        done = segkit("report", verb, folder)
        assert (done.returncode, said in done.stderr) == (2, True)
