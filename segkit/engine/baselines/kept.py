"""A baseline kept from run to run: what it needs of the past, and how to tell that it is still the past."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from msgspec import Struct

from segkit.engine.baselines.past import Past


class Kept(Struct, frozen=True):
    """The past of one metric up to a period."""

    last: int
    """Index of its newest period."""
    prints: tuple[str, ...]
    """Fingerprints of the newest periods, the last one's last: each tells all that was said up to it."""
    accounts: tuple[str, ...]
    past: Past

    def of(self, accounts: tuple[str, ...]) -> Past:
        """The past on today's account axis."""
        if accounts == self.accounts:
            return self.past
        rows = {account: row for row, account in enumerate(self.accounts)}
        return self.past.of(np.array([rows.get(account, -1) for account in accounts], dtype=np.int64))

    def valid(self, prints: tuple[str, ...], first: int, before: int) -> int | None:
        """The newest period before `before` up to which nothing has changed; None: none is known.

        `prints` are today's, of the periods from `first` on. A late row, a pause or another account for an id
        changes those of its period and of all after it.
        """
        oldest = self.last - len(self.prints) + 1
        for period in range(min(self.last, before - 1), max(oldest, first) - 1, -1):
            if self.prints[period - oldest] == prints[period - first]:
                return period
        return None


class Shelf(Protocol):
    """Where the pasts lie; losing one costs time and changes nothing that is decided."""

    def get(self, metric: str, key: str) -> Kept | None:
        """What was put under this key; None where nothing was, or it cannot be read."""

    def put(self, metric: str, key: str, kept: Kept) -> None:
        """Keep a past, and forget that of any other key."""
