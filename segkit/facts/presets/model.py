"""What a preset file says, key by key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from segkit.columns import SOURCES
from segkit.facts.files.cells import Cell, Columns, listed

Names = str | list[str]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LeaveOut(_Model):
    """Rows that are no rows of the source: deleted records, drafts, other surveys."""

    header: Annotated[str, Field(description="The header that is looked at; of another table: table.header.")]
    values: Annotated[
        list[str] | None,
        Field(
            min_length=1,
            description='Left out where it is one of these, in any case of letters; "" is empty.',
        ),
    ] = None
    but: Annotated[
        list[str] | None, Field(min_length=1, description="Left out unless it is one of these.")
    ] = None
    because: Annotated[str, Field(description="The reason that is counted and shown: deleted.")]

    @model_validator(mode="after")
    def _one_way(self) -> LeaveOut:
        if (self.values is None) == (self.but is None):
            raise ValueError("say either values or but")
        return self


class Newest(_Model):
    """Several versions of one record: the newest counts, the others are left out."""

    of: Annotated[Names, Field(description="The headers that make a record.")]
    by: Annotated[str, Field(description="The header of the date that makes a version newer.")]


class EachOf(_Model):
    """A cell that lists several: a row for each of them."""

    header: Annotated[str, Field(description="The header of the list.")]
    between: Annotated[str, Field(min_length=1, max_length=3, description="What stands between two of them.")]


class LookUp(_Model):
    """Another table that says more about a row: its columns are named table.header."""

    here: Annotated[Names, Field(description="Headers of the row, or of a table looked up before.")]
    there: Annotated[Names, Field(description="The headers they equal in the other table.")]
    all: Annotated[
        bool, Field(description="Every value that is found, with | between; else the first in order.")
    ] = False
    says: Annotated[str, Field(description="What is not known without that table.")]
    needed: Annotated[bool, Field(description="Without that table the rows mean nothing.")] = False


class Table(_Model):
    """One kind of file."""

    source: Annotated[str | None, Field(description="The source it gives; none: only looked up in.")] = None
    about: Annotated[str, Field(description="What it holds.")]
    header: Annotated[
        list[str],
        Field(min_length=1, description="Headers that tell it from every other; ~ before a pattern."),
    ]
    part_of: Annotated[
        str | None, Field(description="A table of this preset that holds the same use, less finely.")
    ] = None
    checked: Annotated[
        bool, Field(description="Read from a real file, though others of an experimental preset were not.")
    ] = False
    header_rows: Annotated[int, Field(ge=1, le=3, description="How many rows the header has.")] = 1
    columns: Columns = {}
    dates: Annotated[
        Names | dict[str, Names] | None, Field(description="As under sources in segkit.yaml.")
    ] = None
    timezone: Annotated[str | None, Field(description="As under sources in segkit.yaml.")] = None
    leave_out: Annotated[list[LeaveOut], Field(description="Rows that do not count, with the reason.")] = []
    newest: Newest | None = None
    each_of: EachOf | None = None
    look_ups: Annotated[
        dict[str, LookUp], Field(description="Tables of this preset to look up in, in order.")
    ] = {}

    @property
    def cells(self) -> dict[str, Cell]:
        return {
            name: Cell(header=said) if isinstance(said, str) else said for name, said in self.columns.items()
        }

    def named(self) -> Iterator[str]:
        """Every header and table.header that the table speaks of outside its columns."""
        for rule in self.leave_out:
            yield rule.header
        for cell in self.cells.values():
            yield from cell.where
        if self.each_of is not None:
            yield self.each_of.header
        if self.newest is not None:
            yield from (*listed(self.newest.of), self.newest.by)
        for look_up in self.look_ups.values():
            yield from listed(look_up.here)


class PresetFile(_Model):
    """One vendor's exports in one form."""

    version: Literal[1]
    vendor: str
    form: Annotated[
        Literal["connector", "ui"],
        Field(description="connector: tables as a connector copies them; ui: what a person downloads."),
    ]
    kind: Annotated[
        Literal["crm", "helpdesk", "product", "survey"],
        Field(description="Where several vendors list accounts, the first of this order is believed."),
    ]
    about: str
    experimental: Annotated[
        str | None, Field(description="Why it is not sure: no real file was there to check it on.")
    ] = None
    pages: Annotated[list[str], Field(description="Pages that describe the files.")] = []
    footer: Annotated[
        list[str],
        Field(description="Patterns of lines that close a file and are no rows: totals, copyright."),
    ] = []
    tables: Annotated[dict[str, Table], Field(min_length=1)]

    @property
    def name(self) -> str:
        return f"{self.vendor}/{self.form}"

    @model_validator(mode="after")
    def _consistent(self) -> PresetFile:
        for name, table in self.tables.items():
            if table.source is not None:
                source = SOURCES.get(table.source)
                if source is None:
                    raise ValueError(f"{name}: no source is called {table.source}")
                odd = [column for column in table.columns if source.column(column) is None]
                if odd:
                    raise ValueError(f"{name}: {table.source} has no column {', '.join(odd)}")
            missing = [other for other in table.look_ups if other not in self.tables]
            if missing:
                raise ValueError(f"{name}: no table is called {', '.join(missing)}")
        return self
