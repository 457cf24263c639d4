"""The vectorised scan decides what the plain fold over one account decides."""

from __future__ import annotations

import numpy as np
from hypothesis import given

from tests.laws.cases import LAW, Case, cases


@LAW
@given(cases())
def test_scan_equals_the_fold_of_every_account(case: Case) -> None:
    found = case.whole()
    expected = case.folded()
    np.testing.assert_array_equal(expected, found.weeks)
    np.testing.assert_array_equal(expected > 0, found.member)


@LAW
@given(cases())
def test_every_change_of_membership_on_the_roster_is_a_move(case: Case) -> None:
    found, on = case.whole(), case.ground.on.T
    before = np.zeros_like(found.member)
    before[:, 1:] = found.member[:, :-1]
    expected = np.argwhere((found.member != before) & on)
    np.testing.assert_array_equal(expected, np.stack([found.moves.account, found.moves.period], axis=1))
