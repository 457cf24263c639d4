"""What messages may show of the exports: of personal columns nothing, unless the workspace says so.

Whatever quotes a cell asks here, so that problems, quality.json, run.json and the log hold no address, no
name of a human and no comment. The rows themselves are kept in rejected/, and nowhere else.
"""

from __future__ import annotations

import hashlib
import re

import polars as pl
from msgspec import Struct

from segkit.facts.pseudonyms import Pseudonyms

HIDDEN = "[hidden]"
ADDRESS = re.compile(
    r"(?:\"[^\"\n]*\"|[^\s<>()\[\]\"',;:|=][^\s<>()\[\]\",;:|=]*)[@＠]([^\s<>()\[\]\"',;:|]+)"
)
"""An e-mail address in any text; its domain is the group."""
ACCOUNTS = ("account_id", "alias", "parent_id")
"""Columns that name an account; users of segkit must be told which, as far as it is no address."""
_PERSONAL = re.compile(
    r"(?i)^(user_id|user_name|csm|by)$|mail|phone|comment|note|owner|address|person|contact|subject"
    r"|requester|respondent|assignee|author|first.?name|last.?name|full.?name|description|message|_by$"
)
_OF_ACCOUNTS = ("name", "domain", "domains")
"""Columns that say which account it is: hidden where outputs name nobody."""
_QUOTED = re.compile(r"'[^']*'")
_COLUMN = {"user": "user_id", "account": "account_id"}
"""Kind of an id -> the column that holds such ids; of others both are called the same."""


def is_personal(column: str) -> bool:
    """Whether the values of a column, or of a header, are about a human or written by one."""
    return _PERSONAL.search(column) is not None


def tells_who(column: str) -> bool:
    """Whether the values of a column name an account or a human."""
    return is_personal(column) or column in ACCOUNTS or column in _OF_ACCOUNTS


class Samples(Struct, frozen=True):
    """shown: `usage.user_id`, columns whose values may be shown. pseudonyms: where outputs name nobody."""

    shown: frozenset[str] = frozenset()
    pseudonyms: Pseudonyms | None = None

    def cell(self, source: str, column: str, value: object) -> str:
        """A value as a message may quote it: `…`, `[hidden]`, `[hidden]@acme.example`."""
        return self._value(f"{source}.{column}" in self.shown, column, str(value))

    def cells(self, source: str, column: str, values: pl.Series) -> pl.Series:
        """Each of the values as `cell` has it; null stays null."""
        texts = values.cast(pl.String)
        different = texts.unique().drop_nulls()
        return texts.replace({each: self.cell(source, column, each) for each in different})

    def raw_id(self, raw_id: str) -> str:
        """`user:[hidden]`: an id with its kind before it; shown where any source may show its column."""
        kind, _, value = raw_id.partition(":")
        column = _COLUMN.get(kind, kind)
        shown = any(each.endswith(f".{column}") for each in self.shown)
        return f"{kind}:{self._value(shown, column, value)}"

    def text(self, text: str) -> str:
        """A sentence that may hold anything, without addresses; where outputs name nobody, without what it
        quotes."""
        if self.pseudonyms is not None:
            return ADDRESS.sub(HIDDEN, _QUOTED.sub(HIDDEN, text))
        return without_addresses(_QUOTED.sub(lambda found: f"'{_bare(found[0][1:-1])}'", text))

    def _value(self, shown: bool, column: str, value: str) -> str:
        if self.pseudonyms is not None:
            if column in ACCOUNTS:
                return self.pseudonyms.account(value)
            return HIDDEN if tells_who(column) or ADDRESS.search(value) else value
        if shown:
            return value
        plain = _bare(value)
        return HIDDEN if plain == value and is_personal(column) else plain

    @property
    def key(self) -> tuple[str, ...]:
        """What tells results under pseudonyms from those under real names."""
        return () if self.pseudonyms is None else ("pseudonymised",)

    @property
    def told(self) -> list[object]:
        """Whatever shapes what is kept of refused rows; empty where nothing is set."""
        if self.pseudonyms is not None:
            return [hashlib.sha256(self.pseudonyms.key).hexdigest()]
        return [sorted(self.shown)] if self.shown else []


AS_USUAL = Samples()


def _bare(cell: str) -> str:
    """A cell without its address; of one that says more than that nothing is left."""
    if ADDRESS.fullmatch(cell.strip("' ")):
        return without_addresses(cell)
    return HIDDEN if ADDRESS.search(cell) else cell


def without_addresses(text: str) -> str:
    """`[hidden]@acme.example` for each address: the domain says whose customer it is, not who."""
    return ADDRESS.sub(rf"{HIDDEN}@\1", text)
