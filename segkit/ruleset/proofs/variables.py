"""What is known of columns before any rule: their range, how they are missing, what they never exceed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import assert_never

from msgspec import Struct, field
from msgspec.structs import replace

from segkit.periods import Calendar
from segkit.ruleset.catalogue import METRICS, Shape, SpecKind, through, upper_end
from segkit.ruleset.expr import Attribute, Column, Member, Metric, Trait, WeeksIn
from segkit.ruleset.metrics import seen_from_outside
from segkit.ruleset.model import CustomMetric
from segkit.ruleset.proofs.domain import EVERY, NONE, NULLS, UNKNOWN, Interval, Nulls, Values

Variable = Column | Member

_TRUTH = (Interval(0.0, 0.0), Interval(1.0, 1.0))
_WHOLE = frozenset({"tenure_days", "days_to_renewal", "weeks_since_active", "days_since_touchpoint"})
"""Metrics that are whole numbers whatever the coverage; a count of a window with gaps is scaled."""
_FEWER_OVER_MORE = frozenset({"features_dropped"})
"""Counts of a window that a longer one may undercut."""
_SEEN = frozenset({None, "percentile"})
"""Views that are known wherever their metric is."""
_PERIOD = {"day": 1, "week": 7, "month": 28}


def shape_of(metric: Metric, metrics: Mapping[str, CustomMetric]) -> tuple[Shape, SpecKind]:
    """Unit, bounds and kind of a metric through its view."""
    if metric.name in metrics:
        known = seen_from_outside(metrics[metric.name])
        return through(metric.view, known.kind, Shape(known.unit, known.low, known.high)), known.kind
    spec = METRICS[metric.name]
    shape = Shape(spec.unit, spec.low, upper_end(spec, metric.window))
    return through(metric.view, spec.kind, shape), spec.kind


class Ground(Struct, frozen=True):
    """Domains of the columns of one rule set.

    For showing that something cannot be, the widest domains are needed; an example is to be a usual account.
    """

    metrics: Mapping[str, CustomMetric]
    calendar: Calendar
    usual: bool = False
    """Counts are whole numbers, and only what can be missing is."""
    nulls: Nulls = NULLS
    """How columns may be without a value."""
    _worked_out: dict[str, Values] = field(default_factory=dict)

    def domain(self, variable: Variable) -> Values:
        key = variable.key
        if key not in self._worked_out:
            found = self._domain(variable)
            self._worked_out[key] = found if self.nulls is NULLS else found.only(self.nulls)
        return self._worked_out[key]

    def _domain(self, variable: Variable) -> Values:
        match variable:
            case Member():
                return Values(_TRUTH, nulls=NONE)
            case WeeksIn():
                return Values((Interval(0.0),), nulls=NONE, whole=True)
            case Trait():
                return Values((), frozenset({EVERY}))
            case Attribute(kind=kind):
                if kind == "text":
                    return Values((), frozenset({EVERY}))
                numbers = _TRUTH if kind == "flag" else (Interval(),)
                return Values(numbers, whole=kind in ("date", "moment", "integer"))
            case Metric():
                return self._metric(variable)
            case _:
                assert_never(variable)

    def _metric(self, metric: Metric) -> Values:
        shape, _ = shape_of(metric, self.metrics)
        if metric.name == "notice_given":
            return Values(_TRUTH, nulls=NONE)
        if shape.unit == "truth":
            return Values(_TRUTH, nulls=self._nulls(metric))
        low = float("-inf") if shape.low is None else shape.low
        high = float("inf") if shape.high is None else shape.high
        counted = self.usual and shape.unit == "count" and metric.view in (None, "previous", "last_year")
        whole = counted or (metric.name in _WHOLE and metric.view is None)
        return Values((Interval(low, high),), nulls=self._nulls(metric), whole=whole)

    def _nulls(self, metric: Metric) -> Nulls:
        return NULLS if not self.usual or may_be_missing(metric, self.metrics) else frozenset({UNKNOWN})

    def never_over(self, metrics: Mapping[str, Variable]) -> Iterator[tuple[str, str]]:
        """Pairs (smaller, larger) of keys: 7 days of a count never exceed 28 days of it."""
        told = [(key, m) for key, m in metrics.items() if isinstance(m, Metric) and m.window is not None]
        for key, short in told:
            for other, long in told:
                if self._within(short, long):
                    yield key, other

    def told_with(self, metrics: Mapping[str, Variable]) -> Iterator[tuple[str, str]]:
        """Pairs of keys: where the first has a value the second has one, too. Only for examples."""
        for key, one in metrics.items():
            if self.usual and isinstance(one, Metric) and one.view == "vs_expected":
                other = replace(one, view="vs_usual").key
                if other in metrics:
                    yield key, other

    def _within(self, short: Metric, long: Metric) -> bool:
        same = (short.name, short.argument) == (long.name, long.argument)
        if not same or short.view is not None or long.view is not None or short.name in _FEWER_OVER_MORE:
            return False
        # Metrics of one's own have their window in their name: METRICS has what has one.
        spec = METRICS[short.name]
        if spec.kind != "count" and short.name != "core_adoption":
            return False
        if short.window is None or long.window is None or short.window >= long.window:
            return False
        # Where periods are not covered a sum is scaled to its window: only one whole period never is.
        return self.usual or not spec.additive or short.window <= _PERIOD[self.calendar.unit]


def may_be_missing(metric: Metric, metrics: Mapping[str, CustomMetric]) -> bool:
    """Whether there are accounts for which the value cannot exist, however well the sources cover them."""
    if metric.view not in _SEEN:
        return True
    if metric.name in metrics:
        return metrics[metric.name].kind not in ("count", "sum", "distinct")
    return "missing" in METRICS[metric.name].unknown_when
