"""The columns that conditions read, and none besides."""

from __future__ import annotations

import pytest

from segkit.engine.metrics.registry import context_of
from segkit.engine.panel import Texts, Values, build_panel
from segkit.ruleset.catalogue import METRICS
from segkit.ruleset.expr import Attribute, Metric
from tests.engine.build import facts, ruleset

RULES = ruleset()


def test_a_panel_has_the_columns_asked_for_by_their_key() -> None:
    wanted = [
        Metric("events", 7),
        Metric("events", 7, "change"),
        Attribute("industry"),
        Attribute("arr", "number"),
    ]
    accounts = {"A": {"industry": "Retail", "arr": 1200.0}, "B": {"signup_date": "2026-01-13"}}
    made = facts(events=[("A", "2026-01-05", {"count": 5})], accounts=accounts, periods=2, metrics=wanted[:2])
    panel = build_panel(RULES, made, wanted)
    assert list(panel.columns) == ["arr", "events_7d", "events_7d.change", "industry"]
    industry, arr, change = (panel.columns[key] for key in ("industry", "arr", "events_7d.change"))
    assert isinstance(industry, Texts)
    assert [industry.labels[code] for code in industry.codes[0]] == ["Retail", "Retail"]
    assert isinstance(arr, Values)
    assert arr.value[0].tolist() == [1200.0, 1200.0]
    assert isinstance(change, Values)
    assert change.value[0, 1] == -1.0
    assert panel.life.tolist() == [[True, True], [False, True]]


def test_every_metric_of_the_catalogue_is_computed() -> None:
    computes = context_of(RULES, facts(periods=1)).computes
    assert sorted(computes) == sorted(METRICS)


def test_a_metric_that_does_not_exist_is_our_own_fault() -> None:
    with pytest.raises(LookupError, match="nonsense"):
        build_panel(RULES, facts(accounts={"A": {}}, periods=1), [Metric("nonsense")])
