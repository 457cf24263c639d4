"""Which source a file may be whose headers are nobody's: by what columns are often called."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from msgspec import Struct

from segkit.columns import SOURCES
from segkit.yamltext import read_yaml

TELLING: Mapping[str, tuple[str, ...]] = {
    "surveys": ("instrument",),
    "tickets": ("resolved_at", "priority", "topic", "kind"),
    "subscriptions": ("mrr", "seats", "plan", "subscription_id"),
    "payments": ("amount", "paid_on"),
    "usage": ("event", "feature", "count", "session_id", "seconds"),
    "contacts": ("email", "role", "department"),
    "accounts": ("name",),
}
"""Sources that are guessed, the most particular first; columns of which one must be there, since an id and a
date are in every export. A file called as the source needs none of them."""


class Guess(Struct, frozen=True):
    source: str
    columns: Mapping[str, str]
    """Our name -> the header."""
    own: bool
    """Whether every header is our own word."""
    called: bool
    """Whether the file is called as the source."""


@cache
def _names() -> Mapping[str, tuple[str, ...]]:
    told = read_yaml(Path(__file__).parent / "names.yaml").value
    return {column: tuple(names) for column, names in told.items()}


def guesses(header: Sequence[str], name: str) -> list[Guess]:
    """What the header of a file may be, the likeliest first: the source that it says most about."""
    folded: dict[str, str] = {}
    for name in header:
        folded.setdefault(re.sub(r"[\s_\-]+", " ", name.strip().lower()), name)
    found = [guess for source in TELLING for guess in [_of(source, folded, name)] if guess is not None]
    return sorted(found, key=lambda guess: (not guess.called, -len(guess.columns)))


def _of(source: str, folded: Mapping[str, str], name: str) -> Guess | None:
    """None where a column that must be there has no header, or nothing speaks for this source."""
    contract = SOURCES[source]
    columns: dict[str, str] = {}
    taken: set[str] = set()
    for column in sorted(contract.columns, key=lambda column: not column.required):
        names = (column.name.replace("_", " "), *_names().get(column.name, ()))
        header = next((folded[name] for name in names if name in folded and folded[name] not in taken), None)
        if header is not None:
            columns[column.name] = header
            taken.add(header)
        elif column.required:
            return None
    if contract.anyone and not set(contract.anyone) & set(columns):
        return None
    called = name.rpartition("/")[2].lower().startswith(source)
    if not called and not set(TELLING[source]) & set(columns):
        return None
    return Guess(source, columns, all(name == header for name, header in columns.items()), called)
