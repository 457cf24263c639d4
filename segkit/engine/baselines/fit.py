"""The only place where accounts meet: medians of peers and of noise, week by week.

A group's index borrows strength from the groups above it, as group seasonal indices do (Boylan, Chen,
Mohammadipour and Syntetos 2014; shrinkage from short histories: Williams 2007).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from segkit.engine.counting.values import Bools, Floats, Ints

Codes = npt.NDArray[np.int32]
Cell = TypeVar("Cell", bound=np.generic)

SHRINK = 8.0
"""Accounts that the level above counts for."""
PEERS_LEAST = 10
"""Accounts with a change that a week needs for anything to be said about the environment."""
EDGES = np.array([2.0, 5.0, 12.0, 30.0, 80.0])
"""Reference per week that parts the noise buckets: 0-2, 2-5 … over 80."""
CELLS = 2_000_000
"""Values sorted at a time."""
NOISE_LEAST = 8
"""Known weeks that an account's own noise needs to count in its bucket."""


class Level(Struct, frozen=True):
    """One level of peer groups, by the attributes of each period."""

    name: str
    codes: Codes
    """[A, n] positions in `labels`; -1 where the attribute is not known: the level above holds."""
    labels: tuple[str, ...]
    parent: Ints
    """[G] position of each group's parent in the level above; 0 where that is all accounts."""


class Environment(Struct, frozen=True):
    """What a group did in each period."""

    change: Floats
    """M [G, n]: the shrunk median change; NaN with fewer than ten accounts in the whole panel."""
    size: Floats
    """[G, n] accounts with a change."""
    left_out: Bools
    """[G, n] more than half of them are left out of history; of a group without any, of those above."""


def levels_of(
    names: tuple[str, ...], attributes: tuple[Codes, ...], labels: tuple[tuple[str, ...], ...]
) -> tuple[Level, ...]:
    """Nested levels of attributes [A, n] given as codes into their labels: industry, industry × region …

    An attribute that nobody has is left aside; of the deeper levels only the groups that occur are kept.
    """
    found: list[Level] = []
    for name, codes, texts in zip(names, attributes, labels, strict=True):
        if not (codes >= 0).any():
            continue
        if not found:
            found.append(Level(name, codes.astype(np.int32), texts, np.zeros(len(texts), dtype=np.int64)))
            continue
        above = found[-1]
        both = (above.codes >= 0) & (codes >= 0)
        pair = np.where(both, above.codes.astype(np.int64) * len(texts) + codes, -1)
        # Attributes change seldom: what occurs is looked up where a cell differs from the one before it.
        seen = np.unique(np.concatenate([pair[:, 0], pair[:, 1:][pair[:, 1:] != pair[:, :-1]]]))
        seen = seen[seen >= 0]
        if not len(seen):
            continue
        place = _places(seen, pair, len(above.labels) * len(texts))
        named = tuple(f"{above.labels[p // len(texts)]} × {texts[p % len(texts)]}" for p in seen.tolist())
        found.append(Level(f"{above.name} × {name}", place, named, seen // max(len(texts), 1)))
    return tuple(found)


def _places(seen: Ints, pair: Ints, many: int) -> Codes:
    """Position of each pair in `seen`, -1 for none; `many` is how many pairs there can be."""
    if many > pair.size:
        return np.where(pair >= 0, np.searchsorted(seen, pair), -1).astype(np.int32)
    # A place for each pair that can be, and one for none: millions of cells are looked up at once.
    table = np.full(many + 1, -1, dtype=np.int32)
    table[seen] = np.arange(len(seen), dtype=np.int32)
    return table[pair]


def environment(
    changes: Floats, levels: tuple[Level, ...], excluded: Bools | None
) -> tuple[Environment, ...]:
    """Of changes D [A, n]: all accounts first, then each level; M = (n · median + 8 · M above) / (n + 8)."""
    periods = changes.shape[1]
    sizes = [1, *(len(level.labels) for level in levels)]
    found = [
        Environment(np.full((g, periods), np.nan), np.zeros((g, periods)), np.zeros((g, periods), dtype=bool))
        for g in sizes
    ]
    for span in _spans(changes):
        order, ordered, known = _ascending(changes[:, span])
        told = known.sum(axis=1) >= PEERS_LEAST
        out = known if excluded is None else known & _in_order(excluded[:, span], order)
        above, skipped = np.zeros((1, len(order))), np.zeros((1, len(order)), dtype=bool)
        for depth, room in enumerate(found):
            place = np.zeros(known.shape, dtype=np.int32)
            parent = np.zeros(1, dtype=np.int64)
            if depth:
                place = _in_order(levels[depth - 1].codes[:, span], order)
                parent = levels[depth - 1].parent
            codes = np.where(known, place, -1)
            middle, number = medians(ordered, codes, sizes[depth])
            room.size[:, span] = number
            if excluded is not None:
                mostly = number < 2 * _sizes(np.where(out, codes, -1), sizes[depth]).T
                skipped = np.where(number > 0, mostly, skipped[parent])
                room.left_out[:, span] = skipped
            if depth:
                middle = (number * np.nan_to_num(middle) + SHRINK * above[parent]) / (number + SHRINK)
            above = np.where(told, middle, np.nan)
            room.change[:, span] = above
    return tuple(found)


def _spans(values: Floats) -> Iterator[slice]:
    """As many periods of [A, n] at a time as do not take much memory."""
    most = max(CELLS // max(len(values), 1), 1)
    return (slice(start, start + most) for start in range(0, values.shape[1], most))


def _ascending(values: Floats) -> tuple[Ints, Floats, Bools]:
    """Of values [A, k] the places that bring each period into ascending order, the values so, who is known.

    All [k, A]; what is not known comes last, as infinity: sorting NaN takes four times as long.
    """
    rows = np.array(values.T, order="C")
    unknown = np.isnan(rows)
    rows[unknown] = np.inf
    order = np.argsort(rows, axis=1)
    order += np.arange(len(rows))[:, None] * rows.shape[1]
    number = rows.shape[1] - unknown.sum(axis=1, keepdims=True)
    return order, np.take(rows, order), np.arange(rows.shape[1]) < number


def _in_order(values: npt.NDArray[Cell], order: Ints) -> npt.NDArray[Cell]:
    """[k, A] values [A, k] in the order that `_ascending` gave."""
    return np.take(np.ascontiguousarray(values.T), order)


def medians(ordered: Floats, codes: Codes, groups: int) -> tuple[Floats, Floats]:
    """([G, k] medians by group, NaN where empty; [G, k] sizes) of k rows of A values in ascending order.

    `codes` [k, A] beside them; -1 is no group, that of a value which is not known.
    """
    number = _sizes(codes, groups)
    middle = np.full(number.shape, np.nan)
    place = np.argsort(codes.astype(np.int16) if groups < 2**15 else codes, axis=1, kind="stable")
    nobody = codes.shape[1] - number.sum(axis=1, keepdims=True)
    first = nobody + np.cumsum(number, axis=1) - number
    row, group = np.nonzero(number)
    size, begin = number[row, group], first[row, group]
    low, high = place[row, begin + (size - 1) // 2], place[row, begin + size // 2]
    middle[row, group] = (ordered[row, low] + ordered[row, high]) / 2
    return middle.T, number.T.astype(np.float64)


def _sizes(codes: Codes, groups: int) -> Ints:
    """[k, G] how often each code from 0 on is in each row of codes [k, A]."""
    places = np.arange(len(codes))[:, None] * (groups + 1) + 1 + codes
    found = np.bincount(places.ravel(), minlength=len(codes) * (groups + 1))
    return found.reshape(len(codes), groups + 1)[:, 1:]


def of_accounts(found: tuple[Floats, ...], levels: tuple[Level, ...], rows: slice) -> Floats:
    """[rows, n] the figure of the deepest group each account is known to be in; `found` has all first."""
    periods = found[0].shape[1]
    result = found[0]
    for level, figures in zip(levels, found[1:], strict=True):
        codes = level.codes[rows]
        place = np.maximum(codes, 0).astype(np.int64) * periods + np.arange(periods)
        result = np.where(codes >= 0, np.take(figures, place), result)
    return result


def bucket_noise(noise: Floats, number: Floats, weekly: Floats | None) -> Floats:
    """[A, n] median of the accounts' own noise in the same bucket of weekly reference, shrunk to that of all.

    `number` [A, n] is how many weeks an own noise rests on; `weekly` None puts everybody in one bucket.
    """
    result = np.empty(noise.shape)
    known = np.where(number >= NOISE_LEAST, noise, np.nan)
    for span in _spans(noise):
        order, ordered, told = _ascending(known[:, span])
        bucket = np.zeros(noise[:, span].shape, dtype=np.int32)
        if weekly is not None:
            bucket = np.searchsorted(EDGES, weekly[:, span], side="right").astype(np.int32)
        overall, _ = medians(ordered, np.where(told, 0, -1), 1)
        codes = np.where(told, _in_order(bucket, order), -1)
        middle, size = medians(ordered, codes, len(EDGES) + 1)
        shrunk = (size * np.nan_to_num(middle) + SHRINK * overall) / (size + SHRINK)
        result[:, span] = np.take_along_axis(shrunk, bucket, axis=0)
    return result
