"""Nested peer groups: which there are, and in which an account is."""

from __future__ import annotations

import numpy as np
import pytest

from segkit.engine.baselines import levels_of

INDUSTRIES, REGIONS = ("bank", "farm", "shop"), ("EU", "US")


@pytest.mark.parametrize("times", [1, 4], ids=["few accounts", "more accounts than pairs that can be"])
def test_only_pairs_that_occur_are_groups_and_who_lacks_one_attribute_is_in_none(times: int) -> None:
    industry = np.array([[2, 2], [0, 1], [-1, 0]], dtype=np.int32)
    region = np.array([[1, 1], [0, -1], [1, 0]], dtype=np.int32)
    many = [np.tile(codes, (times, 1)) for codes in (industry, region)]
    first, second = levels_of(("industry", "region"), (many[0], many[1]), (INDUSTRIES, REGIONS))
    assert (first.labels, first.codes.tolist()) == (INDUSTRIES, np.tile(industry, (times, 1)).tolist())
    assert second.labels == ("bank × EU", "shop × US")
    assert second.parent.tolist() == [0, 2]
    assert second.codes.tolist() == [[1, 1], [0, -1], [-1, 0]] * times
