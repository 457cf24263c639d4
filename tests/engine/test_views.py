"""A metric against its past and against other accounts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from segkit.engine.counting.context import Context
from segkit.engine.counting.values import Values
from segkit.engine.metrics.usage import USAGE_METRICS
from segkit.engine.views import viewed
from segkit.ruleset.expr import Metric
from segkit.ruleset.model import Definitions
from tests.engine.build import Event, facts, ruleset

NAN = float("nan")
EVENTS_7D = Metric("events", 7)


def view(metric: Metric, name: str, events: list[Event], **world: Any) -> Values:
    definitions = Definitions(core_features=("a", "b"))
    rules = ruleset(definitions)
    world.setdefault("accounts", {"A": {}})
    made = facts(events=events, metrics=[metric], rules=rules, **world)
    return viewed(Context(rules, made, USAGE_METRICS), replace(metric, view=name))


def same(values: Values, wanted: list[float], row: int = 0) -> None:
    np.testing.assert_allclose(values.value[row], wanted, rtol=1e-8)


def weekly(*counts: int) -> list[Event]:
    """Events of A on Mondays from 2026-01-05."""
    return [("A", 20458 + 7 * i, {"count": n}) for i, n in enumerate(counts) if n]  # type: ignore[misc]


def test_previous_is_the_window_before_and_uncovered_before_the_data() -> None:
    values = view(EVENTS_7D, "previous", weekly(8, 4), periods=3)
    same(values, [NAN, 8, 4])
    assert not values.missing.any()


def test_change_is_relative_for_counts() -> None:
    same(view(EVENTS_7D, "change", weekly(8, 4, 10), periods=3), [NAN, -0.5, NAN])


@pytest.mark.parametrize("base", [0, 1, 4])
def test_change_is_missing_over_a_small_base(base: int) -> None:
    values = view(EVENTS_7D, "change", weekly(base, 4), periods=2)
    same(values, [NAN, NAN])
    assert values.missing[0].tolist() == [False, True]


def test_delta_needs_no_base_of_some_size() -> None:
    same(view(EVENTS_7D, "delta", weekly(0, 3, 1), periods=3), [NAN, 3, -2])


def test_shares_change_in_their_own_unit() -> None:
    events: list[Event] = [
        ("A", "2026-01-05", {"feature": "a"}),
        ("A", "2026-01-12", {"feature": "a"}),
        ("A", "2026-01-12", {"feature": "b"}),
    ]
    same(view(Metric("core_adoption", 7), "change", events, periods=3), [NAN, 0.5, -1.0])


def test_a_base_window_before_signup_is_missing() -> None:
    accounts = {"A": {"signup_date": "2026-01-14"}}
    values = view(EVENTS_7D, "previous", weekly(0, 0, 6, 6), periods=4, accounts=accounts)
    same(values, [NAN, NAN, NAN, 6])
    assert values.missing[0].tolist() == [False, True, True, False]


def test_a_base_window_off_the_roster_is_missing() -> None:
    values = view(EVENTS_7D, "change", weekly(9, 9, 9, 9), periods=4, away={"A": [1]})
    same(values, [NAN, NAN, NAN, 0])
    assert values.missing[0].tolist() == [False, False, True, False]


def test_last_year_is_364_days_back_on_the_same_weekday() -> None:
    events: list[Event] = [("A", "2026-01-07", {"count": 10}), ("A", "2027-01-06", {"count": 5})]
    values = view(EVENTS_7D, "vs_last_year", events, periods=53)
    assert values.value[0, 52] == -0.5
    assert np.isnan(values.value[0, :52]).all()


def test_a_metric_without_a_window_looks_28_days_back() -> None:
    values = view(Metric("weeks_since_active"), "delta", weekly(1), periods=6)
    same(values, [NAN] * 4 + [4, 4])


def test_a_lower_bound_has_no_change() -> None:
    values = view(Metric("weeks_since_active"), "change", [("A", "2026-06-01")], periods=12)
    assert np.isnan(values.value).all()


def test_a_percentile_is_the_mid_rank_among_known_values() -> None:
    events: list[Event] = [("A", "2026-01-05"), ("B", "2026-01-05"), ("C", "2026-01-05", {"count": 3})]
    accounts = {name: {} for name in "ABCD"} | {"D": {"signup_date": "2027-01-01"}}
    values = view(EVENTS_7D, "percentile", events, periods=1, accounts=accounts)
    assert values.value[:3, 0].tolist() == pytest.approx([1 / 3, 1 / 3, 5 / 6])
    assert np.isnan(values.value[3, 0])


def test_the_only_account_is_in_the_middle() -> None:
    same(view(EVENTS_7D, "percentile", weekly(3), periods=1), [0.5])


def test_a_view_that_does_not_exist_is_our_own_fault() -> None:
    with pytest.raises(LookupError, match="expcted"):
        view(EVENTS_7D, "expcted", [], periods=1)
