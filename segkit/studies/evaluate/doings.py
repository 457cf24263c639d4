"""What people did about accounts, and what came of it: told side by side, without any claim of a cause."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec import Struct, field

from segkit.studies.evaluate.history import NEVER, Bools, Dated, History, Ints, Lives
from segkit.studies.evaluate.rates import Share
from segkit.studies.evaluate.risk import WITHIN, entries

ANSWER = 42
"""Days after an entry into risk within which a call counts as an answer to it."""


class Said(Struct, frozen=True):
    """Overrides of risk segments, all [N]."""

    account: Ints
    day: Ints
    inside: Bools
    """Put into risk, not taken out of it."""


def unsaid() -> Said:
    return Said(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, bool))


class Doings(Struct, frozen=True):
    """By the accounts of a history; days are epoch days."""

    overrides: Said = field(default_factory=unsaid)
    interventions: Dated | None = None
    """None: no such source."""
    expanded: Dated | None = None
    """None: no outcomes are exported."""
    signup: Ints | None = None
    """[A] the stated day of signing up; NEVER where none is known."""
    first_value: Ints | None = None
    """[A] the day on which the milestone of first value was completed; NEVER where it was not."""


class Overridden(Struct, frozen=True):
    """Were the humans right? Of those put into risk, and of those taken out of it: who left in 26 weeks."""

    put_in: Share
    taken_out: Share


def overridden(doings: Doings, lives: Lives) -> Overridden | None:
    """None where nobody overrode anything of which half a year is known."""
    said = doings.overrides
    known, left = _later(lives, said.account, said.day, said.day, said.day + WITHIN)
    shares = [
        Share.of(int((left & known & side).sum()), int((known & side).sum()))
        for side in (said.inside, ~said.inside)
    ]
    return Overridden(shares[0], shares[1]) if known.any() else None


class Answered(Struct, frozen=True):
    """Entries into risk with an intervention within six weeks, and without: who left in the 20 weeks after.

    Who left within the six weeks, or gave notice, had no time to be called and stands on neither side.
    """

    played: Share
    not_played: Share


def answered(history: History, lives: Lives, doings: Doings, risk: Sequence[int]) -> Answered | None:
    """None without a list of interventions, or without an entry of which half a year is known."""
    if doings.interventions is None:
        return None
    account, period = entries(history, risk)
    day = history.ends[period]
    fresh = (lives.notice[account] > day + ANSWER) & lives.here(account, day)
    account, day = account[fresh], day[fresh]
    played = doings.interventions.after(account, day - 1) <= day + ANSWER
    known, left = _later(lives, account, day, day + ANSWER, day + WITHIN)
    if not known.any():
        return None
    return Answered(
        *(Share.of(int((left & known & side).sum()), int((known & side).sum())) for side in (played, ~played))
    )


def _later(lives: Lives, account: Ints, day: Ints, after: Ints, until: Ints) -> tuple[Bools, Bools]:
    """(it is known whether, whether) somebody left later than `after` and by `until`, and not before."""
    churn, gone = lives.churned.after(account, day), lives.gone.after(account, day)
    lost = (churn == NEVER) & (gone <= until)
    known: Bools = (until <= lives.until) & ~lost & (churn > after)
    left: Bools = churn <= until
    return known, left
