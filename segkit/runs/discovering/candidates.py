"""Which metrics are looked at: all of the catalogue that the exports can tell, and all that rules read."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from segkit.engine.conditions.reads import wanted
from segkit.engine.panel import Panel, Texts
from segkit.ruleset.catalogue import METRICS, Shape, through
from segkit.ruleset.definitions import defined
from segkit.ruleset.expr import Metric
from segkit.ruleset.model import RuleSet
from segkit.ruleset.spec import EVENT_SOURCES, MetricSpec
from segkit.studies.discover import Measure

WINDOW = 28
CHANGES = ("logins", "events", "active_users", "features", "tickets")
"""Metrics that are looked at through their change, too."""
EXPECTED = ("logins", "events")
"""And against what was expected of the account."""
STRETCHED = ("count", "money", "minutes", "hours", "days", "weeks", "number")
"""Units in which twice as much is as far from once as four times is from twice."""


LIFE = "tenure_days"
"""Accounts are compared with others of their age: it is asked about everything but that."""


def candidates(rules: RuleSet, sources: Collection[str]) -> tuple[Metric, ...]:
    """By key. `sources`: those that are exported."""
    found = {}
    for spec in METRICS.values():
        if not _tells(spec, rules, sources):
            continue
        window = (spec.default_window or WINDOW) if spec.windowed else None
        views: list[str | None] = [None]
        views += ["change"] if spec.name in CHANGES else []
        views += ["vs_expected"] if spec.name in EXPECTED else []
        # A window that is meant when none is written is not written.
        shown = None if spec.default_window else window
        for view in views:
            metric = Metric(spec.name, shown, view)
            found[metric.key] = metric
    for each in wanted(rules):
        if isinstance(each, Metric) and _number(each):
            # As the rules write it, where both mean one.
            found = {key: one for key, one in found.items() if _meant(one) != _meant(each)}
            found[each.key] = each
    return tuple(found[key] for key in sorted(found))


def _meant(metric: Metric) -> tuple[str, int | None, str | None]:
    spec = METRICS.get(metric.name)
    return metric.name, metric.window or (spec.default_window if spec else None), metric.view


def _tells(spec: MetricSpec, rules: RuleSet, sources: Collection[str]) -> bool:
    given = spec.source in sources or spec.instead in sources or spec.source == "accounts"
    known = spec.needs is None or defined(spec.needs, rules.definitions)
    beside = spec.beside is None or spec.beside in sources
    asked = not spec.argument and spec.kind != "truth" and spec.name != LIFE
    return asked and given and known and beside


def _number(metric: Metric) -> bool:
    """And of its own time: what was before is looked at through changes."""
    spec = METRICS.get(metric.name)
    if metric.name == LIFE:
        return False
    plain = metric.argument is None and metric.view not in ("previous", "last_year", "expected", "peers")
    return plain and (spec is None or spec.kind != "truth")


def measures(metrics: Collection[Metric], rules: RuleSet, panel: Panel) -> Mapping[str, Measure]:
    """What the panel holds of them, as long as it varies."""
    found = {}
    for metric in metrics:
        column = panel.columns[metric.key]
        if isinstance(column, Texts):
            continue
        value = np.asarray(column.value, np.float64)
        known = value[~np.isnan(value)]
        if not len(known) or known.min() == known.max():
            continue
        spec = METRICS.get(metric.name)
        unit = _unit(metric, spec, rules)
        plain = metric.view is None
        behaviour = plain and spec is not None and spec.source in EVENT_SOURCES
        found[metric.key] = Measure(value, unit, plain and unit in STRETCHED, behaviour)
    return found


def _unit(metric: Metric, spec: MetricSpec | None, rules: RuleSet) -> str:
    if spec is None:
        unit = rules.metrics[metric.name].unit
        return unit if metric.view is None else "share"
    return through(metric.view, spec.kind, Shape(spec.unit, spec.low, spec.high)).unit
