"""The only place where accounts meet: medians of peers and of noise, week by week.

A group's index borrows strength from the groups above it, as group seasonal indices do (Boylan, Chen,
Mohammadipour and Syntetos 2014; shrinkage from short histories: Williams 2007).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from segkit.engine.values import Bools, Floats, Ints

Codes = npt.NDArray[np.int32]

SHRINK = 8.0
"""Accounts that the level above counts for."""
PEERS_LEAST = 10
"""Accounts with a change that a week needs for anything to be said about the environment."""
EDGES = np.array([2.0, 5.0, 12.0, 30.0, 80.0])
"""Reference per week that parts the noise buckets: 0-2, 2-5 … over 80."""
NOISE_LEAST = 8
"""Known weeks that an account's own noise needs to count in its bucket."""


@dataclass(frozen=True, slots=True)
class Level:
    """One level of peer groups, by the attributes of each period."""

    name: str
    codes: Codes
    """[A, n] positions in `labels`; -1 where the attribute is not known: the level above holds."""
    labels: tuple[str, ...]
    parent: Ints
    """[G] position of each group's parent in the level above; 0 where that is all accounts."""


@dataclass(frozen=True, slots=True)
class Environment:
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
        moved = np.concatenate([pair[:, :1], np.where(pair[:, 1:] != pair[:, :-1], pair[:, 1:], -1)], axis=1)
        seen = np.unique(moved[moved >= 0])
        if not len(seen):
            continue
        place = np.where(both, np.searchsorted(seen, pair), -1).astype(np.int32)
        named = tuple(f"{above.labels[p // len(texts)]} × {texts[p % len(texts)]}" for p in seen.tolist())
        found.append(Level(f"{above.name} × {name}", place, named, seen // max(len(texts), 1)))
    return tuple(found)


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
    columns = np.ascontiguousarray(changes.T)
    codes = [np.ascontiguousarray(level.codes.T) for level in levels]
    for t in range(periods):
        who = np.flatnonzero(~np.isnan(columns[t]))
        who = who[np.argsort(columns[t][who])]
        ordered = columns[t][who]
        out = np.zeros(len(who), dtype=bool) if excluded is None else excluded[who, t]
        above, skipped = np.zeros(1), np.zeros(1, dtype=bool)
        for depth, room in enumerate(found):
            code = np.zeros(len(who), dtype=np.int32) if depth == 0 else codes[depth - 1][t][who]
            middle, number = sorted_medians(ordered, code, sizes[depth])
            room.size[:, t] = number
            mostly = 2 * np.bincount(code[out & (code >= 0)], minlength=sizes[depth]) > number
            parent = np.zeros(1, dtype=np.int64) if depth == 0 else levels[depth - 1].parent
            room.left_out[:, t] = skipped = np.where(number > 0, mostly, skipped[parent])
            if len(who) < PEERS_LEAST:
                continue
            if depth == 0:
                room.change[:, t] = middle
            else:
                base = above[parent]
                room.change[:, t] = (number * np.nan_to_num(middle) + SHRINK * base) / (number + SHRINK)
            above = room.change[:, t]
    return tuple(found)


def sorted_medians(ordered: Floats, codes: Codes, groups: int) -> tuple[Floats, Floats]:
    """([G] medians by group of values in ascending order, NaN where empty; [G] sizes); code -1: no group."""
    order = np.argsort(codes.astype(np.int16) if groups < 2**15 else codes, kind="stable")
    number = np.bincount(codes[codes >= 0], minlength=groups)
    first = len(codes) - number.sum() + np.concatenate([[0], np.cumsum(number)[:-1]])
    filled = number > 0
    low = first[filled] + (number[filled] - 1) // 2
    high = first[filled] + number[filled] // 2
    middle = np.full(groups, np.nan)
    middle[filled] = (ordered[order[low]] + ordered[order[high]]) / 2
    return middle, number.astype(np.float64)


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
    result = np.full(noise.shape, np.nan)
    rows, told = np.ascontiguousarray(noise.T), np.ascontiguousarray((number >= NOISE_LEAST).T)
    volume = None if weekly is None else np.ascontiguousarray(weekly.T)
    for t in range(noise.shape[1]):
        bucket = np.zeros(len(noise), dtype=np.int32)
        if volume is not None:
            bucket = np.searchsorted(EDGES, volume[t], side="right").astype(np.int32)
        who = np.flatnonzero(told[t])
        who = who[np.argsort(rows[t][who])]
        ordered = rows[t][who]
        if not len(who):
            continue
        overall, _ = sorted_medians(ordered, np.zeros(len(who), dtype=np.int32), 1)
        middle, size = sorted_medians(ordered, bucket[who], len(EDGES) + 1)
        shrunk = (size * np.nan_to_num(middle) + SHRINK * overall) / (size + SHRINK)
        result[:, t] = shrunk[bucket]
    return result
