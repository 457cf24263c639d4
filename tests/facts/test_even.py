"""Files whose lines all have one shape are read as they lie there, and say what a close look says."""

import gzip
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from segkit.facts.files.even import even
from segkit.facts.files.found import find_files
from segkit.facts.files.read import Batch
from segkit.facts.files.reading import read_as
from segkit.facts.mapping import SourceConfig
from segkit.facts.presets.sift import rows_of
from segkit.facts.rows.accept import accept
from segkit.facts.terms import Terms

HEADER = "at,account_id,event,seconds"
ROW = "2026-11-02T10:00:00,A1,login,5"
EVEN = {
    "as it should be": f"{HEADER}\n{ROW}\n2026-11-03,A2,,\n",
    "without a last line end": f"{HEADER}\n{ROW}",
    "lines of Windows": f"{HEADER}\r\n{ROW}\r\n{ROW}\r\n",
    "with a byte order mark": f"\ufeff{HEADER}\n{ROW}\n",
    "blank lines at the end": f"{HEADER}\n{ROW}\n\n\n",
    "a header alone": f"{HEADER}\n",
    "nothing but separators": f"{HEADER}\n,,,\n{ROW}\n",
    "spaces around values": f"{HEADER}\n 2026-11-02 , A1\t,\u00a0login,5 \n{ROW}\n",
    "values of spaces": f"{HEADER}\n{ROW}\n2026-11-02T10:00:00,  ,login,5\n",
    "letters of other tongues": f"{HEADER}\n2026-11-02,Ærø,größer,5\n",
    "values that do not parse": f"{HEADER}\n{ROW}\nyesterday,A1,login,5\n{ROW}x\n",
}
UNEVEN = {
    "a field too few and one too many": f"{HEADER}\n{ROW}\n{ROW},6\n2026-11-02,A1,login\n{ROW}\n",
    "a blank line between": f"{HEADER}\n{ROW}\n\n{ROW}\n",
    "the header again": f"{HEADER}\n{ROW}\n{HEADER}\n{ROW}\n",
    "quotes": f'{HEADER}\n2026-11-02,"A, 1",login,5\n',
    "a stray quote": f'{HEADER}\n{ROW}\n2026-11-02,A1,5" screen,5\n',
    "a NUL byte": f"{HEADER}\n{ROW}\n2026-11-02,A\x001,login,5\n",
    "a line end of old Macs": f"{HEADER}\n{ROW}\r{ROW}\n",
    "a line with nothing but spaces": f"{HEADER}\n{ROW}\n   \n",
}


def read(folder: Path, name: str) -> tuple[list[Batch], pl.DataFrame, pl.DataFrame]:
    config = SourceConfig(files=name)
    (file,), _ = find_files("usage", config, folder)
    reading = read_as(file, config, Terms("UTC"))
    found = [sifted.batch for sifted in rows_of(reading)]
    accepted = [accept(reading, batch) for batch in found]
    return found, pl.concat([a.rows for a in accepted]), pl.concat([a.rejected for a in accepted])


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
@pytest.mark.parametrize("often", [1, 400])
@pytest.mark.parametrize("name", [*EVEN, *UNEVEN])
def test_a_close_look_says_the_same(tmp_path: Path, name: str, often: int, packed: bool) -> None:
    """A quote in a further first row makes it look closely."""
    text = {**EVEN, **UNEVEN}[name].encode()
    start, _, rest = text.partition(b"\n")
    # Further rows before the odd ones: enough to be taken apart by Polars.
    more = (ROW.encode() + b"\n") * (often - 1) + rest
    data = start + b"\n" + more
    (tmp_path / "usage.csv").write_bytes(gzip.compress(data) if packed else data)
    (tmp_path / "closely.csv").write_bytes(start + b'\n2026-11-02,"A0",login,5\n' + more)
    found, rows, rejected = read(tmp_path, "usage.csv")
    closely, same_rows, same_rejected = read(tmp_path, "closely.csv")
    assert same_rows[0, "account_id"] == "A0"
    assert_frame_equal(rows, same_rows[1:].with_columns(pl.col("_line") - 1))
    assert_frame_equal(rejected, same_rejected.with_columns(pl.col("line") - 1))
    lines, same_lines = (pl.concat(batch.lines() for batch in each) for each in (found, closely))  # type: ignore[misc]
    assert_frame_equal(lines, same_lines[1:].with_columns(pl.col("_line") - 1))
    assert any(callable(batch.text) for batch in found) == (name in EVEN)
    assert not any(callable(batch.text) for batch in closely)


def test_of_white_space_around_values_it_is_told(tmp_path: Path) -> None:
    stripped = {}
    for name, cell in {"none": "A1", "before": " A1", "after": "A1\t", "another": "A1\u00a0"}.items():
        (tmp_path / "usage.csv").write_text(f"{HEADER}\n2026-11-02,{cell},login,5\n", "utf-8")
        (file,), _ = find_files("usage", SourceConfig(files="usage.csv"), tmp_path)
        found = even(file, ",", 4, {"account_id": 1})
        assert found is not None
        stripped[name] = found.stripped
    assert stripped == {"none": True, "before": False, "after": False, "another": False}


def test_a_line_beyond_any_length_is_looked_at_closely(tmp_path: Path) -> None:
    (tmp_path / "usage.csv").write_text(f"{HEADER}\n{ROW}\n2026-11-02,A1,{'x' * 1_000_001},5\n", "utf-8")
    _, rows, rejected = read(tmp_path, "usage.csv")
    assert rows.height == 1
    assert rejected.select("line", "code").rows() == [(3, "D206")]


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    (tmp_path / "usage.csv").write_bytes(f"{HEADER}\n{ROW}\n".encode() + b"2026-11-02,caf\xe9,login,5\n")
    (file,), _ = find_files("usage", SourceConfig(files="usage.csv"), tmp_path)
    assert even(file, ",", 4, {"account_id": 1}) is None
