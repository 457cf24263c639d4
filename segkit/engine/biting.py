"""How often each condition of the main dimension has held of late, and how often before."""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from segkit.engine.conditions.reads import by_calendar
from segkit.engine.decide_block import scanned_block
from segkit.engine.decisions import BLOCK_ROWS
from segkit.engine.trial import trial_plan
from segkit.facts.types import Facts
from segkit.ruleset import expr as x
from segkit.ruleset import format_condition
from segkit.ruleset.model import RuleSet

QUARTER = 91
"""Days that are of late."""


class Bite(Struct, frozen=True):
    """One comparison by which a segment is entered: account-periods in which it was known, and held."""

    segment: str
    condition: str
    known: int
    held: int
    known_before: int
    held_before: int


def bites(rules: RuleSet, facts: Facts, block_rows: int = BLOCK_ROWS) -> tuple[Bite, ...]:
    """Every comparison by which accounts enter, over the last quarter and over all that came before it.

    What moves by the calendar alone, and what only asks whether something is known, is left out.
    """
    plan = trial_plan(rules, facts)
    width = len(facts.periods)
    days = (facts.as_of - facts.calendar.start(int(facts.periods[0]))).days + 1
    late = max(width - max(round(width * QUARTER / days), 1), 0)
    asked = {
        (segment.name, leaf): np.zeros(4, np.int64)
        for segment in plan.rules.main.segments
        for leaf in x.leaves(segment.enter)
        if not isinstance(leaf, x.IsMissing | x.Member) and not by_calendar(leaf)
    }
    size = max(block_rows // (width + plan.lead), 1)
    for start in range(0, len(facts.roster.accounts), size):
        stop = min(start + size, len(facts.roster.accounts))
        sheet, _, _ = scanned_block(plan, start, stop)
        on = facts.roster.on[start:stop]
        for (_, leaf), counts in asked.items():
            told = sheet.decided(leaf)
            known, held = (told >= 0) & on, (told == 1) & on
            counts += [
                known[:, late:].sum(),
                held[:, late:].sum(),
                known[:, :late].sum(),
                held[:, :late].sum(),
            ]
    return tuple(
        Bite(name, format_condition(leaf), *(int(each) for each in counts))
        for (name, leaf), counts in asked.items()
    )
