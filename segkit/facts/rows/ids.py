"""Ids that are written in two ways and mean one thing."""

from __future__ import annotations

import polars as pl

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
"""Value of five bits -> letter of the suffix."""
_ID = r"^[a-zA-Z0-9]{15}([a-zA-Z0-5]{3})?$"


def salesforce(texts: pl.Series) -> pl.Series:
    """Ids of 15 or 18 characters in their 18-character form; other texts as they are.

    The last three characters say which of the first fifteen are capital letters, five at a time, the first
    of each five in the lowest bit. So an id of 15 is given its suffix, and one of 18 whose letters a
    spreadsheet has changed gets them back. A suffix that makes a capital of a digit belongs to no id: null.
    """
    different = texts.unique().drop_nulls()
    ids = different.filter(different.str.contains(_ID))
    if not len(ids):
        return texts
    table = {text: _canonical(text) for text in ids}
    return texts.replace_strict(table, default=texts, return_dtype=pl.String)


def _canonical(text: str) -> str | None:
    body, suffix = text[:15], text[15:].upper()
    if not suffix:
        return body + _suffix(body)
    bits = [_LETTERS.index(letter) >> place & 1 for letter in suffix for place in range(5)]
    letters = [c.upper() if up else c.lower() for c, up in zip(body, bits, strict=True)]
    restored = "".join(letters)
    return restored + suffix if _suffix(restored) == suffix else None


def _suffix(body: str) -> str:
    fives = (body[at : at + 5] for at in range(0, 15, 5))
    return "".join(_LETTERS[sum(c.isupper() << place for place, c in enumerate(five))] for five in fives)
