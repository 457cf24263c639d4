"""Rows as read -> rows as promised by the contract, and every other row with its reason."""

from __future__ import annotations

import json
from collections.abc import Mapping

import polars as pl
from msgspec import Struct

from segkit.columns import Column
from segkit.errors import InputError, Problem
from segkit.facts.coded import CodedRows
from segkit.facts.files.cells import Cell
from segkit.facts.files.lines import LINE, TOTAL, TOTALS
from segkit.facts.files.read import Batch
from segkit.facts.files.reading import Reading
from segkit.facts.rows import parse
from segkit.facts.rows.contracts import out_of_range
from segkit.facts.rows.derive import coded_values, derived, unreadable, values_of
from segkit.facts.rows.dropping import drop
from segkit.facts.rows.erased import blanked, without_addresses
from segkit.facts.rows.marks import marks, timed_name
from segkit.facts.samples import HIDDEN
from segkit.grouping import Codes

REJECTED = {
    "line": pl.Int64,
    "column": pl.String,
    "code": pl.String,
    "reason": pl.String,
    "raw": pl.String,
}
"""Columns of refused rows, one line per row: the first reason in column order."""
NO_REJECTED = pl.DataFrame(schema=REJECTED)
UNCLEAR = "_consent_unclear"
"""Beside `consent`: whether its value is neither a yes nor a no that is known; it then counts as a no."""
_RAW_LIMIT = 4000
_SELDOM_TWICE = ("event_id", "session_id", "user_name")
"""Texts of which a number for each would be of no use."""


class Accepted(Struct, frozen=True):
    """rows: _line, the contract's columns, `<moment>_seconds` beside each moment. rejected: see REJECTED.

    read = accepted + rejected + dropped. dropped: see dropping.DROPPED.
    """

    rows: pl.DataFrame
    rejected: pl.DataFrame
    read: int
    dropped: pl.DataFrame
    numbers: Mapping[str, Codes]
    """Of some text columns."""

    @property
    def coded(self) -> CodedRows:
        return CodedRows(self.rows, self.numbers)


def accept(reading: Reading, batch: Batch, *, seconds: bool = True, coded: bool = False) -> Accepted:
    """With `coded` the numbers of texts that repeat are given, too: each different one is looked at once.

    Raises InputError D107 where a whole column of dates is written otherwise than declared.
    """
    read = batch.rows.height + batch.bad.height
    batch, dropped = drop(reading, batch)
    parsed: list[pl.Series] = [batch.rows[LINE]]
    numbers: dict[str, Codes] = {}
    bad = Refusals(batch.rows.height)
    for column in reading.columns:
        if coded and column.kind == "text" and column.name not in _SELDOM_TWICE:
            raw, found = coded_values(reading, batch, column)
        else:
            raw, found = values_of(reading, batch, column), None
        _refuse_cells(reading.cells[column.name], batch, column, raw, bad)
        if column.name == "consent":
            values, unclear = parse.consent(raw)
            parsed.append(unclear.rename(UNCLEAR))
        else:
            values, beside = _parse(reading, column, raw, seconds=seconds)
            parsed += beside
        wrong = _unread(raw, values)
        if reading.terms.erased is not None:
            values = blanked(column, values, reading.terms.erased)
        if found is not None and values is raw:
            numbers[column.name] = found
        if wrong is not None and column.kind in ("date", "moment"):
            _check_dates(reading, column, raw, wrong, batch.rows[LINE])
        if column.required and raw.has_nulls():
            bad.add(raw.is_null(), column.name, "D201", f"{column.name} is empty")
        if wrong is not None:
            bad.add(wrong, column.name, "D202", _means(reading, column))
        parsed.append(values)
        for expression, words in out_of_range(reading.source.name, column.name):
            outside = values.to_frame().select(expression).to_series()
            bad.add(outside, column.name, "D205", f"{column.name} is {words}")
    rows = pl.DataFrame(parsed)
    if reading.who and reading.source.anyone and all(rows[name].has_nulls() for name in reading.who):
        nobody = rows.select(pl.all_horizontal(pl.col(*reading.who).is_null())).to_series()
        bad.add(nobody, reading.who[0], "D204", f"no {' or '.join(reading.who)} in the row")
    if reading.source.when is None and not reading.source.kept:
        bad.add(_totals(reading, rows), None, "D208", TOTALS)
    rejected = NO_REJECTED
    if bad.any or batch.bad.height:
        rejected = pl.concat([_structure(batch.bad), _named(bad.frame(rows[LINE], batch), reading)])
        rejected = rejected.sort("line", maintain_order=True)
    if reading.terms.erased is not None:
        rejected = rejected.with_columns(without_addresses(rejected["raw"], reading.terms.erased))
    if bad.any:
        good = bad.good.to_numpy()
        rows = rows.filter(bad.good)
        numbers = {name: Codes(each[good], values) for name, (each, values) in numbers.items()}
    return Accepted(rows, rejected, read, dropped, numbers)


def _unread(raw: pl.Series, values: pl.Series) -> pl.Series | None:
    """Which cells hold something that does not parse; None where none does.

    An empty cell parses to nothing, so that as many of both say that they are the same ones.
    """
    if values.null_count() == raw.null_count():
        return None
    return values.is_null() & raw.is_not_null()


class Refusals:
    """The first reason found against each row of a batch."""

    def __init__(self, rows: int) -> None:
        self._first = pl.Series("reason", [0], dtype=pl.UInt16).new_from_index(0, rows)
        self._reasons: list[tuple[str | None, str, str]] = []

    @property
    def any(self) -> bool:
        return bool(self._reasons)

    @property
    def good(self) -> pl.Series:
        return self._first == 0

    def add(self, mask: pl.Series, column: str | None, code: str, reason: str) -> None:
        """mask: null is no reason."""
        if mask.any():
            self._reasons.append((column, code, reason))
            self._first = self._first.set((self._first == 0) & mask.fill_null(False), len(self._reasons))

    def frame(self, lines: pl.Series, batch: Batch) -> pl.DataFrame:
        if not self._reasons:
            return NO_REJECTED
        which = self._first.filter(self._first > 0)
        table = pl.DataFrame(
            [(i, *reason) for i, reason in enumerate(self._reasons, 1)],
            schema={"reason_id": pl.UInt16, "column": pl.String, "code": pl.String, "reason": pl.String},
            orient="row",
        )
        refused = batch.rows.filter(~self.good)
        return (
            pl.DataFrame(
                {"line": lines.filter(self._first > 0), "reason_id": which, "raw": _raw(refused, batch)}
            )
            .join(table, on="reason_id", how="left", maintain_order="left")
            .select(*REJECTED)
        )


def _refuse_cells(cell: Cell, batch: Batch, column: Column, values: pl.Series, bad: Refusals) -> None:
    """D207: cells that hold no JSON, and Salesforce ids that are none."""
    broken = unreadable(cell, batch.rows)
    if broken is not None:
        bad.add(broken, column.name, "D207", f"{cell.headers[0]} holds no JSON")
    if cell.ids is not None:
        written = parse.text(derived(cell.model_copy(update={"ids": None}), batch.rows))
        lost = values.is_null() & written.is_not_null()
        bad.add(lost, column.name, "D207", f"{column.name} is no Salesforce id: its suffix does not fit")


def _parse(
    reading: Reading, column: Column, raw: pl.Series, *, seconds: bool
) -> tuple[pl.Series, list[pl.Series]]:
    """Values of the contract's type, and columns that stand beside those of a moment.

    With `seconds` its seconds since 1970 (UTC). Where accounts have zones of their own also whether a time of
    day was given, or without `seconds` the mark of the moment that dates the row (marks.MARK).
    """
    zones, formats = reading.terms.zones, reading.config.formats(column.name)
    marked = bool(zones) and not seconds and column.name == reading.source.when
    if column.kind != "moment" or not (seconds or marked):
        return _value(reading, column, raw), []
    moments = parse.moment(raw, formats, reading.zone, reading.own_zone)
    if marked:
        timed = parse.timed(raw, formats)
        return moments.dt.date().rename(column.name), [marks(moments, timed, reading.zone, zones)]
    beside = [moments.dt.epoch("s").alias(f"{column.name}_seconds")]
    if zones:
        beside.append(parse.timed(raw, formats).alias(timed_name(column.name)))
    return moments.dt.date().rename(column.name), beside


def _value(reading: Reading, column: Column, raw: pl.Series) -> pl.Series:
    config = reading.config
    match column.kind:
        case "text":
            # Texts come stripped from the file (derive.values_of).
            words = raw if raw.dtype == pl.String else parse.text(raw)
            return words.str.to_lowercase() if column.name == "email" else words
        case "number":
            return parse.number(raw, config.decimal, config.thousands).rename(column.name)
        case "integer":
            return parse.integer(raw, config.decimal, config.thousands).rename(column.name)
        case "flag":
            return parse.flag(raw).rename(column.name)
    formats = config.formats(column.name)
    return parse.day(raw, formats, reading.zone, reading.own_zone).rename(column.name)


def _check_dates(
    reading: Reading, column: Column, raw: pl.Series, wrong: pl.Series, lines: pl.Series
) -> None:
    """D107 when every value, or most of many, does not read as declared."""
    failing, given = int(wrong.sum()), len(raw) - raw.null_count()
    if failing < given and (failing < 20 or failing * 2 < given):
        return
    file = reading.opened.file
    formats = reading.config.formats(column.name)
    value, line = raw.filter(wrong)[0], int(lines.filter(wrong)[0])
    header = reading.headers[column.name]
    declared = " or ".join(formats) if formats else "ISO 8601 (2026-11-15)"
    # What holds no digit is no date at all: a name, perhaps, in a column that slipped.
    sample = reading.terms.samples.cell(reading.source.name, column.name, repr(value))
    shown = sample if any(sign.isdigit() for sign in sample) else HIDDEN
    what = f"{reading.source.name}: {header} is not written as {declared}, e.g. {shown}"
    fits = parse.fitting(raw if raw.dtype == pl.String else raw.head(0).cast(pl.String))
    one = "dates: {" + column.name + ': "%s"}'
    if len(fits) == 1:
        hint = one % fits[0] + " fits every value"
    elif fits:
        hint = f"{' and '.join(fits)} both fit and mean different days; declare one: " + one % fits[0]
    else:
        hint = "no single format fits every value; declare a list under dates"
    raise InputError(Problem("D107", what, file.place(line, None, None), hint))


def _means(reading: Reading, column: Column) -> str:
    config = reading.config
    match column.kind:
        case "number" | "integer":
            mark = f" with thousands {config.thousands!r}" if config.thousands else ""
            what = "a whole number" if column.kind == "integer" else "a number"
            return f"{column.name} is not {what} (decimal mark {config.decimal!r}{mark})"
        case "flag":
            return f"{column.name} is not true/false, yes/no or 1/0"
        case "date" | "moment":
            return f"{column.name} is not a date as {' or '.join(config.formats(column.name)) or 'ISO 8601'}"
    return f"{column.name} is not text"


def _totals(reading: Reading, rows: pl.DataFrame) -> pl.Series:
    """Rows that call themselves a total and hold but numbers beside it; other sources miss the date there."""
    name = next(column.name for column in reading.columns if column.required)
    called = rows[name].str.contains(TOTAL).fill_null(False)
    if not called.any():
        return called
    others = [
        pl.col(column).is_null() | _numeric(pl.col(column), kind)
        for column, kind in rows.schema.items()
        if column != name
    ]
    return rows.select(pl.lit(called) & pl.all_horizontal(pl.lit(True), *others)).to_series()


def _numeric(value: pl.Expr, kind: pl.DataType) -> pl.Expr:
    if kind == pl.String:
        return value.cast(pl.Float64, strict=False).is_not_null()
    return pl.lit(kind.is_numeric())


def _named(rejected: pl.DataFrame, reading: Reading) -> pl.DataFrame:
    """Rows of totals are called so, whatever else is wrong with them."""
    if rejected.is_empty() or reading.opened.file.format != "csv":
        return rejected
    cell = pl.col("raw").str.extract(f"^([^{pl.escape_regex(reading.opened.separator)}]*)")
    total = cell.str.contains(TOTAL).fill_null(False)
    return rejected.with_columns(
        pl.when(total).then(pl.lit(None, pl.String)).otherwise("column").alias("column"),
        pl.when(total).then(pl.lit("D208")).otherwise("code").alias("code"),
        pl.when(total).then(pl.lit(TOTALS)).otherwise("reason").alias("reason"),
    )


def _structure(bad: pl.DataFrame) -> pl.DataFrame:
    return bad.select(
        pl.col(LINE).alias("line"),
        pl.lit(None, pl.String).alias("column"),
        "code",
        pl.col("why").alias("reason"),
        pl.col("text").str.slice(0, _RAW_LIMIT).alias("raw"),
    )


def _raw(refused: pl.DataFrame, batch: Batch) -> pl.Series:
    """Refused rows as they stand in the file; as JSON where the file has no text."""
    text = batch.lines()
    if text is not None:
        found = refused.select(LINE).join(text, on=LINE, how="left", maintain_order="left")
        return found["text"].str.slice(0, _RAW_LIMIT)
    rows = refused.drop(LINE).to_dicts()
    return pl.Series(
        [json.dumps(row, default=str, ensure_ascii=False)[:_RAW_LIMIT] for row in rows], dtype=pl.String
    )
