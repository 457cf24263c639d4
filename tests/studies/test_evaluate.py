"""Small histories, each figure counted by hand."""

from __future__ import annotations

from datetime import date

import numpy as np
from msgspec.structs import replace

from segkit.studies.evaluate import Dated, History, Lives, evaluate, once
from segkit.studies.evaluate.history import NEVER
from segkit.studies.evaluate.landmarks import follow, landmarks, look_ahead
from segkit.studies.evaluate.rates import Share, adjusted, against
from segkit.studies.evaluate.risk import Capacity, Episodes, capacity, episodes, lead
from segkit.studies.evaluate.stability import drift, stability

LABELS = ("at_risk", "active")
SIGNS = {"r": 0, "a": 1, "?": -1, " ": -3}
FIRST = 20_006
"""A Sunday."""


def history(*lines: str) -> History:
    """One line an account, one sign a week."""
    code = np.array([[SIGNS[sign] for sign in line] for line in lines], np.int16)
    return History(FIRST + 7 * np.arange(code.shape[1]), LABELS, code)


def lives(made: History, *, left: dict[int, int], notice: dict[int, int] | None = None) -> Lives:
    """Account -> days after the end of week 0; known to the end of the last week."""
    said = np.full(len(made.code), NEVER)
    for account, day in (notice or {}).items():
        said[account] = FIRST + day
    ended = Dated.of(np.array([*left], np.int64), FIRST + np.array([*left.values()], np.int64))
    return Lives(int(made.ends[-1]), ended, said)


def test_nobody_leaves_twice_without_having_come_back() -> None:
    """Account 0 came back on day 60, account 1 never did."""
    back = Dated(np.array([0]), np.array([60]))
    found = once(np.array([1, 0, 0, 0, 1]), np.array([50, 10, 100, 40, 300]), back)
    assert (found.account.tolist(), found.day.tolist()) == ([0, 0, 1], [10, 100, 50])


def test_who_has_left_is_gone_though_a_list_still_names_it() -> None:
    made = history("r" * 30, "r" * 30)
    ended = replace(lives(made, left={0: 20, 1: 20}), back=Dated(np.array([1]), np.array([FIRST + 90])))
    assert [ended.alive(made, week).tolist() for week in (2, 3, 12, 13)] == [
        [True, True],
        [False, False],
        [False, False],
        [False, True],
    ]


def test_the_first_day_after_and_the_last_day_by() -> None:
    days = Dated.of(np.array([2, 0, 2]), np.array([30, 5, 10]))
    asked, day = np.array([0, 0, 1, 2, 2, 2]), np.array([4, 5, 0, 9, 10, 30])
    assert days.after(asked, day).tolist() == [5, NEVER, NEVER, 10, 30, NEVER]
    assert days.last(asked, day).tolist() == [-NEVER, 5, -NEVER, -NEVER, 10, 30]


def test_landmarks_lie_a_quarter_apart_and_the_last_can_just_be_judged() -> None:
    ends = FIRST + 7 * np.arange(45)
    assert landmarks(ends, int(ends[-1])) == (4, 17, 30)
    assert landmarks(ends, int(ends[-1]) - 1) == (3, 16, 29)
    assert landmarks(ends, int(ends[-1]), gap=4) == (1, 14, 27)
    assert landmarks(ends[:14], int(ends[13])) == ()


def test_who_stands_at_a_landmark() -> None:
    """Who gave notice, is unknown, not there, or left within the gap does not; a later end is one in time."""
    made = history(*["a" * 16] * 5, "?" * 16, " " * 16)
    found = lives(made, left={0: 7, 1: 8, 2: 98, 3: 99}, notice={4: 0})
    rows = look_ahead(made, found, [0])
    assert (rows.account.tolist(), rows.left.tolist()) == ([1, 2, 3], [True, True, False])
    assert (rows.in_gap, rows.vanished, rows.set_aside) == (1, 0, 2)


def test_who_vanishes_without_a_date_neither_left_nor_stayed() -> None:
    made = history("a" * 5 + " " * 15, "a" * 20)
    gone = Dated(np.array([0]), np.array([FIRST + 35]))
    found = replace(lives(made, left={}), gone=gone)
    rows = look_ahead(made, found, [0])
    assert (rows.account.tolist(), rows.vanished) == ([1], 1)
    followed = follow(made, found, [0])
    assert followed.days.tolist() == [35, 91, 42], "the second landmark is six weeks before the end"
    assert not followed.left.any()


def test_lead_counts_from_the_spell_that_held_at_notice() -> None:
    made = history(
        "aaarrrrrrrrraaaa",  # at risk from week 3, notice in week 9: caught
        "rraaaarrrrrraaaa",  # an earlier spell does not count
        "aaaaaaaaaaarrraa",  # only after notice
        "aaaaaaaaaaaaaaaa",  # never
        "?????aaaaaaaaaaa",  # left before anything was known
    )
    found = lives(made, left={0: 80, 1: 80, 2: 97, 3: 80, 4: 20}, notice={0: 60, 2: 70})
    told = lead(made, found, [0])
    assert (told.churned, told.caught, told.missed, told.after_notice, told.undecided) == (4, 2, 2, 1, 1)
    assert told.at_least == ((4, 2), (8, 1), (12, 0)), "59 and 38 days"
    assert told.median_weeks is None, "of two"


def test_entries_count_once_half_a_year_is_known() -> None:
    """Of the entries in weeks 2, 10 and 30 the last is too young; who was in from the start never entered."""
    line = "aarrraaaaarraaaaaaaaaaaaaaaaaarrraaaaaaa"
    made = history(line, "r" * 40)
    assert episodes(made, lives(made, left={}), [0]) == Episodes(0, 2, 1)
    assert episodes(made, lives(made, left={0: 14 + 182}), [0]) == Episodes(2, 2, 1)
    assert episodes(made, lives(made, left={0: 14 + 183}), [0]) == Episodes(1, 2, 1)
    assert episodes(made, lives(made, left={0: 14 + 183}, notice={0: 70}), [0]) == Episodes(0, 1, 1)


def test_one_call_a_week_goes_to_the_larger_first_and_to_nobody_twice_in_a_quarter() -> None:
    made = history("r" * 40, "r" * 40, "a" * 40)
    arr = np.repeat([[10.0], [20.0], [99.0]], 40, axis=1)
    found = replace(lives(made, left={0: 100, 2: 100}), arr=arr)
    told = capacity(made, found, [0], 1)
    # Account 1 in week 0, account 0 in week 1 (it left in week 15); the next, in week 14, is too young.
    assert told == Capacity(1, 2, 1, Share.of(1, 2))


def test_moves_bounces_and_stays() -> None:
    made = history("aarraaaa", "aaaaaaaa", "  ??aarr")
    told = stability(made, made.code != -3)
    assert (told.moves, told.bounces, told.accounts) == (3, 1, 3)
    assert told.account_years == (7 + 7 + 3) * 7 / 365.25
    assert told.matrix == ((2, 1), (2, 12))
    assert told.unknown == 2 / 22
    stays = {stay.segment: (stay.spells, stay.median_periods) for stay in told.stays}
    assert stays == {"at_risk": (2, 2), "active": (2, 2)}


def test_the_mix_is_compared_with_a_year_ago() -> None:
    many = history(*["a" * 60] * 50, *["a" * 30 + "r" * 30] * 50)
    told = drift(many)
    assert told is not None
    assert (told.mix_before, told.mix_now) == ((0, 100), (50, 50))
    assert (told.now - told.before).days == 364
    assert told.shifted
    assert drift(history("a" * 13)) is None


def test_under_five_there_is_no_rate_and_no_ratio() -> None:
    few = against("x", 4, 40, 30, 400)
    assert (few.share.rate, few.ratio, few.lift, few.p, few.verdict) == (
        None,
        None,
        None,
        None,
        "too few to tell",
    )
    assert few.share.low < 0.1 < few.share.high
    enough = against("x", 20, 40, 30, 400)
    assert enough.verdict == "higher"
    assert enough.lift == (20 / 40) / (50 / 440)
    nineteen = against("x", 9, 10, 10, 100)
    assert (nineteen.p, nineteen.verdict) == (None, "too few to tell"), "nineteen events in all"


def test_looking_at_many_raises_the_bar() -> None:
    """p is 0.03: alone it would be claimed, among four it is not."""
    one = against("x", 12, 40, 30, 220)
    assert one.p is not None
    assert 0.01 < one.p < 0.05
    assert one.verdict == "higher"
    same = [against(name, 10, 100, 30, 300) for name in "abc"]
    assert adjusted([one, *same])[0].verdict == "no difference shown"


def test_neighbours_that_do_not_differ_and_risk_that_singles_nobody_out() -> None:
    """Every third account of both segments leaves in week 20."""
    made = history(*["r" * 21] * 60, *["a" * 21] * 60)
    left = {account: 60 + account % 7 for account in range(0, 120, 3)}
    found = evaluate(made, lives(made, left=left), made.code >= 0, ["at_risk"])
    said = [(each.kind, each.segments) for each in found.advice]
    assert said == [("look", ("at_risk",)), ("merge", ("at_risk", "active"))]
    assert found.advice[1].says.startswith("no difference shown between them (20/60 against 20/60)")


def test_newcomers_that_fare_otherwise_are_a_segment_to_split() -> None:
    made = history(*["a" * 30 + "r" * 5] * 40, *["r" * 35] * 40)
    code = np.pad(made.code, ((0, 0), (0, 15)), mode="edge")
    longer = History(FIRST + 7 * np.arange(50), LABELS, code)
    left = dict.fromkeys(range(30), 7 * 45)
    found = evaluate(longer, lives(longer, left=left), longer.code >= 0, ["at_risk"])
    split = [each for each in found.advice if each.kind == "split"]
    assert [each.segments for each in split] == []
    late = dict.fromkeys([*range(30), *range(40, 47)], 7 * 45)
    found = evaluate(longer, lives(longer, left=late), longer.code >= 0, ["at_risk"])
    (split_off,) = (each for each in found.advice if each.kind == "split")
    assert split_off.segments == ("at_risk",)
    assert split_off.says.startswith("who came within 13 weeks left 4.3 times as often")


def test_survivors_and_strangers_and_a_short_history_are_refused() -> None:
    made = history(*["a" * 20] * 3)
    nobody = evaluate(made, lives(made, left={}), made.code >= 0, ["at_risk"])
    assert nobody.refused is not None
    assert "survivors only" in nobody.refused.why
    assert (nobody.windows, nobody.lead, nobody.advice) == ((), None, ())
    assert nobody.stability.accounts == 3
    one = lives(made, left={0: 50})
    assert evaluate(made, one, made.code >= 0, [], strangers=1).refused is None
    assert evaluate(made, one, made.code >= 0, [], strangers=2).refused is not None
    short = history("a" * 14, "a" * 14)
    found = evaluate(short, lives(short, left={0: 50}), short.code >= 0, [])
    assert found.refused is not None
    assert str(date.fromordinal(719163 + FIRST + 98)) in found.refused.hint


def test_one_week_of_nobody() -> None:
    empty = History(np.array([FIRST]), LABELS, np.zeros((0, 1), np.int16))
    nothing = Lives(FIRST, once(np.zeros(0, np.int64), np.zeros(0, np.int64)), np.zeros(0, np.int64))
    found = evaluate(empty, nothing, empty.code >= 0, ["at_risk"])
    assert found.refused is not None
    assert (found.stability.moves, found.drift) == (0, None)
