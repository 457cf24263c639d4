"""The exports that lie in a folder, each opened as far as its header, and what they may be."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

from msgspec import Struct, field

from segkit.columns import SOURCES
from segkit.errors import InputError
from segkit.facts.files.found import ExportFile, format_of, sniff
from segkit.facts.files.pivoted import refuse_chart
from segkit.facts.files.read import Opened, open_file
from segkit.facts.mapping import Dialect
from segkit.facts.presets.forms import HEADER_ROWS, lacking, weight
from segkit.facts.presets.guess import guesses
from segkit.facts.presets.library import preset, preset_names
from segkit.facts.presets.model import PresetFile, Table

Certainty = Literal["sure", "likely", "unsure"]
_SEPARATORS = (",", ";", "\t", "|")
_PIECE = 1 << 20
"""Bytes that are looked at in one go."""
_SURE = 3
"""So many headers of its own make a table sure."""


class Candidate(Struct, frozen=True):
    """One way to read a group of files."""

    source: str
    preset: str | None
    table: str
    certainty: Certainty
    weight: tuple[int, int]
    columns: Mapping[str, str] = field(default_factory=dict)
    """Guessed; empty where a preset says them."""

    @property
    def title(self) -> str:
        return f"{self.preset} {self.table}" if self.preset else "its headers"


class Group(Struct, frozen=True):
    """Files of one kind: one name, or all that a pattern means."""

    pattern: str
    files: tuple[ExportFile, ...]
    dialect: Dialect
    candidates: tuple[Candidate, ...]
    beside: tuple[tuple[str, str], ...] = ()
    """(preset, table) of tables that say more about the rows of others."""
    fault: str | None = None
    """Why it cannot be read."""

    @property
    def name(self) -> str:
        return self.pattern or f"{self.files[0].name} and {len(self.files) - 1} more"

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)


def lying(folder: Path, depth: int) -> list[Group]:
    """Every export in the folder, sorted by name; what is no export by its ending is passed over."""
    names = sorted(_names(folder, depth))
    alike: dict[tuple[str, ...], list[str]] = {}
    for name in names:
        alike.setdefault(tuple(re.split(r"\d+", name)), []).append(name)
    return [_group(folder, members, names) for members in alike.values()]


def _names(folder: Path, depth: int) -> Iterator[str]:
    for level in range(depth):
        for path in folder.glob("*/" * level + "*"):
            parts = path.relative_to(folder).parts
            hidden = any(part.startswith(".") for part in parts)
            if path.is_file() and not hidden and format_of(path.name):
                yield "/".join(parts)


def _group(folder: Path, members: Sequence[str], names: Sequence[str]) -> Group:
    pattern = _pattern(members, names)
    files = tuple(_file(folder, name) for name in members)
    encoding = _encoding(files[0].path)
    kind = files[0].format
    fault = sniff(files[0].path, files[0].name, kind, encoding)
    if fault is not None:
        return Group(pattern, files, {}, (), (), fault.what)
    try:
        dialect, opened = _opened(files[0], encoding)
        found, beside = _candidates(opened)
        if not found and not beside:
            refuse_chart(opened)
    except InputError as error:
        return Group(pattern, files, {}, (), (), error.problems[0].what)
    return Group(pattern, files, dialect, tuple(found), tuple(beside))


def _file(folder: Path, name: str) -> ExportFile:
    path = folder / name
    kind = format_of(name)
    assert kind is not None
    return ExportFile("", path, name, kind, None, path.stat().st_size, "")


def _pattern(members: Sequence[str], names: Sequence[str]) -> str:
    """The one name, or a pattern that means the members and no other file."""
    if len(members) == 1:
        return members[0]
    parts = re.split(r"\d+", members[0])
    pattern = "*".join([parts[0], parts[-1]])
    if not any(sign in pattern.replace("*", "", 1) for sign in "*?[{") and pattern.count("/") <= 1:
        return pattern if all(fnmatchcase(name, pattern) == (name in members) for name in names) else ""
    return ""


def _encoding(path: Path) -> str:
    """UTF-8 where all of it is, else what spreadsheets write in the west."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            head = file.read(_PIECE)
            if head.startswith((b"\xff\xfe", b"\xfe\xff")):
                return "utf-16"
            if head.startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK", b"PAR1")):
                return "utf-8"
            while head:
                decoder.decode(head)
                head = file.read(_PIECE)
            decoder.decode(b"", final=True)
    except OSError:
        return "utf-8"
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _opened(file: ExportFile, encoding: str) -> tuple[Dialect, Opened]:
    """Opened with the separator that gives the most headers. Raises: InputError."""
    said: Dialect = {} if encoding == "utf-8" else {"encoding": encoding}
    best = open_file(file, header_rows=HEADER_ROWS, **said)
    if file.format != "csv":
        return said, best
    for separator in _SEPARATORS[1:]:
        tried: Dialect = {**said, "separator": separator}
        other = open_file(file, header_rows=HEADER_ROWS, **tried)
        if len(other.header) > len(best.header):
            said, best = tried, other
    return said, best


def _candidates(opened: Opened) -> tuple[list[Candidate], list[tuple[str, str]]]:
    """What the file may be, the likeliest first; and tables looked up in that it may be."""
    rows = (opened.header, *opened.more)
    fits = [
        (one, name, table)
        for one in map(preset, preset_names())
        for name, table in one.tables.items()
        if not lacking(table, rows)
    ]
    found = [
        Candidate(table.source, one.name, name, _sure(one, name, table, fits), weight(table, rows))
        for one, name, table in fits
        if table.source is not None
    ]
    heavy = sorted(fits, key=lambda fit: weight(fit[2], rows), reverse=True)
    beside = [(one.name, name) for one, name, _ in heavy]
    for guess in guesses(opened.header, opened.file.name):
        certainty: Certainty = "sure" if guess.own and guess.called else "likely"
        columns = {} if guess.own else dict(guess.columns)
        # A file in our own words, called as the source, was made for us; other guesses come after presets.
        ours = (100 if certainty == "sure" else 0, len(guess.columns))
        found.append(Candidate(guess.source, None, "", certainty, ours, columns))
    return sorted(found, key=lambda one: one.weight, reverse=True), beside


def _sure(
    one: PresetFile, name: str, table: Table, fits: Sequence[tuple[PresetFile, str, Table]]
) -> Certainty:
    """Another vendor's table with as many headers makes it unsure; few headers of its own only likely."""
    rivals = [
        other
        for other, _, theirs in fits
        if other.vendor != one.vendor and len(theirs.header) >= len(table.header) and theirs.source
    ]
    if rivals:
        return "unsure"
    plain = [header for header in table.header if not header.startswith("~")]
    return "sure" if len(plain) >= _SURE else "likely"


def dated(source: str) -> bool:
    return SOURCES[source].when is not None
