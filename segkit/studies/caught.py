"""Who of those that left two rule sets had marked before, counted as `evaluate` counts them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from segkit.studies.evaluate.history import History, Lives
from segkit.studies.evaluate.numbers import FEW
from segkit.studies.evaluate.result import Refusal
from segkit.studies.evaluate.risk import MISSED, Episodes, Lead, ends_of, episodes, lead, leads


class Marks(Struct, frozen=True):
    """One rule set: what it decided, and the segments that are meant to show who leaves."""

    history: History
    risk: tuple[str, ...]

    @property
    def codes(self) -> list[int]:
        return [self.history.labels.index(name) for name in self.risk if name in self.history.labels]


class Warned(Struct, frozen=True):
    """What one rule set would have told of those who left."""

    risk: tuple[str, ...]
    lead: Lead
    episodes: Episodes


class Outcomes(Struct, frozen=True):
    """`refused`: nothing is said of who leaves, and everything else is empty then."""

    refused: Refusal | None
    old: Warned | None = None
    new: Warned | None = None
    both: int = 0
    """Ends that both rule sets caught; of those that both had decided something about."""
    only_old: int = 0
    only_new: int = 0
    neither: int = 0
    too_few: bool = True
    """Caught by one side alone were under five: that one catches more is not said."""


def outcomes(old: Marks, new: Marks, lives: Lives, refused: Refusal | None) -> Outcomes:
    """Both histories are over the accounts of `lives` and over the same periods."""
    if refused is not None:
        return Outcomes(refused)
    caught = [_caught(side, lives) for side in (old, new)]
    shared = sorted(caught[0].keys() & caught[1].keys())
    pairs = [(caught[0][end], caught[1][end]) for end in shared]
    only_old, only_new = pairs.count((True, False)), pairs.count((False, True))
    return Outcomes(
        None,
        _warned(old, lives),
        _warned(new, lives),
        both=pairs.count((True, True)),
        only_old=only_old,
        only_new=only_new,
        neither=pairs.count((False, False)),
        too_few=only_old + only_new < FEW,
    )


def _warned(side: Marks, lives: Lives) -> Warned:
    codes: Sequence[int] = side.codes
    return Warned(side.risk, lead(side.history, lives, codes), episodes(side.history, lives, codes))


def _caught(side: Marks, lives: Lives) -> dict[tuple[int, int], bool]:
    """(account, day) of every end of which something was decided before -> it was marked in time."""
    ended = ends_of(side.history, lives)
    marked = leads(side.history, ended, side.codes) != MISSED
    ends = zip(ended.account.tolist(), ended.day.tolist(), strict=True)
    return dict(zip(ends, np.asarray(marked).tolist(), strict=True))
