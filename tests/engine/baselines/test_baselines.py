"""Each way a baseline falls back, and the cases that broke others: figures in sight."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from segkit.engine.baselines import Panel, Settings, baseline, find_outages
from segkit.engine.baselines.apply import BASES, deviation
from segkit.engine.baselines.fit import Environment
from segkit.engine.baselines.groups import VERDICTS, group_view
from tests.engine.baselines.build import flat, panel


@pytest.mark.parametrize(
    ("beside_peers", "own", "expected"),
    [
        (-0.5, 0.0, -0.5),  # a fall beside peers, no season of its own
        (-0.5, -0.3, -0.2),  # as in past years, and a bit more
        (-0.2, -0.3, 0.0),  # less than in past years
        (-0.5, 0.4, -0.5),  # a rise in past years does not make it worse
        (0.5, 0.4, 0.1),
        (0.5, -0.3, 0.5),  # a fall in past years does not make it better
        (0.1, 0.4, 0.0),
        (-0.5, np.nan, -0.5),
    ],
)
def test_own_season_excuses_one_way(beside_peers: float, own: float, expected: float) -> None:
    found = deviation(np.array([[beside_peers]]), np.array([[own]]))
    assert found[0, 0] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("accounts", "week", "basis"),
    [
        (10, 10, "none"),  # one reference window of three
        (10, 11, "peers"),
        (10, 61, "peers"),
        (10, 62, "peers+own(1)"),
        (10, 114, "peers+own(2)"),
        (10, 167, "peers+own(3)"),
        (9, 11, "previous"),  # nine are not enough to speak for the environment
        (9, 62, "own"),
        (1, 11, "previous"),
        (1, 62, "own"),
        (1, 167, "own"),
    ],
)
def test_basis_by_history_and_peers(accounts: int, week: int, basis: str) -> None:
    found, _ = baseline(panel(flat(accounts, 170)), Settings())
    assert BASES[found.basis[0, week]] == basis
    assert found.first_season[0, week] == (basis in ("peers", "previous"))
    assert found.peers[0, week] == (10 if basis.startswith("peers") else 0)


def test_ten_accounts_excuse_each_other() -> None:
    counts = flat(10, 60)
    counts[:, 50:] = 50.0
    counts[0, 50:] = 20.0
    found, _ = baseline(panel(counts), Settings())
    assert found.vs_expected[1, 53] == pytest.approx(0.0)
    assert found.vs_expected[0, 53] == pytest.approx(20 / 50 - 1)
    assert found.expected[0, 53] == pytest.approx(4 * 50)
    alone, _ = baseline(panel(counts[:9]), Settings())
    assert alone.vs_expected[1, 53] == pytest.approx(-0.5)


def test_vs_usual_remembers_what_the_recent_reference_forgot() -> None:
    counts = flat(12, 120)
    counts[0, 80:] = 50.0
    found, _ = baseline(panel(counts), Settings())
    assert found.vs_expected[0, 83] == pytest.approx(-0.5)
    assert found.vs_expected[0, 95] == pytest.approx(0.0)
    assert found.vs_usual[0, 95] == pytest.approx(50 / (100 * 10 / 13 + 50 * 3 / 13) - 1)
    assert found.usual_is_expected[0, 20]
    assert not found.usual_is_expected[0, 95]


def christmas(first: date, weeks: int) -> np.ndarray:
    """Share of a plain week left when 90 % is lost from 24 December to 6 January."""
    share = np.ones(weeks)
    for week in range(weeks):
        for day in (first + timedelta(days=7 * week + d) for d in range(7)):
            if (day.month, day.day) >= (12, 24) or (day.month, day.day) <= (1, 6):
                share[week] -= 0.9 / 7
    return share


def test_week_53_needs_no_rule_of_its_own() -> None:
    """ISO year 2020 has a week 53; the Christmas after it is 53 weeks behind the one before."""
    first = date(2018, 1, 1)
    counts = 100.0 * christmas(first, 210)[None, :]
    found, _ = baseline(panel(counts), Settings())
    for year in (2019, 2020, 2021):
        week = (date(year, 12, 24) - first).days // 7
        around = slice(week - 1, week + 8)
        assert np.nanmin(found.vs_expected[0, around]) > -0.30, year
    week = (date(2018, 12, 24) - first).days // 7
    assert found.vs_expected[0, week : week + 4].min() < -0.35, "without a year of its own it is a fall"


def test_outage_of_one_account_in_ten() -> None:
    counts = flat(300, 80)
    counts[::10, 40] = 0.0
    counts[5, 60] = 0.0
    active = counts > 0
    found = find_outages(active, np.ones(active.shape, dtype=bool))
    assert np.flatnonzero(found.suspect).tolist() == [40]
    assert found.share[40] == pytest.approx(0.10)
    assert found.silent[40] == 30
    assert np.array_equal(np.flatnonzero(found.cells[:, 40]), np.arange(0, 300, 10))
    judged, _ = baseline(panel(np.where(found.cells, np.nan, counts)), Settings())
    assert judged.vs_expected[0, 40:44] == pytest.approx(0.0)


def test_a_declared_silence_is_believed_and_counts_as_usual_from_then_on() -> None:
    active = np.ones((300, 80), dtype=bool)
    active[::10, 40] = active[::10, 60] = False
    real = np.arange(80) == 40
    found = find_outages(active, np.ones_like(active), real=real)
    assert np.flatnonzero(found.suspect).tolist() == [60]
    assert not found.cells[:, 40].any()
    assert (found.silent[40], found.steady[40], found.steady[41]) == (30, 300, 270)


def test_outage_week_by_week_equals_all_at_once() -> None:
    active = np.random.default_rng(1).random((200, 60)) < 0.97
    active[:60, 30] = False
    covered = np.ones_like(active)
    whole, half = find_outages(active, covered), find_outages(active[:, :25], covered[:, :25])
    rest = find_outages(active[:, 25:], covered[:, 25:], half.past)
    assert np.array_equal(whole.suspect[25:], rest.suspect)
    assert np.array_equal(whole.past.answers, rest.past.answers)


def test_a_whole_industry_declines() -> None:
    """Peers excuse each of its accounts; the group is announced."""
    counts = flat(40, 170)
    counts[20:, 150:] = 60.0
    industry = [0] * 20 + [1] * 20
    found, _ = baseline(panel(counts, industry), Settings())
    assert found.vs_expected[30, 153] > -0.15
    verdicts = [[VERDICTS[v] for v in row] for row in found.groups[1].verdict]
    assert verdicts[1][150:154] == ["normal", "unusual", "unusual", "unusual"]
    assert set(verdicts[0][100:]) == {"normal"}
    alone, _ = baseline(panel(counts, industry), Settings(peer_excuse="off"))
    assert alone.vs_expected[30, 153] == pytest.approx(-0.40)
    unlike, _ = baseline(panel(counts, industry), Settings(peer_excuse="seasonal_only"))
    assert unlike.vs_expected[30, 153] == pytest.approx(-0.40)


def test_a_yearly_dip_of_the_industry_is_seasonal() -> None:
    counts = flat(40, 170)
    for year in (0, 1, 2):
        counts[20:, 50 + 52 * year : 54 + 52 * year] = 60.0
    found, _ = baseline(panel(counts, [0] * 20 + [1] * 20), Settings(peer_excuse="seasonal_only"))
    assert VERDICTS[found.groups[1].verdict[1, 157]] == "seasonal"
    assert VERDICTS[found.groups[1].verdict[1, 53]] == "unknown"
    assert found.vs_expected[30, 157] > -0.15


def verdicts_of(counts: np.ndarray) -> list[str]:
    """Of the second of two industries of twenty accounts."""
    found, _ = baseline(panel(counts, [0] * 20 + [1] * 20), Settings())
    return [VERDICTS[v] for v in found.groups[1].verdict[1]]


@pytest.mark.parametrize(("weeks_later", "verdict"), [(0, "seasonal"), (3, "seasonal"), (7, "unusual")])
def test_a_holiday_that_wanders(weeks_later: int, verdict: str) -> None:
    counts = flat(40, 170)
    counts[20:, [48, 100, 152 + weeks_later]] = 20.0
    assert verdicts_of(counts)[152 + weeks_later] == verdict


@pytest.mark.parametrize(
    ("year_ago", "two_years_ago", "verdict"), [(0.1, 0.1, "unusual"), (0.3, -0.1, "normal")]
)
def test_years_that_disagree_leave_room(year_ago: float, two_years_ago: float, verdict: str) -> None:
    """A fall of 0.27 below the middle of both years: one of them was a crisis, or the recovery from one."""
    change = np.zeros((1, 160))
    change[0, 150:] = -0.17
    change[0, 94:104], change[0, 42:52] = year_ago, two_years_ago
    room = Environment(change, np.full((1, 160), 20.0), np.zeros((1, 160), dtype=bool))
    view, _ = group_view(room, ("A",), None, Settings())
    assert view.surprise[0, 150] == pytest.approx(-0.27)
    assert VERDICTS[view.verdict[0, 150]] == verdict


def test_a_clear_fall_does_not_hide_in_the_return_from_a_deep_season() -> None:
    """Schools come back from an empty summer; this year two in five do not."""
    counts = flat(40, 170)
    for year in (0, 1, 2):
        for week, level in enumerate((60, 30, 30, 30, 30, 60, 80)):
            counts[20:, 40 + 52 * year + week] = level
    assert set(verdicts_of(counts)[144:156]) <= {"normal", "seasonal"}
    counts[20:, 149:] *= 0.6
    assert verdicts_of(counts)[152:155] == ["unusual"] * 3


def test_a_group_that_misses_its_yearly_rise_is_announced() -> None:
    counts = flat(40, 170)
    for year in (0, 1):
        counts[20:, 40 + 52 * year : 60 + 52 * year] = 180.0
    counts[20:, 144:164] = 110.0
    assert verdicts_of(counts)[150] == "unusual"


def test_a_poisoned_last_year() -> None:
    """A crisis in the same weeks last year excuses the next one, unless it is left out of history."""
    counts = flat(20, 170)
    counts[0, 100:111] = 50.0
    counts[0, 152:163] = 50.0
    left_out = np.zeros(counts.shape, dtype=bool)
    left_out[0, 100:114] = True
    poisoned, _ = baseline(panel(counts), Settings())
    clean, _ = baseline(panel(counts, excluded=left_out), Settings())
    assert poisoned.vs_expected[0, 156] > -0.30
    assert clean.vs_expected[0, 156] == pytest.approx(-0.5, abs=0.05)
    assert clean.vs_expected[0, 104] == pytest.approx(-0.5), "it is still judged while it happens"
    assert clean.vs_expected[0, 122] == pytest.approx(0.0)


def test_zeros() -> None:
    counts = flat(12, 80)
    counts[0] = 0.0
    counts[1, 60:] = 0.0
    found, _ = baseline(panel(counts), Settings())
    assert np.isnan(found.vs_expected[0]).all()
    assert {BASES[b] for b in found.basis[0]} == {"none"}
    assert found.vs_expected[1, 64] == pytest.approx(0.05 - 1)
    assert found.vs_usual[1, 64] == pytest.approx(0.05 - 1)
    for figures in (found.vs_expected, found.expected, found.z_score, found.vs_usual):
        assert not np.isinf(figures).any()


def test_small_accounts_have_no_ratio_but_an_expected_value() -> None:
    found, _ = baseline(panel(flat(12, 40, level=4.9)), Settings())
    assert np.isnan(found.vs_expected[:, 30]).all()
    assert found.expected[:, 30] == pytest.approx(4 * 4.9)
    told, _ = baseline(panel(flat(12, 40, level=5.0)), Settings())
    assert told.vs_expected[:, 30] == pytest.approx(0.0)


def test_scores_are_differences_without_a_floor() -> None:
    scores = flat(12, 40, level=0.0)
    scores[0, 30:] = -60.0
    found, _ = baseline(Panel(scores), Settings(mode="additive", window_days=90))
    assert found.vs_expected[0, 30] == -60.0
    assert found.expected[0, 30] == 0.0
    assert found.vs_expected[1, 30] == 0.0


@pytest.mark.parametrize(
    ("days", "step", "recent", "usual"), [(7, 1, 12, 52), (28, 4, 3, 13), (30, 5, 3, 12), (90, 13, 1, 4)]
)
def test_references_of_any_window(days: int, step: int, recent: int, usual: int) -> None:
    settings = Settings(window_days=days)
    assert (settings.step, settings.recent, settings.usual) == (step, recent, usual)
    values = np.full((12, 80), 500.0)
    values[0, 70] = 250.0
    found, _ = baseline(Panel(values), settings)
    assert found.vs_expected[0, 70] == pytest.approx(-0.5)
    assert found.vs_usual[0, 70] == pytest.approx(-0.5)


def test_same_weeks_of_past_years() -> None:
    assert Settings().lags == (52, 104, 157)
    assert Settings(period_days=1).lags == (364, 728, 1099)
    assert Settings(period_days=30.4375).lags == (12, 24, 36)


def test_an_outlier_is_cut() -> None:
    counts = flat(12, 60)
    counts[0, 40] = 1000.0
    found, _ = baseline(panel(counts), Settings())
    assert found.vs_expected[0, 40] == pytest.approx((300 + 3 * 100) / 400 - 1)
    assert found.vs_expected[0, 47] == pytest.approx(400 / ((600 + 400 + 400) / 3) - 1)


@pytest.mark.parametrize(("back", "seen"), [(60, 400), (100, 120)])
def test_a_return_to_a_former_level_is_no_outlier(back: int, seen: int) -> None:
    """20 weeks at a tenth; after 60 weeks nothing is left of the former level and 30 is the most per week."""
    counts = flat(12, 110)
    counts[0, 40:back] = 10.0
    found, _ = baseline(panel(counts), Settings())
    assert found.reference[0, back + 3] == 40
    assert found.vs_expected[0, back + 3] == pytest.approx(seen / 40 - 1)
