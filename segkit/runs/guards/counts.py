"""What the exports hold of each period, as figures that can be expected."""

from __future__ import annotations

import numpy as np
import polars as pl
from msgspec import Struct

from segkit.engine.counting.values import Bools, Floats
from segkit.engine.results import Decisions
from segkit.facts.horizon import period_of
from segkit.facts.load import Loaded
from segkit.facts.types import Facts
from segkit.limits import COUNTED
from segkit.periods import epoch_day, from_epoch_day
from segkit.runs.guards.expected import FALL, REFERENCE, RISE, Series

LEAST_ROWS, LEAST_ACCOUNTS = 50, 20
"""Of less than that no period is expected to hold a share."""


class Count(Struct, frozen=True):
    """`unit`: what is counted: rows, accounts, events …; `least`: how many must be expected of a period."""

    source: str
    unit: str
    least: int
    series: Series


def counts(loaded: Loaded, decisions: Decisions, first: int) -> tuple[Count, ...]:
    """Of every source that is counted by period; `first` is the place of the first that is judged. A period
    says nothing of an event source that is not covered, whose accounts fell silent at once, or that is paused
    for everybody."""
    facts = loaded.facts
    found: list[Count] = []
    for source in COUNTED:
        known = _known(facts, decisions, source)
        if known is None:
            continue
        figures = _of_usage(loaded, decisions, first) if source == "usage" else _of_table(facts, source)
        for unit, values in figures.items():
            least = LEAST_ACCOUNTS if unit == "accounts" else LEAST_ROWS
            series = Series(values, known, facts.calendar, int(facts.periods[0]))
            found.append(Count(source, unit, least, series))
    return tuple(found)


def paused(facts: Facts, source: str) -> Bools:
    """[P] periods that touch a pause of everybody."""
    hidden = np.zeros(len(facts.periods), dtype=bool)
    if facts.pauses is None:
        return hidden
    everybody = pl.col("account_id").is_null() & pl.col("attribute").is_null()
    for row in facts.pauses.filter(everybody).iter_rows(named=True):
        if not row["metrics"] or source in row["metrics"]:
            first, last = (
                facts.calendar.index(from_epoch_day(row[name])) - int(facts.periods[0])
                for name in ("first", "last")
            )
            hidden[max(first, 0) : max(last + 1, 0)] = True
    return hidden


def _known(facts: Facts, decisions: Decisions, source: str) -> Bools | None:
    coverage = facts.coverage.get(source)
    if coverage is None:
        return None
    known = coverage.covered & ~paused(facts, source)
    if source == "usage":
        for outage in decisions.outages:
            known[facts.calendar.index(outage.week) - int(facts.periods[0])] = False
    return known


def _of_usage(loaded: Loaded, decisions: Decisions, first: int) -> dict[str, Floats]:
    """Rows, accounts, and days of ids with a count or a time that is not zero."""
    facts = loaded.facts
    assert facts.usage is not None  # its periods are known
    days = loaded.days["usage"]
    found = {"rows": _by_period(facts, days["day"], days["rows"])}
    for said, name in (("count", "n"), ("seconds", "ms")):
        # Where as many of them say something as before, rows tell it all; they are millions.
        reference = epoch_day(facts.calendar.start(int(facts.periods[max(first - REFERENCE, 0)])))
        recent = facts.usage.days(reference).filter(pl.col("day") >= reference)
        if _other_share(facts, recent, name, first):
            lines = facts.usage.days().group_by("day").agg((pl.col(name) != 0).sum())
            found[f"values of {said}"] = _by_period(facts, lines["day"], lines[name])
    if decisions.came is not None:
        found["accounts"] = decisions.came.astype(np.float64)
    return found


def _other_share(facts: Facts, lines: pl.DataFrame, name: str, first: int) -> bool:
    """Whether in a period from place `first` on far more or fewer lines than before hold a value."""
    days = lines.group_by("day").agg((pl.col(name) != 0).sum(), pl.len())
    values, whole = (_by_period(facts, days["day"], days[each]) for each in (name, "len"))
    share = values[whole > 0] / whole[whole > 0]
    before = share[np.flatnonzero(whole > 0) < first]
    now = share[np.flatnonzero(whole > 0) >= first]
    usual = float(np.median(before)) if len(before) else 0.0
    return bool((now < (1 - FALL) * usual).any() or (now > (1 + RISE) * usual).any()) and usual > 0


def _of_table(facts: Facts, source: str) -> dict[str, Floats]:
    """Rows, and of measures the values of each column that are there and not zero."""
    rows = facts.tables[source]
    days = rows["day"]
    found = {"rows": _by_period(facts, days, pl.Series(np.ones(rows.height)))}
    if source == "measures":
        for name in rows.columns:
            if name != "day" and rows[name].dtype.is_numeric():
                found[f"values of {name}"] = _by_period(facts, days, (rows[name] != 0).fill_null(False))
    return found


def _by_period(facts: Facts, days: pl.Series, figures: pl.Series) -> Floats:
    """[P] sums over the days of each period."""
    total = np.zeros(len(facts.periods))
    there = days.is_not_null()
    place = period_of(days.filter(there).to_numpy(), facts.calendar) - int(facts.periods[0])
    inside = (place >= 0) & (place < len(total))
    # Whole numbers, so that their sums are the same in any order.
    np.add.at(total, place[inside], figures.cast(pl.Float64).fill_null(0.0).filter(there).to_numpy()[inside])
    return total
