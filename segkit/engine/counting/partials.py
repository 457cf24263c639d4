"""What is kept of usage rows: the small tables that a rule set needs, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl
from msgspec import Struct

from segkit.engine.counting.needs import all_metrics, usage_specs, wanted_columns
from segkit.engine.counting.specs import PartialSpec
from segkit.engine.metrics.custom import custom_specs
from segkit.facts.coded import UsageRows
from segkit.facts.types import Fold
from segkit.ruleset.expr import Metric
from segkit.ruleset.model import RuleSet

__all__ = ["PartialSpec", "UsageFold", "specs_of", "usage_fold"]


class UsageFold(Struct, frozen=True):
    """The tables of some specs from one frame of usage rows; a `Fold` of `facts.types`.

    Every table has raw_id and day. With `daily` a row lies within the one day `day`; otherwise a row of a set
    may stand for the seven days from `day` on.
    """

    specs: tuple[PartialSpec, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(spec.key for spec in self.specs)

    def __call__(self, rows: UsageRows, keys: tuple[str, ...], daily: bool) -> Mapping[str, pl.DataFrame]:
        return {spec.key: spec.fold(rows, daily) for spec in self.specs if spec.key in set(keys)}


def specs_of(metrics: Iterable[Metric], rules: RuleSet) -> tuple[PartialSpec, ...]:
    """The tables that these metrics, and those they are computed from, read; each once, sorted by key."""
    found: dict[str, PartialSpec] = {}
    for metric in all_metrics(metrics, rules):
        custom = rules.metrics.get(metric.name)
        needed = usage_specs(metric, rules) if custom is None else custom_specs(custom, rules)
        found.update({spec.key: spec for spec in needed})
    return tuple(found[key] for key in sorted(found))


def usage_fold(rules: RuleSet, also: Iterable[Metric] = ()) -> Fold:
    """Folds usage rows to what the conditions of the rule set, and further metrics, read."""
    metrics = (each for each in wanted_columns(rules) if isinstance(each, Metric))
    return UsageFold(specs_of((*metrics, *also), rules))
