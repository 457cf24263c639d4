"""Who is to be erased, as words that can be looked for in files."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from functools import cached_property

from msgspec import Struct

from segkit.facts.rows.erased import BLANK
from segkit.reports.tables import escape_markdown
from segkit.reports.words import LONGEST, clean, shorten

SHORTEST = 3
"""Ids of fewer characters are looked for in columns of ids alone: in a text they are any word."""


class Gone(Struct, frozen=True, dict=True):
    """ids: with their kind before them, as `account:A1`. names: what accounts among them were called.

    people: full names of persons among them.
    """

    ids: frozenset[str]
    names: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()

    def of(self, kind: str) -> frozenset[str]:
        return frozenset(each.partition(":")[2] for each in self.ids if each.startswith(f"{kind}:"))

    @cached_property
    def values(self) -> frozenset[str]:
        """The ids without their kind, addresses in small letters."""
        return frozenset(each.partition(":")[2] for each in self.ids)

    @property
    def unmistakable(self) -> frozenset[str]:
        """Addresses and full names, also with the last word first: what means them wherever it stands."""
        turned = {f"{last}{sign} {rest}" for rest, last in map(_halves, self.people) for sign in ("", ",")}
        return frozenset(value for value in self.values if "@" in value) | self.people | turned

    @cached_property
    def signs(self) -> re.Pattern[str] | None:
        """What means them in any text and case, their addresses and full names; None where there is none."""
        found = sorted({form for value in self.unmistakable for form in _spellings(value)})
        words = "|".join(re.escape(value) for value in found)
        return re.compile(rf"(?<![\w.+-])(?:{words})(?![\w-])", re.IGNORECASE) if found else None

    @cached_property
    def words(self) -> re.Pattern[str] | None:
        """Ids and names as they may stand in a text for people, escaped or not."""
        found = {value for value in self.values if len(value) >= SHORTEST} | self.names
        spelt = {form for value in found for form in _spellings(value)}
        if not spelt:
            return None
        longest = sorted(spelt, key=lambda form: (-len(form), form))
        return re.compile(rf"(?<![\w@])(?:{'|'.join(map(re.escape, longest))})(?![\w@])")

    def out_of(self, text: str) -> str:
        """A text for people without them."""
        rest = self.without_signs(text)
        return rest if self.words is None else self.words.sub(BLANK, rest)

    def without_signs(self, text: str) -> str:
        """A text of somebody else, in which an id or the name of an account may be another word."""
        return text if self.signs is None else self.signs.sub(BLANK, text)


def _halves(name: str) -> tuple[str, str]:
    rest, _, last = name.rpartition(" ")
    return rest, last


def _spellings(value: str) -> Iterable[str]:
    plain = clean(value)
    yield from {value, plain, escape_markdown(plain), html.escape(plain, quote=False)}
    for told in {plain, shorten(plain, LONGEST)}:
        escaped = html.escape(told)
        # As pages of ours and of others write quotes.
        yield from (escaped, escaped.replace("&quot;", "&#34;").replace("&#x27;", "&#39;"))
