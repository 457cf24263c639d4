"""What will be read from one file of a source: which header is which column, and how it is written."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from segkit.columns import SOURCES, WHO, Column, Kind, Source
from segkit.errors import InputError, Problem
from segkit.facts.mapping import SourceConfig
from segkit.facts.read import Opened, later_keys
from segkit.facts.terms import Terms


@dataclass(frozen=True, slots=True)
class Reading:
    """A file's header held against its source."""

    opened: Opened
    source: Source
    config: SourceConfig
    columns: tuple[Column, ...]
    """The columns that the file has, declared attributes and keys included, in the source's order."""
    who: tuple[str, ...]
    """Columns of these that may say whose row it is, first choice first."""
    terms: Terms

    @property
    def headers(self) -> Mapping[str, str]:
        """Column -> its name in the file."""
        return {column.name: self.config.header(column.name) for column in self.columns}

    @property
    def zone(self) -> str:
        """The workspace's: a day starts when it starts there."""
        return self.terms.zone

    @property
    def own_zone(self) -> str:
        return self.config.timezone or self.zone


def plan_reading(opened: Opened, config: SourceConfig, terms: Terms) -> Reading:
    """Raises InputError D102, one problem per missing or doubled column."""
    source = SOURCES[opened.file.source]
    problems: list[Problem] = []
    attributes: dict[str, Kind] = dict(config.attributes)
    wanted = [*source.columns, *(Column(name, kind) for name, kind in attributes.items())]
    named = {column.name for column in wanted}
    wanted += [Column(key) for key in config.keys if key not in named]
    columns = []
    absent = [name for c in wanted if (name := config.header(c.name)) not in opened.header]
    opened = replace(opened, header=(*opened.header, *later_keys(opened, absent)))
    for column in wanted:
        header = config.header(column.name)
        times = opened.header.count(header) if header else 0
        declared = column.required or column.name in config.columns or column.name in attributes
        if times == 1:
            columns.append(column)
        elif times > 1:
            what = f"the header has {header} {times} times"
            problems.append(Problem("D102", what, opened.file.place(1), "name one of them otherwise"))
        elif declared or column.name in config.keys:
            problems.append(_missing(opened, source, column, header))
    present = {column.name for column in columns}
    first, *rest = source.anyone or WHO
    who = tuple(name for name in dict.fromkeys((first, *config.keys, *rest)) if name in present)
    if source.anyone and not who and not problems:
        known = " or ".join(source.anyone)
        what = f"{source.name} needs one of {known}, or a key declared under keys"
        problems.append(Problem("D102", what, opened.file.place(1), _mapping_hint(source.anyone[0], opened)))
    if problems:
        raise InputError(problems)
    return Reading(opened, source, config, tuple(columns), who, terms)


def _missing(opened: Opened, source: Source, column: Column, header: str) -> Problem:
    close = difflib.get_close_matches(header, opened.header, n=1, cutoff=0.6)
    folded = {name.lower().replace(" ", "_"): name for name in opened.header}
    meant = close[0] if close else folded.get(header.lower().replace(" ", "_"))
    hint = f"did you mean {meant}? " if meant else ""
    hint += _mapping_hint(column.name, opened, meant)
    if len(opened.header) == 1 and any(sign in opened.header[0] for sign in ";\t|"):
        sign = next(sign for sign in ";\t|" if sign in opened.header[0])
        hint = f'the fields seem to be separated otherwise: separator: "{sign}"'.replace("\t", "\\t")
    return Problem("D102", f"{source.name}: no column {header} in the file", opened.file.place(1), hint)


def _mapping_hint(column: str, opened: Opened, meant: str | None = None) -> str:
    shown = ", ".join(opened.header[:8]) + (" …" if len(opened.header) > 8 else "")
    return f"columns: {{{column}: {meant or '<header>'}}} in segkit.yaml; the file has {shown}"
