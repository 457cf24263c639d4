"""What the outcomes say of each segment: does it single anybody out, could two be one, could one be two.

No difference shown is never no difference: with few events a large one would not show either.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from msgspec import Struct

from segkit.studies.evaluate.history import History
from segkit.studies.evaluate.landmarks import Rows
from segkit.studies.evaluate.rates import Contrast, adjusted, against, split_by

Kind = Literal["keep", "look", "merge", "split", "few"]
SETTLED = 91
"""Days in a segment after which an account has settled there."""


class Advice(Struct, frozen=True):
    kind: Kind
    segments: tuple[str, ...]
    says: str


def advice(
    history: History, rows: Rows, found: Sequence[Contrast], risk: Sequence[str]
) -> tuple[Advice, ...]:
    """`found`: each segment against the rest; `risk`: those that are meant to single out who leaves."""
    said = [_of_one(each, each.name in risk) for each in found]
    return (*(one for one in said if one), *_merges(found), *_splits(history, rows))


def _of_one(each: Contrast, is_risk: bool) -> Advice | None:
    counts = _counts(each)
    if each.verdict == "too few to tell":
        return Advice("few", (each.name,), f"too few left to tell ({counts})") if is_risk else None
    if each.verdict == "no difference shown":
        if not is_risk:
            return None
        says = f"no difference shown against the rest ({counts}): look at its conditions"
        return Advice("look", (each.name,), says)
    assert each.ratio is not None
    often = f"left {_times(each.ratio.ratio)} as often as the rest ({counts})"
    if is_risk and each.verdict == "lower":
        return Advice("look", (each.name,), f"{often}, though it is meant to show risk")
    if not is_risk and each.verdict == "higher":
        return Advice("look", (each.name,), f"{often}, and does not count as risk")
    return Advice("keep", (each.name,), often)


def _merges(found: Sequence[Contrast]) -> list[Advice]:
    """Neighbours in the order of the rules."""
    pairs = [
        against(f"{one.name}|{other.name}", one.share.k, one.share.n, other.share.k, other.share.n)
        for one, other in pairwise(found)
    ]
    said = []
    for pair in adjusted(pairs):
        if pair.verdict == "no difference shown":
            one, other = pair.name.split("|")
            says = (
                f"no difference shown between them ({_counts(pair)}): one segment, if they are called alike"
            )
            said.append(Advice("merge", (one, other), says))
    return said


def _splits(history: History, rows: Rows) -> list[Advice]:
    """Those who came lately against those who have been there for long."""
    began = rows.period - history.run_length()[rows.account, rows.period] + 1
    fresh = history.ends[rows.period] - history.ends[began] < SETTLED
    tried = []
    for code, name in enumerate(history.labels):
        here = rows.within(rows.segment == code)
        if len(here.left):
            tried.append(split_by(here, fresh[rows.segment == code], name))
    said = []
    for each in adjusted(tried):
        if each.verdict in ("higher", "lower") and each.ratio is not None:
            often = f"left {_times(each.ratio.ratio)} as often as those before them"
            says = f"who came within {SETTLED // 7} weeks {often} ({_counts(each)}): two segments, perhaps"
            said.append(Advice("split", (each.name,), says))
    return said


def _times(ratio: float) -> str:
    return f"{ratio:.1f} times" if ratio >= 1 else f"{ratio:.2f} times"


def _counts(each: Contrast) -> str:
    return f"{each.share.k}/{each.share.n} against {each.rest.k}/{each.rest.n}"
