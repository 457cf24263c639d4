"""Words and numbers for people: widths in terminal cells, amounts, counts, days."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

ELLIPSIS = "…"
LONGEST = 80
"""Cells of a name that has room."""
KEEP = "\u00a0"
"""A space at which no line is broken."""
_ISO_DAY = re.compile(r"(?<![\w./-])\d{4}-\d{2}-\d{2}(?![\w/-]|\.\w)")


def clean(text: str) -> str:
    """Text of a customer on one line, without control, direction and other invisible characters."""
    if text.isascii() and text.isprintable():
        return text
    spaced = "".join(" " if character in "\t\r\n" else character for character in text)
    return "".join(c for c in spaced if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))


def cells(text: str) -> int:
    """Width on a terminal: wide characters take two cells, combining ones none."""
    return len(text) if text.isascii() else sum(_width(character) for character in text)


def shorten(text: str, width: int) -> str:
    """At most `width` cells; what is cut is shown by an ellipsis."""
    if cells(text) <= width:
        return text
    kept, used = [], 1
    for character in text:
        used += _width(character)
        if used > width:
            break
        kept.append(character)
    return "".join(kept).rstrip() + ELLIPSIS if width > 0 else ""


def cut(text: str, width: int) -> str:
    """At most `width` cells, cut behind a whole word where there is one."""
    if cells(text) <= width:
        return text
    kept: list[str] = []
    used = 1  # of the ellipsis; each word brings a space
    for word in text.split(" "):
        used += cells(word) + 1
        if used > width:
            break
        kept.append(word)
    whole = " ".join(kept).rstrip(" ,;:(")
    return f"{whole} {ELLIPSIS}" if whole else shorten(text, width)


def fit(text: str, width: int) -> str:
    """Exactly `width` cells, left aligned."""
    short = shorten(text, width)
    return short + " " * (width - cells(short))


def fit_right(text: str, width: int) -> str:
    short = shorten(text, width)
    return " " * (width - cells(short)) + short


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` cells, broken at spaces that are not KEEP."""
    lines: list[str] = []
    for word in filter(None, re.split(r"[ \t\r\n]+", text)):
        if lines and cells(lines[-1]) + 1 + cells(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(shorten(word, width))
    return [line.replace(KEEP, " ") for line in lines]


def number(value: float) -> str:
    """12,345"""
    return f"{value:,.0f}"


def amount(value: float) -> str:
    """12,345 where that is enough, 0.42 where it is not."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == round(value) else f"{value:.2f}"


def plural(count: int, one: str, many: str | None = None) -> str:
    """1 account, 2 accounts"""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def share(value: float) -> str:
    """99.8 %; never rounded up to a full hundred."""
    percent = min(value * 100, 99.9) if value < 1 else 100.0
    return f"{percent:.1f} %" if percent < 100 else "100 %"


def day(value: date) -> str:
    """15 Nov 2026, whatever the locale."""
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def days_in_words(text: str) -> str:
    """`covered to 2026-11-15` -> `covered to 15 Nov 2026`; a date in a file name stays."""
    return _ISO_DAY.sub(lambda found: _said(found[0]), text)


def _said(iso: str) -> str:
    try:
        return day(date.fromisoformat(iso))
    except ValueError:
        return iso


def listed(names: list[str], at_most: int) -> str:
    """A, B and 3 more"""
    shown = ", ".join(names[:at_most])
    return f"{shown} and {len(names) - at_most} more" if len(names) > at_most else shown


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
