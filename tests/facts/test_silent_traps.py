"""What Polars and Pandera let pass without a word, one test each: here it is refused or read as it is meant.

Other tests of these traps stand where their subject is: short and long rows, stray quotes, blank lines and
line ends in test_structure and test_read, dates that can be read in two ways in test_bad_input.
"""

from __future__ import annotations

import bz2
from datetime import date, datetime

import pandera.errors
import polars as pl
import pytest

from segkit.columns import SOURCES
from segkit.facts.rows.contracts import confirm, contract
from tests.facts.exports import Exports, usage_days

HEAD = "at,account_id,count,seconds"
LAST = "2026-11-08,Z,1,1"


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("2026-11-02,A,3.7,1", "count"),
        ("2026-11-02,A,99999999999999999999,1", "count"),
        ('2026-11-02,A,"1,234",1', "count"),
        ("2026-11-02,A,1 234,1", "count"),
        ("2026-11-02,A,1,NaN", "seconds"),
        ("2026-11-02,A,1,inf", "seconds"),
        ("2026-11-02,A,1,NA", "seconds"),
        ("02/11/26,A,1,1", "at"),
        ("26-11-02,A,1,1", "at"),
        ("2026-11-02 25:00:00,A,1,1", "at"),
    ],
)
def test_a_value_that_does_not_parse_is_refused_and_never_null(
    exports: Exports, row: str, column: str
) -> None:
    exports.write("usage.csv", "\n".join([HEAD, row, "2026-11-02,Y,1,1", "2026-11-03,Y,1,1", LAST, ""]))
    loaded = exports.load({"usage": {"files": "usage.csv"}})
    refused = loaded.rejected["usage"].select("line", "column", "code", "raw")
    assert refused.rows() == [(2, column, "D202", row)]


def test_what_is_around_a_value_is_no_part_of_it_and_what_looks_like_a_number_stays_text(
    exports: Exports,
) -> None:
    """A quoted empty cell is as empty as a bare one; ids keep their zeros and words such as NA and null."""
    rows = ["2026-11-02, 00123 , 4 , 1.5 ", '2026-11-02,NA,"",""', "2026-11-02,null,,", LAST]
    exports.write("usage.csv", "\n".join([HEAD, *rows, ""]))
    loaded = exports.load({"usage": {"files": "usage.csv"}})
    assert usage_days(loaded) == [
        ("account:00123", "2026-11-02", 4),
        ("account:NA", "2026-11-02", 1),
        ("account:Z", "2026-11-08", 1),
        ("account:null", "2026-11-02", 1),
    ]


def test_a_year_of_two_digits_is_not_the_first_century(exports: Exports) -> None:
    exports.write("usage.csv", f"{HEAD}\n02/11/26,A,1,1\n08/11/26,A,1,1\n")
    (problem,) = exports.refused({"usage": {"files": "usage.csv", "dates": "%d/%m/%Y"}})
    assert (problem.code, "%d/%m/%y" in str(problem.hint)) == ("D107", True)


def test_a_column_that_nobody_reads_is_checked_all_the_same(exports: Exports) -> None:
    head = f"{HEAD},remark"
    path = exports.root / "usage.csv"
    path.write_bytes(f"{head}\n2026-11-02,A,1,1,caf".encode() + b"\xe9\n2026-11-08,Z,1,1,x\n")
    (problem,) = exports.refused({"usage": {"files": "usage.csv"}})
    assert problem.what == "not UTF-8 text: byte 0xe9 at offset 55 (line 2)"
    path.write_text(f"{head}\n2026-11-02,A,1,1,Foo, Inc\n2026-11-02,Z,1,1,x\n{LAST}\n{LAST},x\n")
    loaded = exports.load({"usage": {"files": "usage.csv"}})
    assert loaded.rejected["usage"].select("line", "reason").rows() == [
        (2, "6 fields instead of 5"),
        (4, "4 fields instead of 5"),
    ]


def test_a_header_twice_and_a_header_that_is_not_there_are_told(exports: Exports) -> None:
    exports.write("usage.csv", f"{HEAD},count\n2026-11-02,A,1,1,2\n2026-11-08,A,1,1,2\n")
    (problem,) = exports.refused({"usage": {"files": "usage.csv"}})
    assert problem.what == "the header has count 2 times"
    exports.write("usage.csv", f'"at "," account_id"\n{LAST[:12]}\n')
    (problem, *_) = exports.refused({"usage": {"files": "usage.csv"}})
    assert (problem.code, "did you mean" in str(problem.hint)) == ("D102", True)


def test_bytes_of_bzip2_are_no_column(exports: Exports) -> None:
    (exports.root / "usage.csv").write_bytes(bz2.compress(f"{HEAD}\n{LAST}\n".encode()))
    (problem, *_) = exports.refused({"usage": {"files": "usage.csv"}})
    assert problem.code in ("D102", "D104")
    assert problem.what.isprintable()


def test_an_offset_moves_the_day_and_is_not_dropped(exports: Exports) -> None:
    exports.write(
        "usage.csv", f"{HEAD}\n2026-11-03T00:30:00+02:00,A,1,1\n2026-11-03T00:30:00,A,1,1\n{LAST}\n"
    )
    loaded = exports.load({"usage": {"files": "usage.csv"}})
    assert [day for who, day, _ in usage_days(loaded) if who == "account:A"] == ["2026-11-02", "2026-11-03"]


def test_lines_are_counted_in_each_file_and_not_through_all(exports: Exports) -> None:
    for name, day in (("usage_1", 2), ("usage_2", 8)):
        frame = pl.DataFrame(
            {"at": [datetime(2026, 11, day)] * 3, "account_id": ["A", None, "A"], "seconds": [1.0, 2.0, -1.0]}
        )
        frame.write_parquet(exports.root / f"{name}.parquet")
    loaded = exports.load({"usage": {"files": "usage_*.parquet", "delivery": "append"}})
    refused = loaded.rejected["usage"].select("line", "code").rows()
    assert refused == [(2, "D204"), (3, "D205"), (2, "D204"), (3, "D205")]


GOOD = pl.DataFrame({"at": [date(2026, 11, 2)], "account_id": ["A"], "seconds": [1.0]})


@pytest.mark.parametrize(
    "rows",
    [
        GOOD.with_columns(pl.lit(None, pl.Date).alias("at")),
        GOOD.with_columns(seconds=pl.lit(-1.0)),
        GOOD.with_columns(seconds=pl.lit("1")),
        GOOD.drop("at"),
    ],
    ids=["null", "range", "type", "absent"],
)
def test_pandera_looks_at_values_and_drops_no_fault(rows: pl.DataFrame) -> None:
    """On a LazyFrame it would look at the schema alone; drop_invalid_rows would pass over the last two."""
    confirm("usage", {}, GOOD)
    with pytest.raises(pandera.errors.SchemaErrors):
        confirm("usage", {}, rows)
    schema = contract(SOURCES["usage"])
    assert (schema.drop_invalid_rows, schema.coerce) == (False, False)


def test_which_row_is_bad_is_never_asked_of_pandera(
    exports: Exports, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its narwhals backend knows no row: lines come from the reader, and no schema is needed to refuse."""
    monkeypatch.setattr(
        "segkit.facts.rows.contracts.contract", lambda *given: pytest.fail("Pandera was asked")
    )
    exports.write("usage.csv", f"{HEAD}\n2026-11-02,A,1,1\n2026-11-02,A,1,-1\n{LAST}\n")
    loaded = exports.load({"usage": {"files": "usage.csv"}})
    assert loaded.rejected["usage"].select("line", "column", "code").rows() == [(3, "seconds", "D205")]


@pytest.mark.parametrize("kind", ["text", "number"])
def test_a_column_may_be_called_as_the_columns_of_a_count(exports: Exports, kind: str) -> None:
    names = ["n", "column", "value", "what", "date", "signed", "rows", "lo", "line"]
    rows = [f"2026-11-0{day},A" + ",1" * len(names) for day in (2, 8)]
    exports.write("usage.csv", "\n".join([f"at,account_id,{','.join(names)}", *rows, ""]))
    loaded = exports.load({"usage": {"files": "usage.csv", "attributes": dict.fromkeys(names, kind)}})
    assert usage_days(loaded) == [("account:A", "2026-11-02", 1), ("account:A", "2026-11-08", 1)]
    look = loaded.looks["usage"].look()
    assert look is not None
    assert {name: look.columns[name].rows for name in names} == dict.fromkeys(names, 2)
