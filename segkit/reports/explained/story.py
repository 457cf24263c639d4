"""The explanation of one account as lines of 80 cells: the story, the conditions, why not, the moves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import polars as pl

from segkit.engine.explaining.explained import Place, SegmentShown
from segkit.reports.explained.behind import rows_lines
from segkit.reports.explained.conditions import APART, conditions, leaf_lines
from segkit.reports.explained.explanation import Explanation
from segkit.reports.explained.said import (
    basis_said,
    compared_said,
    deciding_said,
    onward_said,
    out_said,
    timers_said,
    why_said,
)
from segkit.reports.explained.timeline import lay_out_timeline
from segkit.reports.first.layout import WIDTH, Line, Piece, with_currency
from segkit.reports.first.reasons import telling
from segkit.reports.first.screen import NO_CURRENCY
from segkit.reports.words import cells, clean, day, days_in_words, fit, fit_right, plural, shorten, wrap
from segkit.ruleset.model import FLAGS, MAIN, Playbook

MAIN_MOVES, OTHER_MOVES = 4, 3
NAMES = 24
"""Cells for the names of segments, dimensions and flags, at most."""


def lay_out_story(told: Explanation) -> list[Line]:
    """Lines of at most WIDTH cells, free of control characters."""
    lines = [*_title(told), *_where(told)]
    if told.story.segments:
        lines += [*_why(told), *_compared(told), *_behind(told), *_said(told)]
        lines += [*_why_not(told), *_others(told)]
    return [*lines, *_moves(told), *lay_out_timeline(told.timeline)]


def _title(told: Explanation) -> list[Line]:
    story = told.story
    when = day(story.as_of) if story.unit == "day" else f"{story.unit} to {day(story.as_of)}"
    who = [clean(story.account_id)] if told.name != story.account_id else []
    who += [clean(told.csm)] if told.csm else []
    if told.arr is not None:
        who.append(f"ARR {with_currency(told.arr, told.currency or NO_CURRENCY)}")
    name = shorten(clean(told.name), 40)
    beside = shorten("  " + " · ".join(who) if who else "", WIDTH - cells(name) - cells(when) - 2)
    right = fit_right(when, WIDTH - cells(name) - cells(beside))
    return [
        (Piece(name, "title"), Piece(beside, "dim"), Piece(right, "dim")),
        (Piece("─" * WIDTH, "dim"),),
    ]


def _where(told: Explanation) -> list[Line]:
    """In which segment, for how long, until when at the earliest, and what to do."""
    story, place = told.story, told.story.main
    if place.primary is None:
        gone = f"Not on the roster in the {story.unit} to {day(story.as_of)}."
        return [(Piece(gone, "name"),), *_differs(told)]
    head = f" {_lasts(place, story.unit)}"
    lines: list[Line] = [(Piece(clean(place.primary), "name"), Piece(head))]
    own = _own(told)
    said = [own.segment.means] if own is not None and own.segment.means else []
    if own is None:
        said.append(_nowhere(place))
    else:
        said += [*why_said(own), *out_said(own, story)]
    said += onward_said(told.onward, place, story.unit)
    if place.stale:
        said.append("Stale: nothing that reads events has been known for a while.")
    if story.paused is not None:
        why = f": {story.paused['reason']}" if story.paused["reason"] else ""
        said.append(f"Paused until {story.paused['until']}{why}.")
    for row in story.overridden.iter_rows(named=True):
        way = "in" if row["inside"] else "out of"
        state = "Override" if row["acts"] else "An override has ended"
        rules = "rules agree" if row["agree"] else f"rules say {row['rules']}"
        said.append(f"{state} {row['who']}, {way} {row['segment']} ({rules}): {row['reason']}.")
    said += [_playbook(own.segment.playbook, told)] if own is not None and own.segment.playbook else []
    return [*lines, *(line for text in said for line in _text(text, 2)), *_differs(told)]


def _lasts(place: Place, unit: str) -> str:
    before = f"; before that {place.previous}" if place.previous else ""
    since = f", since {day(place.since)}" if place.since and place.weeks > 1 else ""
    now = "today" if unit == "day" else f"this {unit}"
    lasts = f"for {plural(place.weeks, unit)}" if place.weeks > 1 else f"since {now}"
    return clean(f"{lasts}{since}{before}")


def _nowhere(place: Place) -> str:
    if place.primary == "unknown":
        return "Nothing is known yet that a segment asks for."
    return "No segment fits."


def _playbook(name: str, told: Explanation) -> str:
    book = told.playbooks.get(name, Playbook(name))
    parts = [f"Playbook {name}"]
    if book.steps:
        parts.append(f": {book.steps[0]}")
    if book.due:
        parts.append(f" (within {book.due})")
    return "".join(parts) + "."


def _differs(told: Explanation) -> list[Line]:
    if told.differs is None:
        return []
    for dimension, (was, now) in told.differs.dimensions.items():
        name = "" if dimension == MAIN else f" ({dimension})"
        why = "the rules" if told.differs.rules_changed else "the exports"
        said = f"Published as {was}{name}; {why} have changed since, and say {now} now."
        return _text(said, 2, "warn")
    return []


def _own(told: Explanation) -> SegmentShown | None:
    """The segment that the account is in; none where no segment fits."""
    for shown in told.story.segments:
        if shown.dimension == MAIN and shown.segment.name == told.story.main.primary:
            return shown
    return None


# --- conditions ---


def _why(told: Explanation) -> list[Line]:
    own = _own(told)
    if own is None:
        return []
    head = f"Why {clean(own.segment.name)}"
    value = fit_right("value", WIDTH - APART - cells(head))
    lines: list[Line] = [(), (Piece(head, "heading"), Piece(f"{value}  distance", "dim"))]
    return [*lines, *conditions(own, told.story.unit)]


def _compared(told: Explanation) -> list[Line]:
    """What the values that decided about its segment are compared with."""
    own = _own(told)
    if own is None:
        return []
    trees = [tree for tree in (own.enter, own.exit) if tree is not None]
    leaves = [leaf for tree in trees for leaf in tree.leaves() if leaf.decides and leaf.reading]
    named = {leaf.reading.value.key for leaf in leaves if leaf.reading}
    lines: list[Line] = []
    shown = [c for c in told.story.compared if any(key.startswith(f"{c.value.key}.") for key in named)]
    for each in shown:
        lines += _text(compared_said(each), 2)
    for basis in dict.fromkeys(filter(None, map(basis_said, shown))):
        lines += _text(basis, 2)
    return [(), (Piece("Compared with", "heading"),), *lines] if lines else []


def _behind(told: Explanation) -> list[Line]:
    """The rows of the exports behind what the conditions of its segment read."""
    own = _own(told)
    if own is None:
        return []
    trees = [tree for tree in (own.enter, own.exit, own.at_once) if tree is not None]
    keys = [leaf.reading.value.key for tree in trees for leaf in tree.leaves() if leaf.reading]
    lines = [
        line
        for each in told.rows
        if any(key == each.metric or key.startswith(f"{each.metric}.") for key in keys)
        for line in rows_lines(each)
    ]
    return [(), (Piece("Rows behind it", "heading"),), *lines] if lines else []


def _said(told: Explanation) -> list[Line]:
    """What it said it wants, beside what it does."""
    if not told.said:
        return []
    shown = [f"{clean(each.what)}: {clean(each.value)} ({day(each.on)})" for each in told.said]
    return [(), (Piece("It said", "heading"),), *(line for text in shown for line in _text(text, 2))]


def _why_not(told: Explanation) -> list[Line]:
    """The other segments of the main dimension, in their order."""
    main = [shown for shown in told.story.segments if shown.dimension == MAIN]
    own = _own(told)
    width = _width(shown.segment.name for shown in main)
    here = main.index(own) if own is not None else len(main)
    lines: list[Line] = []
    for heading, shown in (("Why not above it", main[:here]), ("Below it", main[here + 1 :])):
        if shown:
            title = heading if own is not None else "Why no segment fits"
            lines += [(), (Piece(title, "heading"),)]
            lines += [line for each in shown for line in _other(each, told, width)]
    return lines


def _other(shown: SegmentShown, told: Explanation, width: int) -> list[Line]:
    lines = _named(shown.segment.name, timers_said(shown, told.story), width)
    if not shown.inside and shown.off is None:
        lines += [line for leaf in shown.hangs_on or shown.lacking for line in leaf_lines(leaf, 2)]
    return lines


def _named(name: str, said: str, width: int) -> list[Line]:
    """A name in a column of `width` cells, and what is said of it beside it."""
    first, *more = wrap(said, WIDTH - width - 4)
    lines: list[Line] = [(Piece(f"  {fit(clean(name), width)} ", "name"), Piece(first))]
    return [*lines, *((Piece(" " * (width + 3) + line),) for line in more)]


def _width(names: Iterable[str]) -> int:
    return min(max(map(cells, names), default=0), NAMES) + 1


def _others(told: Explanation) -> list[Line]:
    """Other dimensions and flags: one line each, with what decided."""
    rows = list(_other_places(told))
    if not rows:
        return []
    width = _width(name for name, _ in rows)
    lines: list[Line] = [(), (Piece("Beside it", "heading"),)]
    return [*lines, *(line for name, said in rows for line in _named(name, said, width))]


def _other_places(told: Explanation) -> Iterator[tuple[str, str]]:
    unit = told.story.unit
    for place in told.story.places[1:]:
        own = [
            s
            for s in told.story.segments
            if s.dimension == place.dimension and s.segment.name == place.primary
        ]
        yield place.dimension, f"{clean(str(place.primary))} {_lasts(place, unit)}{_deciding(own)}"
    for flag in told.story.segments:
        if flag.dimension == FLAGS and flag.inside:
            yield flag.segment.name, f"set for {plural(flag.weeks, unit)}{_deciding([flag])}"


def _deciding(shown: Sequence[SegmentShown]) -> str:
    said = [text for each in shown if each.enter.truth for text in deciding_said(each.enter)]
    return clean(": " + "; ".join(said)) if said else ""


# --- moves ---


def _moves(told: Explanation) -> list[Line]:
    """The last ones of the main dimension and the last ones beside it, the newest first."""
    main = pl.col("dimension") == MAIN
    shown = pl.concat([told.moves.filter(main).tail(MAIN_MOVES), told.moves.filter(~main).tail(OTHER_MOVES)])
    lines: list[Line] = [(), (Piece("Last moves", "heading"),)] if shown.height else []
    for row in shown.sort("as_of", descending=True, maintain_order=True).iter_rows(named=True):
        lines.append(
            (
                Piece(f"  {fit(day(row['as_of']), 12)} "),
                Piece(fit(_moved(row), 52), "move"),
                Piece(fit_right(row["cause"], 13), "dim"),
            )
        )
        lines += _text("; ".join(telling(row["because"] or "")), 15, "dim")
    if told.moves.height > shown.height:
        lines += _text(f"and {plural(told.moves.height - shown.height, 'earlier one')}", 2, "dim")
    return lines


def _moved(row: dict[str, object]) -> str:
    old, new = row["from"], row["to"]
    if row["dimension"] == FLAGS:
        return f"{old} cleared" if new in (None, "left") else f"{new} set"
    name = "" if row["dimension"] == MAIN else f"{row['dimension']}: "
    return clean(f"{name}{old or 'first seen'} → {new}")


def _text(text: str, indent: int, role: str = "plain") -> list[Line]:
    lines = wrap(days_in_words(clean(text)), WIDTH - indent - 2)
    return [
        (Piece(" " * (indent + 2 * (place > 0)) + line, role),)  # type: ignore[arg-type]
        for place, line in enumerate(lines)
    ]
