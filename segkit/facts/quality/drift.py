"""Files that are new since the last run, held against those that were there: what changed in their form."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from segkit.errors import Place, Problem
from segkit.facts.quality.form import ColumnLook, Measured, SourceLook

ROWS = 50
"""Fewer rows say nothing about shares and sizes."""
EMPTIER = 0.2
"""Share of empty cells by which a column must have grown to be told about."""
PER_VALUE = 5
"""A column is one of categories where each of them has at least this many rows."""
UNITS: Mapping[int, str] = {
    10: "a decimal place, or another currency",
    60: "minutes and seconds, or hours and minutes",
    100: "cents, or per cent",
    1000: "thousands, or milliseconds",
}
SLACK = 1.2
SHOWN = 5


class Drift(Struct, frozen=True):
    """problems: warnings D301 to D307. notes: what changed and does no harm."""

    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()


def drift(now: Mapping[str, Measured], before: Mapping[str, SourceLook]) -> Drift:
    """Sources that are new or gone are no drift: segkit.yaml says so itself."""
    problems: list[Problem] = []
    notes: list[str] = []
    for source, measured in now.items():
        old = before.get(source)
        fresh = measured.look(frozenset(old.files)) if old is not None else None
        if old is None or fresh is None:
            continue
        place = next(file.place(1) for file in reversed(measured.files) if file.sha256 == fresh.files[-1])
        problems += _names(source, fresh, old, place)
        for name, column in fresh.columns.items():
            earlier = old.columns.get(name)
            if earlier is not None:
                problems += _column(f"{source}.{name}", column, earlier, place)
        notes += _order(source, fresh.header, old.header)
    return Drift(tuple(problems), tuple(notes))


def _names(source: str, fresh: SourceLook, old: SourceLook, place: Place) -> Iterator[Problem]:
    added = [name for name in dict.fromkeys(fresh.header) if name not in old.header]
    read = {column.header: name for name, column in old.columns.items()}
    for gone in [name for name in dict.fromkeys(old.header) if name not in fresh.header]:
        meant = _meant(gone, added)
        column = read.get(gone)
        if meant is not None:
            added.remove(meant)
            hint = f"columns: {{{column or gone}: {meant}}} in segkit.yaml"
            what = f"{source}: the column {gone} of the last run is gone; did {meant} take its place?"
            yield _warning("D301", what, place, hint if column else None)
        else:
            what = f"{source}: the column {gone} of the last run is gone"
            loss = f"{column} is unknown from here on" if column else "it was not read"
            yield _warning("D302", what, place, loss)
    if added:
        listed = _some(added)
        yield _warning("D303", f"{source}: {len(added)} new column{'s' * (len(added) > 1)}: {listed}", place)


def _meant(gone: str, added: list[str]) -> str | None:
    """The added name that is nearly the one that is gone."""
    plain = {_plain(name): name for name in added}
    if _plain(gone) in plain:
        return plain[_plain(gone)]
    close = difflib.get_close_matches(_plain(gone), list(plain), n=1, cutoff=0.6)
    if close:
        return plain[close[0]]
    parts = set(gone.lower().replace("-", "_").replace(" ", "_").split("_"))
    return next((name for name in added if parts & set(name.lower().replace(" ", "_").split("_"))), None)


def _plain(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())


def _column(name: str, now: ColumnLook, old: ColumnLook, place: Place) -> Iterator[Problem]:
    for what, one, other in (("reads like", old.looks, now.looks), ("is of type", old.type, now.type)):
        if one and other and one != other:
            yield _warning("D304", f"{name} {what} {other}; in the last run it was {one}", place)
            break
    share, before = _share(now), _share(old)
    if min(now.rows, old.rows) >= ROWS and share - before >= EMPTIER and share >= 2 * before:
        what = f"{name} is empty in {share:.0%} of the new rows; in the last run it was in {before:.0%}"
        yield _warning("D305", what, place, "was the column left out of the export, or renamed?")
    new = _categories(now, old)
    if new:
        listed = _some(f"{value} ({n:,} rows)" if n != 1 else f"{value} (1 row)" for value, n in new)
        what = f"{name} has {len(new)} new value{'s' * (len(new) > 1)}: {listed}"
        yield _warning("D306", what, place, "rules compare with values as they are written")
    yield from _unit(name, now, old, place)


def _share(column: ColumnLook) -> float:
    return column.empty / column.rows if column.rows else 0.0


def _categories(now: ColumnLook, old: ColumnLook) -> list[tuple[str, int]]:
    if now.values is None or not old.values or sum(old.values.values()) < PER_VALUE * len(old.values):
        return []
    return sorted(((v, n) for v, n in now.values.items() if v not in old.values), key=lambda p: (-p[1], p[0]))


def _unit(name: str, now: ColumnLook, old: ColumnLook, place: Place) -> Iterator[Problem]:
    if not now.median or not old.median or min(now.rows - now.empty, old.rows - old.empty) < ROWS:
        return
    ratio = now.median / old.median
    for factor, unit in UNITS.items():
        if factor / SLACK <= max(ratio, 1 / ratio) <= factor * SLACK:
            way = f"about {factor} times as large as" if ratio > 1 else f"about a {factor}th of what it was"
            what = f"{name} is {way} in the last run: the median went from {old.median:g} to {now.median:g}"
            yield _warning("D307", what, place, f"was the unit changed ({unit})?")
            return


def _order(source: str, fresh: tuple[str, ...], old: tuple[str, ...]) -> list[str]:
    kept = [name for name in fresh if name in old]
    if kept == [name for name in old if name in fresh]:
        return []
    return [f"{source}: the columns stand in another order than in the last run; they are read by name"]


def _some(names: Iterable[str]) -> str:
    every = list(names)
    rest = f" and {len(every) - SHOWN} more" if len(every) > SHOWN else ""
    return ", ".join(every[:SHOWN]) + rest


def _warning(code: str, what: str, place: Place, hint: str | None = None) -> Problem:
    return Problem(code, what, place, hint, "warning")
