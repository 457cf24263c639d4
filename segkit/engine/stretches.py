"""Periods decided in stretches: before an account begins that follows another, all others must stand.

So a replay decides what a run a week decides: each stretch goes on from the state that the one before left.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from msgspec.structs import replace

from segkit.engine.plan import Plan
from segkit.engine.results import Decisions, DimensionResult
from segkit.facts.types import Facts
from segkit.periods import epoch_day


def stops(facts: Facts, first: int) -> list[int]:
    """Places of periods, after the first decided one, before which an account is followed by a new one."""
    if facts.mergers is None or facts.mergers.is_empty():
        return []
    openings = {epoch_day(facts.calendar.start(int(period))): at for at, period in enumerate(facts.periods)}
    places = {account: at for at, account in enumerate(facts.roster.accounts)}
    found: set[int] = set()
    for into, day in facts.mergers.select("into", "from_day").drop_nulls().iter_rows():
        at = openings.get(day, -1)
        if at > first and into in places and not facts.roster.on[places[into], :at].any():
            found.add(at)
    return sorted(found)


def up_to(plan: Plan, stop: int) -> Plan:
    """The same plan for the periods before place `stop`."""
    facts = plan.facts
    roster = replace(facts.roster, on=facts.roster.on[:, :stop], snapshot=facts.roster.snapshot[:, :stop])
    coverage = {name: replace(each, covered=each.covered[:stop]) for name, each in facts.coverage.items()}
    return replace(
        plan,
        facts=replace(facts, periods=facts.periods[:stop], roster=roster, coverage=coverage),
        waive=plan.waive[:, :stop],
    )


def joined(parts: list[Decisions]) -> Decisions:
    """Decisions of one stretch of periods after the other; what is said of as_of is that of the last."""
    last = parts[-1]
    dimensions = {
        name: DimensionResult(
            name,
            each.labels,
            *(
                np.concatenate([getattr(part.dimensions[name], field) for part in parts], axis=1)
                for field in ("primary", "weeks_in", "stale")
            ),
        )
        for name, each in last.dimensions.items()
    }
    return replace(
        last,
        as_of=tuple(day for part in parts for day in part.as_of),
        dimensions=dimensions,
        member={name: np.concatenate([part.member[name] for part in parts], axis=1) for name in last.member},
        on_roster=np.concatenate([part.on_roster for part in parts], axis=1),
        transitions=pl.concat([part.transitions for part in parts]),
        load=np.concatenate([part.load for part in parts if part.load is not None], axis=1),
    )
