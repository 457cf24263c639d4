"""Whose rows are dropped for ever: a list of keyed hashes that only grows, and how often it grew."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from segkit.facts.keyed import Hashed
from segkit.runs.folders.history import damaged
from segkit.runs.folders.keyfile import known

FILE = "erased"
_HEAD = "generation"


class Suppression(Struct, frozen=True):
    """`generation`: how many erasures there were."""

    generation: int = 0
    hashes: frozenset[str] = frozenset()

    @property
    def content(self) -> bytes:
        return "\n".join([f"{_HEAD} {self.generation}", *sorted(self.hashes), ""]).encode()


def suppression(state: Path) -> Suppression:
    """Raises: IoError (I103) for a list that cannot be read: nobody must come back by accident."""
    path = state / FILE
    try:
        head, *hashes = path.read_text("ascii").split("\n")
        word, number = head.split()
        if word != _HEAD or hashes.pop() or any(len(each) != 64 for each in hashes):
            raise ValueError
        return Suppression(int(number), frozenset(hashes))
    except FileNotFoundError:
        return Suppression()
    except (OSError, ValueError) as error:
        raise damaged(path, "the list of who was erased cannot be read") from error


def erased_ids(state: Path) -> Hashed | None:
    """None where nobody was erased. Raises: IoError (I103, I105)."""
    return known(state, suppression(state).hashes)
