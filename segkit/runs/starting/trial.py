"""What was chosen, read once: what the values show is declared, and what cannot be read is left out."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

import polars as pl
from msgspec import Struct, field
from msgspec.structs import replace

from segkit.columns import ACCOUNT
from segkit.errors import InputError, Problem
from segkit.facts.files.cells import Cell
from segkit.facts.files.read import Batch, batches
from segkit.facts.files.reading import Reading, read_as
from segkit.facts.load import load
from segkit.facts.mapping import SourceConfig
from segkit.facts.presets.forms import source_files
from segkit.facts.presets.sift import rows_of
from segkit.facts.rows import parse
from segkit.facts.rows.derive import values_of
from segkit.facts.tables import take_table
from segkit.facts.taking.gather import gather
from segkit.facts.terms import Terms
from segkit.facts.usage import take_usage
from segkit.periods import Calendar
from segkit.runs.starting.choose import Chosen

UTC = "UTC"
DISAGREE = "D108"
_ACCOUNT_KEY = re.compile(
    r"(account|company|org|organi[sz]ation|customer|tenant|workspace|team)([_ ]?id)?", re.I
)
"""How a property that says whose use it is may be called."""
_PROPERTIES = ("properties", "groups", "event_properties", "context")
_SHOWN = 2000
"""Rows whose JSON is looked into."""


class Read(Struct, frozen=True):
    """A source that reads: its entry, what it is made of, what was assumed, what of it does not read."""

    config: SourceConfig
    chosen: Chosen
    remarks: tuple[str, ...] = ()
    without: Mapping[str, str] = field(default_factory=dict)


class Tried(Struct, frozen=True):
    """sources: what reads. left: source -> what was tried and why it does not read."""

    sources: Mapping[str, Read]
    left: Mapping[str, tuple[Chosen, str]]
    problem: Problem | None
    """Why nothing can be assigned yet."""


def tried(folder: Path, choices: Mapping[str, Sequence[Chosen]], today: date) -> Tried:
    """Each source from the first of its choices that reads; then all together."""
    sources: dict[str, Read] = {}
    left: dict[str, tuple[Chosen, str]] = {}
    for source, ways in choices.items():
        found = [_read(folder, way) for way in ways]
        good = next((one for one in found if isinstance(one, Read)), None)
        if good is not None:
            sources[source] = good
        elif source != "crosswalk":
            left[source] = (ways[0], str(found[0]))
    problem = _problem(folder, sources, today)
    if problem is not None and problem.code == DISAGREE and len(sources["accounts"].chosen.ways) > 1:
        sources, problem = _one_list(folder, sources, problem, today)
    if problem is not None and problem.code == "D109":
        for others, why in _otherwise(folder, sources, choices):
            if _problem(folder, others, today) is None:
                if "accounts" in sources and "accounts" not in others:
                    left["accounts"] = (sources["accounts"].chosen, why)
                return Tried(others, left, None)
    return Tried(sources, left, problem)


def _one_list(
    folder: Path, sources: Mapping[str, Read], problem: Problem, today: date
) -> tuple[dict[str, Read], Problem | None]:
    """One of several lists of accounts of one day that disagree: the one called so, else the longest."""
    read = sources["accounts"]
    lists = sorted(
        read.chosen.parts(),
        key=lambda part: (Path(part.ways[0][0].name).stem == "accounts", part.ways[0][0].bytes),
        reverse=True,
    )
    for one in lists:
        taken = one.ways[0][0].name
        alone = _readable(folder, one)
        if isinstance(alone, str):
            continue
        others = {group.name: f"disagrees with {taken}" for group, _ in read.chosen.ways}
        remark = f"accounts: the lists disagree; {taken} is taken, the one you trust may be another"
        without = {name: why for name, why in others.items() if name != taken}
        chosen = replace(alone, remarks=(*alone.remarks, remark), without={**read.without, **without})
        found = {**sources, "accounts": chosen}
        left = _problem(folder, found, today)
        if left is None or left.code == "D109":
            return found, left
    return dict(sources), problem


def _otherwise(
    folder: Path, sources: Mapping[str, Read], choices: Mapping[str, Sequence[Chosen]]
) -> Iterator[tuple[dict[str, Read], str]]:
    """Where no use belongs to a known account: another list of accounts, none, or users as accounts."""
    alone = {name: read for name, read in sources.items() if name not in ("accounts", "crosswalk")}
    for way in choices.get("accounts", ())[1:]:
        read = _read(folder, way)
        if isinstance(read, Read):
            yield {"accounts": read, **alone}, ""
    yield alone, "usage names none of its ids"
    by_user = _by_user(folder, sources["usage"])
    if by_user is not None:
        yield {**alone, "usage": by_user}, "nothing in usage says whose it is"


def _problem(folder: Path, sources: Mapping[str, Read], today: date) -> Problem | None:
    """What a run would refuse."""
    try:
        load(
            {name: read.config for name, read in sources.items()},
            exports=folder,
            calendar=Calendar(),
            timezone=UTC,
            as_of=None,
            today=today,
            fold=None,
            cache=None,
            ledger=None,
        )
    except InputError as error:
        return error.problems[0]
    return None


def _read(folder: Path, way: Chosen) -> Read | str:
    """As it stands, else as many of its parts as read together; else why none does."""
    whole = _readable(folder, way)
    if isinstance(whole, Read) or len(way.ways) == 1:
        return whole
    kept: Read | None = None
    without: dict[str, str] = {}
    for part in way.parts():
        found = _readable(folder, part if kept is None else kept.chosen.joined(part))
        if isinstance(found, Read):
            kept = found
        else:
            without[part.ways[0][0].name] = found
    return whole if kept is None else replace(kept, without=without)


def _readable(folder: Path, way: Chosen) -> Read | str:
    """The entry with formats and delivery that fit; or why it cannot be read."""
    source, config = way.source, way.config
    remarks: list[str] = []
    try:
        config = _with_account(_reading(folder, source, config), config, remarks)
        config = _with_formats(_reading(folder, source, config), config)
    except InputError as error:
        return error.problems[0].what
    problem = _fault(folder, source, config)
    if problem is not None and problem.code == "D105":
        config = config.model_copy(update={"delivery": "append"})
        remarks.append(f"{source}: files with common days, taken to complete each other")
        problem = _fault(folder, source, config)
    return Read(config, way, tuple(remarks)) if problem is None else problem.what


def _reading(folder: Path, source: str, config: SourceConfig) -> Reading:
    """Of the first file. Raises: InputError."""
    files, problems = source_files(source, config, folder)
    if problems:
        raise InputError(problems)
    return read_as(files[0], config, Terms(UTC))


def _fault(folder: Path, source: str, config: SourceConfig) -> Problem | None:
    """The first problem of the source read alone."""
    files, problems = source_files(source, config, folder)
    if problems:
        return problems[0]
    try:
        if source == "usage":
            _, problems = take_usage(config, files, Terms(UTC), None, None)
        elif source == "accounts":
            _, problems = gather(source, config, files, Terms(UTC), None)
        else:
            _, problems = take_table(source, config, files, Terms(UTC), None)
    except InputError as error:
        return error.problems[0]
    return problems[0] if problems else None


def _first(reading: Reading) -> Batch | None:
    return next((sifted.batch for sifted in rows_of(reading)), None)


def _with_formats(reading: Reading, config: SourceConfig) -> SourceConfig:
    """Declares what the values of the first batch show beyond doubt: a date format, a decimal comma."""
    batch = _first(reading)
    if batch is None:
        return config
    dates: dict[str, str | list[str]] = {}
    comma = False
    for column in reading.columns:
        values = values_of(reading, batch, column)
        if values.dtype != pl.String:
            continue
        if column.kind in ("date", "moment"):
            read = parse.moment(values, reading.config.formats(column.name), UTC, reading.own_zone)
            fits = parse.fitting(values) if (read.is_null() & values.is_not_null()).any() else []
            if len(fits) == 1:
                dates[column.name] = fits[0]
        elif column.kind in ("number", "integer"):
            plain = parse.number(values, ".", None)
            other = parse.number(values, ",", ".")
            comma |= plain.null_count() > other.null_count()
    update: dict[str, object] = {"decimal": ",", "thousands": "."} if comma else {}
    return config.model_copy(update={**update, **({"dates": dates} if dates else {})})


def _with_account(reading: Reading, config: SourceConfig, remarks: list[str]) -> SourceConfig:
    """Where use names no account but carries properties: the property that may."""
    if reading.source.name != "usage" or ACCOUNT in {column.name for column in reading.columns}:
        return config
    hits: Counter[tuple[str, str, bool]] = Counter()
    for header in _PROPERTIES:
        if header in reading.opened.header:
            hits.update((header, *found) for found in _keys(reading, header))
    if not hits:
        return config
    (header, key, several), _ = max(hits.items(), key=lambda item: (item[1], item[0]))
    remarks.append(f"usage: {key} in {header} is taken for the account")
    cell = Cell(header=header, key=[key, "0"] if several else key)
    return config.model_copy(update={"columns": {**config.columns, ACCOUNT: cell}})


def _keys(reading: Reading, header: str) -> Iterator[tuple[str, bool]]:
    """Keys that may name an account, and whether their value is a list."""
    batch = next(batches(reading.opened, (header,)), None)
    for cell in [] if batch is None else batch.rows[header].drop_nulls().head(_SHOWN):
        try:
            told = json.loads(cell)
        except ValueError:
            continue
        filled = told.items() if isinstance(told, dict) else ()
        yield from (
            (key, isinstance(value, list)) for key, value in filled if value and _ACCOUNT_KEY.fullmatch(key)
        )


def _by_user(folder: Path, usage: Read) -> Read | None:
    """Each user as an account of its own; None where usage names no users."""
    cells = _reading(folder, "usage", usage.config).cells
    columns = [cells[who] for who in ("user_id", "email") if who in cells]
    if not columns:
        return None
    headers = list(dict.fromkeys(header for cell in columns for header in cell.headers))
    said = Cell(header=headers, key=columns[0].key).under(headers)
    config = usage.config.model_copy(update={"columns": {**usage.config.columns, ACCOUNT: said}})
    remark = "usage: nobody says whose use it is, so each user is an account"
    return replace(usage, config=config, remarks=(*usage.remarks, remark))
