"""Rows grouped and counted by numbers, whichever way is the cheaper one: held against Polars."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segkit import grouping
from segkit.grouping import Codes, Groups, codes, worked_out

WAYS = {"counted": (4, 2**16), "sorted": (0, 0), "counted by key": (0, 30)}


def numbers(size: int, rows: int) -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(-1, size), min_size=rows, max_size=rows)


@st.composite
def tables(draw: st.DrawFn) -> pl.DataFrame:
    """who, key, day, n, bit; sometimes every key has one who, as users have one account."""
    rows = draw(st.integers(0, 30))
    key = draw(numbers(6, rows))
    who = [each // 2 for each in key] if draw(st.booleans()) else draw(numbers(4, rows))
    rest = {"day": draw(numbers(draw(st.sampled_from([1, 900])), rows)), "n": draw(numbers(50, rows))}
    bit = [abs(each) % 7 for each in rest["n"]]
    return pl.DataFrame(
        {"who": who, "key": key, **rest, "bit": bit},
        schema_overrides=dict.fromkeys(("who", "key", "day", "n", "bit"), pl.Int64),
    )


@pytest.mark.parametrize("way", WAYS)
@given(table=tables())
def test_groups_sums_and_marks_are_those_of_polars(way: str, table: pl.DataFrame) -> None:
    with pytest.MonkeyPatch.context() as patch:
        dense, few = WAYS[way]
        patch.setattr(grouping, "DENSE", dense)
        patch.setattr(grouping, "FEW", few)
        by = ("who", "key", "day")
        groups = Groups.of(*(table[name].to_numpy() for name in by))
        found = pl.DataFrame(
            {
                **dict(zip(by, groups.columns, strict=True)),
                "rows": groups.rows,
                "n": groups.sum(table["n"].to_numpy()),
                "mask": groups.marks(table["bit"].to_numpy()),
            }
        )
        mask = pl.col("bit").map_batches(lambda bits: pl.Series(np.left_shift(1, bits.to_numpy())))
        wanted = (
            table.with_columns(mask.alias("mask"))
            .group_by(by)
            .agg(pl.len().alias("rows"), pl.col("n").sum(), pl.col("mask").bitwise_or())
            .sort(by)
        )
        assert found.rows() == wanted.rows()
        which = groups.of_rows()
        assert [tuple(column[at] for column in groups.columns) for at in which] == table.select(by).rows()


@pytest.mark.parametrize("strays", [0, 1])
def test_users_of_one_account_are_counted_by_user_and_one_of_two_accounts_is_found(
    monkeypatch: pytest.MonkeyPatch, strays: int
) -> None:
    """1,500 cells of account, user and day; 200 may be counted in, as many as user and day have need of."""
    rng = np.random.default_rng(3)
    user, day = rng.permutation(np.arange(500) % 50), rng.integers(0, 3, 500)
    account = (49 - user) // 5
    account[:strays] = (account[:strays] + 1) % 10
    told = []
    for few in (200, 0):
        monkeypatch.setattr(grouping, "DENSE", 0)
        monkeypatch.setattr(grouping, "FEW", few)
        groups = Groups.of(account, user, day)
        sums, marks = groups.sum(np.arange(500)), groups.marks(day)
        told.append(
            [*map(list, groups.columns), list(groups.rows), list(sums), list(marks), list(groups.of_rows())]
        )
    assert told[0] == told[1]


@pytest.mark.parametrize("kind", [pl.String, pl.Categorical, pl.Enum(["b", "a", "", "c"])])
def test_a_column_is_its_values_in_order_and_where_they_stand(kind: pl.DataType) -> None:
    column = pl.Series(["b", None, "a", "b", ""], dtype=pl.String)
    found = codes(column.cast(kind))
    assert found.numbers.tolist() == [2, -1, 1, 2, 0]
    assert found.values.cast(pl.String).to_list() == ["", "a", "b"]
    assert found.column().cast(pl.String).to_list() == column.to_list()


def test_texts_that_become_the_same_become_one_and_those_that_become_none_are_none() -> None:
    found = codes(pl.Series(["b ", None, "b", "x", "a"]))
    clean = found.changed(lambda texts: texts.str.strip_chars().replace({"x": None}))
    assert clean.column().to_list() == ["b", None, "b", None, "a"]
    assert clean.values.to_list() == ["a", "b"]
    assert clean.changed(lambda texts: texts) is clean


def test_a_text_of_two_columns_is_made_once_for_each_pair() -> None:
    first, second = pl.Series(["a", None, "a", "a"]), pl.Series(["x", "y", None, "x"])
    made = worked_out({"one": codes(first), "two": codes(second)}, pl.coalesce("two", "one") + "!")
    assert made.column().to_list() == ["x!", "y!", "a!", "x!"]
    assert made.values.to_list() == ["a!", "x!", "y!"]


def test_a_column_of_nothing_is_nothing() -> None:
    nothing = codes(pl.Series([None, None], dtype=pl.String))
    assert nothing.numbers.tolist() == [-1, -1]
    assert nothing.column().to_list() == [None, None]
    assert Codes(np.zeros(0, dtype=np.int64), pl.Series([], dtype=pl.String)).column().to_list() == []
