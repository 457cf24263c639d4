"""The rules of membership once more, as plainly as can be said for one account: the oracle of the scan."""

from __future__ import annotations

from segkit.ruleset.model import Segment

Period = tuple[int, int | None, int | None, bool, bool, bool]
"""E, written exit, at_once (1, 0, -1; None where not written), on the roster, paused, waivable."""


def fold(segment: Segment, periods: list[Period]) -> list[int]:
    """Periods of membership so far, per period; 0 while out."""
    inside, met, age, answers, gap, dark, cool, weeks = False, False, 0, [], 0, 0, 0, []
    for enter, written, at_once, on, paused, waivable in periods:
        if not on:
            inside, age, answers, gap, dark, cool = False, 0, [], 0, 0, 0
            weeks.append(0)
            continue
        waived, met = waivable and not met, met or (waivable and enter != -1)
        leave = {1: 0, 0: 1, -1: -1}[enter] if written is None else 0 if enter == 1 else written
        asked, times = (leave, segment.exit_after) if inside else (enter, segment.enter_after)
        age, cool = age + inside, max(cool - 1, 0)
        gap = gap + 1 if asked == -1 else 0
        dark = (dark + (not paused)) if inside and asked == -1 else 0
        answers = [] if gap >= segment.max_gap else answers if asked == -1 else [*answers, asked]
        enough = asked == 1 and sum(answers[-times.of :]) >= times.need
        if inside:
            moves = (enough and age >= segment.min_stay) or dark >= segment.expire_after
            cool = segment.cooldown if moves and asked == 1 else cool
        else:
            moves = asked == 1 and (at_once == 1 or waived or (enough and cool == 0))
        if moves:
            inside, age, answers, gap, dark = not inside, 0, [], 0, 0
        weeks.append(age + 1 if inside else 0)
    return weeks
