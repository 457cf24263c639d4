"""Files as they come: dialects, encodings, compressions, damage; right values or a positioned refusal."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import polars as pl
import pytest

from segkit.errors import InputError
from segkit.facts.files import ExportFile, find_files, format_of
from segkit.facts.lines import LINE
from segkit.facts.mapping import SourceConfig
from segkit.facts.read import Batch, batches, open_file
from tests.facts.exports import Exports, usage_days

CORPORA = Path(__file__).parents[3] / "shared" / "corpora"
corpora = pytest.mark.skipif(not CORPORA.is_dir(), reason="the corpora are not here")


def test_brackets_in_a_name_mean_that_very_file(exports: Exports) -> None:
    exports.write("a[1].csv", "at,account_id\n2026-11-02,RIGHT\n2026-11-08,RIGHT\n")
    exports.write("a1.csv", "at,account_id\n2026-11-02,WRONG\n")
    loaded = exports.load({"usage": {"files": "a[1].csv"}})
    assert {row[0] for row in usage_days(loaded)} == {"account:RIGHT"}


@pytest.mark.parametrize("name", ["u.csv", "u.csv.gz", "u.csv.zst", "u.jsonl", "u.jsonl.gz", "u.parquet"])
def test_every_format_gives_the_same_rows(exports: Exports, name: str) -> None:
    frame = pl.DataFrame(
        {"at": ["2026-11-02", "2026-11-08"], "account_id": ["007", 'A,"1"'], "count": [2, 1]}
    )
    path = exports.root / name
    if name.endswith(".zst"):
        frame.lazy().sink_csv(path, compression="zstd")
    elif "csv" in name:
        text = frame.write_csv().encode()
        path.write_bytes(gzip.compress(text) if name.endswith("gz") else text)
    elif "jsonl" in name:
        text = frame.write_ndjson().encode()
        path.write_bytes(gzip.compress(text) if name.endswith("gz") else text)
    else:
        frame.with_columns(pl.col("at").str.to_date()).write_parquet(path)
    loaded = exports.load({"usage": {"files": name}})
    assert usage_days(loaded) == [("account:007", "2026-11-02", 2), ('account:A,"1"', "2026-11-08", 1)]


@pytest.mark.parametrize(
    ("head", "says"),
    [
        (b"PK\x03\x04rest", "a zip archive or an Excel workbook"),
        (b"<!DOCTYPE html><html>", "it is a web page"),
        (b"PAR1xxxx", "a Parquet file"),
        ("at,account_id\n".encode("utf-16"), "it looks like UTF-16"),
        (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    ],
)
def test_a_stranger_under_a_csv_name_is_refused(exports: Exports, head: bytes, says: str) -> None:
    (exports.root / "usage.csv").write_bytes(head)
    (problem,) = exports.refused({"usage": {"files": "usage.csv"}})
    assert problem.code == "D104"
    assert says in problem.what


def test_a_file_in_another_encoding_is_refused_with_the_byte_or_read_as_declared(exports: Exports) -> None:
    exports.write("usage.csv", "at,account_id\n2026-11-02,é\n2026-11-08,é\n", "cp1252")
    (problem,) = exports.refused({"usage": {"files": "usage.csv"}})
    assert problem.what == "not UTF-8 text: byte 0xe9 at offset 25 (line 2)"
    loaded = exports.load({"usage": {"files": "usage.csv", "encoding": "cp1252"}})
    assert usage_days(loaded)[0][0] == "account:é"
    exports.write("usage.csv", "at,account_id\r\n2026-11-02,é\r\n2026-11-08,é\r\n", "utf-16")
    loaded = exports.load({"usage": {"files": "usage.csv", "encoding": "utf-16"}})
    assert usage_days(loaded)[0][0] == "account:é"


def test_a_stray_quote_costs_its_own_row_and_no_other(exports: Exports) -> None:
    lines = [
        "at,account_id,event",
        "2026-11-02,A1,a",
        '2026-11-02,A1,"x',
        "2026-11-03,A1,b",
        '2026-11-04,A1,c"',
    ]
    exports.write("usage.csv", "\n".join([*lines, "2026-11-08,A1,d", ""]))
    loaded = exports.load({"usage": {"files": "usage.csv"}})
    assert [day for _, day, _ in usage_days(loaded)] == ["2026-11-02", "2026-11-03", "2026-11-08"]
    assert loaded.rejected["usage"].select("line", "code", "reason").rows() == [
        (3, "D206", "a stray quote"),
        (5, "D206", "a stray quote"),
    ]


def test_a_line_break_inside_quotes_belongs_to_its_row_and_lines_stay_counted(exports: Exports) -> None:
    exports.write(
        "usage.csv", 'at,account_id,event\n2026-11-02,A1,"x\ny"\n\n2026-11-08,A1\n2026-11-08,A1,z\n'
    )
    loaded = exports.load({"usage": {"files": "usage.csv"}})
    assert [day for _, day, _ in usage_days(loaded)] == ["2026-11-02", "2026-11-08"]
    assert loaded.rejected["usage"]["line"].to_list() == [5]


def test_a_cut_export_is_found_at_every_byte_of_its_last_rows(exports: Exports) -> None:
    lines = [f"2026-11-0{n % 7 + 2},A{n},click,{n}" for n in range(12)]
    text = "at,account_id,event,count\n" + "\n".join(lines) + "\n"
    keep = len("at,account_id,event,count\n" + "\n".join(lines[:10]) + "\n")
    config = {"usage": {"files": "usage.csv"}}
    for cut in range(keep + 1, len(text) - 1):
        exports.write("usage.csv", text[:cut])
        loaded = exports.load(config)
        whole = text[cut] == "\n" or text[cut - 1] == "\n"
        flagged = loaded.rejected["usage"].height or any(p.code == "D110" for p in loaded.problems)
        assert flagged or whole, text[keep:cut]


def test_json_lines_that_are_no_objects_are_refused_by_line(exports: Exports) -> None:
    rows = [
        '{"at": "2026-11-02", "account_id": 7, "count": 2}',
        "[1]",
        "{broken",
        '{"at": "2026-11-08", "account_id": "A1"}',
    ]
    exports.write("usage.jsonl", "\n".join(rows))
    loaded = exports.load({"usage": {"files": "usage.jsonl"}})
    assert usage_days(loaded) == [("account:7", "2026-11-02", 2), ("account:A1", "2026-11-08", 1)]
    assert loaded.rejected["usage"].select("line", "code").rows() == [(2, "D206"), (3, "D206")]


@corpora
@pytest.mark.parametrize("path", sorted(CORPORA.glob("parquet-bad/**/*.parquet")), ids=lambda p: p.name)
def test_corrupt_parquet_is_refused_in_words(path: Path) -> None:
    _read_or_refuse(path)


@corpora
@pytest.mark.parametrize("path", sorted(CORPORA.glob("csv-spectrum/**/*.csv")), ids=lambda p: p.name)
def test_csv_spectrum_is_read_as_its_json_says(path: Path) -> None:
    expected = path.parent.parent / "json" / f"{path.stem}.json"
    found = _read_or_refuse(path)
    if not expected.exists() or path.stem == "location_coordinates":
        return
    assert found is not None
    rows = [{key: value or "" for key, value in row.items()} for row in found.drop(LINE).to_dicts()]
    told = [
        {key: str(value).replace("\r\n", "\n") for key, value in row.items()}
        for row in json.loads(expected.read_text())
    ]
    assert [{k: v.replace("\r\n", "\n") for k, v in row.items()} for row in rows] == told


@corpora
@pytest.mark.parametrize(
    "path", sorted(p for p in CORPORA.glob("csvkit/**/*") if p.is_file()), ids=lambda p: p.name
)
def test_csvkit_files_are_read_or_refused_in_words(path: Path) -> None:
    _read_or_refuse(path)


def _read_or_refuse(path: Path) -> pl.DataFrame | None:
    kind = format_of(path.name)
    files, problems = find_files("usage", SourceConfig(files=path.name), path.parent)
    if problems:
        assert kind is None or all(problem.hint for problem in problems)
        return None
    assert isinstance(files[0], ExportFile)
    taken: list[Batch] = []
    refusals: list[InputError] = []
    try:
        opened = open_file(files[0])
        taken = list(batches(opened, tuple(dict.fromkeys(opened.header))))
    except InputError as error:
        refusals.append(error)
    assert all(problem.where for refusal in refusals for problem in refusal.problems)
    return pl.concat([batch.rows for batch in taken]) if taken else None


def test_a_star_stays_in_its_folder(exports: Exports) -> None:
    (exports.root / "usage_old").mkdir()
    exports.write("usage_old/a.csv", "at,account_id\n2026-11-02,OLD\n")
    exports.write("usage_1.csv", "at,account_id\n2026-11-02,A1\n2026-11-08,A1\n")
    config = SourceConfig(files="usage_*.csv")
    assert [file.name for file in find_files("usage", config, exports.root)[0]] == ["usage_1.csv"]
    config = SourceConfig(files="usage_old/*.csv")
    assert [file.name for file in find_files("usage", config, exports.root)[0]] == ["usage_old/a.csv"]
