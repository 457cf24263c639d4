"""What a file looks like from afar: its header, empty cells, categories, sizes; no id, name or comment.

Kept with its rows, so that the next export can be held against it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
import polars as pl

from segkit.columns import WHO
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
Line = tuple[Any, ...]
"""Of a profile that is being made, the value of its group before it."""
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
    """The profile of accepted rows; with `by` (of the same height) one for each of its values, beside it.

    Its lines are few: they are put together in Python, with one query for what each part counts.
    """
    groups = [] if by is None else [by.name]
    frame = rows.frame() if by is None else rows.frame().with_columns(by)
    texts = [column.name for column in reading.columns if column.kind == "text"]
    parts = [_empty(frame, [column.name for column in reading.columns], groups), _looks(frame, texts, groups)]
    for column in reading.columns:
        match column.kind:
            case "text":
                header = reading.headers.get(column.name, "")
                if is_category(column.name, header, reading.config.keys):
                    parts.append(_values(rows.codes(column.name), column.name, by))
            case "number" | "integer":
                parts.append(_sizes(frame, column.name, by))
    parts += [_late(frame, *pair, groups) for pair in ORDERS.get(reading.source.name, ())]
    if reading.source.name in ARRIVALS:
        parts.append(_delays(frame, *ARRIVALS[reading.source.name], groups))
    beside = {} if by is None else {by.name: by.dtype}
    return pl.DataFrame([*chain(*parts)], schema={**beside, **PROFILE}, orient="row")


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


def _empty(frame: pl.DataFrame, names: Sequence[str], groups: list[str]) -> Iterator[Line]:
    told = [pl.len(), *(pl.col(name).null_count().alias(f"empty {name}") for name in names)]
    for *group, rows, counts in _rows(frame, told, groups, 1):
        yield (*group, "", "rows", None, rows)
        yield from ((*group, name, "empty", None, n) for name, n in zip(names, counts, strict=True))


def _rows(frame: pl.DataFrame, told: Sequence[pl.Expr], groups: list[str], single: int) -> Iterator[Line]:
    """Of each group its value, the first `single` figures told, and the others together."""
    whole = frame.group_by(groups).agg(told) if groups else frame.select(told)
    first = len(groups) + single
    yield from ((*row[:first], row[first:]) for row in whole.iter_rows())


def _values(texts: Codes, name: str, by: pl.Series | None) -> Iterator[Line]:
    beside = [] if by is None else [codes(by)]
    counts = Groups.of(*(each.numbers for each in beside), texts.numbers)
    if by is None and len(counts.rows) > CATEGORIES + 1:  # one of them may be no text
        yield (name, "many", None, int(counts.rows[counts.columns[0] >= 0].sum()))
        return
    columns = zip(counts.columns, (*beside, texts), strict=True)
    found = [Codes(place, each.values).column().to_list() for place, each in columns]
    lines = [line for line in zip(*found, counts.rows.tolist(), strict=True) if line[-2] is not None]
    sizes = Counter(line[:-2] for line in lines)
    # Where somebody wrote an address humans write: nothing of such a column is shown.
    few_enough = len(lines) <= CATEGORIES or by is not None
    written = few_enough and any("@" in line[-2] or "＠" in line[-2] for line in lines)
    many: Counter[Line] = Counter()
    for *group, value, n in lines:
        if written or sizes[tuple(group)] > CATEGORIES:
            many[tuple(group)] += n
        else:
            yield (*group, name, "value", value, n)
    yield from ((*group, name, "many", None, n) for group, n in many.items())


def _looks(frame: pl.DataFrame, names: list[str], groups: list[str]) -> Iterator[Line]:
    """What the texts of a sample of the rows read like, of all columns in one go."""
    if not names:
        return
    told: list[pl.Expr] = []
    for name in names:
        date = pl.col(name).str.contains(_DATE)
        number = pl.col(name).str.contains(_NUMBER) & ~date
        looks = {"date": date, "number": number, "text": ~(date | number)}
        told += [hit.sum().alias(f"{look} {name}") for look, hit in looks.items()]
    which = [(name, look) for name in names for look in ("date", "number", "text")]
    for *group, counts in _rows(_sampled(frame), told, groups, 0):
        yield from (
            (*group, name, "looks", look, n) for (name, look), n in zip(which, counts, strict=True) if n
        )


def _sizes(frame: pl.DataFrame, name: str, by: pl.Series | None) -> Iterator[Line]:
    values = frame[name]
    there = values.is_not_null()
    numbers = values.filter(there).cast(pl.Float64).to_numpy()
    with np.errstate(divide="ignore"):
        step = np.floor(np.log10(np.abs(numbers)) * _STEPS)
    zero = numbers == 0
    signed = np.where(zero, 0, np.copysign(np.where(zero, 0, step) + _SHIFT, numbers)).astype(np.int64)
    beside = [] if by is None else [codes(by.filter(there))]
    counts = Groups.of(*(each.numbers for each in beside), signed)
    *places, sizes = counts.columns
    groups = [
        Codes(place, each.values).column().to_list() for place, each in zip(places, beside, strict=True)
    ]
    for *group, size, n in zip(*groups, sizes.tolist(), counts.rows.tolist(), strict=True):
        yield (*group, name, "size", _bucket(size), n)


def _bucket(signed: int) -> str:
    """How `size_of` reads it."""
    return f"{'-' if signed < 0 else '+'}e{abs(signed) - _SHIFT}" if signed else "0"


def _sampled(frame: pl.DataFrame) -> pl.DataFrame:
    step = frame.height // _SAMPLE + 1
    return frame if step == 1 else frame.gather_every(step)


def _exact(frame: pl.DataFrame, first: str, second: str) -> list[str]:
    """The two columns by the second where a frame has them so, else by the day."""
    exact = [f"{name}_seconds" for name in (first, second)]
    return exact if set(exact) <= set(frame.columns) else [first, second]


def _delays(frame: pl.DataFrame, first: str, second: str, groups: list[str]) -> Iterator[Line]:
    if not {first, second} <= set(frame.columns):
        return
    pair = _exact(frame, first, second)
    units = 86_400 if pair[0] != first else 1
    days = (pl.col(pair[1]).cast(pl.Int64) - pl.col(pair[0]).cast(pl.Int64)) // units
    told = frame.select(*groups, days.clip(0, MOST_DELAY).alias("value"))
    counted = told.group_by(*groups, "value").agg(pl.len().alias("n")).drop_nulls("value")
    yield from ((*group, second, "delay", str(value), n) for *group, value, n in counted.iter_rows())


def _late(frame: pl.DataFrame, first: str, second: str, groups: list[str]) -> Iterator[Line]:
    if not {first, second} <= set(frame.columns):
        return
    pair = _exact(frame, first, second)
    late = frame.filter(frame[pair[1]] < frame[pair[0]])
    if late.is_empty():
        return
    for *group, n, line, _ in _rows(late, (pl.len(), pl.col(LINE).min()), groups, 2):
        yield (*group, second, "late", first, n)
        yield (*group, second, "late line", str(line), 1)
