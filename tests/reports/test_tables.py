"""Frames as bytes: safe in a spreadsheet, the same every time."""

from __future__ import annotations

import json
from datetime import date

import polars as pl
import pytest

from segkit.reports.tables import to_bytes, to_csv

ROWS = pl.DataFrame(
    {
        "account_id": ["A1", "=cmd|' /C calc'!A0"],
        "as_of": [date(2026, 11, 15), None],
        "arr": [-1200.0, 0.125],
        "weeks_in": [3, None],
        "stale": [True, False],
    }
)


def test_csv_guards_text_and_leaves_numbers_alone() -> None:
    assert to_csv(ROWS).decode() == (
        "account_id,as_of,arr,weeks_in,stale\nA1,2026-11-15,-1200,3,true\n'=cmd|' /C calc'!A0,,0.125,,false\n"
    )


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "\x00", "＝", "＋", "－", "＠"])
def test_every_formula_sign_is_guarded(sign: str) -> None:
    text = to_csv(pl.DataFrame({"name": [f"{sign}1+1"]})).decode()
    assert f"'{sign}1+1" in text


def test_a_sign_further_inside_is_left_alone() -> None:
    assert to_csv(pl.DataFrame({"name": ["a=b", "x-y"]})) == b"name\na=b\nx-y\n"


def test_large_and_odd_floats_survive() -> None:
    frame = pl.DataFrame({"x": [1e20, 0.1 + 0.2, float("nan"), None, 1234567.0]})
    assert to_csv(frame).decode() == "x\n1e+20\n0.30000000000000004\nNaN\n\n1234567\n"


def test_json_has_a_schema_version_and_iso_dates() -> None:
    value = json.loads(to_bytes(ROWS, "json", name="assignments"))
    assert value["schema_version"] == 1
    assert value["assignments"][0] == {
        "account_id": "A1",
        "as_of": "2026-11-15",
        "arr": -1200.0,
        "weeks_in": 3,
        "stale": True,
    }


def test_json_lines_are_one_object_a_line() -> None:
    lines = to_bytes(ROWS, "jsonl", name="assignments").decode().splitlines()
    assert [json.loads(line)["account_id"] for line in lines] == ["A1", "=cmd|' /C calc'!A0"]


def test_markdown_cannot_be_broken_out_of() -> None:
    frame = pl.DataFrame({"name": ["a|b", "<script>", "[x](http://y)"]})
    assert to_bytes(frame, "md", name="rows").decode().splitlines()[2:] == [
        "| a\\|b |",
        "| &lt;script&gt; |",
        "| \\[x\\](http://y) |",
    ]


def test_a_table_is_aligned_and_free_of_control_characters() -> None:
    frame = pl.DataFrame({"name": ["東京", "b\x1b[31m"], "n": [1, 20]})
    assert to_bytes(frame, "table", name="rows").decode() == "name   n\n東京   1\nb[31m  20\n"
