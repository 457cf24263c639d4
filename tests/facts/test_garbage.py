"""Random bytes under every name an export may have: each row accounted for, or the file refused in words."""

from __future__ import annotations

import gzip
import tempfile
from pathlib import Path

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from segkit.errors import InputError, Problem
from tests.facts.exports import Exports

CSV = (
    b"at,account_id,event,count\n2026-11-02,A1,login,1\n"
    b'2026-11-03,A2,"a, b",2\n2026-11-05,A3,"two\nlines",\n2026-11-08,A1,view,3\n'
)
JSONL = (
    b'{"at": "2026-11-02", "account_id": "A1", "count": 1}\n'
    b'{"at": "2026-11-08", "account_id": "A2", "event": "x"}\n'
)
PIECES = st.sampled_from(
    [
        *(
            b'"',
            b'""',
            b",",
            b"\n",
            b"\r",
            b"\r\n",
            b"\0",
            b"\xef\xbb\xbf",
            b"\xff\xfe",
            b"\xe9",
            b"Total",
            b" ",
        ),
        *(
            b"{",
            b"}",
            b"[",
            b"null",
            b"nan",
            b"-",
            b"9" * 30,
            b"\x01",
            b"\xf0\x9f\x98\x80",
            b"'",
            b"at,account_id",
        ),
    ]
)


@st.composite
def damaged(draw: st.DrawFn, text: bytes) -> bytes:
    """A sound file with pieces put in, taken out or written over."""
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        cut = draw(st.integers(0, 12))
        text = text[:at] + draw(st.one_of(PIECES, st.binary(max_size=4), st.just(b""))) + text[at + cut :]
    return text


def _parquet() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "p"
        pl.DataFrame(
            {"at": ["2026-11-02", "2026-11-08"], "account_id": ["A1", "A2"], "count": [1, 2]}
        ).write_parquet(path)
        return path.read_bytes()


FILES = st.one_of(
    st.tuples(st.just("u.csv"), st.one_of(damaged(CSV), damaged(CSV), st.binary(max_size=60))),
    st.tuples(st.just("u.csv"), damaged(CSV.replace(b"\n", b"\r\n"))),
    st.tuples(st.just("u.csv.gz"), damaged(CSV).map(gzip.compress)),
    st.tuples(st.just("u.csv.gz"), damaged(gzip.compress(CSV, mtime=0))),
    st.tuples(st.just("u.jsonl"), st.one_of(damaged(JSONL), st.binary(max_size=40))),
    st.tuples(st.just("u.parquet"), damaged(_parquet())),
)


@given(FILES)
def test_rows_read_are_accepted_refused_or_left_out_whatever_the_bytes(file: tuple[str, bytes]) -> None:
    name, content = file
    with tempfile.TemporaryDirectory() as folder:
        exports = Exports(Path(folder))
        (exports.root / name).write_bytes(content)
        problems: tuple[Problem, ...] = ()
        try:
            loaded = exports.load({"usage": {"files": name}})
        except InputError as error:
            problems = error.problems
    if problems:
        assert all(problem.where and problem.what.isprintable() for problem in problems)
        return
    (count,) = loaded.facts.counts
    assert count.read == count.accepted + count.rejected + count.excluded
    assert loaded.rejected["usage"].height == count.rejected
    if name.endswith(".csv") and b'"' not in content:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
        assert count.read == sum(line != "" for line in text.split("\n")) - 1
