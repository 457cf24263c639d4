"""What people are called: their full names, as exports have them beside their ids."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import polars as pl
from msgspec import Struct

from segkit.errors import InputError
from segkit.facts.files.found import ExportFile
from segkit.facts.files.read import Batch, batches
from segkit.facts.files.reading import Reading, read_as
from segkit.facts.mapping import SourceConfig
from segkit.facts.rows.erased import ids_of, kinds_of
from segkit.facts.terms import Terms
from segkit.runs.erasing.remains import sources_of
from segkit.workspace import Workspace

_NAME = re.compile(r"(?i)name|given|family|surname")
_OF_A_THING = re.compile(
    r"(?i)company|account|organi[sz]|domain|event|feature|file|plan|segment|product|host"
)
_FIRST = re.compile(r"(?i)first.?name|given")
_LAST = re.compile(r"(?i)last.?name|family|surname")
_FULL = re.compile(r"\S.*\s\S")
"""A word alone is no full name: it may be anybody's, and any word of a sentence."""


def called(workspace: Workspace, ids: frozenset[str]) -> frozenset[str]:
    """Full names in rows that name one of the people among the ids."""
    people = sorted(each for each in ids if each.startswith(("user:", "email:")))
    if not people:
        return frozenset()
    found: set[str] = set()
    for file, config in sources_of(workspace):
        try:
            found.update(_names(file, config, people))
        except InputError:
            continue
    return frozenset(name for name in found if "@" not in name)


def _names(file: ExportFile, config: SourceConfig, people: Sequence[str]) -> Iterator[str]:
    """Raises: InputError for a file that cannot be read as declared."""
    reading = read_as(file, config, Terms("UTC"))
    headers = _Headers.of(reading)
    if not headers.all:
        return
    wanted = tuple(dict.fromkeys((*reading.wanted, *headers.all)))
    for batch in batches(reading.opened, wanted, reading.written):
        theirs = batch.rows.filter(_whose(reading, batch, people))
        yield from headers.names(theirs)


def _whose(reading: Reading, batch: Batch, people: Sequence[str]) -> pl.Series:
    hit = pl.repeat(False, batch.rows.height, eager=True)
    kinds = kinds_of(reading)
    for column in reading.columns:
        if kinds.get(column.name) in ("user", "email") and column.name in reading.headers:
            for values in ids_of(reading, batch, column, kinds[column.name]):
                hit |= values.is_in(people).fill_null(False)
    return hit


class _Headers(Struct, frozen=True):
    """The columns of a file that hold names of humans, read or not."""

    all: tuple[str, ...]
    first: tuple[str, ...]
    last: tuple[str, ...]

    @classmethod
    def of(cls, reading: Reading) -> _Headers:
        names = [
            name for name in reading.opened.header if _NAME.search(name) and not _OF_A_THING.search(name)
        ]
        own = reading.headers.get("user_name")
        names += [own] if own is not None and own not in names else []
        first, last = (tuple(name for name in names if sign.search(name)) for sign in (_FIRST, _LAST))
        return cls(tuple(names), first, last)

    def names(self, rows: pl.DataFrame) -> Iterator[str]:
        for row in rows.select(pl.col(self.all).cast(pl.String)).unique().iter_rows(named=True):
            words = {name: (text or "").strip() for name, text in row.items()}
            pairs = [f"{words[one]} {words[other]}" for one in self.first for other in self.last]
            yield from (name for name in (*words.values(), *pairs) if _FULL.match(name))
