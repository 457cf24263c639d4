"""Rows of the small tables on the account axis, and what a value made of them is worth in each period."""

from __future__ import annotations

import numpy as np
import polars as pl
from msgspec import Struct

from segkit.engine.counting.context import Context
from segkit.engine.counting.grid import first_seen_by, spread, window_sum
from segkit.engine.counting.values import Bools, Floats, Ints, Values
from segkit.engine.counting.windows import Window, nowhere

FOREVER = 10**6
"""Days until an end that has not come."""


class Rows(Struct, frozen=True):
    """Dated rows of accounts, sorted by account and day."""

    account: Ints
    """[n] position on the account axis."""
    day: Ints
    """[n] epoch day."""
    frame: pl.DataFrame
    """[n] every column of the rows."""

    def where(self, keep: Bools) -> Rows:
        return Rows(self.account[keep], self.day[keep], self.frame.filter(pl.Series(keep)))

    def dated(self, day: Ints) -> Rows:
        """The same rows on other days, sorted by account and day; what is equal stays in order."""
        order = np.lexsort((day, self.account))
        return Rows(self.account[order], day[order], self.frame[order])

    def column(self, name: str) -> pl.Series:
        """A column; all null where the export has none."""
        if name in self.frame.columns:
            return self.frame[name]
        return pl.Series(name, [None] * self.frame.height, dtype=pl.String)

    def numbers(self, name: str) -> Floats:
        """[n] a numeric column, NaN where empty."""
        return numbers_of(self.column(name))

    def days(self, name: str, otherwise: int) -> Ints:
        """[n] epoch days of a date column."""
        return days_of(self.column(name), otherwise)

    def words(self, name: str) -> pl.Series:
        """A text column in lower case without blanks around it."""
        return self.column(name).cast(pl.String).str.strip_chars().str.to_lowercase()

    def told(self, *names: str) -> int:
        """The first day with a row that fills one of the columns; FOREVER if none does."""
        filled = [self.column(name).is_not_null().to_numpy() for name in names]
        return first_day(self.day[np.logical_or.reduce(filled)])

    def codes(self, name: str) -> Ints:
        """[n] a number per different value of a column, -1 where empty."""
        return codes_of(self.column(name))


def numbers_of(column: pl.Series) -> Floats:
    """A column as numbers: flags 1 and 0, dates as epoch days, NaN where empty."""
    if column.dtype in (pl.Date, pl.Datetime):
        column = (column.cast(pl.Datetime("us")).to_physical()) / 86_400_000_000
    return column.cast(pl.Float64).fill_null(float("nan")).to_numpy().astype(np.float64)


def days_of(column: pl.Series, otherwise: int) -> Ints:
    """A date column as epoch days."""
    if column.dtype == pl.String:
        return np.full(len(column), otherwise, dtype=np.int64)
    days = column.dt.date().to_physical() if isinstance(column.dtype, pl.Datetime) else column.to_physical()
    return days.cast(pl.Int64).fill_null(otherwise).to_numpy().astype(np.int64)


def codes_of(column: pl.Series) -> Ints:
    """A number per different value, in the order of the values; -1 where empty."""
    rank = column.rank("dense").cast(pl.Int64) - 1
    return rank.fill_null(-1).to_numpy().astype(np.int64)


def rows_of(ctx: Context, source: str, reach: int | None = None, by: str = "day") -> Rows | None:
    """All rows of a source that belong to an account; None for a source never given.

    `reach`: rows may be left out whose date `by` lies so many days or more before the first computed
    period's end.
    """
    table = ctx.facts.tables.get(source)
    if table is None:
        return None
    since = ctx.since(reach) if by in table.columns else None
    name = (source, None if since is None else (by, since))
    cached = ctx.cache("rows", name)
    if isinstance(cached, Rows):
        return cached
    if since is not None:
        dates = table[by]
        days = dates if dates.dtype == pl.Int32 else dates.dt.date().to_physical()
        table = table.filter(days >= since)
    held = ctx.with_accounts(table)
    if "day" not in held.columns:
        held = held.with_columns(day=pl.lit(0))
    held = held.filter(pl.col("day").is_not_null())
    account, day = (held[name].cast(pl.Int64).to_numpy() for name in ("account", "day"))
    return ctx.keep("rows", name, Rows(account, day, held).dated(day))


def first_day(days: Ints) -> int:
    """The first of some days; FOREVER of none."""
    return int(days.min(initial=FOREVER))


# --- what a value is worth ---


def unknown(ctx: Context) -> Values:
    """No source speaks about it."""
    return Values(np.full(ctx.shape, np.nan), nowhere(ctx.shape))


def shown(value: Floats, known: Bools, exists: Bools | None = None) -> Values:
    """Null where not known; missing where known and not there."""
    exists = ~np.isnan(value) if exists is None else exists & ~np.isnan(value)
    return Values(np.where(known & exists, value, np.nan), known & ~exists)


def known_at(ctx: Context, source: str, shift_days: int = 0) -> Bools:
    """[A, T] whether the source speaks about the day `shift_days` before each period's end.

    A source without a dating column (contacts) speaks about every day once it is given.
    """
    ends = ctx.ends - shift_days
    alive = ctx.life & (ends[None, :] >= ctx.start[:, None])
    if source not in ctx.facts.coverage:
        return alive if source in ctx.facts.tables else nowhere(ctx.shape)
    known = ctx.known(source)
    inside = (ends >= known.edges[0]) & (ends < known.edges[-1])
    return np.asarray(alive & inside[None, :] & known.mask[:, known.period(ends)])


def in_life(ctx: Context, source: str, rows: Rows) -> Bools:
    """[n] rows on days that the source covers within the life of their account: those a window counts."""
    held = ctx.known(source).holds(rows.account, rows.day)
    return np.asarray(held & (rows.day >= ctx.start[rows.account]))


def of_life(ctx: Context, rows: Rows) -> Rows:
    """Rows from the first day of the account's life on, covered or not: what a newest value is taken from."""
    return rows.where(rows.day >= ctx.start[rows.account])


def counted(ctx: Context, source: str, rows: Rows, length: int, shift_days: int) -> Values:
    """Number of rows in the window, scaled over uncovered periods."""
    rows = rows.where(in_life(ctx, source, rows))
    total = window_sum(rows.account, rows.day, None, ctx.shape[0], ctx.ends - shift_days, length)
    return ctx.window(source, length, shift_days).additive(total)


def over(window: Window, value: Floats) -> Values:
    """A mean, a middle or a share of a window: as seen, with one gap at most; missing where there is none."""
    return Values(
        np.where(window.whole, value, np.nan), window.whole & np.isnan(value), gap=window.gap & window.whole
    )


def between(
    ctx: Context, account: Ints, since: Ints, until: Ints, shift_days: int, weight: Ints | None = None
) -> Ints:
    """[A, T] sum of weights (None: number of rows) that hold on the day: since <= day < until."""
    ends = ctx.ends - shift_days
    enter = first_seen_by(since, ends)
    return spread(account, enter, np.maximum(first_seen_by(until, ends), enter), weight, ctx.shape)
