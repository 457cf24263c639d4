"""Small files that hold very much: refused before they fill the memory."""

from __future__ import annotations

import gzip
import struct
import tracemalloc
import zipfile
import zlib
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from segkit.errors import InputError
from segkit.facts.files import texts, unpacked
from segkit.facts.files.found import ExportFile, find_files
from segkit.facts.files.unpacked import refuse_bomb
from segkit.facts.mapping import SourceConfig
from segkit.facts.taking import intake
from tests.facts.conftest import exports
from tests.facts.exports import Exports
from tests.runs.small import write
from tests.security.limits import measured

__all__ = ["exports"]
MIB = 1 << 20


def packed(body: bytes, times: int, head: bytes = b"at,account_id\n") -> bytes:
    """gzip of a head and `times` bodies, of which one is packed: after a full flush its bytes stand alone."""
    squeeze = zlib.compressobj(6, zlib.DEFLATED, -15)
    first, one = (squeeze.compress(text) + squeeze.flush(zlib.Z_FULL_FLUSH) for text in (head, body))
    crc = zlib.crc32(head)
    for _ in range(times):
        crc = zlib.crc32(body, crc)
    ends = struct.pack("<II", crc, len(head) + times * len(body))
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + first + one * times + squeeze.flush() + ends


def zstd(blocks: int, *, last: bool = True) -> bytes:
    """A frame of blocks that each stand for 128 KiB of the letter a, in four bytes."""
    size = 128 * 1024
    found = b"\x28\xb5\x2f\xfd\x00\x58"  # no content size, no checksum, a window of 2 MiB
    for number in range(blocks):
        end = last and number == blocks - 1
        found += (size << 3 | 1 << 1 | end).to_bytes(3, "little") + b"a"
    return found


def file_of(tmp_path: Path, name: str, content: bytes) -> ExportFile:
    (tmp_path / name).write_bytes(content)
    ((found,), problems) = find_files("usage", SourceConfig(files=name), tmp_path)
    assert not problems
    return found


def refused(file: ExportFile) -> str:
    with pytest.raises(InputError) as caught:
        refuse_bomb(file)
    (problem,) = caught.value.problems
    assert (problem.code, str(problem.where)) == ("D104", file.name)
    assert problem.hint
    return problem.what


def test_a_quarter_of_a_megabyte_of_64_million_rows_ends_with_4_in_five_seconds_and_500_mb(
    tmp_path: Path,
) -> None:
    write(tmp_path)
    (tmp_path / "exports/u.csv.gz").write_bytes(packed(b"a,b\n" * (MIB // 4), 256))
    settings = (tmp_path / "segkit.yaml").read_text().replace("usage*.csv", "u.csv.gz")
    (tmp_path / "segkit.yaml").write_text(settings)
    assert (tmp_path / "exports/u.csv.gz").stat().st_size < MIB // 3
    cost = measured("assign", "-q", tmp_path)
    assert cost.returncode == 4, cost.stderr
    assert "u.csv.gz D104" in cost.stderr
    assert cost.cpu < 5
    assert cost.memory < 500 * MIB


def test_a_line_of_a_quarter_of_a_gigabyte_is_not_unpacked(tmp_path: Path) -> None:
    file = file_of(tmp_path, "u.csv.gz", packed(b"a" * MIB, 256))
    tracemalloc.start()
    assert refused(file) == "unpacked, line 2 is longer than 64 MiB"
    assert tracemalloc.get_traced_memory()[1] < 10 * MIB
    tracemalloc.stop()


def test_a_parquet_file_is_asked_how_many_rows_it_has(exports: Exports) -> None:
    one = pl.repeat(1, 50_000_001, dtype=pl.Int8, eager=True)
    day = pl.repeat(date(2026, 11, 8), 50_000_001, eager=True)
    pl.DataFrame({"at": day, "account_id": one}).write_parquet(exports.root / "u.parquet")
    (problem,) = exports.refused({"usage": {"files": "u.parquet"}})
    assert problem.what == "50,000,001 rows; 50,000,000 are read of one file"


def test_more_than_two_hundred_times_its_size(tmp_path: Path) -> None:
    file = file_of(tmp_path, "u.csv.gz", packed((b"x" * 99 + b"\n") * 10_000, 70))
    assert refused(file) == "unpacked it is more than 200 times as large: no export packs like that"


def test_what_exports_pack_to_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacked, "SMALL", 100_000)
    body = "".join(f"2026-11-{n % 28 + 1:02},A{n * 7919 % 5000},click\n" for n in range(20_000))
    refuse_bomb(file_of(tmp_path, "u.csv.gz", gzip.compress(body.encode())))


def test_more_lines_than_are_read_of_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacked, "MOST_ROWS", 1_000)
    monkeypatch.setattr(unpacked, "SMALL", 0)
    file = file_of(tmp_path, "u.csv.gz", packed(b"a,b\n" * 1_001, 1))
    assert refused(file) == "unpacked it has more than 1,000 lines"


def test_more_bytes_than_are_read_of_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacked, "MOST_BYTES", 1_000)
    monkeypatch.setattr(unpacked, "SMALL", 0)
    file = file_of(tmp_path, "u.csv.gz", packed(b"a,b\n" * 1_001, 1))
    assert refused(file) == "unpacked it is larger than 0 GiB"


@pytest.mark.parametrize("last", [True, False])
def test_the_blocks_of_zstandard_are_added_up(tmp_path: Path, last: bool) -> None:
    file = file_of(tmp_path, "u.csv.zst", zstd(600, last=last))
    assert refused(file) == "unpacked it is more than 200 times as large: no export packs like that"
    refuse_bomb(file_of(tmp_path, "v.csv.zst", zstd(500, last=last)))


def test_frames_to_be_skipped_and_what_follows_are_looked_at(tmp_path: Path) -> None:
    skip = struct.pack("<II", 0x184D2A50, 3) + b"abc"
    file = file_of(tmp_path, "u.csv.zst", zstd(500) + skip + zstd(500))
    assert "200 times" in refused(file)
    refuse_bomb(file_of(tmp_path, "v.csv.zst", zstd(1) + b"no frame" + zstd(600)))


def test_what_polars_packs_with_zstandard_is_read(tmp_path: Path) -> None:
    body = "".join(f"2026-11-{n % 28 + 1:02},A{n * 7919 % 5000},click\n" for n in range(50_000))
    pl.DataFrame({"a": body.split("\n")}).write_csv(tmp_path / "u.csv.zst", compression="zstd")
    refuse_bomb(file_of(tmp_path, "v.csv.zst", (tmp_path / "u.csv.zst").read_bytes()))


def test_a_damaged_archive_is_told_by_whoever_reads_it(exports: Exports) -> None:
    whole = packed(b"2026-11-22,A1,%d\n" % 1 * 200_000, 1)
    exports.root.joinpath("u.csv.gz").write_bytes(whole[:200] + b"\xff" * 50 + whole[250:])
    for encoding in ("utf-8", "latin-1"):
        (problem,) = exports.refused({"usage": {"files": "u.csv.gz", "encoding": encoding}})
        assert problem.code == "D104"
        assert "cannot be read" in problem.what


def test_a_header_without_an_end_is_not_unpacked(exports: Exports) -> None:
    exports.root.joinpath("u.csv.gz").write_bytes(packed(b"a" * MIB, 5, b""))
    (problem,) = exports.refused({"usage": {"files": "u.csv.gz"}})
    assert problem.what == "cannot be read: its first line is longer than 4 MiB"


def test_a_workbook_of_mostly_nothing(exports: Exports) -> None:
    with zipfile.ZipFile(exports.root / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet1.xml", b" " * (65 * MIB))
    (problem,) = exports.refused({"accounts": {"files": "a.xlsx"}})
    assert "more than 200 times as large" in problem.what


@pytest.mark.parametrize("name", ["u.csv", "u.jsonl"])
def test_a_field_of_fifty_megabytes_costs_its_row_and_names_the_column(tmp_path: Path, name: str) -> None:
    write(tmp_path)
    settings = (tmp_path / "segkit.yaml").read_text().replace("usage*.csv", name)
    (tmp_path / "segkit.yaml").write_text(settings)
    days = ["2026-11-22", "2026-11-22", "2026-11-16"]
    huge = "x" * 50_000_000
    with (tmp_path / "exports" / name).open("w") as file:
        file.write("at,account_id,event\n" if name == "u.csv" else "")
        for number, day in enumerate(days):
            event = huge if number == 1 else "click"
            row = f'{{"at": "{day}", "account_id": "A", "event": "{event}"}}'
            file.write((row if name == "u.jsonl" else f"{day},A,{event}") + "\n")
    cost = measured("assign", "-q", "--accept", "refused_rows", "--because", "a test", tmp_path)
    assert cost.returncode == 0, cost.stderr
    assert cost.memory < 700 * MIB
    (row,) = pl.read_csv(tmp_path / "out/latest/rejected/usage.csv").rows(named=True)
    assert row["line"] == (3 if name == "u.csv" else 2)
    assert row["code"] == "D206"
    assert row["reason"].endswith("characters, most of them in event")
    assert len(row["raw"]) < 200


def test_ten_thousand_columns_are_read_and_a_row_with_one_less_is_named(exports: Exports) -> None:
    more = ",".join(f"c{n}" for n in range(10_000))
    full, short = ",1" * 10_000, ",1" * 9_999
    exports.write(
        "u.csv", f"at,account_id,{more}\n2026-11-02,A{full}\n2026-11-08,A{full}\n2026-11-08,A{short}\n"
    )
    loaded = exports.load({"usage": {"files": "u.csv"}})
    (row,) = loaded.rejected["usage"].rows(named=True)
    assert (row["line"], row["reason"]) == (4, "10001 fields instead of 10002")


def test_a_value_nested_a_hundred_thousand_deep_is_one_refused_row(exports: Exports) -> None:
    deep = "[" * 100_000 + "]" * 100_000
    lines = [f'{{"at": "2026-11-{day:02}", "account_id": "A"}}\n' for day in (2, 8)]
    exports.write("u.jsonl", lines[0] + f'{{"at": {deep}, "account_id": "A"}}\n' + lines[1])
    loaded = exports.load({"usage": {"files": "u.jsonl"}})
    assert loaded.rejected["usage"]["line"].to_list() == [2]


def test_a_file_of_a_million_lines_that_are_no_rows_is_no_export(
    exports: Exports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "MOST_REFUSED", 1_000)
    monkeypatch.setattr(texts, "BATCH_LINES", 100)
    exports.write("u.csv", "at,account_id\n2026-11-08,A\n" + "x\n" * 1_001)
    (problem,) = exports.refused({"usage": {"files": "u.csv"}})
    assert problem.code == "D104"
    assert "rows are refused, most of them for: 1 field instead of 2" in problem.what
