"""How many accounts are in a segment each period."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from segkit.engine.results import Decisions
from segkit.ruleset.model import RuleSet

Labels = npt.NDArray[np.int16]


def labelled(decisions: Decisions, dimension: str, labels: Sequence[str]) -> Labels:
    """[A, T] place of the primary among `labels`; -1 off the roster, and where there is no such dimension."""
    found = decisions.dimensions.get(dimension)
    if found is None:
        return np.full(decisions.on_roster.shape, -1, dtype=np.int16)
    places = {label: place for place, label in enumerate(labels)}
    table = [-1, -1, places["unknown"], *(places[label] for label in found.labels)]
    return np.array(table, dtype=np.int16)[found.primary.astype(np.int64) + 3]


def flagged(decisions: Decisions, flag: str) -> Labels:
    """[A, T] 0 where the flag is set, else -1."""
    inside = decisions.member.get(flag)
    if inside is None:
        return np.full(decisions.on_roster.shape, -1, dtype=np.int16)
    return np.where(inside & decisions.on_roster, np.int16(0), np.int16(-1))


def labels_of(dimension: str, *sides: Decisions) -> tuple[str, ...]:
    """Every label of a dimension under any of the rule sets, in order; `unknown` too."""
    found = [side.dimensions[dimension].labels for side in sides if dimension in side.dimensions]
    return tuple(dict.fromkeys(label for labels in [*found, ("unknown",)] for label in labels))


def dimensions_of(*rules: RuleSet) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.name for side in rules for each in side.dimensions))


def flags_of(*rules: RuleSet) -> tuple[str, ...]:
    return tuple(dict.fromkeys(flag.name for side in rules for flag in side.flags))


def sizes(labels: Labels, names: Sequence[str]) -> npt.NDArray[np.int64]:
    """[names, T] accounts with each label."""
    return np.stack([(labels == place).sum(axis=0) for place in range(len(names))])
