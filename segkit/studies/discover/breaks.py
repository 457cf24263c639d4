"""Where the values of a metric part by themselves: found without a look at who left."""

from __future__ import annotations

import numpy as np

from segkit.studies.discover.exact import Floats

SHARE = 0.05
"""Share of the values that each part holds at least."""
MANY = 128
"""Different values that are looked at; of more, so many that each stands for about as many accounts."""


def breaks(values: Floats, stretched: bool) -> tuple[float | None, float | None]:
    """(the top of the low values, the bottom of the high ones) of [N] known values.

    The two breaks between which values lie closest together (Jenks). Where there is but one, it is the top of
    the low ones; (None, None) where almost all are one value. `stretched`: on the scale of logarithms.
    """
    places, counts = _places(values)
    if len(places) < 2:
        return None, None
    scale = np.sign(places) * np.log1p(np.abs(places)) if stretched else places
    weight = np.concatenate([[0.0], np.cumsum(counts)])
    total = np.concatenate([[0.0], np.cumsum(counts * scale)])
    least = SHARE * weight[-1]
    first, second = np.triu_indices(len(places) + 1, 1)
    # Parts [0, first), [first, second), [second, end): the last one is empty where there is one break.
    parts = [(np.zeros_like(first), first), (first, second), (second, np.full_like(first, len(places)))]
    sizes = [weight[stop] - weight[start] for start, stop in parts]
    sums = [total[stop] - total[start] for start, stop in parts]
    single = sizes[2] == 0
    good = (sizes[0] >= least) & (sizes[1] >= least) & (single | (sizes[2] >= least))
    if not good.any():
        return None, None
    if (good & ~single).any():
        good &= ~single
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = sum(np.where(size > 0, part**2 / size, 0.0) for size, part in zip(sizes, sums, strict=True))
    best = int(np.argmax(np.where(good, apart, -np.inf)))
    low = readable(float(places[first[best] - 1]), values, upper=False)
    if single[best]:
        return low, None
    return low, readable(float(places[second[best]]), values, upper=True)


def _places(values: Floats) -> tuple[Floats, Floats]:
    """(different values, how many there are of each), ascending."""
    places, counts = np.unique(values, return_counts=True)
    if len(places) <= MANY:
        return places, counts.astype(np.float64)
    tops = np.unique(np.quantile(values, np.linspace(0, 1, MANY + 1)[1:], method="lower"))
    below = np.searchsorted(np.sort(values), tops, "right")
    return tops, np.diff(np.append(0, below)).astype(np.float64)


def readable(limit: float, values: Floats, *, upper: bool) -> float:
    """The limit with as few digits as part the same accounts, but for one in a hundred."""
    for digits in (1, 2, 3, 4):
        tried = float(f"{limit:.{digits}g}")
        same = (values >= tried) == (values >= limit) if upper else (values <= tried) == (values <= limit)
        if same.mean() >= 0.99:
            return tried
    return limit
