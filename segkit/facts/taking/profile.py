"""What a file looks like from afar: its header, empty cells, categories, sizes; no id, name or comment.

Kept with its rows, so that the next export can be held against it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from segkit.columns import WHO, Column
from segkit.facts.coded import CodedRows
from segkit.facts.files.lines import LINE
from segkit.facts.files.reading import Reading
from segkit.facts.samples import is_personal, without_addresses
from segkit.grouping import Codes, Groups, codes

PROFILE = {"column": pl.String, "what": pl.String, "value": pl.String, "n": pl.Int64}
"""Columns of a profile. `what` is header (n: its place), from (value: the header of a column), type, rows,
empty, value (a category), many (too many values to be one), size (a bucket of `size_of`), looks (what a text
reads like), late (rows in which `column` lies before `value`, another column), late line (value: a line),
delay (value: whole days from the event to its arrival, up to MOST_DELAY)."""
NO_PROFILE = pl.DataFrame(schema=PROFILE)
CATEGORIES = 50
"""A column with more different texts than that holds no categories."""
ORDERS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "accounts": (("signup_date", "churned_at"),),
    "contacts": (("created_at", "deactivated_at"),),
    "usage": (("at", "arrived_at"),),
    "tickets": (("opened_at", "resolved_at"),),
    "subscriptions": (("starts_on", "ends_on"),),
}
"""Source -> columns of which the second never comes before the first."""
MOST_DELAY = 28
"""Days of delay that are counted apart; more is the same."""
ARRIVALS: Mapping[str, tuple[str, str]] = {"usage": ("at", "arrived_at")}
"""Source -> when it happened, when its row was written."""
_NO_CATEGORY = frozenset(
    [
        *WHO,
        "name",
        "csm",
        "comment",
        "reason",
        "value",
        "group",
        "until",
        "domains",
        "parent_id",
        "event_id",
        "session_id",
        "ticket_id",
        "response_id",
    ]
)
_SAYS_WHO = re.compile(r"(?i)name|_id$|^id$")
_SAMPLE = 2_000
"""So many texts of a batch tell what nearly all read like."""
_STEPS = 20
"""Buckets of sizes to a power of ten: a median is known to an eighth."""
_SHIFT = 10_000
"""More than the steps of the smallest float are below 0."""
_NUMBER = r"^[+-]?[\d.,' ]*\d$"
_DATE = r"^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}"


def profile(reading: Reading, rows: CodedRows, by: pl.Series | None = None) -> pl.DataFrame:
    """The profile of accepted rows; with `by` (of the same height) one for each of its values, beside it."""
    groups = [] if by is None else [by.name]
    frame = rows.frame() if by is None else rows.frame().with_columns(by)
    parts = [_empty(frame, reading.columns, groups)]
    for column in reading.columns:
        match column.kind:
            case "text":
                header = reading.headers.get(column.name, "")
                if is_category(column.name, header, reading.config.keys):
                    parts.append(_values(rows.codes(column.name), column.name, by))
            case "number" | "integer":
                parts.append(_sizes(frame, column.name, by))
    parts.append(_looks(frame, [column.name for column in reading.columns if column.kind == "text"], groups))
    parts += [_late(frame, *pair, groups) for pair in ORDERS.get(reading.source.name, ())]
    if reading.source.name in ARRIVALS:
        parts.append(_delays(frame, *ARRIVALS[reading.source.name], groups))
    return pl.concat([part for part in parts if part.width])


def heading(reading: Reading, types: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """The part of a profile that is the same for all rows. types: of the values as read, by header."""
    headers = map(without_addresses, reading.opened.header)
    places = [(header, "header", None, place) for place, header in enumerate(headers)]
    kinds = [
        (name, "type", str(types[header]), 1) for name, header in reading.headers.items() if header in types
    ]
    read = [(name, "from", without_addresses(header), 1) for name, header in reading.headers.items()]
    return pl.DataFrame([*places, *kinds, *read], schema=PROFILE, orient="row")


def merged(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Profiles of parts of one file as one."""
    whole = pl.concat([NO_PROFILE, *parts])
    return whole.group_by("column", "what", "value").agg(pl.col("n").sum()).sort("column", "what", "value")


def is_category(name: str, header: str, keys: Sequence[str]) -> bool:
    """Whether the values of a text column may be counted and shown: it says what something is, not who.

    header: what the file calls the column; a topic may be the subject that somebody wrote.
    """
    if name in _NO_CATEGORY or name in keys:
        return False
    return not any(is_personal(each) or _SAYS_WHO.search(each) for each in (name, header))


def size_of(bucket: str) -> float:
    """About how large the numbers of a bucket are."""
    sign, _, step = bucket.partition("e")
    return float(sign + "1") * 10 ** ((int(step) + 0.5) / _STEPS) if step else 0.0


def _long(frame: pl.DataFrame, column: str, what: str, groups: list[str]) -> pl.DataFrame:
    """A frame with `value` and `n` as lines of a profile."""
    named = frame.with_columns(pl.lit(column).alias("column"), pl.lit(what).alias("what"))
    return named.select(*groups, *(pl.col(name).cast(kind) for name, kind in PROFILE.items()))


def _empty(frame: pl.DataFrame, columns: Sequence[Column], groups: list[str]) -> pl.DataFrame:
    names = [column.name for column in columns]
    counts = [pl.col(name).null_count().cast(pl.Int64) for name in names]
    told = [*counts, pl.len().cast(pl.Int64).alias("")]
    whole = frame.group_by(groups).agg(told) if groups else frame.select(told)
    long = _each(whole, ["", *names], groups)
    what = pl.when(pl.col("column") == "").then(pl.lit("rows")).otherwise(pl.lit("empty")).alias("what")
    return long.with_columns(what, pl.lit(None, pl.String).alias("value")).select(*groups, *PROFILE)


def _each(counts: pl.DataFrame, names: Sequence[str], groups: list[str]) -> pl.DataFrame:
    """column, n: counts that stand side by side, one below the other; a column of theirs may be called n."""
    long = counts.unpivot(on=names, index=groups, variable_name="_column", value_name="_n")
    return long.rename({"_column": "column", "_n": "n"})


def _values(texts: Codes, name: str, by: pl.Series | None) -> pl.DataFrame:
    beside = {} if by is None else {by.name: codes(by)}
    groups = list(beside)
    counts = Groups.of(*(each.numbers for each in beside.values()), texts.numbers)
    columns = zip((*groups, "value"), counts.columns, (*beside.values(), texts), strict=True)
    found = {column: Codes(place, each.values).column() for column, place, each in columns}
    counted = pl.DataFrame({**found, "n": counts.rows}).drop_nulls("value")
    # Where somebody wrote an address humans write: nothing of such a column is shown.
    few_enough = counted.height <= CATEGORIES or bool(groups)
    written = few_enough and bool(counted["value"].str.contains("[@＠]").any())
    if counted.height <= CATEGORIES and not written:
        return _long(counted, name, "value", groups)
    each = pl.len().over(groups) if groups else pl.len()
    each = pl.lit(CATEGORIES + 1) if written else each
    few = counted.filter(each <= CATEGORIES)
    many = counted.filter(each > CATEGORIES).select(*groups, pl.lit(None, pl.String).alias("value"), "n")
    many = many.group_by(*groups, "value").agg(pl.col("n").sum())
    return pl.concat([_long(few, name, "value", groups), _long(many, name, "many", groups)])


def _looks(frame: pl.DataFrame, names: Sequence[str], groups: list[str]) -> pl.DataFrame:
    """What the texts of a sample of the rows read like, of all columns in one go."""
    if not names:
        return pl.DataFrame()
    date = pl.col(names).str.contains(_DATE)
    number = pl.col(names).str.contains(_NUMBER) & ~date
    looks = {"date": date.sum(), "number": number.sum(), "text": (~(date | number)).sum()}
    told = [pl.struct(count).alias(look) for look, count in looks.items()]
    sample = _sampled(frame.select(*groups, *names))
    counted = sample.group_by(groups).agg(told) if groups else sample.select(told)
    parts = [
        _each(counted.select(*groups, pl.col(look).struct.unnest()), names, groups).with_columns(
            pl.lit("looks").alias("what"), pl.lit(look).alias("value")
        )
        for look in looks
    ]
    found = pl.concat(parts).filter(pl.col("n") > 0)
    return found.select(*groups, *(pl.col(name).cast(kind) for name, kind in PROFILE.items()))


def _sizes(frame: pl.DataFrame, name: str, by: pl.Series | None) -> pl.DataFrame:
    there = frame.select(*([] if by is None else [by.name]), pl.col(name).cast(pl.Float64)).drop_nulls(name)
    numbers = there[name].to_numpy()
    with np.errstate(divide="ignore"):
        step = np.floor(np.log10(np.abs(numbers)) * _STEPS)
    zero = numbers == 0
    signed = np.where(zero, 0, np.copysign(np.where(zero, 0, step) + _SHIFT, numbers)).astype(np.int64)
    beside = {} if by is None else {by.name: codes(there[by.name])}
    counts = Groups.of(*(each.numbers for each in beside.values()), signed)
    *places, sizes = counts.columns
    found = {
        group: Codes(place, each.values).column()
        for (group, each), place in zip(beside.items(), places, strict=True)
    }
    buckets = [_bucket(int(size)) for size in sizes]
    counted = pl.DataFrame({**found, "value": pl.Series(buckets, dtype=pl.String), "n": counts.rows})
    return _long(counted, name, "size", list(beside))


def _bucket(signed: int) -> str:
    """How `size_of` reads it."""
    return f"{'-' if signed < 0 else '+'}e{abs(signed) - _SHIFT}" if signed else "0"


def _sampled(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.gather_every(frame.height // _SAMPLE + 1)


def _exact(frame: pl.DataFrame, first: str, second: str) -> list[str]:
    """The two columns by the second where a frame has them so, else by the day."""
    exact = [f"{name}_seconds" for name in (first, second)]
    return exact if set(exact) <= set(frame.columns) else [first, second]


def _delays(frame: pl.DataFrame, first: str, second: str, groups: list[str]) -> pl.DataFrame:
    if not {first, second} <= set(frame.columns):
        return pl.DataFrame()
    pair = _exact(frame, first, second)
    units = 86_400 if pair[0] != first else 1
    days = (pl.col(pair[1]).cast(pl.Int64) - pl.col(pair[0]).cast(pl.Int64)) // units
    told = frame.select(*groups, days.clip(0, MOST_DELAY).alias("value"))
    counted = told.group_by(*groups, "value").agg(pl.len().alias("n")).drop_nulls("value")
    return _long(counted, second, "delay", groups)


def _late(frame: pl.DataFrame, first: str, second: str, groups: list[str]) -> pl.DataFrame:
    if not {first, second} <= set(frame.columns):
        return pl.DataFrame()
    pair = _exact(frame, first, second)
    late = frame.filter(pl.col(pair[1]) < pl.col(pair[0]))
    told = (pl.len().alias("n"), pl.col(LINE).min())
    counted = late.group_by(groups).agg(told) if groups else late.select(told).filter(pl.col("n") > 0)
    count = _long(counted.with_columns(pl.lit(first).alias("value")), second, "late", groups)
    line = counted.with_columns(pl.col(LINE).cast(pl.String).alias("value"), pl.lit(1).alias("n"))
    return pl.concat([count, _long(line, second, "late line", groups)])
