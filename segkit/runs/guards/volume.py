"""Does a new period hold as much as could be expected of it? Judged is the period, never a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby

from msgspec import Struct

from segkit.errors import Tripped
from segkit.limits import COUNTED
from segkit.runs.guards.case import Case
from segkit.runs.guards.counts import LEAST_ROWS, Count, paused
from segkit.runs.guards.delivered import sizes
from segkit.runs.guards.expected import RISE, Expected

FEWER, MORE = "fewer_rows", "more_rows"


class Odd(Struct, frozen=True):
    """A figure of a period that lies too far off."""

    day: date
    count: Count
    saw: float
    expected: Expected


def fewer_rows(case: Case) -> Tripped | None:
    """Rows, accounts or amounts of a period lie far under what was expected of it."""
    found = odd(case, _too_few)
    weeks = sorted({each.day.isoformat() for each in found if each.count.source == "usage" and not each.saw})
    declare = f"no_outage: [{', '.join(weeks)}] under usage in segkit.yaml says that nothing happened; "
    return _tripped(
        FEWER,
        _told(found, "at least"),
        "look whether the export is whole, export again and run again; if it is, accept it; "
        f"{declare if weeks else ''}if this is usual, raise guards: {FEWER} in segkit.yaml",
    )


def more_rows(case: Case) -> Tripped | None:
    """They lie far over it, or the time that is published has far more rows than it had: rows that came
    twice, or of somebody else."""
    return _tripped(
        MORE,
        [*_told(odd(case, _too_many), "at most"), *_grown(case)],
        "look whether rows are in the exports twice, export again and run again; if all is well, accept it; "
        f"if this is usual, raise guards: {MORE} in segkit.yaml",
    )


def odd(case: Case, off: Callable[[Count, int, Expected], bool]) -> list[Odd]:
    """By period, then in the order of `counts`."""
    facts, found = case.facts, []
    silent = {outage.week for outage in case.decisions.outages}
    places = list(case.judged())
    for count in case.counts:
        fall, rise = (case.limits.of_source(name, count.source) for name in (FEWER, MORE))
        hidden = paused(facts, count.source)
        declared = facts.coverage[count.source].no_outage
        for place, day in places:
            # A suspected outage has a guard of its own, and what is declared is judged by nobody.
            own = count.source == "usage" and day in silent
            if own or hidden[place] or (declared is not None and declared[place]):
                continue
            expected = count.series.expected(place, fall, rise)
            if expected is not None and expected.value >= count.least and off(count, place, expected):
                found.append(Odd(day, count, float(count.series.figures[place]), expected))
    return sorted(found, key=lambda each: (each.day, COUNTED.index(each.count.source)))


def _too_few(count: Count, place: int, expected: Expected) -> bool:
    saw = count.series.figures[place]
    if saw == 0 and expected.least >= 0:
        return bool((count.series.before(place) > 0).all())
    return bool(saw < expected.least)


def _too_many(count: Count, place: int, expected: Expected) -> bool:
    return bool(count.series.figures[place] > expected.most)


def _grown(case: Case) -> Iterator[tuple[str, str]]:
    past = case.delivery.settled
    for source, (before, now) in sizes(case.delivery, past).items() if past else ():
        written = case.limits.of_source(MORE, source)
        limit = RISE if written is None else written
        if past and source in COUNTED and before >= LEAST_ROWS and now > (1 + limit) * before:
            seen = f"{source} to {past.as_of} has {now:,} rows, {before:,} in the last run"
            yield seen, f"at most {limit:.0%} more"


def _tripped(name: str, found: Sequence[tuple[str, str]], what_to_do: str) -> Tripped | None:
    """`found`: what was seen and what was expected instead."""
    if not found:
        return None
    saw, expected = ("; ".join(each) for each in zip(*found, strict=True))
    return Tripped(name, saw, expected, what_to_do)


def _told(found: Sequence[Odd], word: str) -> list[tuple[str, str]]:
    """What was seen and what was expected of each source and period."""
    told = []
    for (source, day), group in groupby(found, key=lambda each: (each.count.source, each.day)):
        several = list(group)
        unit = several[0].count.series.calendar.unit
        seen = _and(_figure(each, each.saw) for each in several)
        limits = _and(_figure(each, _limit(each, word)) for each in several)
        usual = _and(f"{each.expected.value:,.0f}" for each in several)
        by = f"the same {unit}s last year" if several[0].expected.by_year else f"the {unit}s before it"
        told.append(
            (f"{source} of the {unit} to {day} has {seen}", f"{word} {limits} (usual by {by}: {usual})")
        )
    return told


def _limit(each: Odd, word: str) -> float:
    return max(each.expected.least, 1.0) if word == "at least" else each.expected.most


def _figure(each: Odd, figure: float) -> str:
    return f"{figure:,.0f} {each.count.unit}"


def _and(words: Iterable[str]) -> str:
    return " and ".join(words)
