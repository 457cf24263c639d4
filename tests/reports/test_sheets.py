"""Workbooks cell by cell: text stays text, numbers count, and the bytes are the same again."""

from __future__ import annotations

import zipfile
from datetime import date
from io import BytesIO
from xml.etree import ElementTree

import polars as pl
from python_calamine import CalamineWorkbook

from segkit.reports.sheets import LONGEST, book

TRAPS = [
    "=1+1",
    '=HYPERLINK("http://x")',
    "http://example.com/",
    "mailto:a@b.example",
    "internal:Sheet1!A1",
    "{=SUM(A1)}",
    "<r><t>rich</t></r>",
    "<r></c></r>",
    "]]></t></si>",
    "_x0041_",
    "007",
    "\ufffe\uffff",
    "a\x00b\x1b[31m\nc",
]


def parts(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(BytesIO(content)) as packed:
        return {name: packed.read(name).decode() for name in packed.namelist()}


def made(frame: pl.DataFrame, name: str = "rows") -> bytes:
    with book() as found:
        found.sheet(name, frame)
    return found.content


def test_no_text_becomes_a_formula_a_link_or_a_mark() -> None:
    content = made(pl.DataFrame({"name": TRAPS}))
    files = parts(content)
    for text in files.values():
        ElementTree.fromstring(text)
    assert not [name for name in files if "hyperlink" in files[name] or "<f>" in files[name]]
    assert not [name for name in files if "/_rels/sheet" in name]
    rows = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
    shown = [row[0] for row in rows[1:]]
    assert shown[:6] == TRAPS[:6]
    assert shown[6:8] == ["<r><t>rich</t></r> ", "<r></c></r> "]
    assert shown[8:11] == TRAPS[8:11]
    assert shown[12] == "ab[31m c"


def test_kinds_are_kept_and_what_no_sheet_can_hold_is_left_empty() -> None:
    frame = pl.DataFrame(
        {
            "arr": [1234.5, float("nan"), float("inf"), None],
            "weeks_in": [3, None, 2**40, 0],
            "since": [date(2026, 11, 15), None, date(1815, 6, 18), date(9999, 12, 31)],
            "stale": [True, False, None, True],
        }
    )
    content = made(frame)
    rows = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
    assert rows[1:] == [
        [1234.5, 3.0, date(2026, 11, 15), True],
        ["", "", "", False],
        ["", float(2**40), "1815-06-18", ""],
        ["", 0.0, date(9999, 12, 31), True],
    ]
    assert 'formatCode="yyyy-mm-dd"' in parts(content)["xl/styles.xml"]
    sheet = parts(content)["xl/worksheets/sheet1.xml"]
    assert '<autoFilter ref="A1:D5"/>' in sheet
    assert 'ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"' in sheet


def test_a_text_longer_than_a_cell_is_cut() -> None:
    content = made(pl.DataFrame({"name": ["x" * 40_000, "😀" * 20_000]}))
    rows = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
    for row in rows[1:]:
        assert row[0].endswith("…")
        assert len(row[0].encode("utf-16-le")) <= 2 * LONGEST


def test_sheets_get_names_that_a_spreadsheet_takes() -> None:
    names = ["a/b", "A B", "'x'", "History", "", "n" * 40, "n" * 41, "😀" * 20]
    with book() as found:
        for name in names:
            found.sheet(name, pl.DataFrame({"a": [1]}))
    shown = CalamineWorkbook.from_filelike(BytesIO(found.content)).sheet_names
    assert shown == [
        "a b",
        "A B (2)",
        "x",
        "History (2)",
        "sheet",
        "n" * 31,
        "n" * 27 + " (2)",
        "😀" * 15,
    ]


def test_an_empty_table_and_one_without_columns_are_sheets_too() -> None:
    with book() as found:
        assert found.sheet("empty", pl.DataFrame(schema={"name": pl.String})) == 0
        assert found.sheet("bare", pl.DataFrame()) == 0
    assert CalamineWorkbook.from_filelike(BytesIO(found.content)).sheet_names == ["empty", "bare"]


def test_the_same_rows_give_the_same_bytes() -> None:
    frame = pl.DataFrame({"name": ["b", "a", "b"], "arr": [1.0, 2.0, None]})
    assert made(frame) == made(frame)
    assert "1980-01-01" in parts(made(frame))["docProps/core.xml"]
