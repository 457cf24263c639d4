"""Why, in few words: the conditions that decided, as the first screen has room for them."""

from __future__ import annotations

import re

from segkit.reports.words import KEEP, cells, clean, cut, wrap

HEAD = re.compile(r"held(?:, leaving)?: ")
LIMIT = re.compile(
    r"(?P<value>.+) \((?P<sign>at most|under|at least|over) (?P<limit>-?[\d.]+)(?P<unit>[^()\d]*)\)"
)
DOWN = ("at most", "under")
BACKGROUND = re.compile(
    r"\S+\.(?:previous|last_year) |.* is (?:not )?missing$|tenure_days \S+ \((?:at least|over) "
)
"""What must hold before a condition says anything: a base to compare with, an age."""


def telling(because: str) -> list[str]:
    """The conditions of a `because`, the telling ones first.

    A value that met several limits comes once, with the strictest; that it is not missing need not be said.
    """
    head = HEAD.match(clean(because))
    said = head[0] if head else ""
    parts = clean(because).removeprefix(said).split("; ")
    strictest: dict[tuple[str, bool], str] = {}
    for part in parts:
        name = part.removesuffix(" is not missing")
        if name != part and any(other.startswith(f"{name} ") and other != part for other in parts):
            continue
        key = _key(part)
        known = strictest.get(key)
        if known is None or _stricter(part, known):
            strictest[key] = part
    first, *others = sorted(strictest.values(), key=lambda part: BACKGROUND.match(part) is not None)
    return [said + first, *others] if first else []


def fitted(parts: list[str], width: int, at_most: int) -> list[str]:
    """As many whole conditions as `at_most` lines hold, and how many more there are."""
    whole = [part.replace(" ", KEEP) if cells(part) <= width else part for part in parts]
    for shown in range(len(whole), 0, -1):
        more = [f"and {len(whole) - shown} more".replace(" ", KEEP)] if shown < len(whole) else []
        lines = wrap("; ".join([*whole[:shown], *more]), width)
        if len(lines) <= at_most:
            return lines
    return [*lines[: at_most - 1], cut(" ".join(lines[at_most - 1 :]), width)] if parts else []


def _key(part: str) -> tuple[str, bool]:
    """What is compared, and in which direction."""
    met = LIMIT.fullmatch(part)
    return (met["value"], met["sign"] in DOWN) if met else (part, False)


def _stricter(part: str, known: str) -> bool:
    one, other = LIMIT.fullmatch(part), LIMIT.fullmatch(known)
    if one is None or other is None or one["unit"] != other["unit"]:
        return False
    limit, than = float(one["limit"]), float(other["limit"])
    return limit < than if one["sign"] in DOWN else limit > than
