"""Natural groups of behaviour: whether accounts fall into any, and a condition that nearly says each.

k-means finds groups in every cloud. So groups are told only where other samples of the accounts give the same
ones, and where accounts lie closer together within them than in a cloud without groups that has the same
values and the same correlations. Only this module imports scikit-learn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from msgspec import Struct

from segkit.studies.discover.answers import ranked
from segkit.studies.discover.breaks import readable
from segkit.studies.discover.exact import Floats
from segkit.studies.discover.questions import Measure
from segkit.studies.evaluate.history import Bools, Ints

AT_LEAST, AT_MOST = 60, 2000
"""Accounts; of more, so many are drawn."""
FAMILY = 0.5
"""Rank correlation from which on two metrics are of one family, and one of them does."""
CLEARLY = 0.9
"""Times the least spread of a cloud: groups are told only where theirs is less."""
KNOWN = 0.9
"""Share of accounts that need a value of a metric."""
SIZES = (2, 3, 4, 5, 6)
RESAMPLES, CLOUDS = 20, 39
STABLE = 0.8
"""Mean adjusted Rand index over resamples from which on groups are the same ones; the number of groups is
the one of which it is largest."""
CLIP = 3.0


class Limit(Struct, frozen=True):
    """One condition: at least, or at most, so much of a metric."""

    name: str
    at_least: bool
    value: float


class Group(Struct, frozen=True):
    accounts: int
    limits: tuple[Limit, ...]
    """All of them together say the group nearly."""
    met: int
    """Accounts that meet them."""
    both: int
    """Of the group, and meet them."""
    middle: tuple[tuple[str, float], ...]
    """Median of each metric."""


class Grouping(Struct, frozen=True):
    accounts: int
    metrics: tuple[str, ...]
    stability: tuple[tuple[int, float], ...]
    """(how many groups, mean adjusted Rand index over resamples)."""
    spread: float | None
    """Of the groups that were stable: squared distances within them, as a share of all."""
    cloud: float | None
    """The least of that in clouds without groups."""
    groups: tuple[Group, ...]
    """Empty: none that are stable and closer together than chance."""
    why: str


def grouping(measures: Mapping[str, Measure], here: Bools, one_of_each: Sequence[str]) -> Grouping:
    """Of the accounts `here` [A] at the end of the last period; `one_of_each`: metrics, none like another."""
    raw = {
        name: measures[name].value[here, -1]
        for name in one_of_each
        if name in measures and measures[name].behaviour
    }
    raw = _one_of_a_family({name: column for name, column in raw.items() if _varies(column)})
    count = int(here.sum())
    if count < AT_LEAST or len(raw) < 2:
        few = f"only {count} accounts" if count < AT_LEAST else f"only {len(raw)} metrics that all have"
        return Grouping(count, tuple(raw), (), None, None, (), few)
    # Loaded before the limit, which only holds for what is.
    import sklearn.cluster  # noqa: F401
    from threadpoolctl import threadpool_limits

    # One thread: for so few accounts more are slower, and sums come out in another order.
    with threadpool_limits(1):
        return _grouped(raw, measures, count)


def _grouped(raw: Mapping[str, Floats], measures: Mapping[str, Measure], count: int) -> Grouping:
    rng = np.random.Generator(np.random.PCG64(8))
    drawn = np.sort(rng.permutation(count)[:AT_MOST])
    raw = {name: _filled(column)[drawn] for name, column in raw.items()}
    x = _scaled(raw, measures)
    stability = tuple((size, _stability(x, size)) for size in SIZES)
    size, same = max(stability, key=lambda each: (round(each[1], 2), each[0]))
    names = tuple(raw)
    if same < STABLE:
        return Grouping(count, names, stability, None, None, (), "other samples give other groups")
    labels, spread = _parted(x, size)
    clouds = [_parted(cloud, size)[1] for cloud in _clouds(raw, measures, rng)]
    least = min(clouds)
    if spread >= CLEARLY * least:
        why = "accounts lie hardly closer together within them than in one cloud of the same values"
        return Grouping(count, names, stability, spread, least, (), why)
    groups = [_group(raw, labels == each) for each in range(size)]
    groups.sort(key=lambda each: (-each.accounts, each.limits[0].name if each.limits else ""))
    why = "other samples give the same groups, closer together than one cloud of the same values"
    return Grouping(count, names, stability, spread, least, tuple(groups), why)


def _one_of_a_family(raw: Mapping[str, Floats]) -> dict[str, Floats]:
    """What is counted of the same rows in several ways would weigh as often, and tie accounts together."""
    kept: dict[str, Floats] = {}
    for name, column in raw.items():
        if all(abs(ranked(column, other)) < FAMILY for other in kept.values()):
            kept[name] = column
    return kept


def _varies(column: Floats) -> bool:
    known = column[~np.isnan(column)]
    return len(known) >= max(KNOWN * len(column), 1) and bool(known.min() < known.max())


def _filled(column: Floats) -> Floats:
    return np.where(np.isnan(column), np.nanmedian(column), column)


def _scaled(raw: Mapping[str, Floats], measures: Mapping[str, Measure]) -> Floats:
    """[N, metrics] each of about the same width."""
    columns = []
    for name, column in raw.items():
        on = np.sign(column) * np.log1p(np.abs(column)) if measures[name].stretched else column
        columns.append(np.clip((on - on.mean()) / max(float(on.std()), 1e-12), -CLIP, CLIP))
    return np.stack(columns, axis=1)


def _kmeans(x: Floats, size: int) -> Any:
    from sklearn.cluster import KMeans

    return KMeans(size, n_init=3, random_state=1).fit(x)


def _parted(x: Floats, size: int) -> tuple[Ints, float]:
    """(the group of each, squared distances within groups as a share of all)."""
    found = _kmeans(x, size)
    whole = float(((x - x.mean(axis=0)) ** 2).sum())
    return found.labels_.astype(np.int64), float(found.inertia_) / whole


def _stability(x: Floats, size: int) -> float:
    from sklearn.metrics import adjusted_rand_score

    rng = np.random.Generator(np.random.PCG64(9))
    told = _kmeans(x, size).labels_
    found = []
    for _ in range(RESAMPLES):
        again = _kmeans(x[rng.integers(0, len(x), len(x))], size).predict(x)
        found.append(float(adjusted_rand_score(told, again)))
    return float(np.mean(found))


def _clouds(
    raw: Mapping[str, Floats], measures: Mapping[str, Measure], rng: np.random.Generator
) -> list[Floats]:
    """The same values of each metric and the same rank correlations, and nothing more: no groups."""
    columns = list(raw.values())
    size = len(columns)
    together = np.eye(size)
    for i in range(size):
        for j in range(i):
            # What a normal cloud needs so that its ranks go together as these do.
            together[i, j] = together[j, i] = 2 * np.sin(np.pi / 6 * ranked(columns[i], columns[j]))
    spread, turned = np.linalg.eigh(together)
    root = turned * np.sqrt(np.maximum(spread, 0.0))
    found = []
    for _ in range(CLOUDS):
        drawn = rng.standard_normal((len(columns[0]), size)) @ root.T
        ranks = drawn.argsort(axis=0).argsort(axis=0)
        found.append(
            _scaled({name: np.sort(raw[name])[ranks[:, at]] for at, name in enumerate(raw)}, measures)
        )
    return found


def _group(raw: Mapping[str, Floats], inside: Bools) -> Group:
    """By the two cuts at most of a decision tree that part this group best from the others."""
    from sklearn.tree import DecisionTreeClassifier

    names = list(raw)
    x = np.stack(list(raw.values()), axis=1)
    tree = DecisionTreeClassifier(max_depth=2, class_weight="balanced", random_state=1).fit(x, inside).tree_
    found = []
    for path in _paths(tree, 0, ()):
        limits = tuple(_limit(names[at], side, cut, raw[names[at]]) for at, side, cut in path)
        met = np.ones(len(inside), bool)
        for each in limits:
            met &= raw[each.name] >= each.value if each.at_least else raw[each.name] <= each.value
        both = int((met & inside).sum())
        found.append((2 * both / max(int(met.sum()) + int(inside.sum()), 1), limits, int(met.sum()), both))
    _, limits, met_by, both = max(found, key=lambda each: (each[0], -len(each[1])))
    middle = tuple((name, float(np.median(column[inside]))) for name, column in raw.items())
    return Group(int(inside.sum()), limits, met_by, both, middle)


Path = tuple[tuple[int, bool, float], ...]


def _paths(tree: Any, node: int, path: Path) -> list[Path]:
    """What leads to each leaf: metric, whether above, cut."""
    left, right = int(tree.children_left[node]), int(tree.children_right[node])
    if left < 0:
        return [path]
    at, cut = int(tree.feature[node]), float(tree.threshold[node])
    return [
        *_paths(tree, left, (*path, (at, False, cut))),
        *_paths(tree, right, (*path, (at, True, cut))),
    ]


def _limit(name: str, above: bool, cut: float, column: Floats) -> Limit:
    """The nearest value beyond the cut, in few digits where that says the same."""
    value = float(column[column > cut].min()) if above else float(column[column <= cut].max())
    return Limit(name, above, readable(value, column, upper=above))
