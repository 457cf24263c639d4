"""Windows over days: counts, distinct counts and what is known, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from segkit.engine.counting.grid import NEVER, Known, newest, window_distinct, window_sum
from segkit.engine.counting.values import rounded
from segkit.grouping import Groups, ordering

ENDS = np.array([6, 13, 20, 27])
ONE = np.zeros(3, dtype=np.int64)


def test_a_window_holds_its_last_day_and_not_the_day_before_its_first() -> None:
    day = np.array([6, 7, 14])
    assert window_sum(ONE, day, None, 1, ENDS, 7).tolist() == [[1, 1, 1, 0]]
    assert window_sum(ONE, day, np.array([1, 10, 100]), 1, ENDS, 14).tolist() == [[1, 11, 110, 100]]


def test_a_window_need_not_be_whole_weeks() -> None:
    day = np.array([5, 12, 12])
    assert window_sum(ONE, day, None, 1, ENDS, 9).tolist() == [[1, 3, 2, 0]]


def test_days_behind_the_last_period_are_not_seen() -> None:
    assert window_sum(ONE, np.array([28, 30, 99]), None, 1, ENDS, 7).tolist() == [[0, 0, 0, 0]]


def test_a_key_counts_once_per_window_however_often_it_is_seen() -> None:
    account, key = np.zeros(4, dtype=np.int64), np.array([1, 1, 2, 1])
    day = np.array([0, 6, 7, 27])
    assert window_distinct(account, key, day, 1, ENDS, 14).tolist() == [[1, 2, 1, 1]]


def test_keys_of_other_accounts_are_other_keys() -> None:
    account, key, day = np.array([1, 0]), np.array([5, 5]), np.array([3, 10])
    assert window_distinct(account, key, day, 2, ENDS, 7).tolist() == [[0, 1, 0, 0], [1, 0, 0, 0]]


def test_the_newest_value_is_carried_forward() -> None:
    account, day = np.array([0, 0]), np.array([8, 2])
    assert newest(account, day, day, 2, ENDS).tolist() == [[2, 8, 8, 8], [NEVER] * 4]


def test_known_days_are_counted_from_any_day() -> None:
    known = Known.of(np.array([0, 7, 14, 21]), np.array([[True, False, True]]))
    assert known.days_before(np.array([[-5, 3, 10, 16, 99]])).tolist() == [[0, 3, 7, 9, 14]]
    assert known.unknown_until(np.array([[6, 7, 20]])).tolist() == [[0, 1, 1]]


def test_rows_are_grouped_by_several_columns_at_once() -> None:
    order, starts = ordering(np.array([1, 0, 1, 0]), np.array([2, 9, -4, 9]))
    assert order is not None
    assert sorted(order[:2].tolist()) == [1, 3]
    assert (order[2:].tolist(), starts.tolist()) == ([2, 0], [0, 2, 3])
    far = 2**40
    order, starts = ordering(np.array([far, 0]), np.array([far, 0]))
    assert order is not None
    assert (order.tolist(), starts.tolist()) == ([1, 0], [0, 1])


def test_sorted_rows_are_left_where_they_are() -> None:
    assert ordering(np.array([0, 0, 1]), np.array([3, 4, 0]))[0] is None


def test_values_keep_nine_significant_digits() -> None:
    given = np.array([1 / 3, -123456789.6, 1e-9 / 3, 0.0, 2.0, np.nan])
    wanted = [0.333333333, -123456790.0, 3.33333333e-10, 0.0, 2.0]
    assert rounded(given)[:5].tolist() == wanted
    assert np.isnan(rounded(given)[5])
    assert rounded(np.array([0.1 + 0.2]))[0] == 0.3


@pytest.mark.parametrize("far", [0, 2**40], ids=["counted", "sorted"])
def test_groups_add_up_and_gather_bits_whether_they_are_counted_or_sorted(far: int) -> None:
    account, day = np.array([1, 0, 1, 0, 3]), np.array([-4, 9, -4, 9, 2]) + np.array([0, far, 0, far, 0])
    groups = Groups.of(account, day)
    assert [column.tolist() for column in groups.columns] == [[0, 1, 3], [9 + far, -4, 2]]
    assert groups.rows.tolist() == [2, 2, 1]
    assert groups.sum(np.array([5, 1, -2, 2**50, 7])).tolist() == [2**50 + 1, 3, 7]
    assert groups.marks(np.array([0, 6, 1, 6, 2])).tolist() == [64, 3, 4]


def test_no_rows_are_no_groups() -> None:
    groups = Groups.of(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    assert (len(groups.columns[0]), len(groups.rows), len(groups.sum(np.zeros(0, dtype=np.int64)))) == (
        0,
        0,
        0,
    )
