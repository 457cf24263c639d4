"""The quarterly review of the criteria as lines of 80 cells, laid out from what stands in evaluation.json."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from segkit.reports.evaluation import of_all, paragraph
from segkit.reports.first.layout import Line, Piece
from segkit.reports.words import clean, fit, fit_right, plural

Data = Mapping[str, Any]
NONE = "–"
TREND = 3
"""Quarters that are told of each segment."""
LARGE = 0.30
"""Share of all accounts above which a risk segment is no list to call from."""
GREW = 1.5
SELDOM = 0.001
ALWAYS = 0.9
ENOUGH = 200
"""Account-periods under which nothing is said of a condition."""


def lay_out_review(data: Data) -> list[Line]:
    return [*_quarters(data), *_segments(data), *_books(data), *_loads(data), *_criteria(data)]


def _quarters(data: Data) -> list[Line]:
    if not data["quarters"]:
        return []
    widths = (11, 7, 11, 11, 7, 13)
    heads = ("saved", "back", "stayed 90d", "graduated", "value", "expanded")
    lines: list[Line] = [(), (Piece("Quarter by quarter", "heading"),)]
    lines.append((Piece("  " + fit("", 10) + _row(heads, widths), "dim"),))
    for each in data["quarters"]:
        told = (
            _k(each["saved"]),
            _number(each["back_weeks"]),
            _k(each["stayed"]),
            _k(each["graduated"]),
            _number(each["value_days"]),
            _k(each["expanded"]),
        )
        lines.append((Piece(f"  {fit(each['name'], 10)}{_row(told, widths)}"),))
    return [
        *lines,
        *paragraph(
            "By the quarter in which it began. saved: entries into risk, 26 weeks later neither gone nor in "
            "risk; back: median weeks until those who came out had; graduated: out of the first segment "
            "within 26 weeks, not into risk; value: median days to the first value. No cause is claimed.",
            2,
            "dim",
        ),
    ]


def _segments(data: Data) -> list[Line]:
    """All of history, and the last quarters whose half year is over."""
    if not data["entered"]:
        return []
    widths = (9, 13, 12, 8, 13)
    heads = _row(("entered", "stayed 90d", "well", "weeks", "expanded"), widths)
    lines: list[Line] = [(), (Piece("Segment by segment", "heading"),)]
    lines.append((Piece(f"  {fit('', 20)}{heads}", "dim"),))
    for name in dict.fromkeys(each["segment"] for each in data["entered"]):
        whole, *rest = [each for each in data["entered"] if each["segment"] == name]
        over = [each for each in rest if each["well"]["n"]][-TREND:]
        lines.append((Piece(f"  {fit(clean(name), 20)}{_entered(whole, widths)}"),))
        lines += [(Piece(f"    {fit(each['quarter'], 18)}{_entered(each, widths)}", "dim"),) for each in over]
    return [
        *lines,
        *paragraph(
            "Of accounts that came into it. well: of a risk segment, 26 weeks later neither gone nor in "
            "risk; of another, out of it within 26 weeks and not into risk; weeks: median until those who "
            "came out had; expanded: within 26 weeks. An account may come more than once.",
            2,
            "dim",
        ),
    ]


def _entered(each: Data, widths: tuple[int, ...]) -> str:
    told = (
        str(each["entries"]),
        _k(each["stayed"]),
        _k(each["well"]),
        _number(each["weeks"]),
        _k(each["expanded"]),
    )
    return _row(told, widths)


def _books(data: Data) -> list[Line]:
    books = data["review"]["books"]
    if not books:
        return []
    widths = (9, 9, 16, 16)
    lines: list[Line] = [(), (Piece("Playbooks", "heading"),)]
    heads = _row(("opened", "closed", "days to close", "success in time"), widths)
    lines.append((Piece(f"  {fit('', 26)}{heads}", "dim"),))
    for each in books:
        told = (str(each["opened"]), str(each["closed"]), _number(each["days_to_close"]), _k(each["success"]))
        name = f"{each['quarter']} {clean(each['playbook'])}"
        lines.append((Piece(f"  {fit(name, 26)}{_row(told, widths)}"),))
    return lines


def _loads(data: Data) -> list[Line]:
    lines: list[Line] = []
    for each in data["review"]["loads"]:
        told = f"{plural(each['tasks'], 'open task')} of {plural(each['owners'], 'owner')}"
        lines += paragraph(
            f"Load at the end of {each['quarter']}: {told}, {each['most']} of the busiest; "
            f"{each['hours']:.0f} hours as far as playbooks say.",
            2,
        )
    return [(), *lines] if lines else []


def _criteria(data: Data) -> list[Line]:
    said = [*_sizes(data), *_false(data), *_bites(data), *_advised(data)]
    lines: list[Line] = [(), (Piece("Criteria to look at", "heading"),)]
    for text in said or ["none stands out"]:
        lines += paragraph(f"{text}.", 2)
    return lines


def _sizes(data: Data) -> Iterator[str]:
    moved = data["drift"]
    if not moved:
        return
    before, now = sum(moved["mix_before"]), sum(moved["mix_now"])
    for name, was, is_now in zip(data["labels"], moved["mix_before"], moved["mix_now"], strict=True):
        share = is_now / now
        if name in data["risk"] and share > LARGE:
            yield f"{clean(name)} holds {is_now} of {now} accounts: too many to call"
        elif is_now >= 20 and share > GREW * was / before:
            yield f"{clean(name)} grew from {was} of {before} accounts to {is_now} of {now}"


def _false(data: Data) -> Iterator[str]:
    entered = data["episodes"]
    if entered and entered["entries"] >= 20:
        wrong = entered["entries"] - entered["right"]
        told = f"{wrong} of {entered['entries']} entries into risk did not end within 26 weeks"
        yield f"false positives, or saved: {told}"


def _bites(data: Data) -> Iterator[str]:
    for each in data["review"]["bites"]:
        if min(each["known"], each["known_before"]) < ENOUGH:
            continue
        now, before = each["held"] / each["known"], each["held_before"] / each["known_before"]
        if now < SELDOM:
            often = "as before" if before < SELDOM else f"before in {_percent(before)} of account-weeks"
            yield f"{each['segment']}: {clean(each['condition'])} did not bite last quarter ({often})"
        elif now > ALWAYS and each["segment"] in data["risk"]:
            held = f"{clean(each['condition'])} holds for {_percent(now)}"
            yield f"{each['segment']}: {held}: it tells nobody apart"


def _advised(data: Data) -> Iterator[str]:
    for each in data["advice"]:
        if each["kind"] in ("look", "merge", "few"):
            yield f"{' and '.join(clean(name) for name in each['segments'])}: {each['says']}"


def _k(share: Data) -> str:
    return f"{share['k']}/{share['n']}" if share["n"] else NONE


def _number(value: float | None) -> str:
    return NONE if value is None else f"{value:g}"


def _percent(value: float) -> str:
    return of_all(value)


def _row(texts: tuple[str, ...], widths: tuple[int, ...]) -> str:
    return "".join(fit_right(text, width) for text, width in zip(texts, widths, strict=True))
