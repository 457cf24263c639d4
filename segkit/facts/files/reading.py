"""What will be read from one file of a source: which header is which column, and how it is written."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping

from msgspec import Struct
from msgspec.structs import replace

from segkit.columns import SOURCES, WHO, Column, Kind, Source
from segkit.errors import InputError, Problem
from segkit.facts.files.cells import Cell, found
from segkit.facts.files.found import ExportFile
from segkit.facts.files.pivoted import refuse_chart
from segkit.facts.files.read import Opened, later_keys, open_file
from segkit.facts.files.workbook import Written
from segkit.facts.mapping import SourceConfig
from segkit.facts.presets.forms import Form, beside_headers, wanted_headers
from segkit.facts.samples import ADDRESS, without_addresses
from segkit.facts.terms import Terms


class Reading(Struct, frozen=True):
    """A file's header held against its source."""

    opened: Opened
    source: Source
    config: SourceConfig
    columns: tuple[Column, ...]
    """The columns that the file has, declared attributes and keys included, in the source's order."""
    who: tuple[str, ...]
    """Columns of these that may say whose row it is, first choice first."""
    cells: Mapping[str, Cell]
    """Column -> where its values stand in this file."""
    terms: Terms
    form: Form | None = None

    @property
    def headers(self) -> Mapping[str, str]:
        """Column -> its name in the file, for those that have one."""
        return {name: cell.headers[0] for name, cell in self.cells.items() if cell.headers}

    @property
    def wanted(self) -> tuple[str, ...]:
        """The headers that are read."""
        cells = self.cells.values()
        names = [name for cell in cells for name in (*cell.headers, *cell.where)]
        names += wanted_headers(self.form) if self.form is not None else []
        return tuple(name for name in dict.fromkeys(names) if name in self.opened.header)

    @property
    def written(self) -> Mapping[str, Written]:
        """Header -> how the real dates and numbers of a workbook are written to read as declared."""
        found: dict[str, Written] = {}
        for name, cell in self.cells.items():
            shape = next(iter(self.config.formats(name)), None)
            for header in cell.headers:
                found.setdefault(header, Written(shape, self.config.decimal))
        return found

    @property
    def zone(self) -> str:
        """The workspace's: a day starts when it starts there."""
        return self.terms.zone

    @property
    def own_zone(self) -> str:
        return self.config.timezone or self.zone


def read_as(file: ExportFile, config: SourceConfig, terms: Terms) -> Reading:
    """Open a file and hold its header against its source: by its preset, else as segkit.yaml says it.

    Raises: InputError.
    """
    return plan_reading(_open_as(file, config), _config(file, config), terms)


def read_some(file: ExportFile, config: SourceConfig, names: Collection[str]) -> Reading:
    """The same for some columns, as far as the file has them. Raises: InputError D103, D104."""
    opened, config = _open_as(file, config), _config(file, config)
    rows = (_headers(opened, file.form), *opened.more)
    source = SOURCES[file.source]
    columns: list[Column] = []
    cells: dict[str, Cell] = {}
    for column in source.columns:
        cell = config.cell(column.name)
        headers = found(cell.headers, rows) if column.name in names else []
        if headers and set(cell.where) <= set(rows[0]):
            columns.append(column)
            cells[column.name] = cell.under(headers)
    return Reading(opened, source, config, tuple(columns), (), cells, Terms("UTC"), file.form)


def _config(file: ExportFile, config: SourceConfig) -> SourceConfig:
    return file.form.config if file.form is not None else config


def _open_as(file: ExportFile, config: SourceConfig) -> Opened:
    config = _config(file, config)
    rows = file.form.table.header_rows if file.form is not None else 1
    return open_file(file, header_rows=rows, **config.dialect)


def plan_reading(opened: Opened, config: SourceConfig, terms: Terms) -> Reading:
    """Raises InputError D102, one problem per missing or doubled column; D130 for a chart."""
    source, form = SOURCES[opened.file.source], opened.file.form
    problems: list[Problem] = []
    attributes: dict[str, Kind] = dict(config.attributes)
    wanted = [*source.columns, *(Column(name, kind) for name, kind in attributes.items())]
    named = {column.name for column in wanted}
    wanted += [Column(key) for key in config.keys if key not in named]
    columns: list[Column] = []
    cells: dict[str, Cell] = {}
    said = [column.name for column in wanted if form is None or column.name in config.columns]
    absent = {name for column in said for name in config.cell(column).headers} - {*_headers(opened, form)}
    opened = replace(opened, header=(*opened.header, *later_keys(opened, sorted(absent))))
    rows = (_headers(opened, form), *opened.more)
    for column in wanted:
        cell = config.cell(column.name)
        own = column.name in config.columns or column.name in attributes or column.name in config.keys
        # A header that happens to be one of our words means something else in a vendor's table.
        headers = found(cell.headers, rows) if own or form is None else []
        unsaid = [name for name in cell.where if name not in rows[0]]
        double = [name for name in headers if rows[0].count(name) > 1]
        if double:
            what = f"the header has {double[0]} {rows[0].count(double[0])} times"
            problems.append(Problem("D102", what, opened.file.place(1), "name one of them otherwise"))
        elif unsaid and headers:
            problems.append(_missing(opened, source, column, unsaid[0]))
        elif headers or not cell.headers:
            columns.append(column)
            cells[column.name] = cell.under(headers) if headers else cell
        elif column.required or own:
            problems.append(_missing(opened, source, column, cell.headers[0]))
    present = {column.name for column in columns}
    first, *rest = source.anyone or WHO
    who = tuple(name for name in dict.fromkeys((first, *config.keys, *rest)) if name in present)
    if source.anyone and not who and not problems:
        known = " or ".join(source.anyone)
        what = f"{source.name} needs one of {known}, or a key declared under keys"
        problems.append(Problem("D102", what, opened.file.place(1), _mapping_hint(source.anyone[0], opened)))
    if problems:
        refuse_chart(opened)
        raise InputError(problems)
    return Reading(opened, source, config, tuple(columns), who, cells, terms, form)


def _headers(opened: Opened, form: Form | None) -> tuple[str, ...]:
    """The file's headers, and as table.header those of the tables it is looked up in."""
    if form is None:
        return opened.header
    names = [f"{one.name}.{name}" for one in form.beside for name in beside_headers(form, one)]
    return (*opened.header, *names)


def _missing(opened: Opened, source: Source, column: Column, header: str) -> Problem:
    close = difflib.get_close_matches(header, opened.header, n=1, cutoff=0.6)
    folded = {name.lower().replace(" ", "_"): name for name in opened.header}
    meant = close[0] if close else folded.get(header.lower().replace(" ", "_"))
    hint = f"did you mean {without_addresses(meant)}? " if meant else ""
    hint += _mapping_hint(column.name, opened, meant)
    if len(opened.header) == 1 and any(sign in opened.header[0] for sign in ";\t|"):
        sign = next(sign for sign in ";\t|" if sign in opened.header[0])
        hint = f'the fields seem to be separated otherwise: separator: "{sign}"'.replace("\t", "\\t")
    return Problem("D102", f"{source.name}: no column {header} in the file", opened.file.place(1), hint)


def _mapping_hint(column: str, opened: Opened, meant: str | None = None) -> str:
    if any(ADDRESS.search(name) for name in opened.header):
        return "its first line holds an address: is the line with the names of the columns missing?"
    shown = ", ".join(opened.header[:8]) + (" …" if len(opened.header) > 8 else "")
    return f"columns: {{{column}: {meant or '<header>'}}} in segkit.yaml; the file has {shown}"
