"""The rows of a file -> the values that a column's cell means."""

from __future__ import annotations

import polars as pl

from segkit.columns import Column
from segkit.facts.files.cells import Cell, Value, listed
from segkit.facts.files.read import Batch
from segkit.facts.files.reading import Reading
from segkit.facts.rows import parse
from segkit.facts.rows.ids import salesforce
from segkit.grouping import Codes, codes

_TEXTS = (pl.String, pl.Categorical, pl.Enum)


def values_of(reading: Reading, batch: Batch, column: Column) -> pl.Series:
    """What the file says of a column: stripped text, or the values of a typed file."""
    raw = _raw(reading, batch, column)
    if batch.stripped and reading.cells[column.name].plain:
        return raw.rename(column.name)
    if raw.dtype in _TEXTS:
        raw = parse.text(raw)
    elif raw.dtype == pl.Binary:
        raw = parse.decoded(raw)
    elif raw.dtype.is_float():
        # What pandas writes for "no value".
        raw = raw.fill_nan(None)
    return raw.rename(column.name)


def coded_values(reading: Reading, batch: Batch, column: Column) -> tuple[pl.Series, Codes | None]:
    """The same, and its numbers where the file has text: then each different one is stripped once."""
    raw = _raw(reading, batch, column)
    if raw.dtype not in _TEXTS:
        return values_of(reading, batch, column), None
    found = codes(raw)
    clean = found.changed(parse.text)
    same = clean is found and raw.dtype == pl.String
    return (raw if same else clean.column()).rename(column.name), clean


def _raw(reading: Reading, batch: Batch, column: Column) -> pl.Series:
    cell = reading.cells[column.name]
    if not cell.headers:
        return pl.Series(column.name, [str(cell.always)]).new_from_index(0, batch.rows.height)
    return batch.rows[cell.headers[0]] if cell.plain else derived(cell, batch.rows)


def derived(cell: Cell, rows: pl.DataFrame) -> pl.Series:
    """The column's values; what has no meaning under the cell is null. See `unreadable` for JSON."""
    values = _standing(cell, rows)
    if cell.key:
        values = _text(values).str.json_path_match("$" + "".join(map(_step, listed(cell.key))))
    if cell.first_of is not None:
        values = _text(values).str.split(cell.first_of).list.first()
    if cell.holding is not None:
        values = _text(values)
        values = values.set(~values.str.contains(cell.holding, literal=True).fill_null(True), None)
    if cell.without is not None:
        values = _text(values)
        values = values.set(values.str.contains(cell.without, literal=True).fill_null(False), None)
    if cell.domain:
        values = _text(values).str.extract(r"^(?i)(?:[a-z]+://)?(?:[^/@]*@)?(?:www\.)?([^/:?#\s]+)")
    if cell.ids == "salesforce":
        values = salesforce(_text(values))
    if cell.values:
        values = _meant(_text(values), cell.values)
    if cell.times != 1:
        values = values.cast(pl.Float64, strict=False) * cell.times
    return values


def unreadable(cell: Cell, rows: pl.DataFrame) -> pl.Series | None:
    """Which cells hold text that is no JSON where some is declared; None where none is."""
    if not cell.key:
        return None
    texts = _text(_standing(cell, rows))
    whole = texts.str.contains(r"^\s*[\[{]") & texts.str.json_path_match("$").is_not_null()
    return texts.is_not_null() & ~whole.fill_null(False)


def _standing(cell: Cell, rows: pl.DataFrame) -> pl.Series:
    """What stands under the cell's headers, in rows where the cell speaks."""
    headers = cell.headers
    if len(headers) == 1:
        values = rows[headers[0]]
    else:
        texts = rows.select(parse.text(rows[name]).alias(name) for name in headers)
        values = texts.select(pl.coalesce(headers)).to_series()
    for header, wanted in cell.where.items():
        words = [word.lower() for word in listed(wanted)]
        here = _text(rows[header]).str.to_lowercase().is_in(words).fill_null(False)
        values = values.set(~here, None)
    return values


def _text(values: pl.Series) -> pl.Series:
    return parse.text(values)


def _meant(texts: pl.Series, words: dict[str, Value]) -> pl.Series:
    """Words replaced; others stay as they are, for the contract to judge."""
    low = texts.str.to_lowercase()
    table = {word.lower(): None if value is None else str(value) for word, value in words.items()}
    new = low.replace_strict(table, default=None, return_dtype=pl.String)
    return new.zip_with(low.is_in(list(table)).fill_null(True), texts)


def _step(name: str) -> str:
    """A key in the notation of JSONPath."""
    if name.isdigit():
        return f"[{name}]"
    quote = '"' if "'" in name else "'"
    return f"[{quote}{name}{quote}]"
