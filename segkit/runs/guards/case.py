"""What a guard judges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from segkit.engine.results import Decisions
from segkit.facts.types import Facts
from segkit.runs.history import Published


@dataclass(frozen=True, slots=True)
class Case:
    """A run that is decided and not yet published."""

    facts: Facts
    decisions: Decisions
    past: Published | None
    """The run whose state this one goes on from; None: all of history was decided for the first time."""

    def judges(self, day: date) -> bool:
        """Whether the period that ends on `day` is to be judged: every one after the past run.

        A first run is judged by its last period: nobody can act on the others any more, and what was lost
        from them years ago must not keep a workspace from starting.
        """
        return day > self.past.as_of if self.past else day == self.facts.as_of
