"""Usage by account and day, and sightings of features, people and sessions, on the account axis."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import polars as pl
from msgspec import Struct
from msgspec.structs import replace

from segkit.engine.counting.context import LEAD_DAYS, RECENT_DAYS, Context
from segkit.engine.counting.grid import window_distinct, window_sum
from segkit.engine.counting.joins import people_labels
from segkit.engine.counting.needs import day_table, set_table, value_table
from segkit.engine.counting.specs import PartialSpec
from segkit.engine.counting.values import Bools, Ints
from segkit.engine.counting.where import Where
from segkit.grouping import Groups, codes, ordering

USAGE = "usage"
WEEK = 7
NO_ROWS = 2**40
"""First day of something that was never seen."""
SEEN_DAYS = (35, *RECENT_DAYS)
"""What RECENT_DAYS is to sightings, most of which are asked for four weeks."""


class Days(Struct, frozen=True):
    """Usage of one day of an account, one row each, from the account's first day on."""

    account: Ints
    day: Ints
    n: Ints
    """Sum of `count`."""
    ms: Ints
    """Milliseconds; 0 where the table does not hold them."""
    timed: Ints
    """Rows that say how long they took."""
    known: Bools
    """Whether usage of that day is known."""

    def sum(self, ctx: Context, weight: Ints | None, window: int, shift: int) -> Ints:
        """[A, T] sum of a weight (None: of days) over the known days of a window."""
        return self.sum_at(weight, ctx.shape[0], ctx.ends - shift, window)

    def sum_at(self, weight: Ints | None, accounts: int, ends: Ints, window: int) -> Ints:
        """[A, X] the same for windows that end on any days, in order."""
        keep = slice(None) if self.known.all() else self.known
        chosen = None if weight is None else weight[keep]
        return window_sum(self.account[keep], self.day[keep], chosen, accounts, ends, window)


class Sightings(Struct, frozen=True):
    """Keys seen by an account; bit i of `mask` stands for `day` + i, bits before the first day cleared."""

    account: Ints
    key: Ints
    day: Ints
    mask: Ints
    known: Bools
    first: int
    """The first day on which anybody was seen with a key; NO_ROWS if never."""
    labels: pl.Series
    """The text of each key; keys are positions here, as numbers of categories do not outlive their column."""

    def known_days(self, single_days: bool) -> tuple[Ints, Ints, Ints]:
        """account, key, day of the known sightings; as single days, or one day for a whole mask."""
        keep = slice(None) if self.known.all() else self.known
        account, key, day, mask = self.account[keep], self.key[keep], self.day[keep], self.mask[keep]
        if not single_days or not len(day) or int(mask.max()) == 1:
            return account, key, day
        rows, bits = np.nonzero((mask[:, None] >> np.arange(WEEK)) & 1)
        return account[rows], key[rows], day[rows] + bits

    def distinct(self, ctx: Context, window: int, shift: int) -> Ints:
        """[A, T] different keys on the known days of a window."""
        whole = ctx.facts.calendar.unit == "week" and window % WEEK == 0 and shift % WEEK == 0
        account, key, day = self.known_days(single_days=not whole)
        return window_distinct(account, key, day, ctx.shape[0], ctx.ends - shift, window)

    def only(self, names: Collection[str]) -> Sightings:
        """The sightings of some values of a text column."""
        wanted = self.labels.is_in(list(set(names))).arg_true()
        keep = np.isin(self.key, wanted.to_numpy())
        return replace(
            self,
            account=self.account[keep],
            key=self.key[keep],
            day=self.day[keep],
            mask=self.mask[keep],
            known=self.known[keep],
        )

    def beginnings(self) -> tuple[Ints, Ints]:
        """account and day of the first sighting of every key, where that day is known."""
        day = self.first_days()
        order = np.lexsort((day, self.key, self.account))
        account, key = self.account[order], self.key[order]
        first = np.ones(len(order), dtype=bool)
        first[1:] = (account[1:] != account[:-1]) | (key[1:] != key[:-1])
        chosen = order[first & self.known[order]]
        return self.account[chosen], day[chosen]

    def first_days(self) -> Ints:
        """[n] the first day of every mask."""
        return np.asarray(self.day + _lowest_bit(self.mask))


def usage_table(ctx: Context, spec: PartialSpec, since: int | None = None) -> pl.DataFrame:
    """A table of usage over all files, with `account` instead of raw_id; with `since` what reaches it."""
    if ctx.facts.usage is None:
        raise LookupError("usage was never given")
    earliest = None if since is None else since - WEEK + 1
    rows = _reaching(ctx.facts.usage.table(spec.key, earliest), since)
    return ctx.resolve(rows)


def _reaching(rows: pl.DataFrame, since: int | None) -> pl.DataFrame:
    """Rows of days, or of weeks with days, from `since` on."""
    return rows if since is None else rows.filter(pl.col("day") > since - WEEK)


def days_of(ctx: Context, where: Where, timed: bool = False, reach: int | None = None) -> Days:
    """Usage by account and day of the rows that are meant; with milliseconds only where asked for.

    `reach`: no day is looked at that lies so many days or more before the first computed period's end.
    """
    since = ctx.since(reach)
    days = _kept_days(ctx, where, timed, since)
    if since is not None and timed and first_timed(days) >= since + LEAD_DAYS:
        # Whether an earlier row says how long it took, only all rows can tell.
        return _kept_days(ctx, where, timed, None)
    return days


def _kept_days(ctx: Context, where: Where, timed: bool, since: int | None) -> Days:
    name = (where, timed, since)
    cached = ctx.cache("usage days", name)
    return (
        cached if isinstance(cached, Days) else ctx.keep("usage days", name, _days(ctx, where, timed, since))
    )


def _days(ctx: Context, where: Where, timed: bool, since: int | None) -> Days:
    usage = ctx.facts.usage
    if usage is None:
        raise LookupError("usage was never given")
    counts = usage.days(since) if where is None else usage.meant(day_table(where).key, since)
    lines = _lines(ctx, since)
    there = None if where is None else lines.sum(counts["rows"]) > 0
    # A whole slice is a view: years of days are held once.
    some = slice(None) if there is None or there.all() else there
    if timed:
        plain = _kept_days(ctx, where, False, since)
        return replace(plain, ms=lines.sum(counts["ms"])[some], timed=lines.sum(counts["timed"])[some])
    account, day = (column[some] for column in lines.groups.columns)
    nothing = np.broadcast_to(np.int32(0), account.shape)
    return Days(account, day, lines.sum(counts["n"])[some], nothing, nothing, lines.known[some])


class _Lines(Struct, frozen=True):
    """Lines of usage by day, grouped by account and day; several filters count in them."""

    which: Ints | None
    """Which lines they are, as some are of nobody; None: all, as they lie."""
    groups: Groups
    known: Bools
    """[groups] whether usage of that day is known."""

    def sum(self, column: pl.Series) -> Ints:
        """[groups] sum of a column of all the lines; in half the room where that is enough."""
        values = column.cast(pl.Int64).to_numpy()
        found = self.groups.sum(values if self.which is None else values[self.which])
        return found.astype(np.int32) if int(found.max(initial=0)) <= np.iinfo(np.int32).max else found


def _lines(ctx: Context, since: int | None) -> _Lines:
    """Those of a life, from `since` on; grouped once, as all that is counted by day needs them."""
    cached = ctx.cache("usage lines", since)
    if isinstance(cached, _Lines):
        return cached
    assert ctx.facts.usage is not None
    days = ctx.facts.usage.days(since).select("raw_id", "day").with_row_index("line")
    rows = ctx.resolve(_reaching(days, since))
    alive = rows["day"].to_numpy() >= ctx.start[rows["account"].to_numpy()]
    rows = rows if alive.all() else rows.filter(pl.Series(alive))
    which = rows["line"]
    whole = len(which) == days.height and which.is_sorted()
    groups = Groups.of(_array(rows, "account"), _array(rows, "day"))
    lines = _Lines(None if whole else which.to_numpy(), groups, ctx.known(USAGE).holds(*groups.columns))
    return ctx.keep("usage lines", since, lines)


def sightings_of(
    ctx: Context, column: str, where: Where, label: str | None = None, reach: int | None = None
) -> Sightings:
    """Sightings of the values of a usage column in the rows that are meant.

    User keys stand for their person, or for another `label` of the person (department), where they have one.
    `reach`: no day is looked at that lies so many days or more before the first computed period's end.
    """
    since = ctx.since(reach, SEEN_DAYS)
    seen = _kept_sightings(ctx, column, where, label, since)
    if since is not None and seen.first >= since + LEAD_DAYS:
        # Whether anybody was seen with a key before, only all rows can tell.
        return _kept_sightings(ctx, column, where, label, None)
    return seen


def _kept_sightings(
    ctx: Context, column: str, where: Where, label: str | None, since: int | None
) -> Sightings:
    name = (column, where, label, since)
    cached = ctx.cache("sightings", name)
    if isinstance(cached, Sightings):
        return cached
    return ctx.keep("sightings", name, _sightings(ctx, column, where, label, since))


def _sightings(ctx: Context, column: str, where: Where, label: str | None, since: int | None) -> Sightings:
    rows = usage_table(ctx, set_table(ctx.rules, column, where), since)
    if column == "user_key":
        found = people_labels(rows.select("key", "day"), ctx.facts.people, label or "person")
        rows = rows.with_columns(key=found)
    columns = {each: _array(rows, each) for each in ("account", "day", "mask")}
    columns["key"], labels = _key_codes(rows)
    early = np.clip(ctx.start[columns["account"]] - columns["day"], 0, WEEK).astype(np.int32)
    columns["mask"] = columns["mask"] >> early << early
    columns = _chosen(columns, columns["mask"] > 0)
    first = _first_day(columns["day"], columns["mask"])
    columns = _chosen(columns, columns["key"] >= 0)
    order, _ = ordering(columns["account"], columns["key"], columns["day"])
    columns = columns if order is None else _chosen(columns, order)
    known = ctx.known(USAGE).holds(columns["account"], columns["day"])
    return Sightings(**columns, known=known, first=first, labels=labels)


class Amounts(Struct, frozen=True):
    """Known usage of an account by day and key, sorted by account and key."""

    account: Ints
    key: Ints
    day: Ints
    n: Ints


def amounts_of(ctx: Context, column: str, where: Where) -> Amounts:
    rows = usage_table(ctx, value_table(column, where))
    columns = {name: _array(rows, name) for name in ("account", "day")}
    columns |= {"key": _key_codes(rows)[0], "n": _array(rows, "n", pl.Int64)}
    alive = columns["day"] >= ctx.start[columns["account"]]
    columns = _chosen(columns, alive & ctx.known(USAGE).holds(columns["account"], columns["day"]))
    order, _ = ordering(columns["account"], columns["key"])
    return Amounts(**(columns if order is None else _chosen(columns, order)))


def _array(rows: pl.DataFrame, name: str, kind: type[pl.DataType] = pl.Int32) -> Ints:
    return rows[name].cast(kind).to_numpy()


def _key_codes(rows: pl.DataFrame) -> tuple[Ints, pl.Series]:
    """Position of each key among the different ones in order, -1 for none; and those."""
    place, labels = codes(rows["key"])
    return place.astype(np.int32), labels


def _chosen(columns: dict[str, Ints], rows: Bools | Ints) -> dict[str, Ints]:
    if rows.dtype == np.bool_ and rows.all():
        return columns
    return {name: column[rows] for name, column in columns.items()}


def _first_day(day: Ints, mask: Ints) -> int:
    if not len(day):
        return NO_ROWS
    soonest = day < day.min() + WEEK
    return int((day[soonest] + _lowest_bit(mask[soonest])).min())


def _lowest_bit(mask: Ints) -> Ints:
    return np.asarray(np.log2(mask & -mask), dtype=np.int32)


def first_timed(days: Days) -> int:
    """The first day on which some row says how long it took; NO_ROWS if none does."""
    timed = days.day[days.timed > 0]
    return int(timed.min()) if len(timed) else NO_ROWS
