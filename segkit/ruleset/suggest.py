"""What the user may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """A hint that names the closest known word, if one is close."""
    lowered = {name.lower(): name for name in sorted(known, reverse=True)}
    close = difflib.get_close_matches(word.lower(), sorted(lowered), n=1, cutoff=0.6)
    return f"did you mean '{lowered[close[0]]}'?" if close else None


def same_but_for_case(word: str, known: Iterable[str]) -> str | None:
    """The only known word that differs in capitals and dashes alone: nothing else can be meant.

    >>> same_but_for_case("Enter-After", ["enter_after", "enter"])
    'enter_after'
    """
    plain = word.lower().replace("-", "_").replace(" ", "_")
    found = {name for name in known if name.lower() == plain and name != word}
    return found.pop() if len(found) == 1 else None
