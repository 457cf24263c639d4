"""A chart that was saved as a table: its columns are days, so it holds no events."""

from __future__ import annotations

import re

from segkit.errors import InputError, Problem
from segkit.facts.read import Opened, first_lines

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DAYS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\d{4}-\d{2}(-\d{2})?([ T]00:00(:00(\.0+)?)?Z?)?",
        r"\d{4}-?W\d{2}|\d{8}",
        r"\d{1,2}[/.]\d{1,2}([/.]\d{2,4})?",
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

    To be asked of a file that is not what it should be; a row of a proper table may also hold three dates.
    """
    if opened.file.format != "csv":
        return
    for number, text in first_lines(opened, _PREAMBLE):
        cells = [cell for part in text.split(opened.separator) for cell in [part.strip(' "')] if cell]
        for shape in _DAYS:
            days = [cell for cell in cells if shape.fullmatch(cell)]
            if len(set(days)) >= _FEW and len(days) * 2 >= len(cells):
                what = f"a chart, not events: its columns are days ({days[0]}, {days[1]} … {days[-1]})"
                raise InputError(Problem("D130", what, opened.file.place(number, None, text), HINT))
        if number == 1 and re.match("# -{5,}", text):
            what = "a report, not events: it begins with a title as Google Analytics writes it"
            raise InputError(Problem("D130", what, opened.file.place(number, None, text), HINT))
