"""What was going on around the moves: exports cut off, seasons, whole groups, pauses, what was accepted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl
from msgspec import Struct

from segkit.reports.first.expected import SEASONAL, UNUSUAL, groups_of
from segkit.reports.words import day, listed, plural

NAMES = 4


class Seen(Struct, frozen=True):
    """What a published run saw beside its accounts."""

    as_of: date
    groups: pl.DataFrame
    """As groups.csv has them."""
    outages: tuple[tuple[date, int, int], ...]
    """Last day of each suspected week, silent accounts, accounts that come every week."""
    paused: int
    accepted: tuple[tuple[str, str], ...]
    """Guards that tripped, and why that was accepted."""


class Around(Struct, frozen=True):
    as_of: date
    kind: str
    """outage, group, season, pause or accepted."""
    said: str


def around(runs: Sequence[Seen], first: date, last: date) -> tuple[Around, ...]:
    """By day, then as in `kind`."""
    cut = {week: (silent, steady) for run in runs for week, silent, steady in run.outages}
    found = [
        Around(
            week,
            "outage",
            f"the usage export looks cut off: {silent} of {plural(steady, 'account')} that come every week "
            "have no row",
        )
        for week, (silent, steady) in cut.items()
    ]
    for run in runs:
        found += _of_run(run)
    kinds = ("outage", "group", "season", "pause", "accepted")
    inside = [each for each in found if first <= each.as_of <= last]
    return tuple(sorted(inside, key=lambda each: (each.as_of, kinds.index(each.kind), each.said)))


def _of_run(run: Seen) -> list[Around]:
    found = [Around(run.as_of, "group", group.said()) for group in groups_of(run.groups, (UNUSUAL,))]
    season = list(dict.fromkeys(group.name for group in groups_of(run.groups, (SEASONAL,))))
    if season:
        said = f"{plural(len(season), 'group')} fell as in past years: {listed(season, NAMES)}"
        found.append(Around(run.as_of, "season", said))
    if run.paused:
        verb = "was" if run.paused == 1 else "were"
        found.append(Around(run.as_of, "pause", f"{plural(run.paused, 'account')} {verb} paused"))
    found += [Around(run.as_of, "accepted", f"{name} was accepted: {why}") for name, why in run.accepted]
    return found


def said(each: Around) -> str:
    return f"{day(each.as_of)}: {each.said}"
