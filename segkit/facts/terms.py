"""On what terms the rows of every source are taken in, beside the source's own settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from segkit.facts.excluding import Entry
from segkit.facts.keyed import Hashed


@dataclass(frozen=True, slots=True)
class Terms:
    """What the workspace says about rows; a part of what names them in the store."""

    zone: str
    """Where days begin."""
    by_person: bool = False
    """Whether usage is kept so that single people can be left out of it."""
    events: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(reason, patterns) of usage rows that are left out by their event."""

    def told(self, source: str) -> list[object]:
        """Whatever of it shapes a row of a source: other terms, other rows."""
        usage = [self.by_person, self.events] if source == "usage" else []
        return [self.zone, *usage]

    def drops(self, source: str) -> bool:
        """Whether rows of a source may be left out before they are looked at."""
        return source == "usage" and bool(self.events)


def terms_for(zone: str, exclude: Sequence[Entry], heard: Hashed | None) -> Terms:
    people = any(entry.users for entry in exclude) or (heard is not None and bool(heard.hashes))
    events = tuple((entry.reason, entry.events) for entry in exclude if entry.events)
    return Terms(zone, people, events)
