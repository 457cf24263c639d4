"""Could other numbers and timers catch more of those who leave, with as many alarms as a team can answer?

Chosen on the first part of history, judged on the rest, told with both; never applied.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

from msgspec import Struct

from segkit.periods import from_epoch_day
from segkit.studies.evaluate.rates import Share
from segkit.studies.tune.choose import (
    CHOOSE,
    ENOUGH,
    JUDGE,
    Gate,
    best,
    front,
    gate,
    judgeable,
    knee,
    worth,
)
from segkit.studies.tune.tally import Figures, Ground, Tally, figures, later

__all__ = ["Ground", "Setting", "Tally", "Tuning", "tune"]

Verdict = Literal["suggested", "kept", "not confirmed", "too few"]


class Setting(Struct, frozen=True):
    """One combination of values, over the part that settings are chosen on."""

    values: tuple[str, ...]
    """As they would be written, one per parameter."""
    found: Figures
    recall: Share
    """Caught in time, of those that ended."""
    worth: float
    """Ends caught in time, as far as the team can answer the alarms."""
    later: float | None
    """Weeks by which its alarms come later than the current ones."""
    front: bool
    """No other setting catches as many with fewer alarms."""


class Judged(Struct, frozen=True):
    """The best setting and the current one over the part that nobody looked at when choosing."""

    best: Figures
    current: Figures
    gate: Gate
    optimism: float
    """Its gain where it was chosen, less that where it was judged: shares of those that ended."""


class Tuning(Struct, frozen=True):
    """`current`, `best` and `knee` are places among `settings`."""

    parameters: tuple[str, ...]
    settings: tuple[Setting, ...]
    current: int
    best: int
    knee: int | None
    verdict: Verdict
    why: str
    capacity: float
    """Alarms a week that can be answered."""
    lead_weeks: int
    chosen_on: tuple[date, date]
    judged_on: tuple[date, date] | None
    judged: Judged | None
    """None where there is nothing to judge, or nothing to judge it by."""


def tune(
    ground: Ground,
    parameters: Sequence[str],
    values: Sequence[tuple[str, ...]],
    tallies: Sequence[Tally],
    current: int,
    lead_weeks: int,
    capacity: float | None = None,
) -> Tuning:
    """`values` and `tallies`: one per setting; `capacity`: alarms a week, None for as many as now."""
    begin = min(each.first for each in tallies)
    found = [figures(ground, each, CHOOSE, begin) for each in tallies]
    # As many as now: then as many as now in the part to judge on, too, where the year may be a busier one.
    allowed = found[current].per_week if capacity is None else capacity
    changed = [sum(a != b for a, b in zip(each, values[current], strict=True)) for each in values]
    on_front = front(found)
    top = best(found, allowed, changed)
    judged = None
    if top != current and judgeable(ground) and found[current].ends >= ENOUGH:
        judged = _judged(
            ground, (tallies[top], tallies[current]), (found[top], found[current]), capacity, begin
        )
    verdict, why = _verdict(ground, found[current], top == current, judged)
    settings = tuple(
        Setting(
            values[place],
            each,
            Share.of(each.caught, each.ends),
            worth(each, allowed),
            later(ground, tallies[place], tallies[current], CHOOSE),
            bool(on_front[place]),
        )
        for place, each in enumerate(found)
    )
    ends = ground.ends
    rest = ground.judge
    return Tuning(
        tuple(parameters),
        settings,
        current,
        top,
        knee(found, on_front),
        verdict,
        why,
        allowed,
        lead_weeks,
        (from_epoch_day(int(ends[0])), from_epoch_day(int(ends[ground.choose.stop - 1]))),
        (from_epoch_day(int(ends[rest.first])), from_epoch_day(int(ends[-1])))
        if rest.first < rest.stop
        else None,
        judged,
    )


def _judged(
    ground: Ground,
    tallies: tuple[Tally, Tally],
    chosen: tuple[Figures, Figures],
    capacity: float | None,
    begin: int,
) -> Judged:
    """The best setting, then the current one."""
    top, now = (figures(ground, each, JUDGE, begin) for each in tallies)
    before, after = (
        (worth(one, allowed) - worth(other, allowed)) / max(other.ends, 1)
        for one, other in (chosen, (top, now))
        for allowed in (other.per_week if capacity is None else capacity,)
    )
    allowed = now.per_week if capacity is None else capacity
    return Judged(top, now, gate(ground, *tallies, allowed, begin), before - after)


def _verdict(ground: Ground, now: Figures, same: bool, judged: Judged | None) -> tuple[Verdict, str]:
    if now.ends < ENOUGH:
        why = f"{now.ends} accounts ended in the part to choose on; under {ENOUGH} the best of many settings"
        return "too few", f"{why} is mostly luck"
    if same:
        return "kept", "no setting catches more in time with the alarms that can be answered"
    if judged is None:
        ends = int(ground.judge.ends.sum())
        return "too few", f"only {ends} accounts ended in the part to judge on"
    if judged.gate.open:
        return "suggested", "it also catches more on the part that nobody looked at when choosing"
    if judged.gate.low <= 0:
        return (
            "not confirmed",
            "on the part that nobody looked at when choosing, it is not shown to catch more",
        )
    return "not confirmed", "what it gains there could be had by as many alarms drawn by lot"
