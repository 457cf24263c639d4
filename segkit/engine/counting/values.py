"""What a metric yields: one value per account and period, with the reasons why one is not there."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec import Struct

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.signedinteger[Any]]

SIGNIFICANT = 9
"""Digits a value keeps, so that the order in which floats were summed never meets a threshold."""


class Values(Struct, frozen=True):
    """Numbers [A, T]. Truth is 1.0 and 0.0, a date is its epoch day, NaN is null."""

    value: Floats
    missing: Bools
    """True where a value cannot exist for this account; a NaN that is not missing was not covered."""
    gap: Bools | None = None
    """True where the window holds unknown days: sums were scaled for them, counts are as seen."""
    at_least: Bools | None = None
    """True where the value is only a lower bound: what a larger value could overturn is unknown."""


class Texts(Struct, frozen=True):
    """Texts [A, T] as codes into `labels`; -1 is null."""

    codes: npt.NDArray[np.int32]
    labels: tuple[str, ...]
    missing: Bools


def rounded(values: Floats) -> Floats:
    """Every number to nine significant digits; NaN and infinities stay."""
    # Whole numbers of nine digits are what they are: most values are counts.
    whole = (values == np.rint(values)) & (np.abs(values) < 10**SIGNIFICANT)
    rest = ~(whole | np.isnan(values))
    if not rest.all():
        result = values.copy()
        result[rest] = rounded(values[rest]) if rest.any() else values[rest]
        return result
    with np.errstate(all="ignore"):
        exponent = np.floor(np.log10(np.abs(values)))
    usable = np.isfinite(exponent)
    decimals = np.where(usable, SIGNIFICANT - 1 - exponent, 0.0)
    # Powers of ten up to 22 are exact floats: multiply or divide by one, never by a rounded inverse.
    up = np.power(10.0, np.clip(decimals, 0, 300))
    down = np.power(10.0, np.clip(-decimals, 0, 300))
    result = np.rint(values * up / down) / up * down
    return np.where(usable, result, values)


def settled(values: Values, life: Bools) -> Values:
    """Null outside the life of the account and where the value cannot exist, rounded elsewhere."""
    missing = values.missing & life
    value = np.where(life & ~missing, rounded(values.value), np.nan)
    null = np.isnan(value)
    gap = None if values.gap is None else values.gap & ~null
    at_least = None if values.at_least is None else values.at_least & ~null
    return Values(value, missing & null, gap, at_least)
