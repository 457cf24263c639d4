"""A sheet of an Excel workbook -> its rows as texts, as a CSV file would hold them."""

from __future__ import annotations

import difflib
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
from msgspec import Struct

from segkit.errors import InputError, Problem
from segkit.facts.files.lines import LINE
from segkit.facts.files.unpacked import MOST_TIMES, SMALL, may_hold
from segkit.facts.mapping import UNIX, UNIX_MS

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

    from segkit.facts.files.found import ExportFile

MOST_BYTES = 1 << 30
"""What the parts of a workbook may hold when they are unpacked."""
_DEFLATE = 1032
"""Deflate packs no more than this to one, so that a small file cannot hold more than SMALL."""
_BATCH = 100_000
Cell = object
Row = tuple[int, Sequence[Cell]]


class Written(Struct, frozen=True):
    """How a column's real dates and numbers are to be written, so that they read as is declared."""

    date: str | None = None
    decimal: str = "."


def headers(file: ExportFile, sheet: str | None, rows: int) -> list[tuple[str, ...]]:
    """The first rows that hold anything. Raises InputError D104, OSError, ValueError."""
    found: list[tuple[str, ...]] = []
    for _, cells in _rows(file, sheet):
        found.append(tuple(text(cell, Written()) or "" for cell in cells))
        if len(found) == rows:
            break
    return found


def frames(
    file: ExportFile,
    sheet: str | None,
    places: Mapping[str, int],
    written: Mapping[str, Written],
    skip: int,
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Rows (_line, columns of `places` as text) and their texts (_line, text), the first `skip` left out.

    _line is the row in the sheet. Raises as `headers`.
    """
    waiting: list[Row] = []
    for number, row in enumerate(_rows(file, sheet)):
        if number >= skip:
            waiting.append(row)
        if len(waiting) == _BATCH:
            yield _frame(waiting, places, written)
            waiting = []
    yield _frame(waiting, places, written)


def text(cell: Cell, written: Written) -> str | None:
    """A cell's value as text; None where it is empty. Text stays text, a formula is its value."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        said = str(int(cell)) if cell.is_integer() else repr(cell)
        return said.replace(".", written.decimal)
    if isinstance(cell, datetime | date):
        return _dated(cell, written.date)
    if isinstance(cell, timedelta):
        return str(cell.total_seconds()).removesuffix(".0")
    return str(cell) or None if isinstance(cell, str | int | time) else None


def _dated(day: date, shape: str | None) -> str:
    if shape is None:
        return day.isoformat()
    if shape in (UNIX, UNIX_MS):
        seconds = (datetime(day.year, day.month, day.day) - datetime(1970, 1, 1)).total_seconds()
        if isinstance(day, datetime):
            seconds = (day - datetime(1970, 1, 1)).total_seconds()
        return str(int(seconds * (1000 if shape == UNIX_MS else 1)))
    return day.strftime(shape)


def _frame(
    rows: Sequence[Row], places: Mapping[str, int], written: Mapping[str, Written]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    numbers = pl.Series(LINE, [number for number, _ in rows], dtype=pl.Int64)
    plain = Written()
    columns = [
        pl.Series(name, [text(cells[at], written.get(name, plain)) for _, cells in rows], dtype=pl.String)
        for name, at in places.items()
    ]
    joined = [",".join(text(cell, plain) or "" for cell in cells) for _, cells in rows]
    return pl.DataFrame([numbers, *columns]), pl.DataFrame(
        [numbers, pl.Series("text", joined, dtype=pl.String)]
    )


def _rows(file: ExportFile, sheet: str | None) -> Iterator[Row]:
    """Row number in the sheet and cells of every row that holds anything."""
    try:
        from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum
    except ImportError as error:
        hint = 'pip install "segkit[xlsx]", or save the sheet as CSV'
        what = "reading .xlsx needs the extra xlsx"
        raise InputError(Problem("D104", what, file.place(), hint)) from error
    _not_too_large(file.path)
    try:
        book = CalamineWorkbook.from_path(str(file.path))
        shown = [one.name for one in book.sheets_metadata if one.visible == SheetVisibleEnum.Visible]
        chosen = _chosen(file, sheet, shown, book)
        rows = book.get_sheet_by_name(chosen).to_python(skip_empty_area=False)
    except CalamineError as error:
        raise ValueError("the workbook is damaged or protected by a password") from error
    for number, cells in enumerate(rows, 1):
        if any(cell != "" for cell in cells):
            yield number, cells


def _chosen(file: ExportFile, sheet: str | None, shown: Sequence[str], book: CalamineWorkbook) -> str:
    """The declared sheet, else the one that is shown and holds anything. Raises InputError D115."""
    if sheet is not None:
        if sheet in book.sheet_names:
            return sheet
        what = f"there is no sheet {sheet}"
        close = difflib.get_close_matches(sheet, book.sheet_names, n=1)
        hint = f"did you mean {close[0]}?" if close else f"sheets: {', '.join(book.sheet_names)}"
        raise InputError(Problem("D115", what, file.place(), hint))
    filled = [name for name in shown if book.get_sheet_by_name(name).height]
    if len(filled) == 1:
        return filled[0]
    if not filled:
        raise InputError(Problem("D103", "the workbook holds nothing", file.place(), "export it again"))
    what = f"the workbook has {len(filled)} sheets: {', '.join(filled)}"
    raise InputError(Problem("D115", what, file.place(), f"say which: sheet: {filled[0]}"))


def _not_too_large(path: Path) -> None:
    """Raises ValueError where the parts hold too much when unpacked, or are not what they say."""
    size = path.stat().st_size
    if size * _DEFLATE <= SMALL:
        return
    try:
        with zipfile.ZipFile(path) as book:
            held = sum(part.file_size for part in book.infolist())
            if held > MOST_BYTES:
                raise ValueError(f"unpacked it is larger than {MOST_BYTES >> 30} GiB; save the sheet as CSV")
            if held > may_hold(size):
                raise ValueError(f"unpacked it is more than {MOST_TIMES} times as large")
            # Read to its end, each part is as long as it says or its checksum is wrong.
            damaged = book.testzip()
    except zipfile.BadZipFile as error:
        raise ValueError("the workbook is damaged") from error
    if damaged is not None:
        raise ValueError(f"the workbook is damaged in {damaged}")
