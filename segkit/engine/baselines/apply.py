"""What was to be expected of one account, given what its peers did; no account looks at another here.

P = D - M is the account's change beside its peers. d is what P was in the same weeks of its own past years.
An own season excuses a fall (d < 0) or takes the shine off a rise (d > 0), never the other way round:

    LR = min(0, P - min(0, d)) where P < 0, and max(0, P - max(0, d)) where P >= 0.

So the expected value is a range, from reference · exp(M) to reference · exp(M + d); LR is the distance from
it, 0 inside, and `expected` is its point nearest to the value. Own indices beside the group's: Ouwehand,
Hyndman et al. (2007); same weeks of past years: Farrington (1996).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from segkit.engine.baselines.rolling import newest, trailing_mean
from segkit.engine.baselines.settings import NOISE_WEEKS, Settings
from segkit.engine.counting.values import Bools, Floats

SCALE = 1.2533
"""Mean absolute deviation to standard deviation, for normal noise."""
MOST_NOISE = 1.2
"""A deviation (logarithm) counts for no more than this in the noise."""
PRIOR = 3.25
"""Independent observations that the noise of the volume bucket counts for."""
NOTHING = 1e-9
"""A deviation below this is what sums of floats leave, and none."""
LEAST_SIGMA = 0.02
"""No account is quieter than this (logarithm); in the additive mode a noise of zero gives no z."""

BASES = (
    "none",
    "previous",
    "own",
    "peers",
    "peers+own(1)",
    "peers+own(2)",
    "peers+own(3)",
)
FIRST_PEERS = 3


def own_change(history: Floats, columns: int, settings: Settings) -> tuple[Floats, npt.NDArray[np.int8]]:
    """(d [A, columns], years it rests on): what P was in the same weeks of past years, mean of the years.

    Of a year: halfway between the mean of three weeks (one either side) and the one that says most, because
    the own season does not keep to the week. `history` [A, H + columns] is P with what is left out as NaN; d
    is NaN without a year.
    """
    total = np.zeros((len(history), columns))
    years = np.zeros((len(history), columns), dtype=np.int8)
    span = range(-settings.halo, settings.halo + 1)
    for lag in settings.lags:
        if lag - settings.halo >= history.shape[1]:
            continue
        mean, _ = trailing_mean(history, columns, len(span), least=1, shift=lag - settings.halo)
        low = high = newest(history, columns, lag)
        for away in span:
            near = newest(history, columns, lag + away)
            low, high = np.fmin(low, near), np.fmax(high, near)
        known = ~np.isnan(mean)
        total += np.where(known, 0.5 * (mean + np.where(mean < 0, low, high)), 0.0)
        years += known
    return np.divide(total, years, out=np.full(total.shape, np.nan), where=years > 0), years


def deviation(beside_peers: Floats, own: Floats) -> Floats:
    """LR [A, n] from P and d; NaN where P is."""
    excuse = np.nan_to_num(own)
    fall = np.minimum(beside_peers - np.minimum(excuse, 0.0), 0.0)
    rise = np.maximum(beside_peers - np.maximum(excuse, 0.0), 0.0)
    found = np.where(beside_peers < 0, fall, rise)
    return np.where(np.abs(found) < NOTHING, 0.0, found)


def own_noise(history: Floats, columns: int, settings: Settings) -> tuple[Floats, Floats]:
    """(s_own [A, columns] = 1.2533 · mean |LR| over 52 weeks that ended 4 weeks ago; weeks known)."""
    size = np.abs(history)
    if settings.mode == "ratio":
        size = np.minimum(size, MOST_NOISE)
    span = settings.weeks(NOISE_WEEKS)
    mean, number = trailing_mean(size, columns, span, least=1, shift=settings.noise_lag)
    return SCALE * mean, number


def sigma(noise: Floats, number: Floats, bucket: Floats, settings: Settings) -> Floats:
    """[A, n] own noise and that of the volume bucket, weighed by independent observations; NaN is unknown.

    sigma^2 = (n_eff · s_own^2 + 3.25 · s_vol^2) / (n_eff + 3.25), with n_eff the known weeks over the
    periods of the window, because windows overlap.
    """
    effective = number / settings.step
    own = np.nan_to_num(noise) ** 2
    shared = (effective * own + PRIOR * bucket**2) / (effective + PRIOR)
    found = np.sqrt(np.where(np.isnan(bucket), noise**2, shared))
    if settings.mode == "ratio":
        return np.maximum(found, LEAST_SIGMA)
    return np.where(found > 0, found, np.nan)


def enough(lr: Floats, reference: Floats, settings: Settings) -> Bools:
    """[A, n] LR is known and its reference is over `min_volume` a week."""
    known = ~np.isnan(lr)
    if settings.mode == "additive":
        return known
    with np.errstate(invalid="ignore"):
        return known & (reference * settings.per_week >= settings.min_volume)


def view(lr: Floats, shown: Bools, settings: Settings) -> Floats:
    """[A, n] LR as rules read it: a relative change (-0.3 is 30 % under), or a difference in the own unit."""
    change = lr if settings.mode == "additive" else np.expm1(np.ascontiguousarray(lr))
    return np.where(shown, np.where(np.abs(change) < NOTHING, 0.0, change), np.nan)


def expected(change: Floats, lr: Floats, reference: Floats, settings: Settings) -> Floats:
    """[A, n] where the value is LR away from it: reference · exp(D - LR)."""
    excused = np.ascontiguousarray(change - lr)
    return reference + excused if settings.mode == "additive" else reference * np.exp(excused)


def bases(lr: Floats, peered: Bools, years: npt.NDArray[np.int8]) -> npt.NDArray[np.int8]:
    """[A, n] positions in BASES; `peered` says where the peers of an account have been heard."""
    alone = np.where(years > 0, 2, 1)
    found = np.where(peered, FIRST_PEERS + years, alone)
    return np.where(np.isnan(lr), 0, found).astype(np.int8)
