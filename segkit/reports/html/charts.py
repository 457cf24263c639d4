"""Charts as numbers and path texts: what is drawn is worked out here, how it looks stands in the templates.

Everything in a chart is a number of segkit's own; texts beside it go through the template.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import isnan

import polars as pl
from msgspec import Struct

from segkit.reports.words import day, number

WIDTH, HEIGHT, HEADROOM = 240, 60, 4
"""Of a small chart, in its own units."""
BAR = 100


class Small(Struct, frozen=True):
    """The size of one segment over time; its scale begins at zero."""

    name: str
    presses: bool
    """Whether somebody must act on it."""
    line: str
    area: str
    end: str
    """Height of the last point."""
    now: int
    most: int
    said: str
    """The same for who does not see it."""


class Over(Struct, frozen=True):
    """Small charts of one time axis. years: where each year begins, with its name."""

    charts: tuple[Small, ...]
    first: str
    last: str
    periods: int
    years: tuple[tuple[str, int], ...]


def over_time(sizes: pl.DataFrame, order: Sequence[str], pressing: Sequence[str]) -> Over | None:
    """sizes: columns of `sizes.SIZES`. Segments in `order`, then those that only the past knows.

    None where fewer than two periods are known.
    """
    days = sizes["as_of"].unique().sort().to_list()
    if len(days) < 2:
        return None
    place = {each: at for at, each in enumerate(days)}
    counts: dict[str, list[int]] = {name: [0] * len(days) for name in order}
    for as_of, segment, accounts in sizes.iter_rows():
        counts.setdefault(segment, [0] * len(days))[place[as_of]] = accounts
    shown = {name: values for name, values in counts.items() if name in order or any(values)}
    charts = tuple(_small(name, values, days, name in pressing) for name, values in shown.items())
    return Over(charts, day(days[0]), day(days[-1]), len(days), _years(days))


def _small(name: str, values: list[int], days: list[date], presses: bool) -> Small:
    top = max(*values, 1)
    heights = [HEIGHT - HEADROOM - (HEIGHT - 2 * HEADROOM) * value / top for value in values]
    points = [f"{_x(at, len(values))} {_short(height)}" for at, height in enumerate(heights)]
    line, floor = "L".join(points), HEIGHT - HEADROOM
    low, high = min(values), max(values)
    said = (
        f"{number(values[0])} accounts on {day(days[0])}, {number(values[-1])} on {day(days[-1])}; "
        f"lowest {number(low)} on {day(days[values.index(low)])}, "
        f"highest {number(high)} on {day(days[values.index(high)])}"
    )
    area = f"M0 {floor}L{line}L{WIDTH} {floor}Z"
    return Small(name, presses, f"M{line}", area, _short(heights[-1]), values[-1], high, said)


def _years(days: list[date]) -> tuple[tuple[str, int], ...]:
    starts = [at for at in range(1, len(days)) if days[at].year != days[at - 1].year]
    return tuple((_x(at, len(days)), days[at].year) for at in starts)


def _x(at: int, of: int) -> str:
    return _short(WIDTH * at / (of - 1))


def _short(value: float) -> str:
    """One digit behind the point is finer than any screen."""
    return f"{value:.1f}".removesuffix(".0")


class Change(Struct, frozen=True):
    """A bar from the middle, to the left for a fall; `then`: where past years stood."""

    left: str
    width: str
    then: str | None


def change(now: float, then: float | None) -> Change:
    """Shares; all beyond a half or a double ends at the edge."""
    at = _position(now)
    return Change(
        _short(min(at, BAR / 2)),
        _short(abs(at - BAR / 2)),
        None if then is None else _short(_position(then)),
    )


def _position(share: float) -> float:
    return BAR / 2 + BAR / 2 * max(-1.0, min(share, 1.0))


class Piece(Struct, frozen=True):
    """A piece of a bar. strong: the part that is looked at first."""

    x: str
    width: str
    strong: bool


def stacked(
    counts: Sequence[tuple[int, bool]], most: int, at: float, *, back: bool = False
) -> tuple[Piece, ...]:
    """Counts and whether they are strong, one behind the other from `at` to the right, or back to the left;
    `most` of them fill half of a BAR."""
    found, place = [], at
    for count, strong in counts:
        width = BAR / 2 * count / most
        if count:
            found.append(Piece(_short(place - width if back else place), _short(width), strong))
            place += -width if back else width
    return tuple(found)


class Spark(Struct, frozen=True):
    """A value over time and what was expected of it; empty paths where nothing is known."""

    line: str
    expected: str
    end: str
    """Height of the last value."""
    said: str


SPARK_WIDTH, SPARK_HEIGHT = 120, 28


def spark(values: Sequence[float], expected: Sequence[float]) -> Spark:
    """As many of both, the oldest first; NaN is unknown and leaves a gap. The scale begins at zero, or at the
    lowest where values are below it."""
    known = [each for each in (*values, *expected) if not isnan(each)]
    low, top = min((0.0, *known)), max((0.0, *known))
    heights = [_heights(each, low, top) for each in (values, expected)]
    own = [each for each in values if not isnan(each)]
    extremes = f"lowest {min(own):.4g}, highest {max(own):.4g}"
    said = f"{len(values)} values from {own[0]:.4g} to {own[-1]:.4g}; {extremes}"
    return Spark(_path(heights[0]), _path(heights[1]), _short(heights[0][-1] or 0.0), said)


def _heights(values: Sequence[float], low: float, top: float) -> list[float | None]:
    room = SPARK_HEIGHT - 2 * HEADROOM
    scale = room / (top - low) if top > low else 0.0
    return [None if isnan(each) else SPARK_HEIGHT - HEADROOM - (each - low) * scale for each in values]


def _path(heights: Sequence[float | None]) -> str:
    """A line that begins anew behind each gap."""
    found, drawing = [], False
    for at, height in enumerate(heights):
        if height is not None:
            x = _short(SPARK_WIDTH * at / max(len(heights) - 1, 1))
            found.append(f"{'L' if drawing else 'M'}{x} {_short(height)}")
        drawing = height is not None
    return "".join(found)


def bar(part: float, whole: float) -> str:
    """Width of a bar for a part of the largest."""
    return _short(BAR * part / whole if whole else 0.0)
