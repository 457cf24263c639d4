"""A spreadsheet opens our files: no text of an export runs there."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path

import polars as pl
import pytest

from segkit.reports.tables import to_bytes, to_csv
from tests.cli.command import segkit
from tests.runs.small import ACCOUNTS, write
from tests.security.corpus import here, naughty

LEADING = "=+-@\t\0＝＋－＠\r\n"


@here
def test_every_naughty_string_that_leads_like_a_formula_is_guarded_and_no_other() -> None:
    strings = naughty()
    asked = [text for text in strings if text[:1] in "=+-@\t\0" and text]
    assert len(asked) == 27
    rows = list(csv.reader(io.StringIO(to_csv(pl.DataFrame({"name": strings})).decode(), newline="")))
    cells = [row[0] if row else "" for row in rows[1:]]
    assert cells == [f"'{text}" if text[:1] in LEADING and text else text for text in strings]


def test_numbers_and_dates_are_never_text() -> None:
    assert (
        to_csv(pl.DataFrame({"arr": [-1.5], "n": [-3], "name": ["-1.5"]})) == b"arr,n,name\n-1.5,-3,'-1.5\n"
    )


def test_a_workbook_holds_neither_a_formula_nor_a_link() -> None:
    pytest.importorskip("xlsxwriter")
    names = [
        "=1+1",
        "http://evil.example",
        "mailto:a@b.example",
        "internal:Sheet1!A1",
        "\x1b[31m",
        "{=1}",
        "",
    ]
    with zipfile.ZipFile(io.BytesIO(to_bytes(pl.DataFrame({"name": names}), "xlsx", name="rows"))) as book:
        parts = {name: book.read(name).decode() for name in book.namelist()}
    assert not any(re.search("<f>|<f |<hyperlink", text) for text in parts.values())
    assert not any("externalLink" in name for name in parts)
    assert "http://evil.example" in parts["xl/sharedStrings.xml"]


def test_raw_text_is_for_the_file_asked_for_and_for_no_other(tmp_path: Path) -> None:
    write(tmp_path, accounts=ACCOUNTS)
    done = segkit("assign", "-q", tmp_path, "-o", tmp_path / "mine.csv", "--raw-text")
    assert done.returncode == 0, done.stderr
    assert ",=Cosmo," in (tmp_path / "mine.csv").read_text()
    assert ",'=Cosmo," in (tmp_path / "out/latest/assignments.csv").read_text()


@pytest.mark.parametrize("output", [[], ["-o", "mine.xlsx"], ["-o", "-", "--format", "json"]])
def test_raw_text_where_there_are_no_formulas_is_wrong_usage(tmp_path: Path, output: list[str]) -> None:
    done = segkit("assign", write(tmp_path), "--raw-text", *output, cwd=tmp_path)
    assert done.returncode == 2
    assert "S155 --raw-text is for CSV" in done.stderr
    assert not (tmp_path / "out").exists()
