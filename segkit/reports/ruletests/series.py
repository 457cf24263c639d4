"""The short form of weekly values: `20x8`, `20-2x6`, `_ _ -40%`, `steady x2 at_risk`.

Everything is a list of words, one after the other; a word that stands for several weeks ends in `x` and how
many, or a word `x3` follows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum

from msgspec import Struct

MAX_WEEKS = 520
"""Ten years; more is a slip of the finger."""
_TIMES = re.compile(r"x(\d{1,4})")
_WORD = re.compile(r"(?P<word>_|gone|missing|yes|no|true|false)(?:x(?P<times>\d{1,4}))?")
_TRUTHS = {"yes": True, "true": True, "no": False, "false": False}
_FORMS = "write 20 or 30%, 20x8 for eight weeks of 20, 20-2x6 for six weeks going down by 2, _ for unknown"
_NUMBER = re.compile(
    r"(?P<start>[-+]?\d+(?:\.\d+)?)(?P<percent>%?)"
    r"(?:(?P<step>[-+]\d+(?:\.\d+)?)%?)?(?:x(?P<times>\d{1,4}))?"
)


class Special(Enum):
    UNKNOWN = "_"
    """Nothing is known that week."""
    MISSING = "missing"
    """There can be no value: `is missing` is true."""
    GONE = "gone"
    """The account is not on the roster."""


class Amount(Struct, frozen=True):
    value: float
    percent: bool


Cell = Amount | Special | bool


class Slip(Struct, frozen=True):
    """What is wrong with a series, at which character."""

    at: int
    width: int
    what: str
    hint: str | None = None


def numbers(text: str) -> tuple[Cell, ...] | Slip:
    """The weeks of a metric.

    >>> [cell.value for cell in numbers("20-2x3 7")]
    [20.0, 18.0, 16.0, 7.0]
    """
    found: list[Cell] = []
    for at, word in _split(text):
        times = _TIMES.fullmatch(word)
        cells = [found[-1]] * (int(times[1]) - 1) if times and found else _cells(word)
        if cells is None:
            return Slip(at, len(word), f"'{word}' is no value of a week", _FORMS)
        found += cells
        if len(found) > MAX_WEEKS:
            return Slip(at, len(word), f"these are more than {MAX_WEEKS} weeks")
    return tuple(found) if found else Slip(0, 1, "no value is here", "write _ for unknown")


def _cells(word: str) -> list[Cell] | None:
    special = _WORD.fullmatch(word)
    if special:
        word, times = special["word"], int(special["times"] or 1)
        return [_TRUTHS[word] if word in _TRUTHS else Special(word)] * times
    number = _NUMBER.fullmatch(word)
    if number is None:
        return None
    scale = 100 if number["percent"] else 1
    start, step = float(number["start"]), float(number["step"] or 0)
    return [
        Amount(round((start + step * week) / scale, 9), bool(number["percent"]))
        for week in range(int(number["times"] or 1))
    ]


def words(text: str) -> tuple[str, ...] | Slip:
    """The weeks of a segment, a flag, an attribute: `steady x2 at_risk`.

    >>> words("steady x2 at_risk")
    ('steady', 'steady', 'at_risk')
    """
    found: list[str] = []
    for at, word in _split(text):
        times = _TIMES.fullmatch(word)
        found += [found[-1]] * (int(times[1]) - 1) if times and found else [word]
        if len(found) > MAX_WEEKS:
            return Slip(at, len(word), f"these are more than {MAX_WEEKS} weeks")
    return tuple(found) if found else Slip(0, 1, "no value is here", "write _ for any")


def _split(text: str) -> Iterator[tuple[int, str]]:
    for found in re.finditer(r"\S+", text):
        yield found.start(), found[0]
