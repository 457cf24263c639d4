"""What was not alarmed, and why: accounts that only a timer holds where they are."""

from __future__ import annotations

import polars as pl
from msgspec import Struct

from segkit.engine.results import Decisions
from segkit.reports.definitions import lasting
from segkit.reports.first.calls import pressing
from segkit.reports.words import plural
from segkit.ruleset.model import RuleSet, Segment


class Held(Struct, frozen=True):
    """Accounts that meet a segment's conditions and are not in it, or meet its exit and are still in it."""

    segment: str
    waiting: bool
    """True: would enter. False: would leave."""
    names: tuple[str, ...]
    """Largest ARR first."""
    why: str


def held(rules: RuleSet, decisions: Decisions, assignments: pl.DataFrame) -> tuple[Held, ...]:
    """For the segments of the main dimension to act on this week, in file order."""
    alarms = set(pressing(rules))
    order = {segment.name: place for place, segment in enumerate(rules.main.segments)}
    rows = (
        decisions.state.latches.filter(pl.col("streak") > 0)
        .join(
            assignments.select("account_id", "name", "arr", "primary"), on="account_id", maintain_order="left"
        )
        .with_columns(
            place=pl.col("primary").replace_strict(order, default=len(order), return_dtype=pl.Int32)
        )
        .sort(-pl.col("arr").fill_null(0), "account_id")
    )
    if decisions.overridden is not None:
        rows = rows.join(decisions.overridden.filter("acts"), on=["account_id", "segment"], how="anti")
    if decisions.paused is not None:
        # What was counted before a pause says nothing of now.
        rows = rows.join(decisions.paused.filter(pl.col("metrics") == ""), on="account_id", how="anti")
    found: list[Held] = []
    for place, segment in enumerate(rules.main.segments):
        if segment.name not in alarms:
            continue
        own = rows.filter(pl.col("segment") == segment.name)
        # An account whose primary stands higher would not be called for this segment anyway.
        enter = own.filter(~pl.col("inside") & (pl.col("place") > place))
        leave = own.filter(pl.col("inside") & (pl.col("place") == place))
        for waiting, group in ((True, enter), (False, leave)):
            for long_enough in (False, True):
                names = tuple(group.filter(pl.col("held") == long_enough)["name"])
                if names:
                    why = _why(segment, rules.calendar.unit, waiting, long_enough)
                    found.append(Held(segment.name, waiting, names, why))
    return tuple(found)


def _why(segment: Segment, unit: str, waiting: bool, long_enough: bool) -> str:
    """`long_enough`: the streak is, and only the cooldown or the minimum stay holds it."""
    if long_enough:
        if waiting:
            return f"left it less than {plural(segment.cooldown, unit)} ago"
        return f"which keeps them {plural(segment.min_stay, unit)} at least"
    return f"not yet for {lasting(segment.enter_after if waiting else segment.exit_after, unit)}"
