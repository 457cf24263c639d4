"""When a usage metric is a number, zero, unknown, missing or only a lower bound: small cases in sight."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from msgspec.structs import replace

from segkit.engine.counting.context import Context
from segkit.engine.counting.partials import specs_of
from segkit.engine.counting.values import Values
from segkit.engine.metrics.usage import USAGE_METRICS
from segkit.facts.types import UsageFacts
from segkit.periods import Calendar
from segkit.ruleset.expr import Metric
from segkit.ruleset.model import Definitions, RuleSet, Selection
from tests.engine.build import Event, facts, ruleset

NAN = float("nan")
EVENTS_7D, EVENTS_28D = Metric("events", 7), Metric("events", 28)


def measure(
    metric: Metric, events: list[Event], definitions: Definitions | None = None, **world: Any
) -> Values:
    """The metric of account A over weeks that start on Monday 2026-01-05."""
    rules = ruleset(definitions, world.get("calendar"))
    world.setdefault("accounts", {"A": {}})
    made = facts(events=events, metrics=[metric], rules=rules, **world)
    return Context(rules, made, USAGE_METRICS).measure(metric)


def row(values: Values) -> list[float]:
    return [float(each) for each in values.value[0]]


def same(values: Values, wanted: list[float]) -> None:
    np.testing.assert_allclose(row(values), wanted, rtol=1e-8)


def test_a_covered_week_without_events_is_zero() -> None:
    same(measure(EVENTS_7D, [("A", "2026-01-12")], periods=3), [0, 1, 0])


def test_an_uncovered_week_is_unknown_and_not_missing() -> None:
    values = measure(EVENTS_7D, [("A", "2026-01-05")], periods=3, uncovered={"usage": [1]})
    same(values, [1, NAN, 0])
    assert not values.missing.any()


def test_usage_that_was_never_given_is_unknown() -> None:
    values = measure(EVENTS_7D, [], periods=2, no_usage=True)
    same(values, [NAN, NAN])
    assert not values.missing.any()


def test_an_account_off_the_roster_has_no_value() -> None:
    values = measure(EVENTS_7D, [("A", "2026-01-13")], periods=3, away={"A": [1]})
    same(values, [0, NAN, 0])


def test_a_sum_is_unknown_until_half_of_its_window_is_known_then_scaled() -> None:
    values = measure(EVENTS_28D, [("A", "2026-01-05"), ("A", "2026-01-14")], periods=5)
    same(values, [NAN, 4, 8 / 3, 2, 1])
    assert values.gap is not None
    assert values.gap[0].tolist() == [False, True, True, False, False]


def test_days_before_signup_are_no_part_of_a_window() -> None:
    values = measure(
        EVENTS_28D,
        [("A", "2026-01-20"), ("A", "2026-01-22", {"count": 9})],
        periods=4,
        accounts={"A": {"signup_date": "2026-01-20"}},
    )
    same(values, [NAN, NAN, 10, 10])
    assert values.gap is not None
    assert not values.gap.any()


def test_events_before_signup_do_not_count() -> None:
    values = measure(
        EVENTS_7D,
        [("A", "2026-01-12"), ("A", "2026-01-14")],
        periods=2,
        accounts={"A": {"signup_date": "2026-01-13"}},
    )
    same(values, [NAN, 1])


def test_an_account_of_unknown_signup_may_have_lived_before_it_was_seen() -> None:
    values = measure(EVENTS_28D, [("A", "2026-01-06")], periods=4, accounts={"A": {"signup_date": None}})
    same(values, [NAN, 2, 4 / 3, 1])


@pytest.mark.parametrize(("holes", "wanted"), [([], 2), ([4], 2), ([4, 5], NAN)])
def test_a_distinct_count_bears_one_single_gap_that_is_shown(holes: list[int], wanted: float) -> None:
    events: list[Event] = [("A", "2026-01-27", {"feature": "a"}), ("A", "2026-01-28", {"feature": "b"})]
    values = measure(Metric("features", 28), events, periods=7, uncovered={"usage": holes})
    same(Values(values.value[:, 6:], values.missing), [wanted])
    assert values.gap is not None
    assert bool(values.gap[0, 6]) == (holes == [4])


def test_people_with_two_addresses_count_once() -> None:
    people = [
        {"user_key": "user:1", "person": "p"},
        {"user_key": "user:2", "person": "p"},
    ]
    events: list[Event] = [("A", "2026-01-05", {"user": user}) for user in (1, 2, 3)]
    same(measure(Metric("active_users", 7), events, periods=1, people=people), [2])


def test_two_addresses_are_one_person_from_the_day_on_which_that_is_known() -> None:
    people = [
        {"user_key": "user:2", "person": "user:1", "from_day": "2026-01-12"},
        {"user_key": "user:3", "person": "user:1", "from_day": "2026-01-12"},
        {"user_key": "user:3", "person": "user:0", "from_day": "2026-01-26"},
    ]
    events: list[Event] = [
        ("A", f"2026-01-{day}", {"user": user}) for day in ("05", "12", "19", "26") for user in (1, 2, 3)
    ]
    same(measure(Metric("active_users", 7), events, periods=4, people=people), [3, 1, 1, 2])


def test_a_moved_id_counts_for_the_account_it_belonged_to_that_day() -> None:
    mapping = [("user:1", "A", None, "2026-01-07"), ("user:1", "B", "2026-01-08", None)]
    events: list[Event] = [("user:1", f"2026-01-{day:02}", {"feature": f"f{day}"}) for day in (5, 6, 9)]
    same(measure(Metric("features", 7), events, periods=1, mapping=mapping), [2])
    same(measure(EVENTS_7D, events, periods=1, mapping=mapping), [2])


def test_events_of_nobody_known_count_nowhere() -> None:
    same(measure(EVENTS_7D, [("user:7", "2026-01-05"), ("A", "2026-01-05")], periods=1), [1])


def test_logins_may_be_days_of_use() -> None:
    events: list[Event] = [("A", "2026-01-05"), ("A", "2026-01-05"), ("A", "2026-01-07")]
    same(measure(Metric("logins", 7), events, Definitions(login="active_day"), periods=1), [2])


def test_logins_are_the_events_that_the_definition_names() -> None:
    events: list[Event] = [("A", "2026-01-05", {"event": "login", "count": 3}), ("A", "2026-01-06")]
    same(measure(Metric("logins", 7), events, Definitions(login=Selection(("login",))), periods=1), [3])


def test_what_is_no_activity_is_no_use() -> None:
    events: list[Event] = [("A", "2026-01-05", {"event": "mail", "feature": "x"})]
    definitions = Definitions(activity=Selection(except_events=("mail",)))
    for name in ("events", "active_days", "features"):
        last = measure(Metric(name, 7), events, definitions, periods=1)
        assert row(last)[0] == 0 or np.isnan(row(last)[0])
    same(measure(Metric("weeks_since_active"), events, definitions, periods=6), [NAN] * 4 + [5, 6])


def test_a_session_counts_on_its_first_day() -> None:
    events: list[Event] = [("A", "2026-01-11", {"session_id": "s"}), ("A", "2026-01-12", {"session_id": "s"})]
    same(measure(Metric("sessions", 7), events, periods=2), [1, 0])


def test_a_column_that_was_never_filled_is_unknown() -> None:
    events: list[Event] = [("A", "2026-01-05"), ("A", "2026-01-13", {"session_id": "s", "seconds": 90.0})]
    same(measure(Metric("sessions", 7), events, periods=3), [NAN, 1, 0])
    same(measure(Metric("minutes", 7), events, periods=3), [NAN, 1.5, 0])
    same(measure(Metric("active_users", 7), events, periods=3), [NAN] * 3)


def test_a_ratio_over_nobody_is_missing() -> None:
    values = measure(Metric("events_per_user", 7), [("A", "2026-01-05", {"user": 1, "count": 4})], periods=2)
    same(values, [4, NAN])
    assert values.missing.tolist() == [[False, True]]


def test_the_share_of_the_top_feature_is_missing_without_one() -> None:
    events: list[Event] = [
        ("A", "2026-01-05", {"feature": "a", "count": 3}),
        ("A", "2026-01-05", {"feature": "b"}),
    ]
    values = measure(Metric("top_feature_share", 7), events, periods=2)
    same(values, [0.75, NAN])
    assert values.missing.tolist() == [[False, True]]


def test_core_adoption_is_the_share_of_core_features_used() -> None:
    definitions = Definitions(core_features=("a", "b", "c", "d"), advanced_features=("d",))
    events: list[Event] = [("A", "2026-01-05", {"feature": each}) for each in ("a", "d", "other")]
    same(measure(Metric("core_adoption", 7), events, definitions, periods=1), [0.5])
    same(measure(Metric("advanced_features", 7), events, definitions, periods=1), [1])


def test_a_feature_is_dropped_when_only_the_window_before_used_it() -> None:
    events: list[Event] = [
        ("A", "2026-01-05", {"feature": "a"}),
        ("A", "2026-01-06", {"feature": "b"}),
        ("A", "2026-01-13", {"feature": "b"}),
    ]
    same(measure(Metric("features_dropped", 7), events, periods=4), [NAN, 1, 1, 0])


def test_days_to_a_feature_are_missing_until_it_is_used() -> None:
    metric = Metric("days_to_feature", argument="api")
    events: list[Event] = [("A", "2026-01-20", {"feature": "api"}), ("A", "2026-01-09")]
    values = measure(metric, events, periods=4, accounts={"A": {"signup_date": "2026-01-09"}})
    same(values, [NAN, NAN, 11, 11])
    assert values.missing.tolist() == [[True, True, False, False]]


def test_days_to_a_feature_of_an_account_older_than_the_data_are_missing() -> None:
    metric = Metric("days_to_feature", argument="api")
    values = measure(metric, [("A", "2026-01-06", {"feature": "api"})], periods=1)
    assert values.missing.all()


def test_variation_needs_twelve_known_weeks() -> None:
    events: list[Event] = [("A", "2026-01-05", {"count": 12})]
    values = measure(Metric("variation_12w"), events, periods=13)
    same(values, [NAN] * 11 + [11**0.5, NAN])
    assert values.missing[0].tolist() == [False] * 12 + [True]


def test_active_weeks_of_a_young_account_are_those_of_its_life() -> None:
    values = measure(
        Metric("active_weeks_12w"),
        [("A", "2026-01-06"), ("A", "2026-01-13")],
        periods=3,
        accounts={"A": {"signup_date": "2026-01-06"}},
    )
    same(values, [1, 2, 2])


def test_weeks_since_active_counts_whole_weeks_since_the_last_event() -> None:
    events: list[Event] = [("A", "2026-01-11"), ("A", "2026-01-19")]
    same(measure(Metric("weeks_since_active"), events, periods=5), [0, 1, 0, 1, 2])


def test_uncovered_weeks_neither_count_as_quiet_nor_say_anything() -> None:
    values = measure(Metric("weeks_since_active"), [("A", "2026-01-11")], periods=5, uncovered={"usage": [2]})
    same(values, [0, 1, NAN, 2, 3])


def test_weeks_since_active_start_at_signup() -> None:
    accounts = {"A": {"signup_date": "2026-01-14"}}
    values = measure(Metric("weeks_since_active"), [], periods=4, accounts=accounts)
    same(values, [NAN, 0, 1, 2])
    assert values.at_least is not None
    assert not values.at_least.any()


def test_an_account_older_than_the_data_is_unknown_for_four_weeks_then_at_least_so_long_quiet() -> None:
    values = measure(Metric("weeks_since_active"), [("A", "2026-02-10")], periods=7)
    same(values, [NAN, NAN, NAN, NAN, 5, 0, 1])
    assert values.at_least is not None
    assert values.at_least[0].tolist() == [False] * 4 + [True, False, False]


def test_tenure_is_at_least_what_was_seen_where_signup_is_unknown() -> None:
    known = measure(Metric("tenure_days"), [], periods=2, accounts={"A": {"signup_date": "2026-01-05"}})
    same(known, [6, 13])
    unknown = measure(
        Metric("tenure_days"), [("A", "2026-01-05")], periods=2, accounts={"A": {"signup_date": None}}
    )
    same(unknown, [6, 13])
    assert unknown.at_least is not None
    assert unknown.at_least.all()


def test_departments_are_missing_without_contacts_that_have_one() -> None:
    metric = Metric("departments_active")
    events: list[Event] = [("A", f"2026-01-{day:02}", {"user": 1}) for day in (5, 30)]
    assert measure(metric, events, periods=4).missing.all()
    people = [{"user_key": "user:1", "department": "ops", "account_id": "A"}]
    same(measure(metric, events, periods=4, people=people), [NAN, NAN, NAN, 1])


def test_windows_work_on_months() -> None:
    events: list[Event] = [("A", "2026-01-31"), ("A", "2026-02-01"), ("A", "2026-03-31", {"count": 5})]
    calendar = Calendar("month")
    values = measure(Metric("events", 30), events, periods=3, first="2026-01-01", calendar=calendar)
    same(values, [1, 2, 5])


def test_features_are_told_apart_by_name_also_when_their_table_is_gone() -> None:
    """A category's number is that of its text only while some column with both is alive."""
    events = [("A", "2026-01-06", {"feature": name}) for name in ("zoom", "yoga", "core")]
    rules = ruleset(Definitions(core_features=("absent", "core")))
    made = facts(events=events, metrics=[Metric("core_adoption", 7)], rules=rules, accounts={"A": {}})
    assert made.usage is not None
    stored = {key: made.usage.table(key).cast({"key": pl.String}) for key in usage_fold_keys(rules)}
    fresh = UsageFacts(
        made.usage.days,
        made.usage.presence,
        lambda key, since=None: stored[key].cast({"key": pl.Categorical}),
        made.usage.meant,
    )
    again = replace(made, usage=fresh)
    del made
    found = Context(rules, again, USAGE_METRICS).measure(Metric("core_adoption", 7))
    assert row(found)[0] == 0.5


def usage_fold_keys(rules: RuleSet) -> list[str]:
    return [spec.key for spec in specs_of([Metric("core_adoption", 7)], rules)]
