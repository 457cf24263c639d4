"""On what terms the rows of every source are taken in, beside the source's own settings."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from segkit.facts.excluding import Entry
from segkit.facts.keyed import Hashed
from segkit.facts.samples import AS_USUAL, Samples


class Terms(Struct, frozen=True):
    """What the workspace says about rows; a part of what names them in the store."""

    zone: str
    """Where days begin."""
    by_person: bool = False
    """Whether usage is kept so that single people can be left out of it."""
    zones: tuple[str, ...] = ()
    """Further zones, in which some accounts have their days."""
    events: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(reason, patterns) of usage rows that are left out by their event."""
    erased: Hashed | None = None
    """Whose rows are dropped for ever."""
    samples: Samples = AS_USUAL
    """What messages may show of a row."""

    def told(self, source: str) -> list[object]:
        """Whatever of it shapes a row of a source: other terms, other rows."""
        more = [*([] if self.erased is None else [self.erased.name]), *self.samples.told]
        if source == "usage":
            return [self.zone, self.by_person, self.zones, self.events, *more]
        return [self.zone, bool(self.zones), *more]

    @property
    def finer(self) -> bool:
        """Whether usage is kept under more than the ids that say whose it is."""
        return self.by_person or bool(self.zones)

    def drops(self, source: str) -> bool:
        """Whether rows of a source may be left out before they are looked at."""
        return self.erased is not None or (source == "usage" and bool(self.events))


def terms_for(
    zone: str, exclude: Sequence[Entry], heard: Hashed | None, erased: Hashed | None, samples: Samples
) -> Terms:
    people = any(entry.users for entry in exclude) or (heard is not None and bool(heard.hashes))
    events = tuple((entry.reason, entry.events) for entry in exclude if entry.events)
    return Terms(zone, people, events=events, erased=erased, samples=samples)
