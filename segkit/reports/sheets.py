"""Workbooks: a table a sheet, the same bytes every time; cells hold text, numbers and days, never a formula.

Needs xlsxwriter, which is imported when a workbook is begun.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from io import BytesIO
from typing import Any

import polars as pl
from msgspec import Struct

from segkit.reports.words import ELLIPSIS, cells, clean

ROWS = 1_048_575
"""Rows of a sheet below its header."""
LONGEST = 32_767
"""UTF-16 units of a cell."""
NAME = 31
"""Signs of the name of a sheet."""
NARROW, WIDE = 8, 60
"""Widths of a column, in digits."""
LOOKED_AT = 1_000
"""How many rows the width of a column is taken from."""
DAY, COUNT, EXACT = "yyyy-mm-dd", "#,##0", "#,##0.00"
FORMATS: Mapping[Any, str] = {pl.Date: DAY, pl.Int64: COUNT, pl.Float64: EXACT}
MONEY = ("arr",)
"""Columns of amounts: no digits behind the point."""
FIRST = date(1900, 3, 1)
"""Before it the days of a spreadsheet are counted wrongly."""
URGENT = "#b3361b"
EPOCH = datetime(1980, 1, 1)
"""When every workbook was made: the day of its rows stands in them."""


class Book(Struct):
    """A workbook in the making. `content` once the block of `book()` has ended."""

    _writer: Any
    _buffer: BytesIO
    _taken: set[str]

    @property
    def content(self) -> bytes:
        return self._buffer.getvalue()

    def sheet(
        self, name: str, frame: pl.DataFrame, *, kept: int = 0, urgent: bool = False, wrapped: bool = False
    ) -> int:
        """The first ROWS rows under a frozen header with a filter; `kept`: columns that stay in sight beside
        it. Gives the number of rows that found no room.
        """
        sheet = self._writer.add_worksheet(_sheet_name(name, self._taken))
        shown = frame.head(ROWS)
        heading = self._writer.add_format({"bold": True, "bottom": 1, "bg_color": "#e8edf3", "valign": "top"})
        for column, (title, kind) in enumerate(shown.schema.items()):
            look = {"valign": "top", "text_wrap": wrapped, **_number_format(title, kind)}
            sheet.set_column(column, column, _width(shown, title), self._writer.add_format(look))
            sheet.write_string(0, column, title, heading)
            for row, value in enumerate(shown[title], 1):
                _write(sheet, row, column, value)
        if frame.width:
            sheet.autofilter(0, 0, shown.height, frame.width - 1)
        sheet.freeze_panes(1, kept)
        sheet.repeat_rows(0)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        if urgent:
            sheet.set_tab_color(URGENT)
        return frame.height - shown.height


@contextmanager
def book() -> Iterator[Book]:
    import xlsxwriter

    buffer = BytesIO()
    plain = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, plain) as writer:
        # The hour in which it is written would be in the file.
        writer.set_properties({"created": EPOCH})
        yield Book(writer, buffer, {"history"})


def _write(sheet: Any, row: int, column: int, value: object) -> None:
    match value:
        case None | "":
            return
        case bool():
            sheet.write_boolean(row, column, value)
        case int() | float():
            # A sheet has neither infinity nor "not a number".
            if value - value == 0:
                sheet.write_number(row, column, value)
        case date() if value >= FIRST:
            sheet.write_datetime(row, column, value)
        case _:
            sheet.write_string(row, column, _text(str(value)))


def _text(value: str) -> str:
    text = clean(value)
    if len(text.encode("utf-16-le")) > 2 * LONGEST:
        text = text[: LONGEST // 2 - 1] + ELLIPSIS
    # xlsxwriter takes what looks like its own marks of rich text for them, and writes it unescaped.
    return f"{text} " if text.startswith("<r>") and text.endswith("</r>") else text


def _number_format(title: str, kind: pl.DataType) -> dict[str, str]:
    said = COUNT if title in MONEY else FORMATS.get(kind)
    return {} if said is None else {"num_format": said}


def _width(frame: pl.DataFrame, title: str) -> int:
    """As wide as its longest cell, the arrow of the filter included."""
    column = frame[title].head(LOOKED_AT)
    if frame.schema[title] == pl.Float64:
        texts = [f"{value:,.2f}" for value in column.drop_nulls()]
    else:
        texts = column.cast(pl.String).drop_nulls().to_list()
    return max(NARROW, min(WIDE, max([cells(title) + 3, *(cells(text) + 1 for text in texts)])))


def _sheet_name(name: str, taken: set[str]) -> str:
    """As a spreadsheet allows it: short, without `[]:*?/\\`, no apostrophe at an end, each only once."""
    plain = "".join(" " if sign in "[]:*?/\\" else sign for sign in clean(name)).strip("' ") or "sheet"
    found, count = _utf16(plain, NAME), 2
    while found.lower() in taken:
        more = f" ({count})"
        found, count = _utf16(plain, NAME - len(more)) + more, count + 1
    taken.add(found.lower())
    return found


def _utf16(text: str, units: int) -> str:
    while len(text.encode("utf-16-le")) > 2 * units:
        text = text[:-1]
    return text.strip("' ")
