"""Conditions as a tree of lines: does it hold, what it asks, the value, and by how much."""

from __future__ import annotations

from segkit.engine.explaining.explained import Reading, SegmentShown, Shown
from segkit.reports.explained.said import times_said
from segkit.reports.first.layout import WIDTH, Line, Piece, Role
from segkit.reports.words import clean, fit, fit_right, wrap
from segkit.ruleset import expr as x

INDENT, MARK, VALUE, APART = 4, 4, 11, 19
ANSWER: dict[bool | None, tuple[str, Role]] = {
    True: ("yes", "good"),
    False: ("no", "plain"),
    None: ("?", "warn"),
}


def conditions(shown: SegmentShown, unit: str) -> list[Line]:
    """What a segment asks to enter, to leave and to be in at once, each with all its conditions."""
    segment = shown.segment
    asked = [
        ("to come in", shown.enter, times_said(segment.enter_after, unit)),
        ("to leave", shown.exit, times_said(segment.exit_after, unit)),
        ("to come in at once", shown.at_once, ""),
    ]
    lines: list[Line] = []
    for title, tree, times in asked:
        if tree is not None:
            head = f"  {title}{', ' + times if times else ''}"
            lines += [(Piece(head, "dim"),), *_tree(tree, 0)]
        elif title == "to leave":
            row = f", {times}" if times else ""
            lines.append((Piece(f"  to leave{row}: that this does not hold any more", "dim"),))
    return lines


def _tree(shown: Shown, depth: int, name: str = "") -> list[Line]:
    """A group on one line, what is in it further in; a name, and a `not` before one condition, need no line
    of their own."""
    match shown.condition:
        case x.Named(name=own):
            return _tree(shown.inside[0], depth, f"{own}: ")
        case x.Not() if not shown.inside[0].inside:
            return leaf_lines(shown, depth, name)
    if not shown.inside:
        return leaf_lines(shown, depth, name)
    mark, role = ANSWER[shown.truth]
    head = (
        Piece(" " * (INDENT + 2 * depth)),
        Piece(fit(mark, MARK), role),
        Piece(clean(name) + _group(shown.condition)),
    )
    return [head, *(line for child in shown.inside for line in _tree(child, depth + 1))]


def _group(condition: x.Condition) -> str:
    match condition:
        case x.Not():
            return "not"
        case x.All():
            return "all of"
        case x.AtLeast(k=k, of=of):
            return f"at least {k} of {len(of)}"
        case _:
            return "any of"


def leaf_lines(shown: Shown, depth: int, name: str = "") -> list[Line]:
    """One condition, or `not` and one; its text takes more lines where it is long."""
    mark, role = ANSWER[shown.truth]
    leaf = next(shown.leaves())
    reading = leaf.reading
    assert reading is not None
    indent = INDENT + 2 * depth
    width = WIDTH - indent - MARK - VALUE - APART
    first, *more = wrap(clean(name + _asks(shown, reading)), width)
    lines: list[Line] = [
        (
            Piece(" " * indent),
            Piece(fit(mark, MARK), role),
            Piece(fit(first, width)),
            Piece(fit_right(_value(reading), VALUE), "name"),
            Piece(f"  {fit(clean(_apart(leaf, reading)), APART - 2)}", "dim"),
        )
    ]
    return [*lines, *((Piece(" " * (indent + MARK + 2) + line),) for line in more)]


def _asks(shown: Shown, reading: Reading) -> str:
    """The condition as written, limits that are no numbers with their value."""
    named = [limit for limit in reading.limits if limit.text is not None and not _plain(limit.key)]
    told = ", ".join(f"{limit.key} = {limit.text}" for limit in named)
    return f"{shown.text} ({told})" if told else shown.text


def _plain(text: str) -> bool:
    """A number, a share, a date, a text in quotes: nothing to look up."""
    return not text or text[0] in '"-0123456789' or text in ("true", "false") or " " in text


def _value(reading: Reading) -> str:
    if reading.value.text is not None:
        return clean(reading.value.text)
    return "missing" if reading.value.why == "missing" else "unknown"


def _apart(shown: Shown, reading: Reading) -> str:
    """`3 short`, `12.5 points over`, of what holds `by 3`; why there is no value."""
    if reading.value.why is not None:
        return "" if reading.value.why in ("missing", "unknown") else reading.value.why
    lost = next((limit for limit in reading.limits if limit.why), None)
    if lost is not None:
        return f"limit: {lost.why}"
    if reading.away is None or reading.distance is None:
        return ""
    if reading.away == 0:
        return "at the limit"
    if shown.truth:
        return f"by {reading.distance}"
    return f"{reading.distance} short" if reading.away < 0 else f"{reading.distance} over"
