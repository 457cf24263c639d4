"""Deciding period by period, each from the state the last one left, equals deciding everything at once."""

from __future__ import annotations

import io

import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from segkit.engine.members.membership import Latches
from segkit.engine.results import State
from tests.draws import one_in
from tests.laws.cases import ACCOUNTS, LAW, Case, cases
from tests.laws.worlds import World, worlds


def written_and_read(state: State) -> State:
    def through(frame: pl.DataFrame) -> pl.DataFrame:
        buffer = io.BytesIO()
        frame.write_parquet(buffer)
        buffer.seek(0)
        return pl.read_parquet(buffer)

    return State(
        state.as_of,
        state.logic,
        through(state.latches),
        through(state.primaries),
        through(state.held),
        through(state.ended),
        through(state.tasks),
    )


@LAW
@given(cases(), st.data())
def test_scan_goes_on_where_it_stopped(case: Case, data: st.DataObject) -> None:
    periods = case.ground.on.shape[0]
    cut = data.draw(st.integers(0, periods))
    whole, first = case.whole(), case.part(0, cut, Latches.out(ACCOUNTS))
    second = case.part(cut, periods, first.after)
    assert (whole.weeks[:, :cut] == first.weeks).all()
    assert (whole.weeks[:, cut:] == second.weeks).all()
    for name in ("inside", "age", "streak", "began", "held", "gap", "dark", "cool", "met"):
        assert (getattr(whole.after, name) == getattr(second.after, name)).all(), name


@one_in(6, LAW)
@given(worlds() | worlds(merging=True), st.data())
def test_two_runs_decide_what_one_decides(world: World, data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, world.periods - 1))
    whole, first = world.decide(), world.until(cut).decide()
    second = world.decide(written_and_read(first.state))
    assert_frame_equal(whole.transitions, pl.concat([first.transitions, second.transitions]))
    assert_frame_equal(whole.assignments, second.assignments)
    assert_frame_equal(whole.state.latches, second.state.latches)
    assert_frame_equal(whole.state.primaries, second.state.primaries)
    assert_frame_equal(whole.state.held, second.state.held)
    assert_frame_equal(whole.state.ended, second.state.ended)
    assert_frame_equal(whole.state.tasks, second.state.tasks)
