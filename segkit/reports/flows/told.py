"""All that is told of the moves of a range, as one value and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl
from msgspec import Struct, to_builtins

from segkit.periods import Calendar
from segkit.reports.flows.around import Around, Seen, around
from segkit.reports.flows.flapping import Flapping, flapping
from segkit.reports.flows.matrix import Matrix, flows_frame, matrix, moved
from segkit.reports.flows.stays import Pace, Stay, pace, stays
from segkit.reports.flows.waterfall import Waterfall, waterfalls


class Range(Struct, frozen=True):
    """Which moves are told: of one dimension (or `flags`), first <= as_of <= last, split by a column."""

    dimension: str
    first: date
    last: date
    by: str = "cause"
    order: tuple[str, ...] = ()
    """Segments as the rules have them."""


class Told(Struct, frozen=True):
    """currency: as `Screen` has it; None where amounts would mean nothing, and then there are none."""

    workspace: str
    unit: str
    range: Range
    currency: str | None
    matrix: Matrix | None
    flows: pl.DataFrame
    """from, to, the column that splits them, moves, accounts, arr."""
    waterfalls: tuple[Waterfall, ...]
    stays: tuple[Stay, ...]
    pace: Pace
    flapping: tuple[Flapping, ...]
    around: tuple[Around, ...]


def told(
    transitions: pl.DataFrame,
    calendar: Calendar,
    asked: Range,
    seen: Sequence[Seen],
    *,
    workspace: str,
    currency: str | None,
) -> Told:
    """`transitions`: every published one from the beginning, with the column that splits them."""
    if currency is None:
        transitions = transitions.with_columns(arr=pl.lit(None, pl.Float64))
    first, last, dimension = asked.first, asked.last, asked.dimension
    rows = moved(transitions, first, last, dimension)
    falls = waterfalls(transitions, first, last, asked.order, dimension, asked.by)
    names = [fall.segment for fall in falls]
    return Told(
        workspace=workspace,
        unit=calendar.unit,
        range=asked,
        currency=currency,
        matrix=matrix(rows, asked.order),
        flows=flows_frame(rows, (asked.by,)),
        waterfalls=falls,
        stays=stays(transitions, calendar, first, last, names, dimension),
        pace=pace(transitions, calendar, first, last, dimension),
        flapping=flapping(transitions, calendar, last, dimension),
        around=around(seen, first, last),
    )


def document(found: Told) -> dict[str, Any]:
    """Everything, as JSON has it; days as text."""
    return {
        "workspace": found.workspace,
        "dimension": found.range.dimension,
        "from": found.range.first.isoformat(),
        "to": found.range.last.isoformat(),
        "by": found.range.by,
        "currency": found.currency,
        "transitions": found.flows.to_dicts(),
        "waterfalls": to_builtins(found.waterfalls),
        "stays": to_builtins(found.stays),
        "pace": {**to_builtins(found.pace), "a_year": found.pace.a_year},
        "flapping": to_builtins(found.flapping),
        "around": to_builtins(found.around),
    }
