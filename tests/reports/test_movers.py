"""Who is furthest from what was expected, and the line of each."""

from __future__ import annotations

import numpy as np
import polars as pl

from segkit.engine.baselines import Block, Columns
from segkit.engine.baselines.standing import Drawn
from segkit.reports.html.charts import spark
from segkit.reports.html.movers import Movers, movers

NAN = float("nan")
NOBODY = pl.DataFrame(schema={"account_id": pl.String, "before": pl.String})


def found(
    rows: list[tuple[str, float, float, float | None]], moved: pl.DataFrame = NOBODY, *, relative: bool = True
) -> Movers | None:
    """(account, vs_expected, z_score, arr): each rose from 0 to 2 where 4 was expected."""
    ids = tuple(row[0] for row in rows)
    lines = np.repeat(np.arange(3.0)[:, None], len(rows), axis=1)
    shown, expected = (Columns((Block(each, 0, 3),)) for each in (lines, np.full_like(lines, 4.0)))
    away, z_score = (np.array([row[at] for row in rows]) for at in (1, 2))
    drawn = Drawn("events_28d", relative, ids, away, z_score, shown, expected)
    assigned = pl.DataFrame(
        {"account_id": ids, "name": ids, "primary": ["active"] * len(ids), "arr": [row[3] for row in rows]},
        schema_overrides={"arr": pl.Float64},
    )
    return movers(drawn, assigned, moved)


def test_the_most_arr_away_comes_first_and_a_tenfold_weighs_as_a_double() -> None:
    told = found(
        [
            ("small", -0.9, -5, 100.0),
            ("large", -0.3, -2, 9_000.0),
            ("calm", -0.9, -1.4, 99_000.0),
            ("tenfold", 9.0, 3, 1_000.0),
            ("more", 0.5, 2, 2_100.0),
            ("unknown", NAN, NAN, 99_000.0),
        ]
    )
    assert told is not None
    assert [each.name for each in told.below] == ["large", "small"]
    assert [each.name for each in told.above] == ["more", "tenfold"]
    assert (told.below[0].value, told.below[0].expected) == (2.0, 4.0)
    assert told.shown(told.above[1].away) == "+900 %"


def test_without_arr_the_furthest_comes_first_whatever_its_size() -> None:
    told = found([("a", -0.2, -2, None), ("b", -0.4, -3, None)])
    assert told is not None
    assert [each.name for each in told.below] == ["b", "a"]
    assert told.above == ()


def test_of_a_score_the_difference_is_told_in_its_own_unit() -> None:
    told = found([("a", -2.5, -2, None)], relative=False)
    assert told is not None
    assert (told.shown(told.below[0].away), told.level(7.25)) == ("−2.5", "7.25")


def test_where_it_came_from_is_told() -> None:
    moved = pl.DataFrame({"account_id": ["a", "a"], "before": ["new", "power"]})
    told = found([("a", -0.5, -2, 1.0), ("b", -0.5, -2, 1.0)], moved)
    assert told is not None
    assert [each.moved_from for each in told.below] == ["power", None]


def test_nobody_beyond_the_usual_ups_and_downs_is_nobody() -> None:
    assert found([("a", -0.5, -1.4, 1.0), ("b", NAN, NAN, 1.0)]) is None


def test_a_line_has_a_gap_where_nothing_is_known() -> None:
    drawn = spark([0.0, 10.0, NAN, 5.0], [NAN, 10.0, 10.0, 10.0])
    assert drawn.line == "M0 24L40 4M120 14"
    assert drawn.expected == "M40 4L80 4L120 4"
    assert (drawn.end, drawn.said) == ("14", "4 values from 0 to 5; lowest 0, highest 10")
