"""Which rows a condition means: unknown keeps none, spelling and place do not matter."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from segkit.engine.counting.where import canonical, row_filter
from segkit.ruleset import expr as x
from segkit.ruleset.model import Selection

ROWS = pl.DataFrame(
    {
        "row": [1, 2, 3, 4],
        "event": ["view", "login", None, "export"],
        "seconds": [10.0, None, 30.0, 0.0],
        "on": [date(2026, 1, 5), date(2026, 1, 6), None, date(2026, 1, 8)],
        "ok": [True, False, None, True],
    }
)
EVENT, SECONDS, ON, OK = (
    x.Attribute("event"),
    x.Attribute("seconds", "number"),
    x.Attribute("on", "date"),
    x.Attribute("ok", "flag"),
)


def rows(where: object) -> list[int]:
    chosen = row_filter(where, ROWS.schema)  # type: ignore[arg-type]
    return ROWS["row"].to_list() if chosen is None else ROWS.filter(chosen)["row"].to_list()


@pytest.mark.parametrize(
    ("where", "wanted"),
    [
        (None, [1, 2, 3, 4]),
        (x.Compare(EVENT, "=", x.Text("view")), [1]),
        (x.Compare(EVENT, "!=", x.Text("view")), [2, 4]),
        (x.Not(x.Compare(EVENT, "=", x.Text("view"))), [2, 4]),
        (x.Within(EVENT, (x.Text("view"), x.Text("export"))), [1, 4]),
        (x.Between(SECONDS, x.Number(5), x.Number(30)), [1, 3]),
        (x.Compare(x.Arith("*", SECONDS, x.Number(2)), ">", x.Number(40)), [3]),
        (x.Compare(x.Arith("/", x.Number(1), SECONDS), "<", x.Number(1)), [1, 3]),
        (x.Compare(x.Negative(SECONDS), "<=", x.Number(-10)), [1, 3]),
        (x.Compare(ON, ">=", x.Day(date(2026, 1, 6))), [2, 4]),
        (x.IsMissing(EVENT), [3]),
        (x.Holds(OK), [1, 4]),
        (x.Compare(OK, "=", x.Truth(False)), [2]),
        (x.Compare(x.Attribute("nowhere"), "=", x.Text("a")), []),
        (x.Compare(x.Attribute("nowhere", "number"), ">=", x.Number(4)), []),
        (x.Compare(x.Attribute("nowhere", "moment"), ">=", x.Day(date(2026, 1, 6))), []),
        (x.Compare(x.Negative(x.Attribute("nowhere", "number")), ">=", x.Number(4)), []),
        (x.Not(x.AtLeast(1, (x.Compare(EVENT, "=", x.Text("view")),))), [2, 4]),
    ],
)
def test_a_condition_keeps_the_rows_it_is_true_for(where: object, wanted: list[int]) -> None:
    assert rows(where) == wanted


def test_conditions_combine_as_three_valued_logic_does() -> None:
    view, long = x.Compare(EVENT, "=", x.Text("view")), x.Compare(SECONDS, ">=", x.Number(10))
    assert rows(x.All((view, long))) == [1]
    assert rows(x.Any((view, long))) == [1, 3]
    assert rows(x.AtLeast(2, (view, long, x.Holds(OK)))) == [1]
    assert rows(x.Named("slow", long)) == [1, 3]


def test_a_definition_names_events_or_leaves_some_out() -> None:
    assert rows(Selection()) == [1, 2, 3, 4]
    assert rows(Selection(events=("view", "login"))) == [1, 2]
    assert rows(Selection(except_events=("login",))) == [1, 3, 4]
    assert rows(Selection(events=("view", "login"), except_events=("login",))) == [1]


def test_what_has_no_meaning_in_a_row_is_our_own_fault() -> None:
    with pytest.raises(TypeError):
        rows(x.Compare(x.Metric("events", 28), ">", x.Number(1)))
    with pytest.raises(TypeError):
        rows(x.Member("at_risk"))


def test_the_canonical_text_tells_apart_what_differs() -> None:
    one = x.Compare(SECONDS, ">", x.Number(0.3, "30%"))
    assert canonical(one) == canonical(x.Compare(SECONDS, ">", x.Number(0.3, "0.3"), x.Span("f", 3)))
    assert canonical(one) != canonical(x.Compare(SECONDS, ">=", x.Number(0.3)))
    assert canonical(x.Text("1")) != canonical(x.Number(1))
