"""What is kept of usage rows, and what names it."""

from __future__ import annotations

from segkit.engine.counting.partials import UsageFold, specs_of, usage_fold
from segkit.engine.counting.specs import PartialSpec
from segkit.facts.coded import UsageRows
from segkit.facts.taking.intake import days_table
from segkit.ruleset.expr import NOWHERE, All, Attribute, Compare, Metric, Number, Span, Text
from segkit.ruleset.model import CustomMetric, Definitions, Dimension, HealthPart, Segment, Selection
from tests.engine.build import day, ruleset, usage_rows

ROWS = UsageRows(
    usage_rows(
        [
            ("A", "2026-01-05", {"feature": "api", "count": 2, "seconds": 1.5}),
            ("A", "2026-01-05", {"feature": "api", "event": "email_opened"}),
            ("A", "2026-01-11", {"feature": "api", "event": "login", "seconds": 2.25}),
            ("A", "2026-01-12", {"feature": "alerts"}),
            ("B", "2026-01-05", {}),
        ]
    )
)
MONDAY = day("2026-01-05")


def test_a_table_by_day_counts_rows_events_and_milliseconds() -> None:
    table = days_table(ROWS)
    assert table.rows() == [
        ("account:A", MONDAY, 2, 3, 1500, 1),
        ("account:A", MONDAY + 6, 1, 1, 2250, 1),
        ("account:A", MONDAY + 7, 1, 1, 0, 0),
        ("account:B", MONDAY, 1, 1, 0, 0),
    ]
    assert table.columns == ["raw_id", "day", "rows", "n", "ms", "timed"]
    beside = PartialSpec("day", where=Selection(events=("login",))).fold(ROWS)
    assert beside.rows() == [
        (MONDAY, 0, 0, 0, 0),
        (MONDAY + 6, 1, 1, 2250, 1),
        (MONDAY + 7, 0, 0, 0, 0),
        (MONDAY, 0, 0, 0, 0),
    ]
    assert beside.columns == ["day", "rows", "n", "ms", "timed"]


def test_a_set_says_by_one_bit_per_day_when_a_key_was_seen() -> None:
    table = PartialSpec("set", "feature", None, week_ends=6).fold(ROWS)
    assert table.rows() == [
        ("account:A", "alerts", MONDAY + 7, 0b1),
        ("account:A", "api", MONDAY, 0b1000001),
    ]


def test_a_week_that_ends_on_another_day_has_other_masks() -> None:
    table = PartialSpec("set", "feature", None, week_ends=0).fold(ROWS)
    assert table.rows() == [
        ("account:A", "alerts", MONDAY + 1, 0b1000000),
        ("account:A", "api", MONDAY - 6, 0b1000000),
        ("account:A", "api", MONDAY + 1, 0b100000),
    ]


def test_daily_tables_have_rows_of_a_single_day() -> None:
    table = PartialSpec("set", "feature", None, week_ends=6).fold(ROWS, daily=True)
    assert table.rows() == [
        ("account:A", "alerts", MONDAY + 7, 1),
        ("account:A", "api", MONDAY, 1),
        ("account:A", "api", MONDAY + 6, 1),
    ]


def test_a_definition_leaves_rows_out() -> None:
    table = PartialSpec("day", where=Selection(except_events=("email_opened",))).fold(ROWS)
    assert table["n"].to_list() == [2, 1, 1, 1]


def test_a_column_that_the_export_lacks_leaves_an_empty_table() -> None:
    table = PartialSpec("value", "bytes").fold(ROWS)
    assert (table.height, table.columns) == (0, ["raw_id", "key", "day", "rows", "n"])


def test_the_key_names_all_that_shapes_a_table() -> None:
    where = Compare(Attribute("event"), "=", Text("x"))
    specs = [
        PartialSpec("day"),
        PartialSpec("day", where=where),
        PartialSpec("day", where=All((where, where))),
        PartialSpec("set", "feature", None, 6),
        PartialSpec("set", "feature", None, 0),
        PartialSpec("set", "user_key", None, 6),
        PartialSpec("value", "feature"),
    ]
    assert len({spec.key for spec in specs}) == len(specs)


def test_the_key_forgets_where_and_how_a_condition_was_written() -> None:
    left = Compare(Attribute("seconds", "number"), ">", Number(0.3, "30%", None, Span("a", 1, 2)))
    right = Compare(Attribute("seconds", "number"), ">", Number(0.3, "0.3", None, NOWHERE))
    assert PartialSpec("day", where=left).key == PartialSpec("day", where=right).key


def segment(name: str, condition: object) -> Segment:
    return Segment(name, condition)  # type: ignore[arg-type]


def test_only_what_the_rules_read_is_folded() -> None:
    quiet = segment("quiet", Compare(Metric("weeks_since_active"), ">", Number(4)))
    rules = ruleset(dimensions=(Dimension("segments", (quiet,)),))
    assert usage_fold(rules).keys == ()
    broad = segment("broad", Compare(Metric("features", 28), ">", Number(4)))
    rules = ruleset(dimensions=(Dimension("segments", (quiet, broad)),))
    assert usage_fold(rules).keys == (PartialSpec("set", "feature", None, 6).key,)


def test_metrics_inside_others_are_folded_too() -> None:
    part = HealthPart(Metric("core_adoption", 28), 1.0, 0.0, 1.0)
    login = Selection(events=("login",))
    definitions = Definitions(login, core_features=("api",), health_score={"adoption": part})
    ratio = CustomMetric("ratio", "formula", expression=Metric("logins", 28, "change"))
    rules = ruleset(definitions, metrics={"ratio": ratio})
    specs = specs_of([Metric("health_score"), Metric("ratio"), Metric("seats_used")], rules)
    found = {(spec.grain, spec.column) for spec in specs}
    assert found == {("set", "feature"), ("day", None), ("set", "user_key")}


def test_a_fold_gives_the_tables_asked_for() -> None:
    fold = UsageFold((PartialSpec("day"), PartialSpec("value", "feature")))
    first, second = fold.keys
    assert list(fold(ROWS, (second,), False)) == [second]
    assert fold(ROWS, fold.keys, False)[first].height == 4
