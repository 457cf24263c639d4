"""Timers and comparisons in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from segkit.engine.explaining.explained import Compared, Explained, Onward, Place, SegmentShown, Shown, Value
from segkit.reports.baseline import BASIS
from segkit.reports.first.reasons import telling
from segkit.reports.words import day, plural
from segkit.ruleset.model import Times

VIEWS = {"expected": "expected", "previous": "before that", "last_year": "a year ago"}


def times_said(times: Times, unit: str) -> str:
    """`2 weeks in a row`, `in 2 of 3 weeks`; empty where once is enough."""
    if times.of == 1:
        return ""
    if times.need == times.of:
        return f"{plural(times.need, unit)} in a row"
    return f"in {times.need} of {plural(times.of, unit)}"


def why_said(shown: SegmentShown) -> Iterator[str]:
    """Why a member is one: what brought it in still holds, or does not let it go."""
    if not shown.latched:
        return
    if shown.enter.truth:
        yield f"Because {'; '.join(telling('; '.join(deciding_said(shown.enter))))}."
    elif shown.leaving is False and shown.exit is not None:
        still = "; ".join(telling("; ".join(deciding_said(shown.exit))))
        known = "does not hold any more" if shown.enter.truth is False else "is unknown now"
        yield f"Held: what brings accounts in {known}, but it is not let go, because {still}."


def deciding_said(tree: Shown) -> list[str]:
    """The conditions that decided, each once, as `because` of the assignments says them."""
    leaves = (leaf.reading.said for leaf in tree.leaves() if leaf.decides and leaf.reading)
    return list(dict.fromkeys(said for said in leaves if said))


def out_said(shown: SegmentShown, story: Explained) -> Iterator[str]:
    """When a member leaves at the earliest, and what holds it until then."""
    unit, timers, segment = story.unit, shown.timers, shown.segment
    earliest = story.assignment and story.assignment["earliest_exit"]
    if not isinstance(earliest, date):
        yield "Nobody can say when it leaves: the override has no end."
        return
    if not shown.latched:
        yield f"By the override it leaves on {day(earliest)} at the earliest."
        return
    if shown.leaving is None:
        left = segment.expire_after - timers.dark
        yield (
            f"Held: whether it may leave is unknown, for {plural(timers.gap, unit)} now; "
            f"after {plural(left, 'more ' + unit)} like that it ends by itself."
        )
        yield from hangs_said(shown)
    need = times_said(segment.exit_after, unit)
    if shown.leaving:
        held = f", {timers.count} so far" if need else ""
        yield f"On its way out: what lets it go holds{f' (it takes {need}{held})' if need else ''}."
    stay = segment.min_stay - timers.age
    holds = f"min_stay keeps it for {plural(segment.min_stay, unit)}" if stay > 1 else ""
    asks = f"what lets it go must hold {need}" if need and not shown.leaving else ""
    why = " and ".join(filter(None, (asks, holds)))
    yield f"By its timers it leaves on {day(earliest)} at the earliest{f': {why}' if why else ''}."


def onward_said(onward: Onward, place: Place, unit: str) -> Iterator[str]:
    """What comes if all stays as it is, and what little would change that."""
    goes, change = onward.goes, onward.smallest
    if goes is not None:
        yield f"If every value stays as it is this {unit}, it moves to {goes[1]} on {day(goes[0])}."
    if change is not None:
        value = change.leaf.reading.value.text if change.leaf.reading else None
        still = "still " if change.into == place.primary else ""
        yield (
            f"The smallest single change that moves it: {change.text} (now {value}); "
            f"all else as it is, it is {still}{change.into} on {day(change.on)}."
        )


def hangs_said(shown: SegmentShown) -> Iterator[str]:
    """Which unknown values would settle it."""
    if shown.hangs_on:
        said = (f"{leaf.text} ({_nothing(leaf)})" for leaf in shown.hangs_on)
        yield f"What would decide: {'; '.join(said)}."


def _nothing(leaf: Shown) -> str:
    """Why there is no value."""
    return (leaf.reading and leaf.reading.value.why) or "unknown"


def timers_said(shown: SegmentShown, story: Explained) -> str:
    """Of a segment that is not the primary: in beside it, on its way in, or how much is lacking."""
    unit, timers, segment = story.unit, shown.timers, shown.segment
    if shown.inside:
        return f"in it too, for {plural(shown.weeks, unit)}: a segment above it comes first"
    if shown.off is not None:
        return f"off: {shown.off}"
    if shown.latched:
        return "the rules say it is in, an override says it is not"
    if shown.enter.truth:
        need = times_said(segment.enter_after, unit)
        waits = [f"held {timers.count} of {need}" if need else "held"]
        waits += [f"cooldown for {plural(timers.cool, unit)}"] if timers.cool else []
        soon = f"; in on {day(shown.turns)} if that goes on" if shown.turns else ""
        return f"its conditions hold: {', '.join(waits)}{soon}"
    if not shown.lacking:
        return "does not hold" if shown.enter.truth is False else "unknown"
    if shown.enter.truth is None and shown.hangs_on:
        return f"unknown: {'this value decides' if len(shown.hangs_on) == 1 else 'these values decide'}"
    miss = "near miss: " if shown.near else ""
    return f"{miss}{plural(len(shown.lacking), 'condition')} short"


def compared_said(compared: Compared) -> str:
    """`events_28d: 120 in the 28 days to 15 Nov 2026, expected 210`."""
    length = (compared.last - compared.first).days + 1
    when = f" in the {plural(length, 'day')} to {day(compared.last)}" if length > 1 else ""
    beside = ", ".join(f"{VIEWS[view]} {_text(each)}" for view, each in compared.beside.items())
    return f"{compared.value.key}: {_text(compared.value)}{when}; {beside}"


def basis_said(compared: Compared) -> str:
    """On what an expectation rests; empty where nothing is expected."""
    if compared.basis is None or "expected" not in compared.beside:
        return ""
    peers = f" Peers: {compared.peers}." if compared.peers else ""
    young = " Its first season: no year of its own yet." if compared.first_season else ""
    return f"basis {compared.basis}: {BASIS[compared.basis.split('(')[0]]}{peers}{young}"


def _text(value: Value) -> str:
    return value.text if value.text is not None else value.why or "unknown"
