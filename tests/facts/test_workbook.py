"""Excel workbooks: one sheet, its cells as their column is declared."""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from segkit.errors import InputError
from segkit.facts.files import workbook
from tests.facts.exports import Exports

HEAD = ["Account", "Name", "ARR", "Signup", "Renewal", "Test"]


def write(path: Path, sheets: Mapping[str, Sequence[Sequence[Any]]], hidden: Sequence[str] = ()) -> None:
    with xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                for column, value in enumerate(row):
                    if isinstance(value, tuple):
                        sheet.write_formula(at, column, value[0], None, value[1])
                    elif value is not None:
                        sheet.write(at, column, value)
            if name in hidden:
                sheet.hide()


def accounts(exports: Exports, **config: Any) -> list[tuple[Any, ...]]:
    exports.write("usage.csv", "at,account_id\n" + "".join(f"2026-11-{d:02},0012\n" for d in range(1, 16)))
    mapped = {
        "account_id": "Account",
        "name": "Name",
        "arr": "ARR",
        "signup_date": "Signup",
        "renewal_date": "Renewal",
        "is_test": "Test",
    }
    entry = {"files": "a.xlsx", "columns": mapped, **config}
    loaded = exports.load({"usage": {"files": "usage.csv", "through": "2026-11-15"}, "accounts": entry})
    names = ["account_id", "name", "arr", "signup_date", "renewal_date", "is_test"]
    return loaded.facts.roster.snapshots.select(names).sort("account_id").rows()


def test_text_stays_text_and_dates_numbers_and_formulas_are_their_values(exports: Exports) -> None:
    rows = [
        HEAD,
        ["0012", "Acme", 1234.5, date(2025, 1, 31), datetime(2026, 12, 1, 9, 30), False],
        [],
        ["13", 42, ("=1000+500", 1500), date(2025, 2, 1), None, None],
    ]
    write(exports.root / "a.xlsx", {"Sheet1": rows})
    first, second = accounts(exports)
    assert first == ("0012", "Acme", 1234.5, date(2025, 1, 31), date(2026, 12, 1), False)
    assert second == ("13", "42", 1500.0, date(2025, 2, 1), None, None)


def test_real_dates_and_numbers_read_beside_texts_as_they_are_declared(exports: Exports) -> None:
    rows = [
        HEAD,
        ["0012", "Acme", 1234.5, date(2025, 2, 1), None, None],
        ["13", "Bolt", "1.234,5", "03.02.2025", None, None],
    ]
    write(exports.root / "a.xlsx", {"Sheet1": rows})
    found = accounts(exports, dates="%d.%m.%Y", decimal=",", thousands=".")
    assert [row[2:4] for row in found] == [(1234.5, date(2025, 2, 1)), (1234.5, date(2025, 2, 3))]


def test_of_several_sheets_one_is_to_be_named(exports: Exports) -> None:
    rows = [HEAD, ["0012", "Acme", 1, None, None, None]]
    write(exports.root / "a.xlsx", {"Customers": rows, "Notes": [["hello"]], "Blank": []})
    (problem,) = exports.refused({"accounts": {"files": "a.xlsx"}})
    assert (problem.code, problem.what) == ("D115", "the workbook has 2 sheets: Customers, Notes")
    assert problem.hint == "say which: sheet: Customers"
    (problem,) = exports.refused({"accounts": {"files": "a.xlsx", "sheet": "Custmers"}})
    assert (problem.code, problem.hint) == ("D115", "did you mean Customers?")
    assert accounts(exports, sheet="Customers")[0][:2] == ("0012", "Acme")


def test_a_hidden_sheet_is_no_second_one(exports: Exports) -> None:
    rows = [HEAD, ["0012", "Acme", 1, None, None, None]]
    write(exports.root / "a.xlsx", {"Customers": rows, "Lists": [["a"]]}, hidden=["Lists"])
    assert accounts(exports)[0][0] == "0012"


def test_refused_rows_are_told_by_their_row_in_the_sheet(exports: Exports) -> None:
    rows = [["at", "account_id"], ["2026-11-02", "A"], [], ["soon", "A"], ["2026-11-08", "A"]]
    write(exports.root / "u.xlsx", {"Sheet1": rows})
    loaded = exports.load({"usage": {"files": "u.xlsx"}})
    assert loaded.rejected["usage"].select("line", "code", "raw").rows() == [(4, "D202", "soon,A")]


def test_presets_read_workbooks_too(exports: Exports) -> None:
    rows = [["Record ID", "Company name", "Website URL"], [9001, "Acme", "www.acme.com"]]
    write(exports.root / "a.xlsx", {"companies": rows})
    exports.write("usage.csv", "at,account_id\n" + "".join(f"2026-11-{d:02},9001\n" for d in range(1, 16)))
    sources = {"usage": {"files": "usage.csv"}, "accounts": {"files": "a.xlsx", "preset": "hubspot/ui"}}
    snapshots = exports.load(sources).facts.roster.snapshots
    assert snapshots.select("account_id", "name", "domains").rows() == [("9001", "Acme", "acme.com")]


def test_what_is_no_workbook_is_refused(exports: Exports) -> None:
    exports.write("a.xlsx", "account_id\n1\n")
    (problem,) = exports.refused({"accounts": {"files": "a.xlsx"}})
    assert (problem.code, problem.what) == ("D104", "not a workbook")
    with zipfile.ZipFile(exports.root / "a.xlsx", "w") as packed:
        packed.writestr("hello.txt", "hello")
    (problem,) = exports.refused({"accounts": {"files": "a.xlsx"}})
    assert problem.what == "cannot be read: the workbook is damaged or protected by a password"


def test_a_workbook_that_unpacks_without_end_is_refused(
    exports: Exports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "MOST_BYTES", 1_000_000)
    monkeypatch.setattr(workbook, "SMALL", 1_000_000)
    with zipfile.ZipFile(exports.root / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b" " * 2_000_000)
    (problem,) = exports.refused({"accounts": {"files": "a.xlsx"}})
    assert (problem.code, "unpacked it is larger" in problem.what) == ("D104", True)


def test_a_workbook_that_lies_about_its_size_is_refused(
    exports: Exports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "MOST_BYTES", 1_000_000)
    monkeypatch.setattr(workbook, "SMALL", 1_000_000)
    path = exports.root / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b" " * 2_000_000)
    size, lie = (2_000_000).to_bytes(4, "little"), (1_000).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(size, lie))
    (problem,) = exports.refused({"accounts": {"files": "a.xlsx"}})
    assert (problem.code, "the workbook is damaged" in problem.what) == ("D104", True)


def test_without_the_extra_it_says_what_to_install(exports: Exports, monkeypatch: pytest.MonkeyPatch) -> None:
    write(exports.root / "a.xlsx", {"Sheet1": [HEAD]})
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    (problem,) = exports.refused({"accounts": {"files": "a.xlsx"}})
    assert problem.what == "reading .xlsx needs the extra xlsx"
    assert problem.hint == 'pip install "segkit[xlsx]", or save the sheet as CSV'


@pytest.mark.parametrize(
    ("cell", "declared", "said"),
    [
        (datetime(2026, 1, 31, 9, 30), "unix seconds", "1769851800"),
        (date(2026, 1, 31), "unix seconds", "1769817600"),
        (date(2026, 1, 31), "unix milliseconds", "1769817600000"),
        (date(2026, 1, 31), "%d.%m.%Y", "31.01.2026"),
        (datetime(2026, 1, 31, 9, 30), None, "2026-01-31T09:30:00"),
        (timedelta(hours=1, minutes=30), None, "5400"),
        (timedelta(seconds=1.5), None, "1.5"),
        (time(9, 30), None, "09:30:00"),
        ("", None, None),
        (None, None, None),
    ],
)
def test_a_date_is_written_as_its_column_is_declared(
    cell: object, declared: str | None, said: str | None
) -> None:
    assert workbook.text(cell, workbook.Written(declared)) == said


def test_an_empty_workbook_is_refused_in_words(exports: Exports) -> None:
    write(exports.root / "a.xlsx", {"Sheet1": []})
    with pytest.raises(InputError) as error:
        accounts(exports)
    assert [problem.what for problem in error.value.problems] == ["the workbook holds nothing"]
