"""How many of each segment left, against the rest: k of n, and a rate only where five or more left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from segkit.studies.evaluate.history import Bools
from segkit.studies.evaluate.landmarks import Rows
from segkit.studies.evaluate.numbers import ENOUGH_FOR_P, FEW, fisher, holm, rate_ratio, wilson

Verdict = Literal["higher", "lower", "no difference shown", "too few to tell"]
LEVEL = 0.05


class Share(Struct, frozen=True):
    """k of n with Wilson's 95 %; `rate` only of five events or more."""

    k: int
    n: int
    rate: float | None
    low: float
    high: float

    @classmethod
    def of(cls, k: int, n: int) -> Share:
        low, high = wilson(k, n)
        return cls(int(k), int(n), k / n if k >= FEW else None, low, high)


class Ratio(Struct, frozen=True):
    """A rate over another, with 95 %."""

    ratio: float
    low: float
    high: float

    @classmethod
    def of(cls, one: Share, other: Share) -> Ratio | None:
        """None where either had fewer than five events: too few to tell."""
        if min(one.k, other.k) < FEW:
            return None
        return cls(*rate_ratio(one.k, one.n, other.k, other.n))


class Contrast(Struct, frozen=True):
    """One group against the rest of the accounts at the same landmarks."""

    name: str
    share: Share
    rest: Share
    ratio: Ratio | None
    lift: float | None
    """Its rate over that of all."""
    p: float | None
    """Fisher's exact p, None under twenty events in all."""
    verdict: Verdict


def against(name: str, k: int, n: int, other_k: int, other_n: int) -> Contrast:
    """One group of `n` of which `k` left, and another; p is not adjusted."""
    share, rest = Share.of(k, n), Share.of(other_k, other_n)
    ratio = Ratio.of(share, rest)
    lift = None if ratio is None or share.rate is None else share.rate / ((k + other_k) / (n + other_n))
    enough = ratio is not None and k + other_k >= ENOUGH_FOR_P
    p = fisher(k, n, other_k, other_n) if enough else None
    return Contrast(name, share, rest, ratio, lift, p, verdict(ratio, p))


def adjusted(found: Sequence[Contrast]) -> tuple[Contrast, ...]:
    """The same, each p as it is when all of them are looked at together."""
    told = [each.p for each in found if each.p is not None]
    anew = iter(holm(told))
    return tuple(
        each if each.p is None else replace(each, p=(p := next(anew)), verdict=verdict(each.ratio, p))
        for each in found
    )


def verdict(ratio: Ratio | None, p: float | None) -> Verdict:
    """A difference is claimed only where both the interval and p show it."""
    if ratio is None or p is None:
        return "too few to tell"
    if p >= LEVEL or ratio.low <= 1 <= ratio.high:
        return "no difference shown"
    return "higher" if ratio.ratio > 1 else "lower"


def by_segment(rows: Rows, labels: Sequence[str]) -> tuple[Contrast, ...]:
    """Each segment that anybody was in against all the others."""
    left, every = (counts.tolist() for counts in rows.counts(len(labels)))
    k, n = sum(left), sum(every)
    return adjusted(
        [
            against(name, mine, all_mine, k - mine, n - all_mine)
            for name, mine, all_mine in zip(labels, left, every, strict=True)
            if all_mine
        ]
    )


def split_by(rows: Rows, inside: Bools, name: str) -> Contrast:
    """Rows within `inside` [N] against the other rows."""
    left = rows.left
    k, n = int((left & inside).sum()), int(inside.sum())
    return against(name, k, n, int(left.sum()) - k, len(left) - n)
