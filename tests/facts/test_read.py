"""Files as they come: dialects, encodings, compressions, damage; right values or a positioned refusal."""

from __future__ import annotations

import gzip
from datetime import date

import polars as pl
import pytest

from segkit.facts.files.found import find_files, unfinished
from segkit.facts.mapping import SourceConfig
from segkit.facts.taking.intake import REFUSED, take_in
from segkit.facts.terms import Terms
from tests.facts.exports import Exports, usage_days


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


@pytest.mark.parametrize(
    ("header", "row", "end"),
    [
        ("at,account_id,event,count", "2026-11-0{day},A{n},click,{n}", "\r\n"),
        ("at,account_id,event,count", '2026-11-0{day},"A, {n}","cl""ick",{n}', "\n"),
        ("account_id", "A{n}", "\n"),
    ],
    ids=["CRLF", "quoted", "one column"],
)
def test_an_export_cut_at_any_byte_of_its_last_rows_is_flagged_but_at_a_row_end(
    exports: Exports, header: str, row: str, end: str
) -> None:
    rows = [row.format(n=n, day=n % 7 + 2) for n in range(1000)]
    text = end.join([header, *rows, ""])
    keep = len(end.join([header, *rows[:998], ""]))
    source = "usage" if "at" in header.split(",") else "accounts"
    config = SourceConfig(files="cut.csv")
    for cut in range(keep, len(text)):
        exports.write("cut.csv", text[:cut])
        (file,), _ = find_files(source, config, exports.root)
        taken = take_in(file, config, Terms("UTC"))
        flagged = taken[REFUSED].height > 0 or unfinished(file, "utf-8") is not None
        assert flagged is not text[:cut].endswith("\n"), text[keep:cut]


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


def test_a_star_stays_in_its_folder(exports: Exports) -> None:
    (exports.root / "usage_old").mkdir()
    exports.write("usage_old/a.csv", "at,account_id\n2026-11-02,OLD\n")
    exports.write("usage_1.csv", "at,account_id\n2026-11-02,A1\n2026-11-08,A1\n")
    config = SourceConfig(files="usage_*.csv")
    assert [file.name for file in find_files("usage", config, exports.root)[0]] == ["usage_1.csv"]
    config = SourceConfig(files="usage_old/*.csv")
    assert [file.name for file in find_files("usage", config, exports.root)[0]] == ["usage_old/a.csv"]


def test_links_are_followed_and_what_leads_nowhere_is_not_there(exports: Exports) -> None:
    for folder in ("kept", ".hidden"):
        (exports.root / folder).mkdir()
    exports.write("kept/usage_1.csv", "at,account_id\n2026-11-02,A1\n")
    exports.write(".hidden/usage_2.csv", "at,account_id\n2026-11-08,A1\n")
    (exports.root / "linked").symlink_to("kept")
    (exports.root / "kept" / "usage_3.csv").symlink_to("usage_1.csv")
    (exports.root / "kept" / "usage_4.csv").symlink_to("nowhere.csv")
    (exports.root / "kept" / "usage_5.csv").symlink_to("usage_5.csv")
    (exports.root / "gone").symlink_to("nowhere")
    files, problems = find_files("usage", SourceConfig(files="*/usage_*.csv"), exports.root)
    assert not problems
    assert [file.name for file in files] == [
        ".hidden/usage_2.csv",
        "kept/usage_1.csv",
        "kept/usage_3.csv",
        "linked/usage_1.csv",
        "linked/usage_3.csv",
    ]


def test_a_first_line_that_holds_no_names_is_told_for_its_length(exports: Exports) -> None:
    exports.write("usage.csv", f"at,{'x' * 200_000}\n2026-11-09,A\n")
    (problem,) = exports.refused({"usage": {"files": "usage.csv"}})
    what = "cannot be read: its first line holds a name of more than 131,072 characters"
    assert (problem.code, problem.what) == ("D104", what)


@pytest.mark.parametrize(
    ("pattern", "name", "day"),
    [
        ("usage_{date}.csv", "usage_2026-11-02.csv", date(2026, 11, 2)),
        ("{date}/{date}.csv", "2026-11-02/2026-11-02.csv", date(2026, 11, 2)),
        ("2026-11-02/{date}.csv", "2026-11-02/2026-11-02.csv", date(2026, 11, 2)),
        ("{date}_????-??-??.csv", "2026-11-02_2026-11-02.csv", date(2026, 11, 2)),
        ("*_to_{date}.csv", "2026-11-02_to_2026-11-08.csv", date(2026, 11, 8)),
    ],
)
def test_a_date_that_stands_twice_in_a_name_is_the_one_that_the_pattern_means(
    exports: Exports, pattern: str, name: str, day: date
) -> None:
    (exports.root / name).parent.mkdir(parents=True, exist_ok=True)
    exports.write(name, "account_id\nA1\n")
    exports.write("2026-13-40.csv", "account_id\nA1\n")
    files, problems = find_files("accounts", SourceConfig(files=pattern), exports.root)
    assert ([(file.name, file.dated) for file in files], problems) == ([(name, day)], [])
