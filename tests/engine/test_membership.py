"""One account at a time: E and X as words, membership as the weeks it has lasted."""

from __future__ import annotations

from typing import Any

import numpy as np

from segkit.engine.members.membership import Answers, Ground, Latches, Scan, Tri, scan
from segkit.ruleset.expr import Holds, Metric
from segkit.ruleset.model import Segment, Times

ANSWER = {"T": 1, "f": 0, "?": -1}


def tri(word: str) -> Tri:
    """T true, f false, ? unknown."""
    return np.array([[ANSWER[letter] for letter in word]], dtype=np.int8)


def scanned(
    enter: str,
    leave: str | None = None,
    at_once: str | None = None,
    off: str = "",
    waive: int = 0,
    **timers: Any,
) -> Scan:
    """`off` marks periods off the roster with x; the first `waive` periods need no waiting."""
    periods = len(enter)
    on = np.array([[letter != "x"] for letter in off.ljust(periods)])
    ground = Ground(
        on=on,
        paused=np.zeros((periods, 1), dtype=bool),
        waive=(np.arange(periods) < waive)[:, None] & on,
        periods=np.arange(100, 100 + periods, dtype=np.int32),
    )
    answers = Answers(
        tri(enter), None if leave is None else tri(leave), None if at_once is None else tri(at_once)
    )
    return scan(Segment("s", Holds(Metric("m")), **timers), answers, ground, Latches.out(1))


def weeks(*args: Any, **kwargs: Any) -> str:
    return "".join(str(n) for n in scanned(*args, **kwargs).weeks[0])


def test_without_an_exit_members_leave_when_enter_is_false() -> None:
    assert weeks("fTTfT") == "01201"


def test_entering_waits_for_a_streak() -> None:
    assert weeks("TfTTT", enter_after=Times(2, 2)) == "00012"


def test_two_of_three_weeks_are_enough() -> None:
    assert weeks("TfTTT", enter_after=Times(2, 3)) == "00123"


def test_an_unknown_week_leaves_the_streak_as_it_is() -> None:
    assert weeks("T??TT", enter_after=Times(2, 2)) == "00012"


def test_max_gap_unknown_weeks_end_a_streak() -> None:
    assert weeks("T??TT", enter_after=Times(2, 2), max_gap=2) == "00001"


def test_a_written_exit_is_false_while_enter_is_true() -> None:
    assert weeks("TTTff", "TTTTT") == "12300"


def test_an_unknown_enter_does_not_hold_an_exit_back() -> None:
    assert weeks("T?ff", "fTff") == "1000"


def test_between_enter_and_exit_members_stay() -> None:
    assert weeks("Tfff", "ffff") == "1234"


def test_the_way_out_counts_during_min_stay() -> None:
    assert weeks("Tfffff", exit_after=Times(2, 2), min_stay=4) == "123400"


def test_age_runs_on_in_unknown_weeks() -> None:
    assert weeks("T??fff", min_stay=4) == "123400"


def test_cooldown_keeps_out_for_its_weeks() -> None:
    assert weeks("TfTTTT", cooldown=3) == "100012"


def test_at_once_ignores_waiting_and_cooldown() -> None:
    assert weeks("fTTT", at_once="ffTf", enter_after=Times(3, 3)) == "0012"
    assert weeks("TfT", at_once="ffT", cooldown=5) == "101"


def test_at_once_counts_only_while_enter_is_true() -> None:
    assert weeks("f?T", at_once="TTf", enter_after=Times(2, 2)) == "000"


def test_an_unknown_exit_ends_a_membership_in_the_end() -> None:
    found = scanned("T????T", expire_after=3)
    assert found.weeks[0].tolist() == [1, 2, 3, 0, 0, 1]
    assert found.moves.expired.tolist() == [False, True, False]


def test_paused_weeks_do_not_count_towards_expiry() -> None:
    paused = np.array([[False], [True], [True], [False], [False]])
    ground = Ground(np.ones((5, 1), bool), paused, np.zeros((5, 1), bool), np.arange(5, dtype=np.int32))
    segment = Segment("s", Holds(Metric("m")), expire_after=2)
    found = scan(segment, Answers(tri("T????")), ground, Latches.out(1))
    assert found.weeks[0].tolist() == [1, 2, 3, 4, 0]


def test_a_cut_account_enters_at_its_first_known_week_without_waiting() -> None:
    assert weeks("?TTT", enter_after=Times(3, 3), waive=4) == "0123"


def test_the_waiver_is_used_up_by_the_first_known_week() -> None:
    assert weeks("fTTT", enter_after=Times(3, 3), waive=4) == "0001"


def test_leaving_the_roster_ends_membership_and_streaks() -> None:
    assert weeks("TTTTT", off="  x  ", enter_after=Times(2, 2)) == "01001"


def test_a_move_held_by_min_stay_says_so() -> None:
    found = scanned("Tffff", min_stay=3)
    assert found.moves.held.tolist() == [False, True]
    assert scanned("Tf?f", min_stay=3).moves.held.tolist() == [False, True]
    assert scanned("TfTf", min_stay=3).moves.held.tolist() == [False, False]


def test_a_move_knows_when_its_streak_began() -> None:
    found = scanned("fTTT", enter_after=Times(3, 3))
    assert found.moves.began.tolist() == [101]
    assert scanned("fTfT", enter_after=Times(2, 3)).moves.began.tolist() == [101]


def test_the_latches_given_are_left_alone() -> None:
    before = Latches.out(1)
    ground = Ground(
        np.ones((1, 1), bool), np.zeros((1, 1), bool), np.zeros((1, 1), bool), np.zeros(1, np.int32)
    )
    scan(Segment("s", Holds(Metric("m"))), Answers(tri("T")), ground, before)
    assert not before.inside[0]


def test_without_a_gap_allowed_one_unknown_week_ends_a_streak() -> None:
    assert weeks("T?TT", enter_after=Times(2, 2), max_gap=0) == "0001"


def test_a_known_week_ends_a_gap() -> None:
    assert weeks("T?T?T", enter_after=Times(3, 3), max_gap=2) == "00001"
    assert weeks("T??T", enter_after=Times(2, 2), max_gap=3) == "0001"


def test_an_exit_known_in_between_starts_the_count_towards_expiry_anew() -> None:
    assert weeks("Tffffff", "f??f??f", expire_after=3) == "1234567"
    assert weeks("Tffffff", "f??f???", expire_after=3) == "1234560"
    assert weeks("Tffff", "f???f", expire_after=3) == "12300"
