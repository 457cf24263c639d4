"""A chart that was saved as a table: its columns are days, so it holds no events."""

from __future__ import annotations

import re

from segkit.errors import InputError, Problem
from segkit.facts.files.read import Opened, first_lines

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_YEAR, _NUMBER, _DAY = r"(?:19|20)\d{2}", r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
_DAYS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_YEAR}-{_NUMBER}(-{_DAY})?([ T]00:00(:00(\.0+)?)?Z?)?",
        rf"{_YEAR}-?W\d{{2}}|{_YEAR}{_NUMBER}{_DAY}",
        r"\d{1,2}/\d{1,2}(/\d{2,4})?",
        # With one dot alone it would be a number: 5.1.
        r"\d{1,2}\.\d{1,2}\.(\d{2,4})?",
        rf"(?:[a-z]{{3}},? )?{_MONTH} \d{{1,2}}(,? \d{{4}})?|{_MONTH},? \d{{4}}",
        rf"\d{{1,2}}\.? {_MONTH}( \d{{4}})?",
    )
)
_FEW = 3
"""So many different days side by side are the head of a chart."""
_PREAMBLE = 25
"""Lines that may stand before it."""
HINT = (
    "export the events behind it, one line for each: Mixpanel: the raw event export (JSON lines); Amplitude: "
    "the event export (.json.gz); Google Analytics: the events in BigQuery; others: the table, not the chart"
)


def refuse_chart(opened: Opened) -> None:
    """Raises InputError D130 for a chart: days as headers, or a title as Google Analytics writes it.

    To be asked of a file that is not what it should be. Below a header of names stand the rows of a table,
    and one of them may well hold three dates; above the days of a chart stand titles, or groups of columns.
    """
    if opened.file.format != "csv":
        return
    named = 0
    """Columns of the widest line so far that names them all."""
    for number, text in first_lines(opened, _PREAMBLE):
        parts = [part.strip(' "') for part in text.split(opened.separator)]
        cells = [cell for cell in parts if cell]
        for shape in _DAYS if len(parts) > named else ():
            days = [cell for cell in cells if shape.fullmatch(cell)]
            if len(set(days)) >= _FEW and len(days) * 2 >= len(cells):
                what = f"a chart, not events: its columns are days ({days[0]}, {days[1]} … {days[-1]})"
                raise InputError(Problem("D130", what, opened.file.place(number, None, text), HINT))
        if len(set(cells)) == len(parts):
            named = max(named, len(parts))
        if number == 1 and re.match("# -{5,}", text):
            what = "a report, not events: it begins with a title as Google Analytics writes it"
            raise InputError(Problem("D130", what, opened.file.place(number, None, text), HINT))
