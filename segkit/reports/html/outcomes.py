"""An evaluation as a page, and its pictures: survival by segment, lead, whether rates last.

`data` is what stands in evaluation.json: page, terminal and file say the same.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from msgspec import Struct

from segkit.reports.evaluation import NO_CAUSE, NONE, interval, of_all, of_share
from segkit.reports.evaluation import against as said_against
from segkit.reports.html.page import environment, render
from segkit.reports.words import number, plural

Data = Mapping[str, Any]
WIDE, HIGH, LEFT, TOP = 240, 120, 34, 8
"""Of a small picture; its frame begins at LEFT, TOP."""
LARGE_WIDE, LARGE_HIGH = 480, 200
FOLLOWED = 91
"""Days for which accounts are followed from a landmark."""
YEAR = 52
"""Weeks of lead that are drawn."""
SOURCES = {"published": "as published", "replayed": "replayed with today's rules and files"}
FIGURES = ("survival", "lead", "lasting")


class Tick(Struct, frozen=True):
    at: str
    text: str


class Curve(Struct, frozen=True):
    """The share of a segment that is still there, with its interval, from a landmark on."""

    segment: str
    presses: bool
    line: str
    band: str
    """Empty where nobody left: then there is no interval."""
    left: int
    accounts: int
    said: str


class Survival(Struct, frozen=True):
    """Small pictures of one scale, which begins at `floor` and not at nothing."""

    curves: tuple[Curve, ...]
    levels: tuple[Tick, ...]
    weeks: tuple[Tick, ...]
    floor: int


def survival(data: Data) -> Survival | None:
    known = [each for each in data["survival"] if each["after_weeks"]]
    if not known:
        return None
    lowest = min((step[4] for each in known for step in each["steps"]), default=1.0)
    floor = min(int(lowest * 100) // 10 * 10, 90)

    def y(share: float) -> str:
        return _short(TOP + (HIGH - TOP - 20) * (1 - (share - floor / 100) / (1 - floor / 100)))

    def x(days: float) -> str:
        return _short(LEFT + (WIDE - LEFT - 6) * days / FOLLOWED)

    step = 5 if floor >= 90 else 10 if floor >= 50 else 25
    return Survival(
        tuple(_curve(each, each["segment"] in data["risk"], x, y) for each in known),
        tuple(Tick(y(level / 100), f"{level} %") for level in range(100, floor - 1, -step)),
        tuple(Tick(x(7 * week), str(week)) for week in (0, 4, 8, 13)),
        floor,
    )


def _curve(each: Data, presses: bool, x: Any, y: Any) -> Curve:
    steps = each["steps"]
    last = max(7 * each["after_weeks"][-1][0], steps[-1][0] if steps else 0)
    days = [step[0] for step in steps]
    line = _stairs([0, *days], [1.0, *(step[3] for step in steps)], last, x, y)
    band = ""
    if steps:
        upper = _stairs(days, [step[5] for step in steps], last, x, y)
        lower = _stairs(days, [step[4] for step in steps], last, x, y, back=True)
        band = f"M{upper}L{lower}Z"
    told = [f"{of_all(share)} after {week} weeks" for week, share, _, _ in each["after_weeks"]]
    return Curve(
        each["segment"],
        presses,
        f"M{line}",
        band,
        each["left"],
        each["accounts"],
        f"still there: {', '.join(told)}",
    )


def _stairs(
    days: Sequence[int], shares: Sequence[float], last: int, x: Any, y: Any, *, back: bool = False
) -> str:
    """What holds from a day on holds until the next."""
    points = []
    for at, (day, share) in enumerate(zip(days, shares, strict=True)):
        until = days[at + 1] if at + 1 < len(days) else max(last, day)
        points += [f"{x(day)} {y(share)}", f"{x(until)} {y(share)}"]
    return "L".join(reversed(points) if back else points)


class Lead(Struct, frozen=True):
    """Of all that left: the share that was marked so many weeks before, and longer."""

    line: str
    area: str
    marks: tuple[tuple[str, str, str], ...]
    """(x, y, text) at 4, 8 and 12 weeks"""
    levels: tuple[Tick, ...]
    weeks: tuple[Tick, ...]
    caught: int
    churned: int


def lead(data: Data) -> Lead | None:
    told = data["lead"]
    if not told or not told["churned"]:
        return None
    whole = told["churned"]
    bottom = LARGE_HIGH - 24

    def y(share: float) -> str:
        return _short(TOP + (bottom - TOP) * (1 - share))

    def x(weeks: float) -> str:
        return _short(LEFT + (LARGE_WIDE - LEFT - 8) * weeks / YEAR)

    counts = [sum(lead >= week for lead in told["weeks"]) for week in range(YEAR + 1)]
    points = [f"{x(week)} {y(k / whole)}" for week, k in enumerate(counts)]
    line = "L".join(points)
    return Lead(
        f"M{line}",
        f"M{x(0)} {bottom}L{line}L{x(YEAR)} {bottom}Z",
        tuple((x(weeks), y(k / whole), f"{k}/{whole}") for weeks, k in told["at_least"]),
        tuple(Tick(y(level / 100), f"{level} %") for level in (100, 75, 50, 25, 0)),
        tuple(Tick(x(week), str(week)) for week in (0, 4, 8, 12, 26, 39, 52)),
        told["caught"],
        whole,
    )


class Span(Struct, frozen=True):
    """k of n with its interval on a scale of 100; `rate` only of five or more."""

    label: str
    counts: str
    rate: str
    low: str
    wide: str
    at: str | None
    told: str
    """The interval in words."""
    presses: bool
    remark: str = ""


def spans(data: Data) -> tuple[tuple[Span, ...], int]:
    """(who left by segment, the share at the end of the scale in per cent)."""
    first = data["windows"][0]
    shares = [(each["name"], each["share"], said_against(each)) for each in first["segments"]]
    top = _top(share for _, share, _ in shares)
    found = [_span(name, share, top, name in data["risk"], remark) for name, share, remark in shares]
    return (*found, _span("all", first["everybody"], top, False, "")), top


def lasting(data: Data) -> tuple[tuple[tuple[str, Span, Span], ...], int]:
    """(segment, rate in the earlier half, rate in the later half), and the end of the scale."""
    held = data["calibration"]
    if not held:
        return (), 0
    top = _top(share for each in held["segments"] for share in (each["before"], each["now"]))
    return tuple(
        (
            each["segment"],
            _span("earlier", each["before"], top, False, ""),
            _span("later", each["now"], top, each["segment"] in data["risk"], ""),
        )
        for each in held["segments"]
    ), top


def _top(shares: Any) -> int:
    """Of those of which anything is known at all; the others end at the edge."""
    highs = [share["high"] for share in shares if share["n"] >= 20]
    return min(max(math.ceil(20 * max(highs, default=1.0)) * 5, 5), 100)


def _span(label: str, share: Data, top: int, presses: bool, remark: str) -> Span:
    scale = 100 / (top / 100)
    low, high = (min(share[end] * scale, 100.0) for end in ("low", "high"))
    rate = share["rate"]
    return Span(
        label,
        f"{share['k']}/{number(share['n'])}",
        NONE if rate is None else of_all(rate),
        _short(low),
        _short(max(high - low, 0.6)),
        None if rate is None else _short(min(rate * scale, 100.0)),
        interval(share) if share["n"] else NONE,
        presses,
        remark,
    )


def evaluation_page(data: Data) -> str:
    """One page without script and network; the same data give the same text."""
    return render(_values(data), "outcomes.html", "outcomes.css")


def figure(data: Data, name: str) -> str | None:
    """One of FIGURES as an SVG file that stands alone; None where there is nothing to draw."""
    values = _values(data)
    if not values[name]:
        return None
    text = environment().get_template("figure.svg").render(which=name, **values)
    return "\n".join(line for line in text.splitlines() if line.strip()) + "\n"


def _values(data: Data) -> dict[str, Any]:
    refused = data["refused"] is not None
    rows, top = ((), 0) if refused else spans(data)
    rates, rates_top = ((), 0) if refused else lasting(data)
    made = data["decisions"]
    return {
        "data": data,
        "pressing": data["risk"],
        "rows": rows,
        "top": top,
        "survival": None if refused else survival(data),
        "lead": None if refused else lead(data),
        "lasting": rates,
        "rates_top": rates_top,
        "until": date.fromisoformat(data["outcomes_until"]),
        "first": date.fromisoformat(made["first"]),
        "last": date.fromisoformat(made["last"]),
        "source": "as published"
        if made["source"] == "published"
        else "replayed with today's rules and files",
        "no_cause": NO_CAUSE,
        "size": (WIDE, HIGH, LEFT, TOP),
        "large": (LARGE_WIDE, LARGE_HIGH),
        "k": lambda share: f"{share['k']}/{number(share['n'])}" if share["n"] else NONE,
        "of": of_share,
        "median": lambda value: NONE if value is None else f"{value:g}",
        "periods": plural(made["periods"], data["unit"]),
    }


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
