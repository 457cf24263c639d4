"""Which table of a preset a file is, and so how it is read."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from segkit.errors import InputError, Problem
from segkit.facts.files.cells import Cell, found, listed
from segkit.facts.files.found import ExportFile, find_files
from segkit.facts.files.hashes import Hashes
from segkit.facts.files.pivoted import refuse_chart
from segkit.facts.files.read import Opened, open_file
from segkit.facts.mapping import SourceConfig
from segkit.facts.presets.library import preset
from segkit.facts.presets.model import LookUp, PresetFile, Table

HEADER_ROWS = 3
"""The most that a preset may say a header has."""


class Beside(Struct, frozen=True):
    """A table looked up in: how, and the files that hold it."""

    name: str
    look_up: LookUp
    table: Table
    config: SourceConfig
    files: tuple[ExportFile, ...]


class Form(Struct, frozen=True):
    """How one file is read: its table of a preset, with what stands beside the preset in segkit.yaml."""

    preset: PresetFile
    name: str
    table: Table
    config: SourceConfig
    """Its columns are those that the file has, each with the header it has there."""
    beside: tuple[Beside, ...] = ()
    missing: tuple[tuple[str, str], ...] = ()
    """Columns of the preset that the file does not have, with the header looked for."""

    @property
    def told(self) -> str:
        """All that shapes what the file's rows become."""
        tables = [self.table, *(one.table for one in self.beside)]
        shas = [file.sha256 for one in self.beside for file in one.files]
        config = self.config.model_dump(mode="json", exclude={"files", "delivery", "through"})
        return json.dumps([[table.model_dump(mode="json") for table in tables], config, shas], sort_keys=True)

    @property
    def title(self) -> str:
        return f"{self.preset.name} {self.name}"


def source_files(
    source: str, config: SourceConfig, exports: Path, hashes: Hashes | None = None
) -> tuple[tuple[ExportFile, ...], list[Problem]]:
    """The files that hold rows of a source, each with its form where presets are named; see `find_files`.

    Files that presets only look up in are no files of their own: they are in the forms of the others.
    """
    files, problems = find_files(source, config, exports, hashes)
    if problems or not config.presets:
        return files, problems
    known = [preset(name) for name in config.presets]
    heads: list[tuple[ExportFile, PresetFile, str]] = []
    opened: dict[str, Opened] = {}
    for file in files:
        try:
            hit, opened[file.name] = recognised(file, config, known)
        except InputError as error:
            problems += error.problems
            continue
        heads.append((file, *hit))
    formed = []
    for file, vendor, name in heads:
        if vendor.tables[name].source == source:
            form = _form(vendor, name, config, opened[file.name], heads, opened)
            formed.append(replace(file, form=form))
            problems += _needed(file, form)
    if heads and not formed and not problems:
        file, vendor, name = heads[0]
        what = f"{source}: no file holds its rows; {file.name} is only looked up in ({vendor.name} {name})"
        problems.append(Problem("D101", what, file.place(), _gives(source, [vendor])))
    return tuple(formed), problems


def recognised(
    file: ExportFile, config: SourceConfig, known: Sequence[PresetFile]
) -> tuple[tuple[PresetFile, str], Opened]:
    """The one table of `known` whose headers the file has. Raises: InputError D130, D131."""
    opened = open_file(file, header_rows=HEADER_ROWS, **config.dialect)
    rows = (opened.header, *opened.more)
    wanted = [(one, name) for one in known for name in _of_source(one, file.source)]
    fits = [(one, name) for one, name in wanted if not lacking(one.tables[name], rows)]
    if not fits:
        refuse_chart(opened)
        raise InputError(_stranger(file, opened, wanted))
    best = max(weight(one.tables[name], rows) for one, name in fits)
    first = [(one, name) for one, name in fits if weight(one.tables[name], rows) == best]
    if len(first) > 1:
        said = " or ".join(f"{one.name} {name}" for one, name in first)
        what = f"{file.source}: the header fits {said}"
        raise InputError(Problem("D131", what, file.place(1), "name one preset for each file"))
    return first[0], opened


def lacking(table: Table, rows: Sequence[Sequence[str]]) -> list[str]:
    """Headers that tell the table from others and that the file does not have."""
    return [name for name in table.header if not found([name], rows[: table.header_rows])]


def weight(table: Table, rows: Sequence[Sequence[str]]) -> tuple[int, int]:
    """How much speaks for the table: headers that tell it apart, and columns that the file has."""
    cells = [cell for cell in table.cells.values() if cell.headers]
    return len(table.header), sum(bool(found(cell.headers, rows[: table.header_rows])) for cell in cells)


def _of_source(one: PresetFile, source: str) -> list[str]:
    """Tables that give the source, and those that they look up in."""
    giving = [name for name, table in one.tables.items() if table.source == source]
    others = [other for name in giving for other in one.tables[name].look_ups]
    return list(dict.fromkeys([*giving, *others]))


def _form(
    vendor: PresetFile,
    name: str,
    config: SourceConfig,
    opened: Opened,
    heads: Sequence[tuple[ExportFile, PresetFile, str]],
    opens: Mapping[str, Opened],
) -> Form:
    table = vendor.tables[name]
    beside: list[Beside] = []
    more: list[str] = []
    for other, look_up in table.look_ups.items():
        files = tuple(file for file, its, kind in heads if its == vendor and kind == other)
        if files and set(listed(look_up.here)) <= {*opened.header, *more}:
            theirs = vendor.tables[other]
            beside.append(Beside(other, look_up, theirs, _beside(config, theirs), files))
            more += [f"{other}.{header}" for file in files for header in opens[file.name].header]
    rows = ((*opened.header, *more), *opened.more[: table.header_rows - 1])
    columns: dict[str, Cell | str] = {}
    missing: list[tuple[str, str]] = []
    for column, cell in table.cells.items():
        headers = found(cell.headers, rows)
        if column in config.columns:
            continue
        if headers or not cell.headers:
            columns[column] = cell.under(headers) if headers else cell
        else:
            missing.append((column, cell.headers[0]))
    merged = _beside(config, table).model_copy(update={"columns": {**columns, **config.columns}})
    return Form(vendor, name, table, merged, tuple(beside), tuple(missing))


def _beside(config: SourceConfig, table: Table) -> SourceConfig:
    """What segkit.yaml says, and where it is silent the table."""
    dates = table.dates if config.dates is None else config.dates
    if isinstance(config.dates, dict) and isinstance(table.dates, dict):
        dates = {**table.dates, **config.dates}
    return config.model_copy(update={"dates": dates, "timezone": config.timezone or table.timezone})


def _stranger(file: ExportFile, opened: Opened, wanted: Sequence[tuple[PresetFile, str]]) -> Problem:
    """D131 with the headers that the nearest table needs."""
    rows = (opened.header, *opened.more)
    shares = [
        (len(lacking(one.tables[name], rows)) / len(one.tables[name].header), at)
        for at, (one, name) in enumerate(wanted)
    ]
    one, name = wanted[min(shares)[1]]
    gone = lacking(one.tables[name], rows)
    near = [
        close[0] for word in gone for close in [difflib.get_close_matches(word, opened.header, n=1)] if close
    ]
    shown = ", ".join(opened.header[:8]) + (" …" if len(opened.header) > 8 else "")
    what = f"{file.source}: no table of {one.name} has this header; {name} needs {', '.join(gone)}"
    hint = f"did you mean {', '.join(near)}? the file has {shown}" if near else f"the file has {shown}"
    return Problem("D131", what, file.place(1), hint)


def _needed(file: ExportFile, form: Form) -> list[Problem]:
    """D131 for each table without which the rows of the file mean nothing."""
    there = {one.name for one in form.beside}
    return [
        Problem(
            "D131",
            f"{file.source}: {form.title} needs the table {name} beside it: without it {look_up.says}",
            file.place(),
            f"add it to files: its header has {', '.join(form.preset.tables[name].header)}",
        )
        for name, look_up in form.table.look_ups.items()
        if look_up.needed and name not in there
    ]


def _gives(source: str, known: Sequence[PresetFile]) -> str:
    tables = [
        f"{name} ({table.about})"
        for one in known
        for name, table in one.tables.items()
        if table.source == source
    ]
    return f"add to files: {' or '.join(tables)}"


def form_notes(files: Sequence[ExportFile]) -> list[str]:
    """One note that names the presets that are experimental."""
    forms = [file.form for file in files if file.form is not None and not file.form.table.checked]
    used = sorted({form.preset.name for form in forms if form.preset.experimental})
    if not used:
        return []
    said = f"the preset {used[0]} is" if len(used) == 1 else f"the presets {', '.join(used)} are"
    return [f"{said} experimental, not checked on a real file: look at what was accepted"]


def form_problems(files: Sequence[ExportFile]) -> list[Problem]:
    """Warnings D132: what a preset knows of and a file does not have, the tables looked up in included."""
    problems: list[Problem] = []
    for file in files:
        form = file.form
        if form is None:
            continue
        there = {one.name for one in form.beside}
        for name, look_up in form.table.look_ups.items():
            if name not in there:
                what = f"{file.source}: {form.title} was not looked up in {name}: {look_up.says}"
                hint = (
                    f"it takes {' and '.join(listed(look_up.here))} in this file, and in files one with "
                    f"{', '.join(form.preset.tables[name].header)} in its header"
                )
                problems.append(Problem("D132", what, file.place(), hint, "warning"))
        own = [
            (column, header)
            for column, header in form.missing
            if header.partition(".")[0] not in form.table.look_ups
        ]
        if own:
            said = ", ".join(f"{header} ({column})" for column, header in own)
            what = f"{file.source}: headers of {form.title} that the file does not have: {said}"
            hint = f"columns: {{{own[0][0]}: <header>}} where they are called otherwise"
            problems.append(Problem("D132", what, file.place(1), hint, "warning"))
    return problems


def wanted_headers(form: Form) -> list[str]:
    """Headers of the file that are read beside those of its columns."""
    others = set(form.table.look_ups)
    return [name for name in form.table.named() if name.partition(".")[0] not in others]


def beside_headers(form: Form, other: Beside) -> list[str]:
    """Headers of a table looked up in that are needed of it."""
    mark = f"{other.name}."
    cells = map(form.config.cell, form.config.columns)
    spoken = [*(header for cell in cells for header in cell.headers), *form.table.named()]
    own = [*listed(other.look_up.there), *other.table.named()]
    return list(dict.fromkeys([*own, *(name.removeprefix(mark) for name in spoken if name.startswith(mark))]))
