"""How one source of a workspace lies in its files: names, formats, zones; declared, never guessed."""

from __future__ import annotations

import codecs
import difflib
import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Annotated, Literal, TypedDict
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator

from segkit.columns import SOURCES, Kind, Source
from segkit.facts.files.cells import Cell, Columns, listed
from segkit.facts.presets.library import preset_faults

Delivery = Literal["whole", "append", "window"]
Formats = str | list[str] | dict[str, str | list[str]]
UNIX, UNIX_MS = "unix seconds", "unix milliseconds"
"""Formats of dates that are counted since 1970 (UTC)."""


class Dialect(TypedDict, total=False):
    """What has to be known before a header can be read."""

    separator: str
    encoding: str
    sheet: str | None


DATE_MARK = "{date}"
"""Stands for a YYYY-MM-DD date in a file name."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_OURS = frozenset(["raw_id", "user_key", "day", "snapshot_day", "present", "sha256"])
"""Columns that stand beside those of a file; what begins with _ is ours too."""
_ENCODINGS = {"utf-8", "utf-8-sig", "iso8859-1", "cp1252", "utf-16", "utf-16-le", "utf-16-be"}


class SourceConfig(BaseModel):
    """One entry of `sources:` in segkit.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    files: Annotated[
        str | list[str],
        Field(
            description="File names below the exports folder: a name, a pattern with * and ?, or a list. "
            "{date} stands for a date (YYYY-MM-DD) in the name and dates the file."
        ),
    ]
    preset: Annotated[
        str | list[str] | None,
        Field(
            description="Whose export it is and in which form: zendesk/connector, salesforce/ui; a list for "
            "several. Each file is recognised by its header; what stands beside wins."
        ),
    ] = None
    columns: Annotated[
        Columns,
        Field(
            description="segkit's name: the header in the file, or what it takes to come to the value. Names "
            "that already match need no entry."
        ),
    ] = {}
    dates: Annotated[
        Formats | None,
        Field(
            description="How dates are written: one strptime format, a list, or {column: format}; e.g. "
            '"%d-%m-%Y", "unix seconds", "unix milliseconds". Default: ISO 8601.'
        ),
    ] = None
    timezone: Annotated[
        str | None,
        Field(
            description="Zone of moments that carry no offset, e.g. Europe/Berlin. Default: the workspace's."
        ),
    ] = None
    decimal: Annotated[Literal[".", ","], Field(description="Decimal mark of numbers.")] = "."
    thousands: Annotated[
        Literal[".", ",", " ", "'", "_"] | None,
        Field(description="Mark between thousands. Default: none."),
    ] = None
    separator: Annotated[str, Field(description='Between the fields of a CSV file: ",", ";", a tab …')] = ","
    encoding: Annotated[
        str, Field(description="Of text files: utf-8, latin-1, cp1252, utf-16 (also -le and -be).")
    ] = "utf-8"
    sheet: Annotated[
        str | None, Field(description="Of an Excel workbook: the sheet. Default: the only one that is shown.")
    ] = None
    attributes: Annotated[
        dict[str, Kind],
        Field(description="Further columns to keep, name: kind (text, number, integer, date, moment, flag)."),
    ] = {}
    delivery: Annotated[
        Delivery | None,
        Field(
            description="How the files of an event source relate: whole (the newest replaces all), append "
            "(all together), window (each file replaces the days that it covers)."
        ),
    ] = None
    duplicates: Annotated[
        Literal["reject", "latest"],
        Field(
            description="Rows of one key (ticket_id, event_id …): reject keeps one and refuses the others; "
            "latest keeps the one with the latest times and leaves the others out."
        ),
    ] = "reject"
    through: Annotated[
        date | Literal["{date}"] | None,
        Field(
            description='Last day the export speaks about, or "{date}" to take it from the file name. '
            "Default: from the rows."
        ),
    ] = None
    no_outage: Annotated[
        list[date],
        Field(
            description="Usage only: last days of weeks in which who has no row really did nothing, though "
            "it looks as if the export had been cut off: [2026-09-06]."
        ),
    ] = []
    keys: Annotated[
        list[str],
        Field(
            description="Foreign keys that say whose row it is, beside account_id, user_id and email; looked "
            "up in the source that holds the key and account_id, e.g. [subscription_id]."
        ),
    ] = []

    @field_validator("files")
    @classmethod
    def _some_files(cls, value: str | list[str]) -> str | list[str]:
        if not value or not all([value] if isinstance(value, str) else value):
            raise ValueError("name at least one file")
        return value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                ZoneInfo(value)
            except (ZoneInfoNotFoundError, ValueError, OSError) as error:
                raise ValueError(f"no time zone is called {value!r}; write e.g. Europe/Berlin") from error
        return value

    @field_validator("separator")
    @classmethod
    def _one_byte(cls, value: str) -> str:
        if len(value.encode()) != 1 or value in '"\r\n':
            raise ValueError("the separator is one character such as , or ; or a tab")
        return value

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str) -> str:
        try:
            name = codecs.lookup(value).name
        except LookupError:
            name = ""
        if name not in _ENCODINGS:
            raise ValueError("known encodings: utf-8, latin-1, cp1252, utf-16, utf-16-le, utf-16-be")
        return name

    @field_validator("dates")
    @classmethod
    def _formats(cls, value: Formats | None) -> Formats | None:
        written = value.values() if isinstance(value, dict) else [value] if value is not None else []
        for entry in written:
            for text in [entry] if isinstance(entry, str) else entry:
                if "%" not in str(text) and text not in (UNIX, UNIX_MS):
                    raise ValueError(f'{text!r} is no date format; write e.g. "%d-%m-%Y"')
        return value

    @property
    def patterns(self) -> tuple[str, ...]:
        return tuple(listed(self.files))

    @property
    def presets(self) -> tuple[str, ...]:
        return () if self.preset is None else tuple(listed(self.preset))

    @property
    def dialect(self) -> Dialect:
        """How a file is opened."""
        return {"separator": self.separator, "encoding": self.encoding, "sheet": self.sheet}

    def cell(self, column: str) -> Cell:
        """Where the values of `column` stand."""
        said = self.columns.get(column, column)
        return _under(said) if isinstance(said, str) else said

    def formats(self, column: str) -> tuple[str, ...]:
        """Declared date formats of a column; empty for ISO 8601."""
        found = self.dates.get(column) if isinstance(self.dates, dict) else self.dates
        return () if found is None else (found,) if isinstance(found, str) else tuple(found)


@cache
def _under(header: str) -> Cell:
    return Cell(header=header)


def mapping_faults(name: str, config: SourceConfig) -> list[tuple[tuple[str | int, ...], str, str | None]]:
    """What is wrong with a source entry beyond its shape: (location below the source, what, hint)."""
    source = SOURCES.get(name)
    if source is None:
        return [((), f"no source is called {name}", _meant(name, SOURCES))]
    known = [column.name for column in source.columns] + list(config.attributes) + list(config.keys)
    faults: list[tuple[tuple[str | int, ...], str, str | None]] = [
        (("preset",), what, hint) for what, hint in preset_faults(name, config.presets)
    ]
    faults += [
        (
            ("columns", column),
            f"{name} has no column {column}",
            _meant(column, known) or _declare(source, column),
        )
        for column in config.columns
        if column not in known
    ]
    if isinstance(config.dates, dict):
        faults += [
            (("dates", column), f"{name} has no column {column}", _meant(column, known))
            for column in config.dates
            if column not in known
        ]
    faults += _attribute_faults(source, config)
    if config.decimal == config.thousands:
        faults.append((("thousands",), "decimal and thousands are the same mark", None))
    marked = any(DATE_MARK in pattern for pattern in config.patterns)
    if config.through == DATE_MARK and not marked:
        faults.append((("through",), "no file name of this source holds {date}", 'files: "usage_{date}.csv"'))
    if name != "usage" and config.no_outage:
        faults.append((("no_outage",), f"{name} has no outages to speak about", "it belongs under usage"))
    faults += _latest_faults(source, config)
    if source.when is None and config.delivery:
        faults.append((("delivery",), f"{name} has no days to deliver by", "leave delivery out"))
    return faults


def _latest_faults(
    source: Source, config: SourceConfig
) -> list[tuple[tuple[str | int, ...], str, str | None]]:
    if config.duplicates != "latest":
        return []
    loc = ("duplicates",)
    if source.name == "accounts":
        return [(loc, "accounts are dated by snapshot_at; of one date there is no latest row", None)]
    if source.name == "usage" and "event_id" not in config.columns:
        return [(loc, "rows of usage have no key", "map event_id, which tells events apart")]
    if source.name != "usage" and not source.key:
        return [(loc, f"rows of {source.name} have no key", "leave duplicates out")]
    return []


def _attribute_faults(
    source: Source, config: SourceConfig
) -> list[tuple[tuple[str | int, ...], str, str | None]]:
    faults: list[tuple[tuple[str | int, ...], str, str | None]] = []
    places: list[tuple[tuple[str | int, ...], str]] = [
        *((("attributes", name), name) for name in config.attributes),
        *((("keys", at), name) for at, name in enumerate(config.keys)),
    ]
    moments = [column.name for column in source.columns if column.kind == "moment"]
    moments += [name for name, kind in config.attributes.items() if kind == "moment"]
    beside = {f"{name}_{what}" for name in moments for what in ("seconds", "timed")}
    for loc, column in places:
        if loc[0] == "attributes" and source.column(column):
            faults.append((loc, f"{source.name} already has a column {column}", None))
        elif not _NAME.match(column):
            hint = "letters, digits and _; map the header under columns"
            faults.append((loc, f"{column!r} cannot be used in rules", hint))
        elif column in _OURS or column in beside or column.startswith("_"):
            other = f"my_{column.strip('_')}"
            hint = f"call it otherwise and map the header: columns: {{{other}: {column}}}"
            faults.append((loc, f"{column!r} is a name that segkit needs itself", hint))
    return faults


def _declare(source: Source, column: str) -> str | None:
    return f"attributes: {{{column}: text}} keeps a further column" if source.open_columns else None


def _meant(word: str, known: Mapping[str, object] | list[str]) -> str | None:
    close = difflib.get_close_matches(word, list(known), n=1)
    return f"did you mean {close[0]}?" if close else None
