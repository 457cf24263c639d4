"""One column of a file -> its declared kind; what does not parse is null, for the caller to refuse."""

from __future__ import annotations

from datetime import date
from itertools import product

import polars as pl

from segkit.facts.mapping import UNIX, UNIX_MS

FIRST_YEAR, LAST_YEAR = 1900, 2200
"""Years outside are misread dates (%Y takes two digits and makes 0024 of 24)."""

ISO_DATES = ("%Y-%m-%d",)
ISO_MOMENTS = (
    "%Y-%m-%dT%H:%M:%S%.f%z",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d",
    "%Y-%m-%dT%H:%M%z",
    "%Y-%m-%dT%H:%M",
)
ISO_USUAL = {
    10: "%Y-%m-%d",
    16: "%Y-%m-%dT%H:%M",
    19: "%Y-%m-%dT%H:%M:%S",
    20: "%Y-%m-%dT%H:%M:%SZ",
    23: "%Y-%m-%dT%H:%M:%S%.3f",
    24: "%Y-%m-%dT%H:%M:%S%.3fZ",
    25: "%Y-%m-%dT%H:%M:%S%z",
    26: "%Y-%m-%dT%H:%M:%S%.6f",
    27: "%Y-%m-%dT%H:%M:%S%.6fZ",
}
"""By length in bytes the format of what is read at once, without a second look at each value."""
_MICROSECONDS = {UNIX: 1_000_000, UNIX_MS: 1_000}
_TIMES = ("%H", "%I", "%T", "%R", "%s", "%X", "%c", "%r", "%+")
_DAYS_SEEN = (
    *(
        "%d-%m-%Y",
        "%m-%d-%Y",
        "%d/%m/%Y",
        "%m/%d/%Y",
        "%d.%m.%Y",
        "%Y/%m/%d",
        "%Y.%m.%d",
        "%Y%m%d",
        "%Y-%m-%d",
    ),
    *("%d %b %Y", "%b %d, %Y", "%d-%b-%Y", "%Y-%b-%d", "%d %B %Y", "%B %d, %Y", "%d/%m/%y", "%m/%d/%y"),
)
_TIMES_SEEN = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", ", %H:%M", "T%H:%M:%S", " %H:%M:%S %z")
_FORMATS_SEEN = (*(day + time for day, time in product(_DAYS_SEEN, _TIMES_SEEN)), UNIX, UNIX_MS)
"""What exports use, to name the format that fits."""


def text(values: pl.Series) -> pl.Series:
    """Stripped text; empty is null. Numbers of typed files keep whole values whole (7.0 is 7).

    Lists, structures and bytes are null.
    """
    if values.dtype == pl.String:
        stripped = values.str.strip_chars()
        nothing = stripped == ""
        return stripped.set(nothing, None) if nothing.any() else stripped
    if values.dtype.is_float():
        whole = values.cast(pl.Int64, strict=False)
        return pl.select(
            pl.when(pl.lit(whole).cast(pl.Float64) == pl.lit(values))
            .then(pl.lit(whole).cast(pl.String))
            .otherwise(pl.lit(values).cast(pl.String))
        ).to_series()
    if values.dtype.is_nested() or values.dtype == pl.Binary:
        return pl.Series(values.name, [None], dtype=pl.String).new_from_index(0, len(values))
    return values.cast(pl.String)


def decoded(values: pl.Series) -> pl.Series:
    """Bytes as the text they are (some writers of Parquet leave it unsaid), unchanged where they are none."""
    try:
        return text(values.cast(pl.String))
    except pl.exceptions.ComputeError:
        return values


def number(values: pl.Series, decimal: str, thousands: str | None) -> pl.Series:
    """Float64; NaN and infinity are null, and so is a number in another notation than declared."""
    if values.dtype == pl.Boolean or not (values.dtype.is_numeric() or values.dtype == pl.String):
        return pl.Series(values.name, [None] * len(values), dtype=pl.Float64)
    if values.dtype == pl.String:
        written = values
        if thousands is not None:
            mark, point = f"[{thousands}]", f"[{decimal}]"
            shape = rf"^[+-]?(\d+|\d{{1,3}}({mark}\d{{3}})+)({point}\d+)?$"
            ok = written.str.contains(shape)
            written = written.str.replace_all(thousands, "", literal=True).set(~ok, None)
        if decimal == ",":
            written = written.set(written.str.contains(".", literal=True), None)
            written = written.str.replace(",", ".", literal=True)
        values = written.cast(pl.Float64, strict=False)
    floats = values.cast(pl.Float64, strict=False)
    odd = ~floats.is_finite()
    return floats.set(odd, None) if odd.any() else floats


def integer(values: pl.Series, decimal: str, thousands: str | None) -> pl.Series:
    """Int64; a fraction is null."""
    if values.dtype.is_integer():
        return values.cast(pl.Int64, strict=False)
    if values.dtype == pl.String and thousands is None:
        direct = values.cast(pl.Int64, strict=False)
        if direct.null_count() == values.null_count():
            return direct
    floats = number(values, decimal, thousands)
    whole = floats.cast(pl.Int64, strict=False)
    fraction = whole.cast(pl.Float64) != floats
    return whole.set(fraction, None) if fraction.any() else whole


def flag(values: pl.Series) -> pl.Series:
    """true/false, yes/no, 1/0 in any case."""
    if values.dtype == pl.Boolean:
        return values
    low = text(values).str.to_lowercase()
    known = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    return low.replace_strict(known, default=None, return_dtype=pl.Boolean)


YES = ("true", "yes", "y", "1", "in", "opted_in", "opt_in", "granted", "given", "agreed", "subscribed")
_OUT = ("opted_out", "opt_out", "denied", "declined", "refused", "withdrawn", "revoked", "unsubscribed")
NO = ("false", "no", "n", "0", "out", *_OUT)


def consent(values: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Yes or no in any case, - or a space for _; and whether a value is neither, which counts as no."""
    if values.dtype == pl.Boolean:
        return values, pl.repeat(False, len(values), eager=True)
    low = text(values).str.to_lowercase().str.replace_all(r"[-\s]+", "_")
    known = {word: word in YES for word in (*YES, *NO)}
    read = low.replace_strict(known, default=None, return_dtype=pl.Boolean)
    odd = read.is_null() & low.is_not_null()
    return read.set(odd, False), odd


def moment(values: pl.Series, formats: tuple[str, ...], zone: str, own_zone: str) -> pl.Series:
    """Datetime in `zone` (the workspace's); values without an offset are meant in `own_zone`.

    values: dates, numbers, or text as `text` leaves it.
    Several declared formats that read one value differently leave it null.
    """
    kind = values.dtype
    if kind == pl.Date:
        # A day without a time is that day, whatever the zone.
        return _zoned(values.cast(pl.Datetime("us")), zone, zone)
    if isinstance(kind, pl.Datetime):
        aware = _zoned(values.cast(pl.Datetime("us", kind.time_zone)), zone, own_zone)
    elif kind == pl.String or (kind.is_numeric() and formats):
        written = values if kind == pl.String else text(values)
        aware = _read(written, formats, zone, own_zone)
    else:
        return pl.Series(values.name, [None] * len(values), dtype=pl.Datetime("us", zone))
    year = aware.dt.year()
    wild = (year < FIRST_YEAR) | (year > LAST_YEAR)
    return aware.set(wild, None) if wild.any() else aware


def day(values: pl.Series, formats: tuple[str, ...], zone: str, own_zone: str) -> pl.Series:
    """Date in `zone`. The common cases need no zone arithmetic."""
    plain = isinstance(values.dtype, pl.Datetime) and values.dtype.time_zone in (None, zone)
    if values.dtype == pl.Date or (plain and (values.dtype.time_zone == zone or own_zone == zone)):  # type: ignore[attr-defined]
        return _without_wild(values.dt.date())
    if values.dtype == pl.String and own_zone == zone and not formats:
        usual = _usual(values)
        bare = getattr(usual.dtype, "time_zone", None) is None
        if bare and usual.null_count() == values.null_count():
            return _without_wild(usual.dt.date())
    return moment(values, formats, zone, own_zone).dt.date()


def _without_wild(dates: pl.Series) -> pl.Series:
    first, last = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)
    inside = dates.is_between(first, last)
    return dates if inside.all() else dates.set(~inside, None)


def timed(values: pl.Series, formats: tuple[str, ...]) -> pl.Series:
    """Whether each value says a time of day; one that only says a date is that date everywhere."""
    if values.dtype != pl.String:
        return pl.repeat(isinstance(values.dtype, pl.Datetime), len(values), eager=True)
    written = values.str.strip_chars()
    if not formats:
        return (written.str.len_bytes() > len("2026-11-15")).fill_null(False)
    dates = [shape for shape in formats if not _has_time(shape)]
    bare = [_one(written, shape).is_not_null() for shape in dates]
    return (
        ~pl.DataFrame(bare).select(pl.any_horizontal(pl.all())).to_series() if bare else written.is_not_null()
    )


def fitting(values: pl.Series) -> list[str]:
    """Formats that read every one of the values, for a hint."""
    sample = values.drop_nulls().str.strip_chars().unique(maintain_order=True).head(500)
    return [shape for shape in _FORMATS_SEEN if len(sample) and _fits(sample, shape)]


def _fits(sample: pl.Series, shape: str) -> bool:
    read = _one(sample, shape)
    if read.has_nulls():
        return False
    # Any number counts seconds from 1970; what was exported is of this century.
    return shape not in _MICROSECONDS or bool(read.dt.year().is_between(2000, 2100).all())


def _zoned(values: pl.Series, zone: str, own_zone: str) -> pl.Series:
    if getattr(values.dtype, "time_zone", None) is None:
        shifted = values.dt.replace_time_zone(own_zone, ambiguous="earliest", non_existent="null")
        lost = shifted.is_null() & values.is_not_null()
        if lost.any():
            # An hour that the clock skipped: an hour later the same day exists.
            later = values.dt.offset_by("1h").dt.replace_time_zone(
                own_zone, ambiguous="earliest", non_existent="null"
            )
            shifted = shifted.zip_with(~lost, later)
        values = shifted
    return values.dt.convert_time_zone(zone)


def _read(values: pl.Series, formats: tuple[str, ...], zone: str, own_zone: str) -> pl.Series:
    if formats:
        return _declared(values, formats, zone, own_zone)
    found = _here(_usual(values), zone, own_zone)
    rest = found.is_null() & values.is_not_null()
    if not rest.any():
        return found
    odd = _iso(values.filter(rest))
    slow = found.clear().extend_constant(None, len(odd))
    for shape in ISO_MOMENTS:
        slow = slow.zip_with(slow.is_not_null(), _here(_one(odd, shape), zone, own_zone))
    return found.scatter(rest.arg_true(), slow)


def _usual(values: pl.Series) -> pl.Series:
    """Those values that are written in a usual way like the first one, which nearly always all are."""
    first = values.first(ignore_nulls=True)
    probe = "" if first is None else str(first)
    shape = ISO_USUAL.get(len(probe.encode()))
    if shape is None:
        return pl.Series(values.name, [None], dtype=pl.Date).new_from_index(0, len(values))
    # One spelling: T between day and time; what is longer or shorter is written otherwise.
    written = values.str.replace(" ", "T", literal=True) if probe[10:11] == " " else values
    read = _one(written, shape)
    others = written.str.len_bytes() != len(probe)
    read = read.set(others, None) if others.any() else read
    return read.dt.replace_time_zone("UTC") if shape.endswith("Z") else read


def _declared(written: pl.Series, formats: tuple[str, ...], zone: str, own_zone: str) -> pl.Series:
    found = pl.Series(written.name, [None], dtype=pl.Datetime("us", zone)).new_from_index(0, len(written))
    clashes = pl.Series([False]).new_from_index(0, len(written))
    for shape in formats:
        here = _here(_one(written, shape), zone, own_zone)
        clashes |= (found.is_not_null() & here.is_not_null() & (found != here)).fill_null(False)
        found = found.zip_with(found.is_not_null(), here)
    return found.set(clashes, None) if clashes.any() else found


def _here(read: pl.Series, zone: str, own_zone: str) -> pl.Series:
    """Datetime in `zone`; a day without a time is that day there, whatever the zone."""
    if read.dtype == pl.Date:
        return _zoned(read.cast(pl.Datetime("us")), zone, zone)
    return _zoned(read, zone, own_zone)


def _iso(written: pl.Series) -> pl.Series:
    """One spelling: T between day and time, +00:00 for Z, no space before an offset."""
    return (
        written.str.replace(r"^(\d{4}-\d\d-\d\d) +", "${1}T")
        .str.replace(r" ?(Z|UTC|z)$", "+00:00")
        .str.replace(r" ([+-]\d\d:?\d\d)$", "${1}")
        .str.replace(r"([T ]\d\d:\d\d.*[+-]\d\d)$", "${1}:00")
    )


def _has_time(shape: str) -> bool:
    return shape in _MICROSECONDS or any(part in shape for part in _TIMES)


def _one(written: pl.Series, shape: str) -> pl.Series:
    """Date for a format without a time of day, else Datetime (UTC where it reads an offset)."""
    if shape in _MICROSECONDS:
        counted = written.cast(pl.Float64, strict=False) * _MICROSECONDS[shape]
        return counted.cast(pl.Int64, strict=False).cast(pl.Datetime("us", "UTC"))
    if not _has_time(shape):
        return _without_wild(written.str.to_date(shape, strict=False))
    return written.str.to_datetime(shape, strict=False, time_unit="us")
